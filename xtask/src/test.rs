//! `cargo xtask test`: every test, with everything that they need; `cargo xtask bless`: the golden files anew.

use anyhow::Result;
use std::process::Command;

use crate::toolchain::{self, Target};
use crate::{flatc, generate, languages, process, workspace};

/// Run all tests: every crate, documentation examples, plugins end to end.
///
/// Gets the guest toolchain, flatc, and tools for plugins in other languages first. Arguments are passed on to `cargo test`.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo xtask test\n  cargo xtask test -p fbs2wit\n  cargo xtask test -- --nocapture"
)]
pub(crate) struct Arguments {
    /// What else `cargo test` is to be told.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "CARGO TEST ARGUMENTS")]
    arguments: Vec<String>,
}

/// Rewrite the golden files that the tests compare with, and the generated crates of the examples.
///
/// Runs the tests with BLESS=1; look at what changed before committing it.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask bless\n  cargo xtask bless -p fbs2wit")]
pub(crate) struct BlessArguments {
    #[command(flatten)]
    test: Arguments,
}

/// Runs `cargo xtask test`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    process::run(&mut command(arguments)?)
}

/// Runs `cargo xtask bless`.
pub(crate) fn bless(arguments: &BlessArguments) -> Result<()> {
    generate::run(&generate::Arguments { check: false })?;
    process::run(command(&arguments.test)?.env("BLESS", "1"))?;
    if !names_packages(&arguments.test.arguments) {
        // They read the variable themselves.
        for command in ["api", "book"] {
            let program = std::env::current_exe()?;
            process::run(std::process::Command::new(program).arg(command).env("BLESS", "1"))?;
        }
    }
    Ok(())
}

fn command(arguments: &Arguments) -> Result<Command> {
    toolchain::ensure(Target::Bare)?;
    toolchain::ensure(Target::Wasi)?;
    let mut command = workspace::cargo("test")?;
    if !names_packages(&arguments.arguments) {
        command.arg("--workspace");
    }
    command.args(&arguments.arguments);
    flatc::offer_to(&mut command);
    languages::offer_to(&mut command);
    Ok(command)
}

/// Whether the arguments for cargo choose packages, which `--workspace` would overrule.
fn names_packages(arguments: &[String]) -> bool {
    let for_cargo = arguments.iter().take_while(|argument| *argument != "--");
    for_cargo.into_iter().any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
}

#[cfg(test)]
mod tests {
    use super::names_packages;

    #[test]
    fn a_chosen_package_is_tested_alone() {
        let names = |arguments: &[&str]| names_packages(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(names(&["-p", "fbs2wit"]));
        assert!(names(&["-pfbs2wit"]));
        assert!(names(&["--package=fbs2wit", "--", "x"]));
        assert!(!names(&["--no-fail-fast"]));
        assert!(!names(&["--", "-p"]));
    }
}
