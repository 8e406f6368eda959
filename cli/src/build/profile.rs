//! How plugins are optimised where nobody says how: as a whole, which makes them smaller and faster than cargo's defaults do.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use toml::{Table, Value};

use crate::args::Profile;

/// What is set unless it is set already: the key of a profile, the variable that cargo knows it by, and the value.
const DEFAULTS: [(&str, &str, &str); 2] =
    [("lto", "CARGO_PROFILE_RELEASE_LTO", "fat"), ("codegen-units", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")];

/// Tells cargo how to optimise, unless the environment or the workspace's manifest does.
pub(super) fn optimise(command: &mut Command, profile: Profile, workspace: &Path) {
    if profile != Profile::Release {
        return;
    }
    // Cargo has read the manifest before; if it is gone now, cargo says so.
    let manifest = std::fs::read_to_string(workspace.join("Cargo.toml")).unwrap_or_default();
    let is_set = |variable: &str| std::env::var_os(variable).is_some_and(|value| value != OsStr::new(""));
    for (variable, value) in missing(&manifest, is_set) {
        command.env(variable, value);
    }
}

/// The variables to set.
fn missing(manifest: &str, is_set: impl Fn(&str) -> bool) -> Vec<(&'static str, &'static str)> {
    let manifest: Table = manifest.parse().unwrap_or_default();
    let release = manifest.get("profile").and_then(|profiles| profiles.get("release")).and_then(Value::as_table);
    let says = |key: &str| release.is_some_and(|release| release.contains_key(key));
    let missing = DEFAULTS.iter().filter(|(key, variable, _)| !says(key) && !is_set(variable));
    missing.map(|(_, variable, value)| (*variable, *value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_manifest_says_stays() {
        let both = [("CARGO_PROFILE_RELEASE_LTO", "fat"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")];
        let found = |manifest: &str| missing(manifest, |_| false);
        assert_eq!(found("[workspace]\n"), both);
        assert_eq!(found("[profile.dev]\nlto = true\n[profile.release]\nopt-level = 's'\n"), both);
        assert_eq!(found("[profile.release]\nlto = false\n"), both[1..]);
        assert_eq!(found("[profile]\nrelease = { lto = 'thin', codegen-units = 4 }\n"), []);
        assert_eq!(found("this is no TOML"), both);
    }

    #[test]
    fn what_the_environment_says_stays() {
        let found = missing("", |variable| variable == "CARGO_PROFILE_RELEASE_LTO");
        assert_eq!(found, [("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")]);
    }
}
