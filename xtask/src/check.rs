//! `cargo xtask check`: format, lints and documentation, without a warning.

use anyhow::{Result, bail};

use crate::{process, workspace};

/// Check format, lints and documentation of all crates; warnings are errors.
///
/// Every check runs, also after one that fails.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  cargo xtask check")]
pub(crate) struct Arguments {}

/// Runs `cargo xtask check`.
pub(crate) fn run(_: &Arguments) -> Result<()> {
    let mut format = workspace::cargo("fmt")?;
    format.args(["--all", "--check"]);
    let mut lints = workspace::cargo("clippy")?;
    lints.args(["--workspace", "--all-targets", "--", "-D", "warnings"]);
    let mut documentation = workspace::cargo("doc")?;
    documentation.args(["--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");

    let failures: Vec<String> = [&mut format, &mut lints, &mut documentation]
        .into_iter()
        .filter_map(|command| process::run(command).err())
        .map(|error| format!("{error:#}"))
        .collect();
    if !failures.is_empty() {
        bail!(failures.join("\n"));
    }
    Ok(())
}
