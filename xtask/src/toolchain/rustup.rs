//! The normal way to a guest toolchain: rustup adds the target to the active one.

use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::detect::{GuestToolchain, LINKED};
use super::target::Target;
use crate::process::{capture, run_within, say};

/// A download of 20 MB; behind a network that swallows packets rustup would wait for much longer.
const PATIENCE: Duration = Duration::from_secs(180);

/// Adds the target to the active toolchain.
///
/// # Errors
///
/// When rustup is missing or cannot fetch it, or the active toolchain is not one of rustup's.
pub(crate) fn add_target(target: Target) -> Result<GuestToolchain> {
    say(&format!("the active toolchain does not compile for {target}: asking rustup for it"));
    run_within(Command::new("rustup").args(["target", "add", target.name()]), PATIENCE)?;
    GuestToolchain::Active.check(target).context("rustup added the target, but the rustc on PATH does not see it")?;
    Ok(GuestToolchain::Active)
}

/// Makes `sysroot` known to rustup as the toolchain `hookr-guest`; nothing is done if it is already.
///
/// # Errors
///
/// When rustup is missing or refuses the folder.
pub(crate) fn link(sysroot: &Path) -> Result<()> {
    let mut rustc = Command::new("rustup");
    rustc.args(["run", LINKED, "rustc", "--print", "sysroot"]);
    // A toolchain that is not linked yet, or no longer whole, is an answer here and not a failure.
    if capture(&mut rustc).is_ok_and(|linked| Path::new(linked.trim_end()) == sysroot) {
        return Ok(());
    }
    say(&format!("linking it as the rustup toolchain `{LINKED}`; the default toolchain stays as it is"));
    capture(Command::new("rustup").args(["toolchain", "link", LINKED]).arg(sysroot))?;
    Ok(())
}
