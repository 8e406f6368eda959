//! Programs from crates.io that contributors need now and then: taken from the PATH if they are there in the right version, else
//! built once into the cache outside the repository. Nothing of them is installed for anybody else.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::Entry;
use crate::process::{self, capture, say};

/// A program of crates.io.
pub(crate) struct Tool {
    /// The package, and the program in it.
    pub(crate) name: &'static str,
    /// The exact version: what it prints is compared, or its files are checked in.
    pub(crate) version: &'static str,
    /// Arguments for `cargo install`: features that are not needed take minutes.
    pub(crate) features: &'static [&'static str],
    /// How the program is asked for its version.
    pub(crate) ask: &'static [&'static str],
}

impl Tool {
    /// Where the program is, after building it if need be.
    ///
    /// # Errors
    ///
    /// When it does not compile, or calls itself by another version.
    pub(crate) fn ensure(&self) -> Result<PathBuf> {
        let found = PathBuf::from(self.name);
        if self.check(&found).is_ok() {
            return Ok(found);
        }
        let entry = Entry::open(self.name)?;
        let program = entry.path().join("bin").join(self.name);
        if entry.stamp(&self.recipe()).is_none() || self.check(&program).is_err() {
            say(&format!("building {} {}, once: this takes some minutes", self.name, self.version));
            entry.build(&self.recipe(), |folder| self.install(folder))?;
        }
        Ok(program)
    }

    fn recipe(&self) -> String {
        format!("{} {} {}", self.name, self.version, self.features.join(" "))
    }

    /// Without optimisation: it is used for seconds, and compiled for minutes.
    fn install(&self, folder: &Path) -> Result<String> {
        let mut cargo = process::cargo();
        cargo.args(["install", "--locked", "--debug", "--version", self.version, "--root"]).arg(folder);
        cargo.args(self.features).arg(self.name);
        // Away from the repository, whose configuration is not for it, and from its target folder.
        cargo.current_dir(folder).env("CARGO_TARGET_DIR", folder.join("target"));
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "false").env("CARGO_INCREMENTAL", "0");
        process::run(&mut cargo)?;
        std::fs::remove_dir_all(folder.join("target"))?;
        self.check(&folder.join("bin").join(self.name))?;
        Ok(String::new())
    }

    fn check(&self, program: &Path) -> Result<()> {
        let printed = capture(Command::new(program).args(self.ask))?;
        let version = printed.split_whitespace().next_back().context("it prints no version")?;
        if version.trim_start_matches('v') != self.version {
            bail!("{} calls itself `{}`, not {}", program.display(), printed.trim_end(), self.version);
        }
        Ok(())
    }
}
