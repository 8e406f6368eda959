//! `cargo xtask gen`: the generated crates of this repository, written or compared.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process;
use crate::workspace;

/// The folders with a folder for each contract.
const FOLDERS: [&str; 3] = ["benches", "examples", "tests/plugins"];

/// Generate the contract crates of the examples, the tests and the benches from their .fbs files.
///
/// They are checked in, so that the examples can be read without building anything.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask gen\n  cargo xtask gen --check")]
pub(crate) struct Arguments {
    /// Write nothing; fail where a file differs from what would be written.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Runs `cargo xtask gen`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let hookr = workspace::build(&["hookr".to_owned()])?.join("hookr");
    let root = workspace::root()?;
    let mut outdated = Vec::new();
    for (folder, name) in contracts(&root)? {
        let done = process::run(&mut generation(&hookr, &root, folder, &name, arguments.check));
        if let Err(error) = done {
            // All of them are looked at, so that one run names every one that is outdated.
            outdated.push(format!("{error:#}"));
        }
    }
    match (outdated.is_empty(), arguments.check) {
        (true, _) => Ok(()),
        (false, true) => bail!("{}\n`cargo xtask gen` writes what is outdated", outdated.join("\n")),
        (false, false) => bail!(outdated.join("\n")),
    }
}

/// Each contract as the folder that its own is in, and its name: `FOLDER/NAME/NAME.fbs`.
fn contracts(root: &Path) -> Result<Vec<(&'static str, String)>> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let path = root.join(folder);
        for entry in fs::read_dir(&path).with_context(|| format!("{} cannot be read", path.display()))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().join(&name).with_extension("fbs").is_file() {
                found.push((folder, name));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn generation(hookr: &Path, root: &Path, folder: &str, name: &str, check: bool) -> Command {
    let mut command = Command::new(hookr);
    command.arg("gen").current_dir(root);
    command.args(["--schema", &format!("{folder}/{name}/{name}.fbs")]);
    command.args(["--out", &format!("{folder}/{name}/contract"), "--package", name]);
    // They depend on the crates of this repository, not on published ones.
    command.args(["--hookr-path", "."]);
    if check {
        command.arg("--check");
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_crate_is_generated_from_its_own_schema() {
        let command = generation(Path::new("target/debug/hookr"), Path::new("."), "examples", "authz", true);
        assert_eq!(
            process::show(&command),
            "hookr gen --schema examples/authz/authz.fbs --out examples/authz/contract --package authz \
             --hookr-path . --check"
        );
    }

    #[test]
    fn examples_and_the_plugins_of_tests_and_benches_are_found() {
        let found = contracts(&workspace::root().unwrap()).unwrap();
        for (name, _) in workspace::EXAMPLES {
            assert!(found.contains(&("examples", name.to_owned())), "{name}");
        }
        assert!(found.contains(&("tests/plugins", "chaos".to_owned())));
        assert!(found.contains(&("benches", "echo".to_owned())));
    }
}
