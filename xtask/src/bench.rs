//! `cargo xtask bench`: what calls cost, by every way.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::toolchain::{self, Target};
use crate::{process, workspace};

/// The plugins that are called, each with the folder that its own is in.
const PLUGINS: [(&str, &str); 6] = [
    ("benches", "calm"),
    ("benches", "echo"),
    ("benches", "large"),
    ("examples", "textfilter"),
    ("examples", "tickloop"),
    ("examples", "urlbalancer"),
];

/// Measure what calls cost: natively, through wasmtime alone, through Hookr, typed and over the lane.
///
/// All ways are measured in short turns in one process; the table has medians, and ratios to a call of a core function of
/// WebAssembly in place. docs/src/reference/benchmarks.md says how to read it. Compiles in release mode first, which takes some minutes.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo xtask bench\n  cargo xtask bench --filter textfilter --json results.json\n  cargo xtask bench reload\n\n\
                        The exit code is 0 also where targets are missed; with --check it is 1 then."
)]
pub(crate) struct Arguments {
    /// What is measured: what calls cost; how long they take while new versions come into service; what 10,000 idle plugins
    /// take; how many more calls two threads make than one.
    #[arg(value_parser = ["calls", "reload", "idle", "scaling"], default_value = "calls")]
    topic: String,

    /// Write the results to this file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Only the ways with this word in `group: way`, beside those that they are compared with.
    #[arg(long, value_name = "WORD")]
    filter: Option<String>,

    /// A few calls of each way, to see that all of them work; the times mean nothing.
    #[arg(long)]
    quick: bool,

    /// How many turns each way gets, instead of as many as suit it.
    #[arg(long, value_name = "NUMBER", conflicts_with = "quick")]
    turns: Option<u32>,

    /// Print the names of the ways and measure nothing.
    #[arg(long)]
    list: bool,

    /// Fail where a target is missed.
    #[arg(long, conflicts_with = "list")]
    check: bool,
}

/// Runs `cargo xtask bench`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let guest = toolchain::ensure(Target::Bare)?;
    let hookr = workspace::build(&["hookr".to_owned()])?.join("hookr");
    let programs = workspace::build_release(&["hookr-benches".to_owned()])?;

    let root = workspace::root()?;
    let folder = workspace::folder()?.with_file_name("hookr").join("benches");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for (parent, name) in PLUGINS {
        let mut build = Command::new(&hookr);
        build.args(["build", "--plugin", &format!("{parent}/{name}/plugin"), "--out"]);
        build.arg(folder.join(name).with_extension("wasm")).current_dir(&root);
        guest.configure(&mut build);
        process::run(&mut build)?;
    }
    process::run(&mut bench(&programs.join("hookr-bench"), &folder, arguments))
}

/// The program, in the folder that this one was started in: that is where its files are meant to go.
fn bench(program: &Path, plugins: &Path, arguments: &Arguments) -> Command {
    let Arguments { topic, json, filter, quick, turns, list, check } = arguments;
    let mut command = Command::new(program);
    command.arg("--plugins").arg(plugins).arg(topic);
    if let Some(file) = json {
        command.arg("--json").arg(file);
    }
    if let Some(word) = filter {
        command.arg("--filter").arg(word);
    }
    if let Some(turns) = turns {
        command.args(["--turns", &turns.to_string()]);
    }
    for (chosen, flag) in [(quick, "--quick"), (list, "--list"), (check, "--check")] {
        if *chosen {
            command.arg(flag);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_argument_is_passed_on() {
        let arguments = Arguments {
            topic: "calls".to_owned(),
            json: Some("results.json".into()),
            filter: Some("echo, 64 B".to_owned()),
            quick: true,
            turns: Some(100),
            list: false,
            check: true,
        };
        assert_eq!(
            process::show(&bench(Path::new("release/hookr-bench"), Path::new("plugins"), &arguments)),
            "hookr-bench --plugins plugins calls --json results.json --filter 'echo, 64 B' --turns 100 --quick --check"
        );
    }

    #[test]
    fn the_plugins_are_there() {
        let root = workspace::root().unwrap();
        for (parent, name) in PLUGINS {
            assert!(root.join(parent).join(name).join("plugin/Cargo.toml").is_file(), "{parent}/{name}");
        }
    }
}
