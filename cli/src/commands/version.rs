//! `hookr version`.

use serde_json::json;

use crate::args::VersionArgs;
use crate::failure::Result;
use crate::terminal;

/// The version of Hookr: of this command, and of the crates that generated code wants.
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(crate) fn run(args: &VersionArgs) -> Result<()> {
    if !args.json {
        return terminal::print(&format!("hookr {VERSION}\n"));
    }
    let version = json!({
        "hookr": VERSION,
        "wasmtime": hookr::WASMTIME_VERSION,
        "abi": abi(),
        "section": hookr_abi::section::VERSION,
    });
    terminal::print_json(&version)
}

/// The WIT package that every contract uses, with its version.
fn abi() -> &'static str {
    let head = hookr_abi::TYPES_WIT.lines().find_map(|line| line.strip_prefix("package "));
    head.map_or("", |name| name.trim_end_matches(';'))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_abi_has_a_version() {
        assert_eq!(super::abi(), "hookr:abi@0.1.0");
    }
}
