//! `cargo xtask expansions`: what is generated of many schemas, compiled as hosts and as plugins compile it.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::say;
use crate::toolchain::{self, GuestToolchain, Target};
use crate::{corpus, process, workspace};

/// Compile what is generated of every schema of a folder, for hosts and for plugins.
///
/// A schema without a service for plugins gets one, with methods over its tables, and one to call back. With each crate
/// goes a program that opens a plugin and calls all of its methods, and a plugin that implements all of them. Warnings are
/// errors. Prints how far the schemas of each project came, and each failure. The schemas of the generator's own tests
/// are always among them. What has not changed since the last run is not compiled again.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo xtask expansions --corpus ~/schemas\n  cargo xtask expansions --only monster_test"
)]
pub(crate) struct Arguments {
    /// The folder [default: $HOOKR_CORPUS; without it, only the schemas of the generator's tests]
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,

    /// Take only the schemas with this in their path.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

/// Runs `cargo xtask expansions`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let corpus = corpus::folder(arguments.corpus.as_deref())?;
    if corpus.is_none() {
        say(&format!("skipped: other projects' schemas, for neither --corpus nor {} names any", corpus::VARIABLE));
    }
    let guest = toolchain::ensure(Target::Bare)?;
    let out = target_folder()?.join("corpus-expansions");
    process::run(&mut expansions(&out, corpus.as_deref(), arguments.only.as_deref(), guest)?)
}

fn expansions(out: &Path, corpus: Option<&Path>, only: Option<&str>, guest: GuestToolchain) -> Result<Command> {
    let mut command = workspace::cargo("run")?;
    command.args(["--quiet", "--package", "fbs2wit", "--example", "expansions", "--", "--out"]).arg(out);
    if let Some(corpus) = corpus {
        command.arg("--corpus").arg(corpus);
    }
    if let Some(only) = only {
        command.args(["--only", only]);
    }
    if let Some(name) = guest.name() {
        command.args(["--guest-toolchain", name]);
    }
    Ok(command)
}

/// Wherever a setting has moved it to, this program is in a profile's folder there.
fn target_folder() -> Result<PathBuf> {
    let this = std::env::current_exe().context("where this program is cannot be found out")?;
    Ok(this.ancestors().nth(2).context("this program is in no target folder")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guests_toolchain_is_named_where_it_is_not_the_active_one() {
        let shown = |corpus: Option<&str>, only, guest| {
            process::show(&expansions("out".as_ref(), corpus.map(Path::new), only, guest).unwrap())
        };
        let expected = "run --quiet --package fbs2wit --example expansions -- --out out";
        assert!(shown(None, None, GuestToolchain::Active).ends_with(expected));
        let all = shown(Some("some folder"), Some("a"), GuestToolchain::Linked);
        let rest = format!("{expected} --corpus 'some folder' --only a --guest-toolchain hookr-guest");
        assert!(all.ends_with(&rest), "{all}");
    }
}
