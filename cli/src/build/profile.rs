//! How plugins are optimised where nobody says how: as a whole, which makes them smaller and faster than cargo's defaults do.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::Table;

use crate::args::Profile;

/// What is set unless it is set already: the key of a profile, the variable that cargo knows it by, and the value.
const DEFAULTS: [(&str, &str, &str); 2] =
    [("lto", "CARGO_PROFILE_RELEASE_LTO", "fat"), ("codegen-units", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")];

/// Tells cargo how to optimise a crate in `folder`, unless the environment, a configuration of cargo's or the workspace's
/// manifest does.
pub(super) fn optimise(command: &mut Command, profile: Profile, folder: &Path, workspace: &Path) {
    if profile != Profile::Release {
        return;
    }
    // Cargo says itself what is wrong with these.
    let files = files(folder, workspace).filter_map(|file| std::fs::read_to_string(file).ok());
    let files: Vec<String> = files.collect();
    let is_set = |variable: &str| std::env::var_os(variable).is_some_and(|value| value != OsStr::new(""));
    for (variable, value) in missing(&files, is_set) {
        command.env(variable, value);
    }
}

/// The files that may have profiles in them.
fn files(folder: &Path, workspace: &Path) -> impl Iterator<Item = PathBuf> {
    configurations(folder).into_iter().chain([workspace.join("Cargo.toml")])
}

/// Where cargo looks for its configuration, for a crate in `folder`.
pub(super) fn configurations(folder: &Path) -> Vec<PathBuf> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let homes = folder.ancestors().map(|folder| folder.join(".cargo")).chain(home());
    homes.flat_map(|home| [home.join("config.toml"), home.join("config")]).collect()
}

/// The folder in which cargo keeps the sources of packages.
pub(super) fn home() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

/// The variables to set.
fn missing(files: &[impl AsRef<str>], is_set: impl Fn(&str) -> bool) -> Vec<(&'static str, &'static str)> {
    let files: Vec<Table> = files.iter().filter_map(|file| file.as_ref().parse().ok()).collect();
    let release = |file: &Table| file.get("profile").and_then(|profiles| profiles.get("release")?.as_table()).cloned();
    let release: Vec<Table> = files.iter().filter_map(release).collect();
    let says = |key: &str| release.iter().any(|release| release.contains_key(key));
    let missing = DEFAULTS.iter().filter(|(key, variable, _)| !says(key) && !is_set(variable));
    missing.map(|(_, variable, value)| (*variable, *value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_manifest_says_stays() {
        let both = [("CARGO_PROFILE_RELEASE_LTO", "fat"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")];
        let found = |manifest: &str| missing(&[manifest], |_| false);
        assert_eq!(found("[workspace]\n"), both);
        assert_eq!(found("[profile.dev]\nlto = true\n[profile.release]\nopt-level = 's'\n"), both);
        assert_eq!(found("[profile.release]\nlto = false\n"), both[1..]);
        assert_eq!(found("[profile]\nrelease = { lto = 'thin', codegen-units = 4 }\n"), []);
        assert_eq!(found("this is no TOML"), both);
        assert_eq!(missing(&["[workspace]", "[profile.release]\nlto = false\ncodegen-units = 16"], |_| false), []);
    }

    #[test]
    fn what_the_environment_says_stays() {
        let found = missing(&[""], |variable| variable == "CARGO_PROFILE_RELEASE_LTO");
        assert_eq!(found, [("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")]);
    }
}
