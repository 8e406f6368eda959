//! The commands.

pub(crate) mod build;
mod cache;
mod call;
mod compile;
mod decode;
mod encode;
mod explain;
mod generate;
mod inspect;
mod keygen;
mod lock;
mod revoke;
mod sign;
mod tui;
mod verify;
mod version;
mod wit;

use crate::args::Command;
use crate::failure::Result;
use crate::terminal::Style;

/// Runs a command; what it prints on standard output has this style, if any.
pub(crate) fn run(command: Command, style: Style) -> Result<()> {
    match command {
        Command::Gen(args) => generate::run(&args),
        Command::Wit(args) => wit::run(&args),
        Command::Build(args) => build::run(&args),
        Command::Keygen(args) => keygen::run(&args),
        Command::Sign(args) => sign::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Revoke(args) => revoke::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Lock(args) => lock::run(&args, style),
        Command::Compile(args) => compile::run(&args),
        Command::Call(args) => call::run(&args),
        Command::Tui(args) => tui::run(&args, style),
        Command::Cache(args) => cache::run(&args),
        Command::Encode(args) => encode::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Version(args) => version::run(&args),
    }
}
