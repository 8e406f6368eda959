//! `cargo xtask`: everything a contributor runs, with nothing to install first but rustup.
//!
//! Each command is one file that reads from top to bottom; [`toolchain`] is the only one with parts of its own.
#![forbid(unsafe_code)]

mod api;
mod bench;
mod bench_gen;
mod book;
mod cache;
mod check;
mod corpus;
mod demo;
mod deny;
mod expansions;
mod flatc;
mod fuzz;
mod generate;
mod hostile;
mod languages;
mod msrv;
mod package;
mod peers;
mod process;
mod test;
mod tool;
mod toolchain;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, shows and checks Hookr.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Arguments),
    Test(test::Arguments),
    Check(check::Arguments),
    Gen(generate::Arguments),
    Book(book::Arguments),
    Bless(test::BlessArguments),
    Toolchain(toolchain::Arguments),
    Flatc(flatc::Arguments),
    Languages(languages::Arguments),
    Fuzz(fuzz::Arguments),
    Deny(deny::Arguments),
    Api(api::Arguments),
    Semver(api::SemverArguments),
    Msrv(msrv::Arguments),
    Package(package::Arguments),
    Corpus(corpus::Arguments),
    Expansions(expansions::Arguments),
    Bench(bench::Arguments),
    BenchGen(bench_gen::Arguments),
    BenchPeers(peers::Arguments),
    Hostile(hostile::Arguments),
    Soak(hostile::SoakArguments),
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not returned from main, which would add a backtrace of this program to the reason for a user's trouble.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Gen(arguments) => generate::run(&arguments),
        Command::Book(arguments) => book::run(&arguments),
        Command::Bless(arguments) => test::bless(&arguments),
        Command::Toolchain(arguments) => toolchain::run(&arguments),
        Command::Flatc(arguments) => flatc::run(&arguments),
        Command::Languages(arguments) => languages::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Api(arguments) => api::run(&arguments),
        Command::Semver(arguments) => api::semver(&arguments),
        Command::Deny(arguments) => deny::run(&arguments),
        Command::Msrv(arguments) => msrv::run(&arguments),
        Command::Package(arguments) => package::run(&arguments),
        Command::Corpus(arguments) => corpus::run(&arguments),
        Command::Expansions(arguments) => expansions::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::BenchGen(arguments) => bench_gen::run(&arguments),
        Command::BenchPeers(arguments) => peers::run(&arguments),
        Command::Hostile(arguments) => hostile::run(&arguments),
        Command::Soak(arguments) => hostile::soak(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent_and_every_command_shows_an_example() {
        let mut command = Arguments::command();
        command.build();
        command.clone().debug_assert();
        for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
            let help = subcommand.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("cargo xtask"), "`{}` has no example", subcommand.get_name());
        }
    }
}
