//! Finds a Rust toolchain that can compile plugins, without installing anything.
//!
//! The rule, which `hookr build` follows too:
//!
//! 1. If the active toolchain (the `rustc` found on `PATH`) has the target (`wasm32-unknown-unknown`, or `wasm32-wasip2` for
//!    a plugin that needs WASI), plain `cargo` does.
//! 2. Otherwise, if rustup knows a toolchain called `hookr-guest` that has it, `cargo` with
//!    `RUSTUP_TOOLCHAIN=hookr-guest` (the same as `cargo +hookr-guest`, and inherited by every tool that cargo calls).
//! 3. Otherwise there is none, and the message says how to get one.
//!
//! A toolchain has the target if the folder that `rustc --print target-libdir --target …` names holds a `libcore-*.rlib`:
//! rustc prints that folder for every target that it could compile for, also where the standard library is missing.
//!
//! Beside the names of the targets, this file uses the standard library only, so that it can be read and followed without
//! the rest of this crate.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::target::Target;

/// The name under which `cargo xtask toolchain` links a toolchain that it built itself.
pub(crate) const LINKED: &str = "hookr-guest";

/// A toolchain that has a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GuestToolchain {
    /// The one that is active anyway.
    Active,
    /// The one that rustup knows as [`LINKED`].
    Linked,
}

impl GuestToolchain {
    /// Makes a command that calls cargo, or a program that does, use this toolchain.
    pub(crate) fn configure(self, command: &mut Command) {
        if let Some(name) = self.name() {
            command.env("RUSTUP_TOOLCHAIN", name);
        }
    }

    /// What rustup is told to use it, where that is not the active one anyway.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Active => None,
            Self::Linked => Some(LINKED),
        }
    }

    /// Whether this toolchain has a target, and if it has not, why not.
    ///
    /// # Errors
    ///
    /// When it has not.
    pub(crate) fn check(self, target: Target) -> Result<PathBuf, Missing> {
        let mut command = Command::new(rustc());
        self.configure(&mut command);
        let folder = target_libdir(&mut command, target)?;
        if has_core(&folder) { Ok(folder) } else { Err(Missing::Target { target, folder }) }
    }
}

impl fmt::Display for GuestToolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active => f.write_str("the active toolchain"),
            Self::Linked => write!(f, "the toolchain `{LINKED}`"),
        }
    }
}

/// Why a toolchain cannot compile plugins.
#[derive(Debug)]
pub(crate) enum Missing {
    /// `rustc` cannot be started.
    Rustc(std::io::Error),
    /// rustup has no such toolchain, or this rustc does not know the target at all.
    Refused(String),
    /// The compiler is there, but not the target's standard library.
    Target {
        /// That target.
        target: Target,
        /// Where that library would be.
        folder: PathBuf,
    },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rustc(error) => write!(f, "rustc cannot be started: {error}"),
            Self::Refused(message) => f.write_str(message),
            Self::Target { target, folder } => write!(f, "no standard library for {target} in {}", folder.display()),
        }
    }
}

impl Error for Missing {}

/// The compiler that cargo would call: `$RUSTC`, else the one on `PATH`, which with rustup is its proxy.
pub(crate) fn rustc() -> OsString {
    std::env::var_os("RUSTC").filter(|path| !path.is_empty()).unwrap_or_else(|| "rustc".into())
}

fn target_libdir(rustc: &mut Command, target: Target) -> Result<PathBuf, Missing> {
    let output = rustc
        .args(["--print", "target-libdir", "--target", target.name()])
        .stdin(Stdio::null())
        .output()
        .map_err(Missing::Rustc)?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let reason = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("rustc failed without a message");
        return Err(Missing::Refused(reason.trim_start_matches("error: ").to_owned()));
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end()))
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
    fn a_linked_toolchain_is_named_to_whatever_runs() {
        let mut command = Command::new("cargo");
        GuestToolchain::Active.configure(&mut command);
        assert_eq!(command.get_envs().count(), 0);
        GuestToolchain::Linked.configure(&mut command);
        let environment: Vec<_> = command.get_envs().collect();
        assert_eq!(environment, [("RUSTUP_TOOLCHAIN".as_ref(), Some(LINKED.as_ref()))]);
    }

    #[test]
    fn the_compilers_own_words_say_why_a_toolchain_is_missing() {
        let script = "echo 'error: override toolchain is not installed' >&2; exit 1; #";
        let error = target_libdir(Command::new("sh").args(["-c", script]), Target::Bare).unwrap_err();
        assert_eq!(error.to_string(), "override toolchain is not installed");
        let error = target_libdir(&mut Command::new("no-such-program-of-hookr"), Target::Wasi).unwrap_err();
        assert!(matches!(error, Missing::Rustc(_)), "{error}");
    }

    #[test]
    fn a_folder_counts_only_with_the_core_library_in_it() {
        // The host's own libraries are there in every toolchain that runs this test.
        let host = Command::new(rustc()).args(["--print", "target-libdir"]).output().unwrap();
        assert!(has_core(Path::new(String::from_utf8_lossy(&host.stdout).trim_end())));
        assert!(!has_core(Path::new(env!("CARGO_MANIFEST_DIR"))));
        assert!(!has_core(Path::new("/no/such/folder/of/hookr")));
    }
}
