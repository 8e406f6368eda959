//! `cargo xtask toolchain`: makes sure that there is a Rust toolchain which compiles plugins.
//!
//! Three ways, tried in this order, because each costs more than the one before:
//!
//! - the **active** toolchain has the target already, or an earlier run linked one that has ([`detect`]);
//! - **rustup** adds the target to the active toolchain ([`rustup`]);
//! - **Debian**'s packages of the Rust compiler become a private toolchain, linked as `hookr-guest` ([`debian`]).
//!
//! None of them changes which toolchain is the default, and none installs a system package.

mod apt;
mod debian;
mod detect;
mod rustup;
mod sysroot;
mod target;
mod wasi;

pub(crate) use detect::GuestToolchain;
pub(crate) use target::Target;

use anyhow::{Result, bail};
use clap::ValueEnum;
use std::fmt::Write as _;

use crate::process::say;

const VARIABLE: &str = "HOOKR_GUEST_TOOLCHAIN";

/// Get a Rust toolchain that compiles plugins, for the target wasm32-unknown-unknown or another.
///
/// Takes what is there, asks rustup otherwise, and else builds one from Debian's packages in a cache outside the
/// repository ($HOOKR_TOOLCHAIN_CACHE, by default ~/.cache/hookr) and links it as `hookr-guest`. Never changes the default
/// toolchain and never installs a system package.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask toolchain\n  cargo xtask toolchain --target wasm32-wasip2\n  \
                        cargo xtask toolchain --way debian --rebuild")]
pub(crate) struct Arguments {
    /// What the plugins are compiled for: wasm32-wasip2 for those that need WASI.
    #[arg(long, value_enum, default_value_t)]
    target: Target,

    /// Allow one way only; $HOOKR_GUEST_TOOLCHAIN says the same for every command.
    #[arg(long, value_enum)]
    way: Option<Way>,

    /// Build Debian's toolchain, or std for wasm32-wasip2, anew, even where the cache has it.
    #[arg(long)]
    rebuild: bool,
}

/// How a toolchain may be come by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// Whatever is there, then rustup, then Debian.
    #[default]
    Auto,
    /// Only the toolchain that is active; nothing is fetched.
    Active,
    /// The active toolchain, with the target added by rustup.
    Rustup,
    /// A toolchain made from Debian's packages, also where the active one would do.
    Debian,
}

impl Way {
    /// The way that the environment asks for.
    fn from_environment(value: Option<&str>) -> Result<Self> {
        match value.filter(|value| !value.is_empty()) {
            None => Ok(Self::default()),
            Some(value) => Self::from_str(value, false)
                .or_else(|_| bail!("{VARIABLE} is `{value}`, which is none of auto, active, rustup and debian")),
        }
    }
}

/// Runs `cargo xtask toolchain`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let way = arguments.way.map_or_else(asked_way, Ok)?;
    let target = arguments.target;
    let toolchain = ensure_by(way, target, arguments.rebuild)?;
    let plus = toolchain.name().map(|name| format!("+{name} ")).unwrap_or_default();
    println!("plugins are compiled by {toolchain}: cargo {plus}build --target {target}");
    Ok(())
}

/// Makes sure that plugins can be compiled for a target, as the first step of the commands that do.
///
/// # Errors
///
/// When no way leads to a toolchain: the message has the reason for each and what to do.
pub(crate) fn ensure(target: Target) -> Result<GuestToolchain> {
    let toolchain = ensure_by(asked_way()?, target, false)?;
    let what = match target {
        Target::Bare => "plugins",
        Target::Wasi => "plugins that need WASI",
    };
    say(&format!("{what} are compiled by {toolchain}"));
    Ok(toolchain)
}

fn asked_way() -> Result<Way> {
    Way::from_environment(std::env::var(VARIABLE).ok().as_deref())
}

fn ensure_by(way: Way, target: Target, rebuild: bool) -> Result<GuestToolchain> {
    // Only one way builds anything.
    let way = if rebuild { Way::Debian } else { way };
    let mut tried = Tried::new(target);
    if way != Way::Debian {
        match GuestToolchain::Active.check(target) {
            Ok(_) => return Ok(GuestToolchain::Active),
            Err(reason) => tried.failed("the active toolchain", reason.into()),
        }
    }
    // One that is linked already is taken before anything is fetched, but not listed as a failure where there is none.
    if way == Way::Auto
        && let Ok(folder) = GuestToolchain::Linked.check(target)
    {
        return if debian::owns(&folder)? { debian::ensure(target, false) } else { Ok(GuestToolchain::Linked) };
    }
    if matches!(way, Way::Auto | Way::Rustup) {
        match rustup::add_target(target) {
            Ok(toolchain) => return Ok(toolchain),
            Err(reason) => tried.failed("rustup", reason),
        }
    }
    if matches!(way, Way::Auto | Way::Debian) {
        match debian::ensure(target, rebuild) {
            Ok(toolchain) => return Ok(toolchain),
            Err(reason) => tried.failed("Debian's packages", reason),
        }
    }
    bail!(tried.message())
}

/// The ways that led nowhere, each with its reason.
struct Tried {
    target: Target,
    ways: Vec<(&'static str, anyhow::Error)>,
}

impl Tried {
    fn new(target: Target) -> Self {
        Self { target, ways: Vec::new() }
    }

    fn failed(&mut self, way: &'static str, reason: anyhow::Error) {
        self.ways.push((way, reason));
    }

    fn message(&self) -> String {
        let target = self.target;
        let mut text = format!("there is no toolchain that compiles plugins (target {target})\n");
        for (way, reason) in &self.ways {
            let reason = format!("{reason:#}").replace('\n', "\n      ");
            let _ = write!(text, "\n  {way}:\n      {reason}\n");
        }
        let asked = if target == Target::default() { String::new() } else { format!(" --target {target}") };
        let _ = write!(
            text,
            "\nany one of these helps:\n  \
             - where rustup can download: rustup target add {target}\n  \
             - on Debian or Ubuntu with a release that has rustc-web {} or later: cargo xtask toolchain{asked} --way debian\n  \
             - a toolchain of your own that has the target: rustup toolchain link {} FOLDER",
            debian::MINIMUM,
            detect::LINKED,
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn the_environment_chooses_the_way() {
        assert_eq!(Way::from_environment(None).unwrap(), Way::Auto);
        assert_eq!(Way::from_environment(Some("")).unwrap(), Way::Auto);
        assert_eq!(Way::from_environment(Some("debian")).unwrap(), Way::Debian);
        let error = Way::from_environment(Some("nix")).unwrap_err().to_string();
        assert_eq!(error, "HOOKR_GUEST_TOOLCHAIN is `nix`, which is none of auto, active, rustup and debian");
    }

    #[test]
    fn the_final_message_has_every_reason_and_what_to_do() {
        let mut tried = Tried::new(Target::Bare);
        tried.failed("rustup", anyhow!("no route\nto host").context("the target could not be added"));
        tried.failed("Debian's packages", anyhow!("`apt-get` cannot be started"));
        let message = tried.message();
        for part in [
            "  rustup:\n      the target could not be added: no route\n      to host\n",
            "  Debian's packages:\n      `apt-get` cannot be started\n",
            "rustup target add wasm32-unknown-unknown",
            "rustup toolchain link hookr-guest FOLDER",
        ] {
            assert!(message.contains(part), "{message}");
        }
    }
}
