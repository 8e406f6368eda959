//! What a machine has: the toolchain, an editor, tools.

use std::io::IsTerminal as _;

use super::programs::{Programs, numbers};
use super::{Check, Status};
use crate::args::Target;
use crate::build::{Toolchain, ToolchainError};

/// Where the Rust toolchain comes from.
const INSTALL: &str = "install Rust by https://rustup.rs";

/// The oldest compiler that compiles Hookr.
const LEAST: &str = env!("CARGO_PKG_RUST_VERSION");

pub(super) fn toolchain(programs: &Programs<'_>) -> Vec<Check> {
    let (rustc, rustup) = (programs.version("rustc"), programs.version("rustup"));
    // A toolchain that cannot be started has no targets, and to ask it for them may install it.
    let is_usable = rustc.is_ok();
    let mut checks = vec![
        match programs.version("cargo") {
            Ok(version) => Check::new("cargo", Status::Ok, version),
            Err(why) => Check::new("cargo", Status::Missing, why).fix(INSTALL),
        },
        compiler(rustc, rustup.is_ok()),
        match &rustup {
            Ok(version) => Check::new("rustup", Status::Ok, version.clone()),
            Err(why) => Check::new("rustup", Status::Info, format!("{why}; it adds targets to a toolchain")),
        },
    ];
    let targets = Target::ALL.map(|wanted| target(programs, wanted, is_usable, rustup.is_ok()));
    checks.extend(targets);
    checks
}

const UPDATE: &str = "rustup update stable";

fn compiler(version: Result<String, String>, has_rustup: bool) -> Check {
    let version = match version {
        Ok(version) => version,
        Err(why) => return Check::new("rustc", Status::Missing, why).fix(INSTALL),
    };
    match (numbers(&version), numbers(&format!("- {LEAST}"))) {
        (Some(found), Some(least)) if found < least => {
            let found = format!("{version}, which is older than {LEAST}");
            Check::new("rustc", Status::Missing, found).fix(if has_rustup { UPDATE } else { INSTALL })
        }
        (Some(_), _) => Check::new("rustc", Status::Ok, version),
        (None, _) => Check::new("rustc", Status::Warning, format!("{version}: is that {LEAST} or later?")),
    }
}

fn target(programs: &Programs<'_>, target: Target, is_usable: bool, has_rustup: bool) -> Check {
    let name = target.name();
    let (absent, use_of) = match target {
        Target::Bare => (Status::Missing, ""),
        Target::Wasi => (Status::Info, "; only plugins that use WASI need it"),
    };
    if !is_usable {
        return Check::new(name, absent, format!("without a compiler, there is none{use_of}")).fix(INSTALL);
    }
    match Toolchain::find(programs.folder, target) {
        Ok(toolchain) => Check::new(name, Status::Ok, format!("in {toolchain}")),
        Err(error @ ToolchainError::Variable(_)) => {
            Check::new(name, absent, error.to_string()).fix("unset HOOKR_GUEST_TOOLCHAIN")
        }
        Err(error @ ToolchainError::Missing { .. }) => {
            let fix = if has_rustup {
                format!("rustup target add {name}")
            } else {
                format!("in a checkout of Hookr: cargo xtask toolchain --target {name}")
            };
            Check::new(name, absent, format!("{error}{use_of}")).fix(fix)
        }
    }
}

pub(super) fn versions() -> [Check; 2] {
    let inside = format!("{}, in this command", hookr::WASMTIME_VERSION);
    [Check::new("hookr", Status::Ok, env!("CARGO_PKG_VERSION")), Check::new("wasmtime", Status::Ok, inside)]
}

pub(super) fn terminal(programs: &Programs<'_>) -> [Check; 2] {
    let kind = std::env::var("TERM").unwrap_or_default();
    let terminal = if std::io::stdout().is_terminal() { "" } else { ", and standard output is none" };
    let terminal = match kind.as_str() {
        "" => Check::new("terminal", Status::Info, format!("TERM is not set{terminal}")),
        "dumb" => Check::new("terminal", Status::Info, format!("TERM is `dumb`{terminal}: no colours")),
        kind => Check::new("terminal", Status::Ok, format!("TERM is `{kind}`{terminal}")),
    };
    let variable = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()).map(|value| (name, value));
    [terminal, editor(variable("VISUAL").or_else(|| variable("EDITOR")), |program| programs.find(program).is_some())]
}

fn editor(set: Option<(&str, String)>, is_there: impl Fn(&str) -> bool) -> Check {
    let Some((name, value)) = set else {
        let found = "neither VISUAL nor EDITOR is set; requests can be edited in place all the same";
        return Check::new("editor", Status::Info, found).fix("export EDITOR=vi");
    };
    // It is a command line: the program and its arguments.
    let program = value.split_whitespace().next().unwrap_or_default();
    if is_there(program) {
        Check::new("editor", Status::Ok, format!("{value}, by {name}"))
    } else {
        let found = format!("{name} is `{value}`, and there is no program `{program}`");
        Check::new("editor", Status::Warning, found).fix(format!("export {name}=vi"))
    }
}

pub(super) fn optional(programs: &Programs<'_>) -> [Check; 2] {
    let tool = |name: &str, purpose: &str| match programs.version(name) {
        Ok(version) => Check::new(name, Status::Ok, version),
        Err(why) => {
            Check::new(name, Status::Info, format!("{why}; {purpose}")).fix(format!("cargo install --locked {name}"))
        }
    };
    [
        tool("wasm-tools", "it takes components apart, and makes them of other languages' modules"),
        tool("cargo-component", "it can build plugins in place of `hookr build --plugin`"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_has_to_be_new_enough() {
        let status = |version: &str| compiler(Ok(version.to_owned()), true).status;
        assert_eq!(status("rustc 1.70.0 (x)"), Status::Missing);
        assert_eq!(status(&format!("rustc {LEAST}.0 (x)")), Status::Ok);
        assert_eq!(status("rustc 2.0.0-beta.1 (x)"), Status::Ok);
        assert_eq!(status("something else"), Status::Warning);
        assert_eq!(compiler(Ok("rustc 1.70.0".into()), true).fix.as_deref(), Some(UPDATE));
        assert_eq!(compiler(Err("it is not there".into()), false).fix.as_deref(), Some(INSTALL));
    }

    #[test]
    fn an_editor_is_a_command_line() {
        let there = |program: &str| program == "code";
        let found = editor(Some(("VISUAL", "code --wait".into())), there);
        assert_eq!((found.status, found.found.as_str()), (Status::Ok, "code --wait, by VISUAL"));
        let found = editor(Some(("EDITOR", "gone -x".into())), there);
        assert_eq!((found.status, found.fix.as_deref()), (Status::Warning, Some("export EDITOR=vi")));
        assert_eq!(editor(None, there).status, Status::Info);
    }
}
