//! Keeps the folders of a build out of what is built: panics name their source files, and debug information the folder that
//! the compiler was started in. The compiler is told to write other names, the same on every machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use toml::Table;

use super::environment::inherited;
use super::profile::configurations;
use crate::args::Target;

/// A folder, and the name that stands for it in a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    folder: PathBuf,
    name: String,
}

impl Place {
    pub(super) fn new(folder: &Path, name: impl Into<String>) -> Self {
        Place { folder: folder.to_owned(), name: name.into() }
    }
}

/// The folders of cargo's: its home, and in there one for each registry, whose name depends on where the registry is
/// mirrored.
pub(super) fn cargo_home(home: &Path) -> Vec<Place> {
    let registries = std::fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    let registries = registries.map(|folder| Place::new(&folder.path(), "/registry"));
    std::iter::once(Place::new(home, "/cargo")).chain(registries).collect()
}

/// Packages that a path leads to outside of a workspace.
pub(super) fn outside(metadata: &Value, workspace: &Path) -> Vec<Place> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let places = packages.filter_map(|package| {
        let folder = outside_folder(package, workspace)?;
        let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
        Some(Place::new(folder, format!("/path/{name}-{version}")))
    });
    places.collect()
}

/// The folder of a package, if a path leads to it outside of a workspace.
pub(super) fn outside_folder<'a>(package: &'a Value, workspace: &Path) -> Option<&'a Path> {
    let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
    (package["source"].is_null() && !folder.starts_with(workspace)).then_some(folder)
}

/// Tells cargo, beside the flags that somebody else wants.
pub(super) fn hide(command: &mut Command, places: &[Place], target: Target, folder: &Path, more: &[String]) {
    let flags = flags(places);
    // Of these, cargo takes the first that is there, and no other.
    let encoded = inherited("CARGO_ENCODED_RUSTFLAGS").map(|flags| split(&flags, '\x1f'));
    let plain = || inherited("RUSTFLAGS").map(|flags| split(&flags, ' '));
    if let Some(before) = encoded.or_else(plain) {
        let all: Vec<String> = before.into_iter().chain(flags).collect();
        command.env("CARGO_ENCODED_RUSTFLAGS", all.join("\x1f"));
        return;
    }
    let files = configurations(folder).into_iter().filter_map(|file| std::fs::read_to_string(file).ok());
    let files: Vec<Table> = files.filter_map(|file| file.parse().ok()).collect();
    let variable = format!("CARGO_TARGET_{}_RUSTFLAGS", target.name().to_uppercase().replace('-', "_"));
    let is_said = inherited(&variable).is_some() || more.iter().any(|argument| is_of_target(argument));
    let key = if is_said || has_target_flags(&files, target) {
        format!("target.{}.rustflags", target.name())
    } else {
        "build.rustflags".to_owned()
    };
    // A list on the command line is added to the lists of the files. JSON's strings are strings of TOML.
    command.arg("--config").arg(format!("{key}={}", Value::from(flags)));
}

/// The flags for folders: by the names that they were given, and by those that links lead to. Of several folders that a file
/// is in, the compiler takes the last: a folder inside of another goes behind it.
fn flags(places: &[Place]) -> Vec<String> {
    let all = places.iter().flat_map(|place| {
        let real = place.folder.canonicalize().ok().filter(|real| *real != place.folder);
        let folders = std::iter::once(place.folder.clone()).chain(real);
        folders.map(|folder| Place { folder, name: place.name.clone() })
    });
    let mut all: Vec<Place> = all.collect();
    all.sort_by_key(|place| place.folder.components().count());
    let flags =
        all.iter().filter_map(|place| Some(format!("--remap-path-prefix={}={}", place.folder.to_str()?, place.name)));
    flags.collect()
}

fn split(flags: &OsString, separator: char) -> Vec<String> {
    flags.to_string_lossy().split(separator).filter(|flag| !flag.is_empty()).map(str::to_owned).collect()
}

/// Whether an argument of cargo's sets the flags of a target.
fn is_of_target(argument: &str) -> bool {
    let setting = argument.strip_prefix("--config=").unwrap_or(argument);
    setting.starts_with("target.") && setting.contains("rustflags")
}

/// Whether cargo takes the flags of a target, which it does in place of those for every build, not beside them. A `cfg(..)`
/// counts where there are no others: whether it is true is for cargo to know.
fn has_target_flags(files: &[Table], target: Target) -> bool {
    let flags = |table: &toml::Value| table.get("rustflags").is_some();
    let any = |found: &dyn Fn(&str) -> bool| {
        let tables = files.iter().filter_map(|file| file.get("target")?.as_table());
        tables.flatten().any(|(key, table)| found(key) && flags(table))
    };
    let of_build = files.iter().any(|file| file.get("build").is_some_and(flags));
    any(&|key| key == target.name()) || (!of_build && any(&|key| key.starts_with("cfg(")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn packages_outside_of_the_workspace_are_found() {
        let package = |name: &str, path: &str, source: Value| {
            let manifest = format!("{path}/Cargo.toml");
            json!({ "name": name, "version": "1.0.0", "manifest_path": manifest, "source": source })
        };
        let packages = [
            package("here", "/w/here", Value::Null),
            package("there", "/x/there", Value::Null),
            package("registry", "/c/registry", "registry+x".into()),
            package("near", "/w2/near", Value::Null),
        ];
        let found = outside(&json!({ "packages": packages }), Path::new("/w"));
        let expected = [("/x/there", "/path/there-1.0.0"), ("/w2/near", "/path/near-1.0.0")];
        assert_eq!(found, expected.map(|(folder, name)| Place::new(Path::new(folder), name)));
    }

    #[test]
    fn a_folder_inside_of_another_counts() {
        let places = [("/w/own", "/cargo"), ("/w/own/registry", "/registry"), ("/w", "/workspace"), ("/x", "/path/a")];
        let found = flags(&places.map(|(folder, name)| Place::new(Path::new(folder), name)));
        let expected = ["/w=/workspace", "/x=/path/a", "/w/own=/cargo", "/w/own/registry=/registry"];
        assert_eq!(found, expected.map(|flag| format!("--remap-path-prefix={flag}")));
    }

    #[test]
    fn arguments_that_set_flags_are_known() {
        assert!(is_of_target("target.wasm32-unknown-unknown.rustflags=['-g']"));
        assert!(is_of_target("--config=target.'cfg(all())'.rustflags=['-g']"));
        assert!(!is_of_target("build.rustflags=['-g']") && !is_of_target("target.x.runner='y'"));
        assert!(!is_of_target("--target-dir=target.rustflags"));
    }

    #[test]
    fn the_flags_that_cargo_takes_are_added_to() {
        let has = |file: &str| has_target_flags(&[file.parse().unwrap()], Target::Bare);
        assert!(!has(""));
        assert!(!has("[build]\nrustflags = ['-g']"));
        assert!(has("[target.wasm32-unknown-unknown]\nrustflags = ['-g']"));
        assert!(!has("[target.wasm32-wasip2]\nrustflags = ['-g']"));
        assert!(!has("[target.wasm32-unknown-unknown]\nrunner = 'x'"));
        assert!(has("[target.'cfg(all())']\nrustflags = ['-g']"));
        assert!(!has("[target.'cfg(unix)']\nrustflags = ['-g']\n[build]\nrustflags = '-g'"));
    }
}
