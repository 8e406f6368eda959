//! `cargo xtask bench-peers`: Hookr beside Extism and gRPC, from a fresh clone to a table.

use anyhow::{Context, Result};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process;
use crate::toolchain::{self, GuestToolchain, Target};
use crate::workspace;

/// Where everything is built to, from the root of the repository: a folder of its own, as the lock file is another one.
const TARGET: &str = "target/peers";

/// The plugins for Hookr, by the folder that each is in.
const HOOKR: [(&str, &str); 3] = [
    ("echo", "benches/echo/plugin"),
    ("textfilter", "examples/textfilter/plugin"),
    ("tickloop", "examples/tickloop/plugin"),
];

/// The plugins for Extism, by their packages.
const EXTISM: [&str; 3] = ["peers-extism-echo", "peers-extism-filter", "peers-extism-tick"];

/// Measure the same work through Hookr, through Extism and through gRPC to a subprocess, side by side.
///
/// Builds benches/peers, a workspace of its own, in release mode: the first time takes some ten minutes. The tables are on
/// stdout, progress on stderr, the figures in target/peers/peers.json too.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo xtask bench-peers\n  cargo xtask bench-peers -- --only echo --turns 2001\n  \
                        cargo xtask bench-peers -- --help"
)]
pub(crate) struct Arguments {
    /// Arguments for the program that measures.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

/// Runs `cargo xtask bench-peers`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let guest = toolchain::ensure(Target::Bare)?;
    let root = workspace::root()?;
    let programs = workspace::build(&["hookr".to_owned()])?;
    for (name, folder) in HOOKR {
        let mut build = Command::new(programs.join("hookr"));
        build.args(["build", "--plugin", folder, "--out", &format!("{TARGET}/{name}.wasm")]).current_dir(&root);
        guest.configure(&mut build);
        process::run(&mut build)?;
    }
    process::run(&mut guests(&root, guest))?;
    let built = root.join(TARGET).join(Target::Bare.name()).join("release");
    for package in EXTISM {
        let file = format!("{}.wasm", package.replace('-', "_"));
        fs::copy(built.join(&file), root.join(TARGET).join(&file))
            .with_context(|| format!("{file} cannot be copied into {TARGET}"))?;
    }
    process::run(build(process::cargo(), &root).args(["--package", "peers-host", "--package", "peers-server"]))?;
    let mut host = Command::new(root.join(TARGET).join("release/peers-host"));
    host.current_dir(&root).args(["--plugins", TARGET, "--json", &format!("{TARGET}/peers.json")]);
    process::run(host.args(&arguments.arguments))
}

/// Compiles the plugins for Extism, with the toolchain that compiles Hookr's.
fn guests(root: &Path, guest: GuestToolchain) -> Command {
    // Another toolchain than the active one is found by rustup, which stands in front of `cargo` in the search path.
    let cargo = if guest.name().is_some() { Command::new("cargo") } else { process::cargo() };
    let mut command = build(cargo, root);
    command.args(["--target", Target::Bare.name()]);
    for package in EXTISM {
        command.args(["--package", package]);
    }
    guest.configure(&mut command);
    command
}

fn build(mut command: Command, root: &Path) -> Command {
    command.args([
        "build",
        "--release",
        "--locked",
        "--manifest-path",
        "benches/peers/Cargo.toml",
        "--target-dir",
        TARGET,
    ]);
    command.current_dir(root);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_built_is_there() {
        let root = workspace::root().unwrap();
        for (_, folder) in HOOKR {
            assert!(root.join(folder).join("Cargo.toml").is_file(), "{folder}");
        }
        let packages = ["echo", "filter", "tick"].map(|folder| {
            let manifest = root.join("benches/peers/extism").join(folder).join("Cargo.toml");
            fs::read_to_string(manifest).unwrap()
        });
        for (package, manifest) in EXTISM.iter().zip(packages) {
            assert!(manifest.contains(&format!("name = \"{package}\"")), "{package}");
        }
    }

    #[test]
    fn guests_are_compiled_for_wasm_with_the_lock_file_as_it_is() {
        let shown = process::show(&guests(Path::new("."), GuestToolchain::Linked));
        assert!(shown.contains("--locked") && shown.contains("--target wasm32-unknown-unknown"), "{shown}");
        assert!(shown.ends_with("--package peers-extism-tick"), "{shown}");
    }
}
