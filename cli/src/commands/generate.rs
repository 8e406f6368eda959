//! `hookr gen`.

use fbs2wit::emit::Files;
use hookr_abi::Printable;
use serde_json::{Value, json};

use crate::args::GenArgs;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::files::shown;
use crate::generated::{Change, Plan};
use crate::hint::Hint;
use crate::{contract, crates, terminal};

pub(crate) fn run(args: &GenArgs) -> Result<()> {
    let compiled = contract::read_schema(&args.schema, &args.contract)?;
    let hookr = crates::source(&args.out, args.hookr_path.as_deref())?;
    let files = crates::generate(&compiled, &args.package, &args.contract, hookr)?;
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
