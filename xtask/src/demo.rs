//! `cargo xtask demo`: from a fresh clone to four hosts that run their plugins.

use anyhow::Result;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::process::{self, say};
use crate::toolchain::{self, Target};
use crate::workspace::{self, EXAMPLES};

/// Build the four example plugins and run their hosts on real input.
///
/// Needs nothing but rustup; the first run takes some minutes, most of them for compiling wasmtime. The hosts' output is
/// on stdout, progress on stderr.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask demo\n  cargo xtask demo --only textfilter 2> /dev/null")]
pub(crate) struct Arguments {
    /// Show this example alone; may be repeated.
    #[arg(long, value_name = "EXAMPLE", value_parser = EXAMPLES.map(|(name, _)| name))]
    only: Vec<String>,
}

/// Runs `cargo xtask demo`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let started = Instant::now();
    let chosen = |name: &str| arguments.only.is_empty() || arguments.only.iter().any(|only| only == name);
    let examples: Vec<_> = EXAMPLES.into_iter().filter(|(name, _)| chosen(name)).collect();

    let guest = toolchain::ensure(Target::Bare)?;
    say("building the command line tool and the hosts");
    let names = examples.iter().map(|(name, _)| host(name)).chain(["hookr".to_owned()]);
    let programs = workspace::build(&names.collect::<Vec<_>>())?;

    let root = workspace::root()?;
    for (name, _) in &examples {
        let mut build = Command::new(programs.join("hookr"));
        build.args(["build", "--plugin", &format!("examples/{name}/plugin"), "--out", &plugin(name)]);
        guest.configure(&mut build);
        run_at(&root, &mut build)?;
    }
    for (name, about) in &examples {
        println!("\n== {name}: {about}\n");
        run_at(&root, Command::new(programs.join(host(name))).arg(plugin(name)))?;
    }
    say(&format!("the demo took {} s", started.elapsed().as_secs()));
    Ok(())
}

fn run_at(root: &Path, command: &mut Command) -> Result<()> {
    process::run(command.current_dir(root))
}

/// The host application of an example: the name of its program.
fn host(example: &str) -> String {
    format!("{example}-host")
}

/// Where an example's plugin is built to, from the root of the repository.
fn plugin(example: &str) -> String {
    format!("target/hookr/{example}.wasm")
}
