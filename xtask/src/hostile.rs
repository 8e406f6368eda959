//! `cargo xtask hostile` and `cargo xtask soak`: plugins that attack their host.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{self, EXAMPLES};
use crate::{process, toolchain};

/// Run hostile plugins, and compare what becomes of each with what has to.
///
/// A line for each: the case, the typed error that the host gave, how long opening and calling took, how much later than
/// its deadline a call ended, and how much more memory the host had meanwhile. After each, an honest plugin is called in
/// the same process. A host that hangs or dies is killed, and is a result like any other. The names say when a plugin
/// strikes: `start/loops`, `result/bad-text`.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo xtask hostile\n  cargo xtask hostile --filter lane/ --json results.json\n  \
                        cargo xtask hostile --list\n  cargo xtask hostile --address-sanitizer\n\n\
                        The exit code is 0 only if every case is as expected, and none a second late."
)]
pub(crate) struct Arguments {
    /// Write the results to this file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Only the cases with this word in their names.
    #[arg(long, value_name = "WORD")]
    filter: Option<String>,

    /// Print what the cases are and run nothing.
    #[arg(long)]
    list: bool,

    /// Run a host that was built with AddressSanitizer, on Linux: another build of everything, which takes its time.
    /// Memory is not compared then. Stacks are not looked at, because wasmtime handles traps on small ones.
    #[arg(long)]
    address_sanitizer: bool,
}

/// Call honest plugins beside hostile ones, for as long as you like.
///
/// Threads call the plugins of the examples, typed and over the lane, while others call plugins that trap, loop, take
/// memory and lie, with random deadlines and cancellations. No honest call may fail, and the memory of the process has
/// to stay what it is.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask soak --minutes 10\n  cargo xtask soak --seconds 20 --seed 7\n\n\
                        The exit code is 0 only if no honest call failed and the memory did not grow.")]
pub(crate) struct SoakArguments {
    /// How long, in minutes.
    #[arg(long, value_name = "NUMBER", conflicts_with = "seconds")]
    minutes: Option<u64>,

    /// How long, in seconds.
    #[arg(long, value_name = "NUMBER", default_value_t = 60)]
    seconds: u64,

    /// What the order of calls, deadlines and cancellations is made of.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

/// Runs `cargo xtask hostile`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let (program, plugins) = prepare(&["textfilter"])?;
    if !arguments.address_sanitizer {
        return process::run(&mut hostile(&program, &plugins, arguments));
    }
    let program = sanitized()?;
    let mut command = hostile(&program, &plugins, arguments);
    process::run(command.arg("--sanitized").env("ASAN_OPTIONS", SANITIZER))
}

/// Signals are wasmtime's: it traps by them. What leaks at the end of a process is of no interest.
const SANITIZER: &str = "detect_leaks=0:handle_segv=0:handle_sigill=0:handle_sigfpe=0:handle_sigbus=0:\
                         allow_user_segv_handler=1:use_sigaltstack=0";

/// Builds the program with AddressSanitizer, and says where it is.
fn sanitized() -> Result<PathBuf> {
    let target = &format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let folder = workspace::folder()?.with_file_name("sanitized");
    let mut build = workspace::cargo("build")?;
    build.args(["--package", "hookr-hostile", "--target", target, "--target-dir"]).arg(&folder);
    // The flag is one of nightly compilers, but what it needs comes with all of them.
    build.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address -Cllvm-args=-asan-stack=0");
    build.env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
    process::run(&mut build)?;
    Ok(folder.join(target).join("debug/hookr-hostile"))
}

/// Runs `cargo xtask soak`.
pub(crate) fn soak(arguments: &SoakArguments) -> Result<()> {
    let (program, plugins) = prepare(&EXAMPLES.map(|(name, _)| name))?;
    process::run(&mut soaking(&program, &plugins, arguments))
}

/// Builds the program and these plugins, and says where they are.
fn prepare(examples: &[&str]) -> Result<(PathBuf, PathBuf)> {
    let guest = toolchain::ensure(toolchain::Target::Bare)?;
    let programs = workspace::build(&["hookr".to_owned(), "hookr-hostile".to_owned()])?;
    let root = workspace::root()?;
    let folder = workspace::folder()?.with_file_name("hookr").join("hostile");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for name in examples {
        let mut build = Command::new(programs.join("hookr"));
        build.args(["build", "--plugin", &format!("examples/{name}/plugin"), "--out"]);
        build.arg(folder.join(name).with_extension("wasm")).current_dir(&root);
        guest.configure(&mut build);
        process::run(&mut build)?;
    }
    Ok((programs.join("hookr-hostile"), folder))
}

/// The program, in the folder that this one was started in: that is where its files are meant to go.
fn hostile(program: &Path, plugins: &Path, arguments: &Arguments) -> Command {
    let Arguments { json, filter, list, .. } = arguments;
    let mut command = Command::new(program);
    command.arg("run").arg("--plugins").arg(plugins);
    if let Some(file) = json {
        command.arg("--json").arg(file);
    }
    if let Some(word) = filter {
        command.arg("--filter").arg(word);
    }
    if *list {
        command.arg("--list");
    }
    command
}

fn soaking(program: &Path, plugins: &Path, arguments: &SoakArguments) -> Command {
    let seconds = arguments.minutes.map_or(arguments.seconds, |minutes| minutes.saturating_mul(60));
    let mut command = Command::new(program);
    command.arg("soak").arg("--plugins").arg(plugins);
    command.args(["--seconds", &seconds.to_string(), "--seed", &arguments.seed.to_string()]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_argument_is_passed_on() {
        let arguments = Arguments {
            json: Some("results.json".into()),
            filter: Some("lane/".to_owned()),
            list: true,
            address_sanitizer: false,
        };
        assert_eq!(
            process::show(&hostile(Path::new("debug/hookr-hostile"), Path::new("plugins"), &arguments)),
            "hookr-hostile run --plugins plugins --json results.json --filter lane/ --list"
        );
        let soak = |minutes| {
            let arguments = SoakArguments { minutes, seconds: 20, seed: 7 };
            process::show(&soaking(Path::new("debug/hookr-hostile"), Path::new("plugins"), &arguments))
        };
        assert_eq!(soak(None), "hookr-hostile soak --plugins plugins --seconds 20 --seed 7");
        assert_eq!(soak(Some(10)), "hookr-hostile soak --plugins plugins --seconds 600 --seed 7");
    }
}
