//! The commands.

mod bench;
pub(crate) mod build;
mod cache;
mod call;
mod compile;
mod completions;
mod decode;
mod doctor;
mod encode;
mod explain;
mod generate;
mod inspect;
mod keygen;
mod lock;
mod man;
mod new;
mod revoke;
mod sign;
mod test;
mod tui;
mod verify;
mod version;
mod watch;
mod wit;

use crate::args::Command;
use crate::failure::Result;
use crate::terminal::Style;

/// Runs a command; what it prints on standard output has this style, if any.
pub(crate) fn run(command: Command, style: Style) -> Result<()> {
    match command {
        Command::New(args) => new::run(&args),
        Command::Gen(args) => generate::run(&args),
        Command::Wit(args) => wit::run(&args),
        Command::Build(args) => build::run(&args),
        Command::Watch(args) => watch::run(&args),
        Command::Keygen(args) => keygen::run(&args, style),
        Command::Sign(args) => sign::run(&args, style),
        Command::Verify(args) => verify::run(&args, style),
        Command::Revoke(args) => revoke::run(&args),
        Command::Inspect(args) => inspect::run(&args, style),
        Command::Lock(args) => lock::run(&args, style),
        Command::Compile(args) => compile::run(&args),
        Command::Call(args) => call::run(&args),
        Command::Test(args) => test::run(&args, style),
        Command::Tui(args) => tui::run(&args, style),
        Command::Bench(args) => bench::run(&args, style),
        Command::Cache(args) => cache::run(&args, style),
        Command::Encode(args) => encode::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Explain(args) => explain::run(&args, style),
        Command::Doctor(args) => doctor::run(&args, style),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        Command::Version(args) => version::run(&args),
    }
}
