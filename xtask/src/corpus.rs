//! `cargo xtask corpus`: a folder of schemas, through flatc and through this generator.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{flatc, process, workspace};

/// The variable that names the folder, for tests too.
pub(crate) const VARIABLE: &str = "HOOKR_CORPUS";

/// Compare what flatc and this generator make of a folder of schemas.
///
/// Counts, for each project that the schemas are from, what both accept, what is translated and what is refused with which
/// code, which binary schemas are equal and how many values went through both as JSON and as FlatBuffers. Lists every
/// difference; fails when one has no explanation. The folder has a manifest.tsv with flatc's verdicts, or just .fbs files:
/// then flatc is asked. Without flatc the report says what it skipped.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo xtask corpus --corpus ~/schemas\n  HOOKR_CORPUS=~/schemas cargo xtask corpus --json"
)]
pub(crate) struct Arguments {
    /// The folder [default: $HOOKR_CORPUS]
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs `cargo xtask corpus`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Some(corpus) = folder(arguments.corpus.as_deref())? else {
        bail!("no corpus: name its folder with --corpus DIR or in {VARIABLE}");
    };
    let mut command = report(&corpus, arguments.json)?;
    flatc::offer_to(&mut command);
    process::run(&mut command)
}

/// The folder that an argument names, or else the environment; absolute, because what reads it runs elsewhere.
///
/// # Errors
///
/// When there is no such folder.
pub(crate) fn folder(argument: Option<&Path>) -> Result<Option<PathBuf>> {
    let named = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let Some(folder) = argument.map(Path::to_owned).or(named) else { return Ok(None) };
    folder.canonicalize().map(Some).with_context(|| format!("there is no folder {}", folder.display()))
}

fn report(corpus: &Path, json: bool) -> Result<Command> {
    let mut command = workspace::cargo("run")?;
    command.args(["--quiet", "--package", "fbs2wit", "--example", "corpus", "--", "--corpus"]).arg(corpus);
    if json {
        command.arg("--json");
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_an_example_of_the_generator() {
        let command = report("some folder".as_ref(), true).unwrap();
        let shown = process::show(&command);
        let expected = "run --quiet --package fbs2wit --example corpus -- --corpus 'some folder' --json";
        assert!(shown.ends_with(expected), "{shown}");
    }
}
