//! `cargo xtask msrv`: the oldest compiler that Hookr promises to work with, and that it does.

use anyhow::{Context, Result, bail};
use std::fs;
use std::process::Command;

use crate::process::{self, capture, say};
use crate::workspace;

/// Where the version is told to people, from the root of the repository.
const TOLD: [&str; 4] = ["README.md", "host/README.md", "docs/src/introduction.md", "docs/src/reference/rust-api.md"];

/// Compile the workspace with the oldest Rust that Cargo.toml promises to work with.
///
/// If the active compiler is that one, there is nothing to do but to say so: everything else has been run with it. Otherwise rustup is
/// asked for it.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  cargo xtask msrv")]
pub(crate) struct Arguments {}

/// Runs `cargo xtask msrv`.
pub(crate) fn run(_: &Arguments) -> Result<()> {
    let root = workspace::root()?;
    let manifest = fs::read_to_string(root.join("Cargo.toml")).context("Cargo.toml cannot be read")?;
    let oldest = promised(&manifest).context("Cargo.toml has no rust-version")?;
    for file in TOLD {
        let text = fs::read_to_string(root.join(file)).with_context(|| format!("{file} cannot be read"))?;
        if !text.contains(&format!("Rust {oldest}")) {
            bail!("{file} does not say `Rust {oldest}`, which Cargo.toml promises");
        }
    }
    let active = active()?;
    if is(&active, oldest) {
        say(&format!("Rust {active} is active, the oldest that is promised"));
        return Ok(());
    }
    say(&format!("Rust {active} is active; {oldest} is the oldest that is promised"));
    let mut check = Command::new("rustup");
    check.current_dir(&root).args(["run", oldest, "cargo", "check", "--workspace", "--all-targets", "--locked"]);
    // What cargo has told this program is not for another cargo.
    for variable in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN"] {
        check.env_remove(variable);
    }
    process::run(&mut check).with_context(|| {
        format!(
            "it does not compile with Rust {oldest}, or that is not there: `rustup toolchain install {oldest}` gets it"
        )
    })
}

/// The active compiler, if it is another one than the oldest that is promised.
///
/// # Errors
///
/// When it does not say its version.
pub(crate) fn other_compiler() -> Result<Option<String>> {
    let manifest = fs::read_to_string(workspace::root()?.join("Cargo.toml")).context("Cargo.toml cannot be read")?;
    let oldest = promised(&manifest).context("Cargo.toml has no rust-version")?;
    let active = active()?;
    Ok((!is(&active, oldest)).then(|| format!("Rust {active} is active, and not {oldest}")))
}

fn active() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let active = capture(Command::new(rustc).arg("--version"))?;
    Ok(active.split_whitespace().nth(1).context("rustc prints no version")?.to_owned())
}

/// The `rust-version` of a manifest.
fn promised(manifest: &str) -> Option<&str> {
    let line = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \""))?;
    line.strip_suffix('"')
}

/// Whether a version is a release of a minor one.
fn is(version: &str, minor: &str) -> bool {
    version == minor || version.strip_prefix(minor).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_parts() {
        assert_eq!(promised("[workspace.package]\nrust-version = \"1.95\"\n"), Some("1.95"));
        assert!(is("1.95.0", "1.95") && is("1.95", "1.95") && is("1.95.1", "1.95"));
        assert!(!is("1.950.0", "1.95") && !is("1.96.0", "1.95") && !is("1.9.5", "1.95"));
    }
}
