//! Where things are in this repository, and how the examples are named.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;

/// The examples, in the order in which the demo shows them, each with what it is about.
pub(crate) const EXAMPLES: [(&str, &str); 4] = [
    ("textfilter", "a plugin without callbacks filters words out of a text"),
    ("urlbalancer", "a plugin picks a node and calls the host for its random numbers"),
    ("tickloop", "a plugin drives the state of a game loop, tick by tick"),
    ("authz", "a plugin decides what users may do, and the host keeps the audit log"),
];

/// The root of the repository.
///
/// # Errors
///
/// When cargo did not say where this crate is and it is not where it was compiled.
pub(crate) fn root() -> Result<PathBuf> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&manifest).parent().context("xtask's folder has no parent")?;
    if !root.join("xtask/Cargo.toml").is_file() {
        bail!("{} is not the root of the Hookr repository: run this as `cargo xtask`", root.display());
    }
    Ok(root.to_owned())
}

/// `cargo`, run at the root of the repository.
///
/// # Errors
///
/// As [`root`].
pub(crate) fn cargo(subcommand: &str) -> Result<Command> {
    let mut command = process::cargo();
    command.arg(subcommand).current_dir(root()?);
    Ok(command)
}

/// Builds programs of this workspace, by their names, in one go and returns the folder that they are in.
///
/// All packages are selected, though not all of them are built: that gives dependencies the features that they have in
/// `cargo xtask test`, which finds wasmtime compiled then. The programs run from that folder and not through `cargo run -p`, which
/// would choose features for each of them anew. The dev profile is meant: dependencies are optimised in it already.
///
/// # Errors
///
/// When they do not compile.
pub(crate) fn build(programs: &[String]) -> Result<PathBuf> {
    let mut command = cargo("build")?;
    command.arg("--workspace");
    for program in programs {
        command.args(["--bin", program]);
    }
    process::run(&mut command)?;
    folder()
}

/// Builds binaries of this workspace as they are released, and returns the folder that they are in.
///
/// # Errors
///
/// As [`build()`].
pub(crate) fn build_release(packages: &[String]) -> Result<PathBuf> {
    let mut command = cargo("build")?;
    command.arg("--release");
    for package in packages {
        command.args(["--package", package]);
    }
    process::run(&mut command)?;
    Ok(folder()?.with_file_name("release"))
}

/// Cargo's target folder for this workspace, wherever the environment or its configuration has it.
///
/// # Errors
///
/// When cargo does not say.
pub(crate) fn target() -> Result<PathBuf> {
    let mut metadata = cargo("metadata")?;
    let answer = process::capture(metadata.args(["--format-version", "1", "--no-deps", "--offline"]))?;
    target_in(&answer).map(PathBuf::from).context("cargo's answer names no target folder")
}

/// The target folder in cargo's answer: one key of a JSON text, which is not worth a parser that everybody compiles first.
fn target_in(answer: &str) -> Option<String> {
    let text = answer.split_once("\"target_directory\":\"")?.1;
    let mut folder = String::new();
    let mut letters = text.chars();
    loop {
        match letters.next()? {
            '"' => return Some(folder),
            '\\' => folder.push(letters.next()?),
            letter => folder.push(letter),
        }
    }
}

/// The folder that programs of the dev profile are built to.
///
/// # Errors
///
/// When the system does not say where this program is.
pub(crate) fn folder() -> Result<PathBuf> {
    // `cargo xtask` runs in the same profile of the same target folder, wherever a setting has moved that to.
    let this = std::env::current_exe().context("where this program is cannot be found out")?;
    Ok(this.parent().context("this program is in no folder")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_folder_is_read_from_cargos_answer() {
        let answer = r#"{"packages":[],"target_directory":"C:\\a \"b\"","version":1}"#;
        assert_eq!(target_in(answer).as_deref(), Some(r#"C:\a "b""#));
        assert_eq!(target_in("{}"), None);
        assert!(target().unwrap().is_absolute());
    }
}
