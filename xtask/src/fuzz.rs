//! `cargo xtask fuzz`: the plugins of the examples, changed at random, opened and called.

use anyhow::Result;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::{process, toolchain, workspace};

/// Change the plugins of the examples at random, and open and call what comes out, for some minutes.
///
/// Found is a panic, a crash, a call that does not end, or memory that grows; the component is kept in target/fuzz then.
/// What became of the others is counted on stdout. The fuzz targets of `fuzz/` need a nightly compiler; this needs none.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask fuzz\n  cargo xtask fuzz --minutes 20 --seed 7\n  \
                        cargo xtask fuzz target/hookr/textfilter.wasm")]
pub(crate) struct Arguments {
    /// How long.
    #[arg(long, value_name = "NUMBER", default_value = "5")]
    minutes: u32,

    /// Where the random numbers start, to have the same cases again; another place each time if it is not given.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// Plugins of the examples, built already; they are built if none are given.
    plugins: Vec<PathBuf>,
}

/// Where cases are kept, from the root of the repository.
const FOUND: &str = "target/fuzz";

/// Runs `cargo xtask fuzz`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let root = workspace::root()?;
    let mut names = vec!["hookr-fuzz-plugins".to_owned()];
    if arguments.plugins.is_empty() {
        names.push("hookr".to_owned());
    }
    let programs = workspace::build(&names)?;
    let mut plugins: Vec<OsString> = arguments.plugins.iter().map(Into::into).collect();
    if plugins.is_empty() {
        let guest = toolchain::ensure(toolchain::Target::Bare)?;
        for (name, _) in workspace::EXAMPLES {
            let plugin = root.join("target/hookr").join(name).with_extension("wasm");
            let mut build = Command::new(programs.join("hookr"));
            build
                .args(["build", "--plugin", &format!("examples/{name}/plugin"), "--out"])
                .arg(&plugin)
                .current_dir(&root);
            guest.configure(&mut build);
            process::run(&mut build)?;
            plugins.push(plugin.into());
        }
    }
    let mut fuzz = Command::new(programs.join("hookr-fuzz-plugins"));
    fuzz.args(["--minutes", &arguments.minutes.to_string(), "--out"]).arg(root.join(FOUND));
    if let Some(seed) = arguments.seed {
        fuzz.args(["--seed", &seed.to_string()]);
    }
    process::run(fuzz.args(plugins))
}
