//! `cargo xtask package`: the crates as they are published, and that they work without the rest of the repository.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, capture, say};
use crate::toolchain::{self, Target};
use crate::workspace;

/// What is published, in the order in which it has to be: each depends on those before it alone. With its folder.
const CRATES: [(&str, &str); 5] =
    [("hookr-abi", "wit"), ("fbs2wit", "fbs2wit"), ("hookr-guest", "guest"), ("hookr", "host"), ("hookr-cli", "cli")];

/// What every package has.
const FILES: [&str; 4] = ["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT"];
const KEYS: [&str; 8] =
    ["description", "documentation", "keywords", "categories", "license", "readme", "rust-version", "version"];

/// Package the crates, and build the command of what is in the packages.
///
/// Packages are in target/package. They are unpacked into a copy of the workspace, in the place of the crates' own folders, and the command
/// and an example's host are built there: a file that a package lacks is found, and dependencies need not be compiled again. With `--verify`,
/// cargo compiles each package by itself as well, as `cargo publish` does, which takes several builds of wasmtime.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask package\n  cargo xtask package --verify")]
pub(crate) struct Arguments {
    /// Have cargo compile each package by itself, too.
    #[arg(long)]
    verify: bool,
}

/// Runs `cargo xtask package`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let root = workspace::root()?;
    let mut package = workspace::cargo("package")?;
    // What is not committed is packaged, too: this is a check, and no release.
    package.args(["--locked", "--allow-dirty"]);
    for (name, _) in CRATES {
        package.args(["--package", name]);
    }
    if !arguments.verify {
        package.arg("--no-verify");
    }
    process::run(&mut package)?;

    let target = workspace::target()?;
    let copy = target.join("package/workspace");
    if copy.exists() {
        fs::remove_dir_all(&copy).with_context(|| format!("{} cannot be removed", copy.display()))?;
    }
    fs::create_dir_all(&copy)?;
    link(&root, &copy)?;
    for (name, folder) in CRATES {
        unpack(&target.join("package"), name, &copy.join(folder))?;
        complete(name, &copy.join(folder))?;
    }
    patch(&copy)?;

    let mut build = process::cargo();
    build.current_dir(&copy).env("CARGO_TARGET_DIR", &target).env_remove("CARGO_MANIFEST_DIR");
    // The lock file is that of the repository, and says of these crates that they are beside it.
    build.args(["build", "--offline", "--workspace", "--bin", "hookr", "--bin", "textfilter-host"]);
    process::run(&mut build)?;
    // A plugin, too: what plugins are built on is compiled for them alone.
    let plugin = copy.join("textfilter.wasm");
    let mut build = Command::new(target.join("debug/hookr"));
    build.current_dir(&copy).env("CARGO_TARGET_DIR", &target);
    build.args(["build", "--plugin", "examples/textfilter/plugin", "--out"]).arg(&plugin);
    toolchain::ensure(Target::Bare)?.configure(&mut build);
    process::run(&mut build)?;
    capture(Command::new(target.join("debug/textfilter-host")).arg(&plugin))?;
    say("the packages work: their host calls their plugin");
    Ok(())
}

/// Links to everything at the root of the repository but what is published and what is built; manifests are copied.
fn link(root: &Path, copy: &Path) -> Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if matches!(&*name, "target" | ".git") || CRATES.iter().any(|(_, folder)| *folder == name) {
            continue;
        }
        let to = copy.join(&*name);
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), &to)?;
        } else {
            symlink(&entry.path(), &to)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn symlink(from: &Path, to: &Path) -> Result<()> {
    std::os::unix::fs::symlink(from, to).with_context(|| format!("{} cannot be made", to.display()))
}

#[cfg(not(unix))]
fn symlink(from: &Path, _: &Path) -> Result<()> {
    bail!("{} cannot be linked to on this system: package on another one", from.display())
}

fn unpack(folder: &Path, name: &str, to: &Path) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let archive = folder.join(format!("{name}-{version}.crate"));
    fs::create_dir(to)?;
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(&archive).arg("-C").arg(to).arg("--strip-components=1");
    capture(&mut tar).map(drop)
}

/// Whether a package has what users and registries look for.
fn complete(name: &str, folder: &Path) -> Result<()> {
    for file in FILES {
        if !folder.join(file).is_file() {
            bail!("the package {name} has no {file}");
        }
    }
    let manifest = fs::read_to_string(folder.join("Cargo.toml"))?;
    for key in KEYS {
        if !manifest.lines().any(|line| line.starts_with(&format!("{key} = "))) {
            bail!("the package {name} says no {key}");
        }
    }
    Ok(())
}

/// Has what comes from the registry in packages come from beside them.
fn patch(copy: &Path) -> Result<()> {
    let manifest = copy.join("Cargo.toml");
    let mut text = fs::read_to_string(&manifest)?;
    text.push_str("\n[patch.crates-io]\n");
    for (name, folder) in CRATES {
        let path = PathBuf::from(folder);
        text.push_str(&format!("{name} = {{ path = \"{}\" }}\n", path.display()));
    }
    Ok(fs::write(manifest, text)?)
}
