//! `cargo xtask gen`: the generated crates of the examples, written or compared.

use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

use crate::process;
use crate::workspace::{self, EXAMPLES};

/// Generate the contract crates of the examples from their .fbs files.
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
    let hookr = workspace::build(&["hookr-cli".to_owned()])?.join("hookr");
    let root = workspace::root()?;
    let mut outdated = Vec::new();
    for (name, _) in EXAMPLES {
        let done = process::run(&mut generation(&hookr, &root, name, arguments.check));
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

fn generation(hookr: &Path, root: &Path, name: &str, check: bool) -> Command {
    let mut command = Command::new(hookr);
    command.arg("gen").current_dir(root);
    command.args(["--schema", &format!("examples/{name}/{name}.fbs")]);
    command.args(["--out", &format!("examples/{name}/contract"), "--package", name]);
    // The examples depend on the crates of this repository, not on published ones.
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
    fn each_example_is_generated_from_its_own_schema() {
        let command = generation(Path::new("target/debug/hookr"), Path::new("."), "authz", true);
        assert_eq!(
            process::show(&command),
            "hookr gen --schema examples/authz/authz.fbs --out examples/authz/contract --package authz \
             --hookr-path . --check"
        );
    }
}
