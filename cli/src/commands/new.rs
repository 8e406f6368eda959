//! `hookr new`.

use hookr_abi::Printable;
use serde_json::json;

use crate::args::{ContractArgs, NewArgs};
use crate::failure::Result;
use crate::files::{self, shell_word, shown};
use crate::generated::Plan;
use crate::{contract, crates, new, terminal};

pub(crate) fn run(args: &NewArgs) -> Result<()> {
    let (folder, name) = (&args.place.folder, &args.place.name);
    let checkout = args.hookr_path.as_deref();
    let hookr = crates::source(folder, checkout)?;
    let hookr_of_contract = crates::source(&folder.join("contract"), checkout)?;

    let written = new::create(folder, |at| {
        let by_hand = new::files(name, args.template, &hookr);
        for (path, content) in by_hand.iter() {
            files::write(&at.join(path), content)?;
        }
        let compiled = contract::read_schema(&at.join(format!("{name}.fbs")), &ContractArgs::default())?;
        let generated = crates::generate(&compiled, name, &ContractArgs::default(), hookr_of_contract)?;
        Plan::new(&at.join("contract"), &generated)?.apply()?;
        let generated = generated.iter().map(|(path, _)| format!("contract/{path}"));
        let mut written: Vec<String> = by_hand.iter().map(|(path, _)| path.to_owned()).chain(generated).collect();
        written.sort();
        Ok(written)
    })?;

    let next = next(args);
    if args.json {
        return terminal::print_json(&json!({
            "folder": folder.display().to_string(),
            "name": name,
            "template": args.template.name(),
            "files": written,
            "next": next,
        }));
    }
    terminal::say(&format!(
        "made {}, by the template `{}`: {} files",
        shown(folder),
        args.template.name(),
        written.len()
    ));
    terminal::say("next:");
    for command in &next {
        terminal::say(&format!("  {}", Printable(command)));
    }
    terminal::say("README.md in there has more");
    Ok(())
}

/// The commands that build the plugin and run the host.
fn next(args: &NewArgs) -> Vec<String> {
    let name = &args.place.name;
    let more = new::arguments(args.template);
    let folder = args.place.folder.to_str().map_or_else(|| shown(&args.place.folder), ToOwned::to_owned);
    let build = format!("hookr build --plugin plugin --out {name}.wasm");
    let run = format!("cargo run -- {name}.wasm{more}");
    vec![format!("cd {}", shell_word(&folder)), build, run]
}
