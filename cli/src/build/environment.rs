//! What a cargo of ours may inherit from a cargo around us.
//!
//! `hookr build` is often run by `cargo xtask`, `cargo run` or a test, and cargo tells its children a lot: which compiler
//! to use, which flags the host's code gets, which package is being built. None of it is meant for a plugin.

use std::ffi::OsString;
use std::process::Command;

/// Set by cargo for whatever it runs; it tells that we run inside of one.
const CARGO: &str = "CARGO";

/// What an outer cargo, a wrapper of it such as clippy, or a build script's caller sets.
const LEAKS: &[&str] = &[
    CARGO,
    "CARGO_BIN_NAME",
    "CARGO_BUILD_TARGET",
    "CARGO_CRATE_NAME",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_INCREMENTAL",
    "CARGO_LLVM_COV",
    "CARGO_MAKEFLAGS",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "CARGO_PRIMARY_PACKAGE",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "HOST",
    "LD_LIBRARY_PATH",
    "LLVM_PROFILE_FILE",
    "MAKEFLAGS",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC",
    "RUSTC_LINKER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "TARGET",
];

/// What they start with.
const LEAKING_PREFIXES: &[&str] = &["CARGO_BIN_EXE_", "CARGO_CFG_", "CARGO_FEATURE_", "CARGO_PKG_", "DEP_"];

/// Takes out of a command's environment what an outer cargo put there. Where there is none, the environment is what the
/// person at the keyboard wants.
pub(super) fn clean(command: &mut Command) {
    for name in leaks(std::env::vars_os().map(|(name, _)| name).collect()) {
        command.env_remove(name);
    }
}

/// A variable that a command gets that [`clean`] has cleaned.
pub(super) fn inherited(name: &str) -> Option<OsString> {
    let value = std::env::var_os(name)?;
    let names = std::env::vars_os().map(|(name, _)| name).collect();
    (!leaks(names).iter().any(|leak| leak == name)).then_some(value)
}

fn leaks(names: Vec<OsString>) -> Vec<OsString> {
    if !names.iter().any(|name| name == CARGO) {
        return Vec::new();
    }
    let leaks = |name: &OsString| {
        let name = name.to_string_lossy();
        LEAKS.contains(&&*name) || LEAKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    names.into_iter().filter(leaks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Vec<OsString> {
        leaks(names.iter().map(OsString::from).collect())
    }

    #[test]
    fn only_an_outer_cargo_leaks() {
        assert!(found(&["RUSTFLAGS", "RUSTC", "PATH"]).is_empty());
        assert_eq!(found(&["CARGO", "PATH", "RUSTFLAGS", "CARGO_PKG_NAME"]), ["CARGO", "RUSTFLAGS", "CARGO_PKG_NAME"]);
    }

    #[test]
    fn what_people_set_stays() {
        let kept = [
            "CARGO",
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_NET_OFFLINE",
            "RUSTUP_TOOLCHAIN",
            "RUSTC_WRAPPER",
            "HOME",
        ];
        assert_eq!(found(&kept), ["CARGO"]);
    }
}
