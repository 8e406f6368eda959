//! `hookr`: generates contracts, builds, signs, inspects and calls plugins.
//!
//! Each command is one file in [`commands`] that reads from top to bottom. What it finds out goes to stdout, everything
//! else to stderr; [`exit`] has the exit codes.
#![deny(unsafe_code)]

mod args;
mod bench;
mod build;
mod cache;
mod call;
mod cases;
mod commands;
mod component;
mod contract;
mod crates;
mod data;
mod doctor;
mod exit;
mod failure;
mod files;
mod generated;
mod hint;
mod inspect;
mod interrupt;
mod keys;
mod limits;
mod lock;
mod new;
mod pattern;
mod project;
mod provenance;
mod rebuild;
mod terminal;
mod trust;
mod tui;
mod watch;
mod wit;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // Cargo calls this program in the place of the compiler where `hookr build` has told it to.
    if let Some(code) = build::wrapped() {
        return code;
    }
    let arguments = args::Arguments::parse();
    terminal::init(arguments.color, arguments.quiet);
    let style = arguments.color.stderr();
    match commands::run(arguments.command, arguments.color.stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::tell(failure.render(style).trim_end());
            failure.exit().into()
        }
    }
}
