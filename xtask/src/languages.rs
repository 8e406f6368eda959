//! `cargo xtask languages`: the tools that make components of JavaScript and of Python, with which tests show that plugins
//! in other languages work. Users of Hookr never need them.
//!
//! They come from npm and from PyPI, into the cache outside of the repository.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::Entry;
use crate::process::{capture, say};

/// Get componentize-qjs 0.4.5 and componentize-py 0.25.1, with which tests build plugins in JavaScript and Python, and print
/// where they are.
///
/// They are installed by npm and by Python's pip into a cache outside the repository, nowhere else. The tests run without
/// them, too, and then say what they skip.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  cargo xtask languages")]
pub(crate) struct Arguments {}

/// A tool, and how it is had.
struct Tool {
    /// The name of the program and of its entry in the cache.
    name: &'static str,
    /// Tests find the program in this variable, and skip what they would do with it, saying so, where it is not set.
    variable: &'static str,
    recipe: &'static str,
    /// What the program's `--help` has in it.
    says: &'static str,
    /// Where the program is in its entry.
    program: &'static str,
    install: fn(&Path) -> Result<()>,
}

const TOOLS: [Tool; 2] = [
    Tool {
        name: "componentize-qjs",
        variable: "HOOKR_COMPONENTIZE_QJS",
        recipe: "componentize-qjs 0.4.5 from npm",
        says: "--stub-wasi",
        program: "node_modules/.bin/componentize-qjs",
        install: install_qjs,
    },
    Tool {
        name: "componentize-py",
        variable: "HOOKR_COMPONENTIZE_PY",
        recipe: "componentize-py 0.25.1 from PyPI",
        says: "componentize",
        program: "componentize-py",
        install: install_py,
    },
];

/// Runs `cargo xtask languages`.
pub(crate) fn run(_: &Arguments) -> Result<()> {
    for tool in TOOLS {
        println!("{}={}", tool.variable, tool.ensure()?.display());
    }
    Ok(())
}

/// Gives a command the tools in their variables; without one it only says so, for no test depends on it alone.
pub(crate) fn offer_to(command: &mut Command) {
    for tool in TOOLS {
        if std::env::var_os(tool.variable).is_some_and(|path| !path.is_empty()) {
            say(&format!("plugins in other languages are built with the {} of ${}", tool.name, tool.variable));
            continue;
        }
        match tool.ensure() {
            Ok(path) => {
                command.env(tool.variable, path);
            }
            Err(reason) => {
                let reason = format!("{reason:#}").replace('\n', "\n         ");
                say(&format!("skipped: plugins made with {}, which cannot be had here\n         {reason}", tool.name));
            }
        }
    }
}

impl Tool {
    /// Where it is, after installing it if need be.
    ///
    /// # Errors
    ///
    /// When what installs it is missing, or the registry cannot be reached.
    fn ensure(&self) -> Result<PathBuf> {
        let entry = Entry::open(self.name)?;
        let program = entry.path().join(self.program);
        if entry.stamp(self.recipe).is_none() || self.check(&program).is_err() {
            say(&format!("getting {}, once", self.recipe));
            entry.build(self.recipe, |folder| {
                (self.install)(folder)?;
                self.check(&folder.join(self.program))?;
                Ok(String::new())
            })?;
        }
        Ok(program)
    }

    fn check(&self, program: &Path) -> Result<()> {
        let help = capture(Command::new(program).arg("--help"))?;
        if !help.contains(self.says) {
            bail!("{} is not the program that it should be", program.display());
        }
        Ok(())
    }
}

fn install_qjs(folder: &Path) -> Result<()> {
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(folder);
    capture(npm.arg("componentize-qjs@0.4.5"))?;
    Ok(())
}

/// A virtual environment cannot be moved, so that one only brings pip.
fn install_py(folder: &Path) -> Result<()> {
    let environment = folder.join("environment");
    capture(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    let mut pip = Command::new(environment.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"]);
    capture(pip.arg(folder.join("packages")).arg("componentize-py==0.25.1"))?;
    fs::remove_dir_all(&environment)?;
    let launcher = folder.join("componentize-py");
    fs::write(&launcher, LAUNCHER)?;
    executable(&launcher).with_context(|| format!("{} cannot be made a program", launcher.display()))
}

const LAUNCHER: &str = r#"#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
PYTHONPATH="$here/packages" exec python3 -c 'from componentize_py import script; script()' "$@"
"#;

#[cfg(unix)]
fn executable(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &Path) -> std::io::Result<()> {
    Err(std::io::Error::other("its launcher is a script of a Unix shell"))
}
