//! `hookr completions`.

use clap::CommandFactory as _;

use crate::args::{Arguments, CompletionsArgs};
use crate::exit::Exit;
use crate::failure::{Context as _, Result};
use crate::terminal;

pub(crate) fn run(args: &CompletionsArgs) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "hookr", &mut script);
    terminal::print(&String::from_utf8(script).or_exit(Exit::Input)?)
}
