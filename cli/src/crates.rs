//! The crate of a contract: what is in it, and where it takes the crates of Hookr from.

use std::path::{Path, PathBuf};

use fbs2wit::Compiled;
use fbs2wit::emit::{Files, GenerateOptions};
use fbs2wit::rust::HookrSource;

use crate::args::ContractArgs;
use crate::contract;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{relative, shown};

/// The files of the crate.
pub(crate) fn generate(compiled: &Compiled, package: &str, args: &ContractArgs, hookr: HookrSource) -> Result<Files> {
    let mut options = GenerateOptions::new(package);
    options.contract = contract::options(args);
    options.rust.hookr = hookr;
    fbs2wit::emit::generate(&compiled.schema, &options)
        .map_err(|errors| Failure::rendered(Exit::Input, |color| errors.render(&compiled.sources, color)))
}

/// Where a crate in `folder` takes the crates of Hookr from: a checkout, else the registry.
pub(crate) fn source(folder: &Path, checkout: Option<&Path>) -> Result<HookrSource> {
    checkout.map_or(Ok(HookrSource::Version), |checkout| path_from(folder, checkout).map(HookrSource::Path))
}

/// The way from a folder to a checkout of Hookr, as a Cargo.toml needs it.
fn path_from(folder: &Path, checkout: &Path) -> Result<String> {
    let to = checkout.canonicalize().or_fail(Exit::Input, || format!("cannot read {}", shown(checkout)))?;
    if !to.join("host/Cargo.toml").is_file() {
        let text = format!("{} is no checkout of Hookr: it has no host/Cargo.toml", shown(checkout));
        return Err(Failure::message(Exit::Input, text));
    }
    let from = canonical(folder).or_fail(Exit::Input, || format!("cannot find {}", shown(folder)))?;
    let path = relative(&from, &to);
    let path = path.to_str().map(|path| path.replace('\\', "/"));
    path.ok_or_else(|| Failure::message(Exit::Input, format!("the path of {} is not UTF-8", shown(checkout))))
}

/// The path of a folder that may not exist yet.
pub(crate) fn canonical(folder: &Path) -> std::io::Result<PathBuf> {
    let absolute = std::path::absolute(folder)?;
    let mut missing = Vec::new();
    let mut existing = absolute.as_path();
    loop {
        match (existing.canonicalize(), existing.parent(), existing.file_name()) {
            (Ok(found), _, _) => return Ok(missing.iter().rev().fold(found, |path, name| path.join(name))),
            (Err(_), Some(parent), Some(name)) => {
                missing.push(name.to_owned());
                existing = parent;
            }
            (Err(error), _, _) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_do_not_exist_have_a_place() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        assert_eq!(canonical(&folder.path().join("new/deeper")).unwrap(), root.join("new/deeper"));
        assert_eq!(canonical(folder.path()).unwrap(), root);
    }
}
