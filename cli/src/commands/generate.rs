//! `hookr gen`.

use std::path::{Path, PathBuf};

use fbs2wit::emit::{Files, GenerateOptions, generate};
use fbs2wit::rust::HookrSource;
use hookr_abi::Printable;
use serde_json::{Value, json};

use crate::args::GenArgs;
use crate::contract;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{relative, shown};
use crate::generated::{Change, Plan};
use crate::hint::Hint;
use crate::terminal;

pub(crate) fn run(args: &GenArgs) -> Result<()> {
    let compiled = contract::read_schema(&args.schema, &args.contract)?;
    let mut options = GenerateOptions::new(&args.package);
    options.contract = contract::options(&args.contract);
    if let Some(checkout) = &args.hookr_path {
        options.rust.hookr = HookrSource::Path(path_from(&args.out, checkout)?);
    }
    let files = generate(&compiled.schema, &options)
        .map_err(|errors| Failure::rendered(Exit::Input, |color| errors.render(&compiled.sources, color)))?;
    let plan = Plan::new(&args.out, &files)?;

    let name = Printable(&args.package);
    if args.check {
        report(args, &files, plan.changes(), false)?;
        return match plan.changes() {
            [] => {
                terminal::say(&format!("`{name}` in {} is what would be generated", shown(&args.out)));
                Ok(())
            }
            changes => {
                let text = format!("`{name}` in {} is not what would be generated", shown(&args.out));
                let failure = Failure::message(Exit::Different, text).hint(Hint::Regenerate);
                Err(changes.iter().fold(failure, |failure, change| failure.note(change.to_string())))
            }
        };
    }
    plan.apply()?;
    let (changed, total) = (plan.changes().len(), files.iter().count());
    terminal::say(&format!("generated `{name}` in {}: {total} files, {changed} changed", shown(&args.out)));
    terminal::say(
        "next: depend on it with the feature `guest` in a plugin and `host` in an application; \
         `hookr build --plugin FOLDER` builds the plugin",
    );
    report(args, &files, plan.changes(), true)
}

/// With `--json`, what there is and what is not as it should be.
fn report(args: &GenArgs, files: &Files, changes: &[Change], written: bool) -> Result<()> {
    if !args.json {
        return Ok(());
    }
    let changes: Vec<Value> =
        changes.iter().map(|change| json!({ "path": change.path(), "change": change.kind() })).collect();
    terminal::print_json(&json!({
        "package": args.package,
        "out": args.out.display().to_string(),
        "files": files.iter().map(|(path, _)| path).collect::<Vec<_>>(),
        "changed": !changes.is_empty(),
        "written": written && !changes.is_empty(),
        "changes": changes,
    }))
}

/// The way from the generated crate to a checkout of Hookr, as its Cargo.toml needs it.
fn path_from(out: &Path, checkout: &Path) -> Result<String> {
    let to = checkout.canonicalize().or_fail(Exit::Input, || format!("cannot read {}", shown(checkout)))?;
    if !to.join("host/Cargo.toml").is_file() {
        let text = format!("{} is no checkout of Hookr: it has no host/Cargo.toml", shown(checkout));
        return Err(Failure::message(Exit::Input, text));
    }
    let from = canonical(out).or_fail(Exit::Input, || format!("cannot find {}", shown(out)))?;
    let path = relative(&from, &to);
    let path = path.to_str().map(|path| path.replace('\\', "/"));
    path.ok_or_else(|| Failure::message(Exit::Input, format!("the path of {} is not UTF-8", shown(checkout))))
}

/// The path of a folder that may not exist yet.
fn canonical(folder: &Path) -> std::io::Result<PathBuf> {
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
