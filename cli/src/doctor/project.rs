//! What a project has: the plugin's crate, and the crate of its contract.

use std::path::{Path, PathBuf};

use super::{Check, Status};
use crate::build::{CargoError, Crate, find as find_crate};
use crate::commands::build::no_crate;
use crate::files::shown;
use crate::project::{ContractCrate, Standing};

/// The plugin's crate, or why there is none.
pub(super) struct Project {
    folder: PathBuf,
    found: Result<Crate, CargoError>,
}

/// The crate in a folder. Without one, that of the folder in which this runs, if there is a plugin.
pub(super) fn find(folder: Option<&Path>) -> Option<Project> {
    if let Some(folder) = folder {
        let found =
            if folder.is_dir() { find_crate(folder, None) } else { Err(CargoError::NoFolder(folder.to_owned())) };
        return Some(Project { folder: folder.to_owned(), found });
    }
    let folders = [Path::new("."), Path::new("plugin")].map(Path::to_owned);
    let crates = folders.into_iter().filter(|folder| folder.join("Cargo.toml").is_file());
    let found = crates.map(|folder| Project { found: find_crate(&folder, None), folder });
    // What is here may be something else than a plugin: a host, or a workspace of many.
    found.into_iter().find(|project| project.found.is_ok())
}

impl Project {
    /// The folder in which a toolchain is asked for.
    pub(super) fn folder(&self) -> &Path {
        if self.folder.is_dir() { &self.folder } else { Path::new(".") }
    }

    pub(super) fn checks(self) -> Vec<Check> {
        let package = match self.found {
            Ok(package) => package,
            Err(error) => {
                let fix = match error {
                    CargoError::NoCdylib(_) => Some("add to its Cargo.toml: [lib] crate-type = [\"cdylib\", \"rlib\"]"),
                    CargoError::NoManifest(_) => Some("hookr new NAME"),
                    CargoError::NoFolder(_) => None,
                    _ => Some("name the folder of the plugin's crate with --plugin"),
                };
                let causes = no_crate(error, &self.folder).causes().join(": ");
                let check = Check::new("plugin", Status::Missing, causes);
                return vec![fix.into_iter().fold(check, |check, fix| check.fix(fix))];
            }
        };
        let found = format!("`{} {}`, a cdylib", package.name, package.version);
        let mut checks = vec![Check::new("plugin", Status::Ok, found)];
        let contracts: Vec<ContractCrate> =
            package.paths.iter().filter_map(|folder| ContractCrate::read(folder)).collect();
        if contracts.is_empty() {
            let found = "no crate that `hookr gen` made is among the dependencies to which a path leads";
            checks.push(Check::new("contract", Status::Info, found));
        }
        checks.extend(contracts.iter().flat_map(contract));
        checks
    }
}

fn contract(found: &ContractCrate) -> [Check; 2] {
    let version = env!("CARGO_PKG_VERSION");
    let standing = found.standing();
    let again = match &standing {
        Standing::Current(schema) | Standing::Outdated(schema, _) => found.command(&schema.path),
        Standing::Unknown(_) => "hookr gen, with the arguments that it was made with".to_owned(),
    };
    let made = format!("`{}`, made by hookr {}", found.package, found.generator);
    let made = if found.generator == version {
        Check::new("contract", Status::Ok, made)
    } else {
        Check::new("contract", Status::Warning, format!("{made}, and this is hookr {version}")).fix(again.clone())
    };
    let folder = shown(&found.folder);
    let standing = match standing {
        Standing::Current(schema) => {
            Check::new("schema", Status::Ok, format!("{folder} is what {} gives", shown(&schema.path)))
        }
        Standing::Outdated(schema, changes) => {
            let first = changes.first().map(String::as_str).unwrap_or_default();
            let more = if changes.len() > 1 { format!(", and {} more", changes.len() - 1) } else { String::new() };
            let found = format!("{folder} is not what {} gives: {first}{more}", shown(&schema.path));
            Check::new("schema", Status::Warning, found).fix(again)
        }
        Standing::Unknown(why) => {
            Check::new("schema", Status::Info, format!("whether {folder} is up to date cannot be told: {why}"))
        }
    };
    [made, standing]
}
