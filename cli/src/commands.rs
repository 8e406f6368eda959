//! The commands.

mod build;
mod cache;
mod call;
mod compile;
mod decode;
mod encode;
mod explain;
mod generate;
mod inspect;
mod version;
mod wit;

use crate::args::Command;
use crate::failure::Result;

/// Runs a command.
pub(crate) fn run(command: Command) -> Result<()> {
    match command {
        Command::Gen(args) => generate::run(&args),
        Command::Wit(args) => wit::run(&args),
        Command::Build(args) => build::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Compile(args) => compile::run(&args),
        Command::Call(args) => call::run(&args),
        Command::Cache(args) => cache::run(&args),
        Command::Encode(args) => encode::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Version(args) => version::run(&args),
    }
}
