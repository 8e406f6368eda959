//! The world that WIT tools see is the one of the contract.
//!
//! Contract and world are each told as a [`Listing`]: what there is, by its path, in words of its own. That of the contract
//! says what the mapping promises and does not know the writer of WIT; that of the world knows no contract.

#[path = "world/cycles.rs"]
mod cycles;
#[path = "world/expected.rs"]
mod expected;
#[path = "world/found.rs"]
mod found;

use std::collections::BTreeMap;

use fbs2wit::contract::{Contract, ContractOptions, lower};
use fbs2wit::model::Schema;
use fbs2wit::wit;
use wit_component::{DecodedWasm, WitPrinter};
use wit_parser::{PackageId, Resolve};

use crate::model::same;

/// Everything in a package: its path, and what it is.
pub(crate) type Listing = BTreeMap<String, String>;

/// The name of the package with hookr's own types.
const ABI: &str = "hookr:abi@0.1.0";

/// The contract of a schema, if all of it can be translated.
pub(crate) fn contract(schema: &Schema) -> Option<Contract> {
    let mut options = ContractOptions::default();
    options.plugin_required = false;
    lower(schema, &options).ok()
}

/// Contract → WIT → world: the same. So is the world that comes back from the binary form, and the text that is printed of
/// either.
pub(crate) fn is_world_of(contract: &Contract) -> Result<(), String> {
    is_world_in(contract, &wit::emit(contract))
}

/// The same of a text.
pub(crate) fn is_world_in(contract: &Contract, text: &str) -> Result<(), String> {
    let in_text = |error: &dyn std::fmt::Display| format!("{error:#}\nWIT:\n{text}");
    let (resolve, package) = parse(text).map_err(|error| in_text(&error))?;
    let expected = expected::listing(contract);
    compare(&expected, &found::listing(&resolve, package)).map_err(|error| in_text(&error))?;

    let bytes = wit_component::encode(&resolve, package, false).map_err(|error| in_text(&error))?;
    let DecodedWasm::WitPackage(decoded, decoded_package) =
        wit_component::decode(&bytes).map_err(|error| in_text(&error))?
    else {
        return Err(in_text(&"not a WIT package any more"));
    };
    let found = found::listing(&decoded, decoded_package);
    compare(&expected, &found).map_err(|error| in_text(&format!("from the binary form: {error}")))?;

    let printed = print(&resolve, package)?;
    let (again, again_package) = parse(&printed).map_err(|error| in_text(&error))?;
    compare(&expected, &found::listing(&again, again_package)).map_err(|error| in_text(&error))?;
    same(&printed, &print(&again, again_package)?).map_err(|error| in_text(&error))?;
    same(&sorted(&printed), &sorted(&print(&decoded, decoded_package)?)).map_err(|error| in_text(&error))
}

fn parse(text: &str) -> Result<(Resolve, PackageId), String> {
    let mut resolve = Resolve::default();
    resolve.push_source("types.wit", hookr_abi::TYPES_WIT).map_err(|error| format!("{error:#}"))?;
    let package = resolve.push_source("world.wit", text).map_err(|error| format!("{error:#}"))?;
    Ok((resolve, package))
}

fn print(resolve: &Resolve, package: PackageId) -> Result<String, String> {
    let mut printer = WitPrinter::default();
    printer.print(resolve, package, &[]).map_err(|error| format!("{error:#}"))?;
    Ok(printer.output.to_string())
}

fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.sort_unstable();
    lines.join("\n")
}

fn compare(expected: &Listing, found: &Listing) -> Result<(), String> {
    let text = |listing: &Listing| -> String {
        let lines = listing.iter().map(|(path, what)| format!("{path}: {what:?}\n"));
        lines.collect()
    };
    same(&text(expected), &text(found))
}

/// Documentation as WIT keeps it: without the indentation that all its lines share.
fn documentation(lines: &[String]) -> String {
    let indents =
        lines.iter().filter(|line| !line.is_empty()).map(|line| line.len() - line.trim_start_matches(' ').len());
    let shared = indents.min().unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|line| line.get(shared..).unwrap_or_default()).collect();
    lines.join("\n").trim_end_matches('\n').to_owned()
}
