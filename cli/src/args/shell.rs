//! The arguments of `hookr completions` and `hookr man`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// Print a script that completes command lines
///
/// It knows the commands, their options and the values of options that have a few. A shell reads it when it starts.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr completions bash > ~/.local/share/bash-completion/completions/hookr

INSTALL
  bash        hookr completions bash > ~/.local/share/bash-completion/completions/hookr
  zsh         hookr completions zsh > ~/.zfunc/_hookr
              and in ~/.zshrc: fpath+=~/.zfunc; autoload -Uz compinit; compinit
  fish        hookr completions fish > ~/.config/fish/completions/hookr.fish
  powershell  hookr completions powershell >> $PROFILE
  elvish      hookr completions elvish >> ~/.config/elvish/rc.elv")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// Print a page of the manual, or write all of them
///
/// Each command has a page. Without a command, it is the page of hookr itself.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr man call | man -l -
  hookr man --out ~/.local/share/man/man1")]
pub(crate) struct ManArgs {
    /// The command: `call`, or `cache list`
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub(crate) command: Vec<String>,

    /// Write the pages of all commands to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}
