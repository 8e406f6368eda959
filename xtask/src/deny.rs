//! `cargo xtask deny`: licences and sources of what Hookr is built on.

use anyhow::Result;
use std::process::Command;

use crate::process;
use crate::tool::Tool;
use crate::workspace;

const CARGO_DENY: Tool =
    Tool { name: "cargo-deny", version: "0.20.2", features: &["--no-default-features"], ask: &["--version"] };

/// What is checked without the network.
const LOCAL: [&str; 3] = ["bans", "licenses", "sources"];

/// Check licences, sources and versions of all dependencies, by deny.toml.
///
/// cargo-deny is taken from the PATH, or built once into a cache outside the repository.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask deny\n  cargo xtask deny --advisories")]
pub(crate) struct Arguments {
    /// Look for known faults of dependencies, too, in the database of RustSec, which is fetched from its repository.
    #[arg(long)]
    advisories: bool,
}

/// Runs `cargo xtask deny`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    // Those of other platforms, too, which nothing else has fetched.
    let mut fetch = workspace::cargo("fetch")?;
    process::run(fetch.args(["--locked", "--quiet"]))?;
    let mut deny = Command::new(CARGO_DENY.ensure()?);
    deny.current_dir(workspace::root()?).args(["--log-level", "error", "--workspace", "--locked"]);
    if !arguments.advisories {
        deny.arg("--offline");
    }
    deny.arg("check").args(LOCAL);
    if arguments.advisories {
        deny.arg("advisories");
    }
    process::run(&mut deny)
}
