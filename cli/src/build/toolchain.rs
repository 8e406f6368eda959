//! Which Rust toolchain compiles plugins.
//!
//! The rule, which `cargo xtask toolchain` follows too:
//!
//! 1. If the active toolchain (the `rustc` found on `PATH`) has the target, plain `cargo` does.
//! 2. Otherwise, if rustup knows a toolchain called `hookr-guest` that has it, `cargo` with
//!    `RUSTUP_TOOLCHAIN=hookr-guest`.
//! 3. Otherwise there is none. Nothing is installed here.
//!
//! A toolchain has the target if the folder that `rustc --print target-libdir` names holds a `libcore-*.rlib`: rustc
//! prints that folder also where the target's standard library is missing.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::environment;
use crate::args::Target;
use crate::keys;

/// The name under which a toolchain for plugins is linked in rustup.
const LINKED: &str = "hookr-guest";

/// The environment variable that allows one way only.
const VARIABLE: &str = "HOOKR_GUEST_TOOLCHAIN";

/// A toolchain that has the target that a plugin is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The one that is active anyway.
    Active,
    /// The one that rustup knows as [`LINKED`].
    Linked,
}

/// There is no toolchain that compiles plugins.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolchainError {
    /// [`VARIABLE`] has a value without meaning.
    #[error("{VARIABLE} is `{0}`, which is none of auto, active, rustup and debian")]
    Variable(String),
    /// Each that was looked at, with what it lacks.
    #[error("no Rust toolchain compiles plugins (target {}): {}", .target.name(), reasons(.missing))]
    Missing {
        /// What it should compile for.
        target: Target,
        /// The toolchains.
        missing: Vec<(Toolchain, String)>,
    },
}

fn reasons(missing: &[(Toolchain, String)]) -> String {
    missing.iter().map(|(toolchain, reason)| format!("{toolchain}: {reason}")).collect::<Vec<_>>().join("; ")
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Toolchain::Active => f.write_str("the active toolchain"),
            Toolchain::Linked => write!(f, "the toolchain `{LINKED}`"),
        }
    }
}

impl Toolchain {
    /// Looks for one, for a crate in `folder`: a `rust-toolchain.toml` there decides what is active.
    pub(crate) fn find(folder: &Path, target: Target) -> Result<Self, ToolchainError> {
        let mut missing = Vec::new();
        for toolchain in allowed(std::env::var_os(VARIABLE).as_deref())? {
            match toolchain.check(folder, target) {
                Ok(()) => return Ok(*toolchain),
                Err(reason) => missing.push((*toolchain, reason)),
            }
        }
        Err(ToolchainError::Missing { target, missing })
    }

    /// `cargo` of this toolchain, in a folder.
    pub(super) fn cargo(self, folder: &Path) -> Command {
        self.command("cargo".into(), folder)
    }

    /// A program of this toolchain, in a folder.
    pub(crate) fn command(self, program: OsString, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).stdin(Stdio::null());
        environment::clean(&mut command);
        // Whatever compiles a plugin runs code of its dependencies, which has no business with keys.
        command.env_remove(keys::VARIABLE);
        if self == Toolchain::Linked {
            // A compiler named by path would be taken instead of the toolchain's own.
            command.env("RUSTUP_TOOLCHAIN", LINKED).env_remove("RUSTC");
        }
        command
    }

    fn check(self, folder: &Path, target: Target) -> Result<(), String> {
        // The compiler that cargo will call: an outer cargo's is not passed on.
        let own = std::env::var_os("RUSTC").filter(|path| !path.is_empty() && std::env::var_os("CARGO").is_none());
        let rustc = own.filter(|_| self == Toolchain::Active).unwrap_or_else(|| "rustc".into());
        let output = self
            .command(rustc, folder)
            .args(["--print", "target-libdir", "--target", target.name()])
            .output()
            .map_err(|error| format!("rustc cannot be started: {error}"))?;
        if !output.status.success() {
            return Err(first_line(&output.stderr));
        }
        let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end());
        if has_core(&folder) { Ok(()) } else { Err("it lacks the target".to_owned()) }
    }
}

fn allowed(variable: Option<&OsStr>) -> Result<&'static [Toolchain], ToolchainError> {
    match variable.map(OsStr::to_string_lossy).as_deref() {
        None | Some("" | "auto") => Ok(&[Toolchain::Active, Toolchain::Linked]),
        // With rustup, the target is one that it added to the active toolchain.
        Some("active" | "rustup") => Ok(&[Toolchain::Active]),
        Some("debian") => Ok(&[Toolchain::Linked]),
        Some(other) => Err(ToolchainError::Variable(other.to_owned())),
    }
}

fn first_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("rustc failed without a message");
    line.trim_start_matches("error: ").to_owned()
}

fn has_core(folder: &Path) -> bool {
    let is_core = |name: OsString| {
        let name = name.to_string_lossy();
        name.starts_with("libcore-") && name.ends_with(".rlib")
    };
    std::fs::read_dir(folder).is_ok_and(|files| files.flatten().any(|file| is_core(file.file_name())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_allows_one_way() {
        assert_eq!(allowed(None).unwrap(), [Toolchain::Active, Toolchain::Linked]);
        assert_eq!(allowed(Some("debian".as_ref())).unwrap(), [Toolchain::Linked]);
        assert_eq!(allowed(Some("rustup".as_ref())).unwrap(), [Toolchain::Active]);
        let error = allowed(Some("nix".as_ref())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "HOOKR_GUEST_TOOLCHAIN is `nix`, which is none of auto, active, rustup and debian"
        );
    }

    #[test]
    fn a_linked_toolchain_is_named_to_whatever_runs() {
        let value = |toolchain: Toolchain| {
            let command = toolchain.cargo(Path::new("."));
            let found = command.get_envs().find(|(name, _)| *name == "RUSTUP_TOOLCHAIN").and_then(|(_, value)| value);
            found.map(OsStr::to_owned)
        };
        assert_eq!(value(Toolchain::Linked).unwrap(), LINKED);
        assert_eq!(value(Toolchain::Active), None);
    }

    #[test]
    fn no_compiler_gets_the_passphrase_of_a_key() {
        for toolchain in [Toolchain::Active, Toolchain::Linked] {
            for command in [toolchain.cargo(Path::new(".")), toolchain.command("rustc".into(), Path::new("."))] {
                assert!(command.get_envs().any(|(name, value)| name == "HOOKR_KEY_PASSPHRASE" && value.is_none()));
            }
        }
    }

    #[test]
    fn every_reason_is_told() {
        let missing = vec![
            (Toolchain::Active, "it lacks the target".to_owned()),
            (Toolchain::Linked, "not installed".to_owned()),
        ];
        let error = ToolchainError::Missing { target: Target::Bare, missing };
        assert_eq!(
            error.to_string(),
            "no Rust toolchain compiles plugins (target wasm32-unknown-unknown): the active toolchain: it lacks the \
             target; the toolchain `hookr-guest`: not installed"
        );
    }
}
