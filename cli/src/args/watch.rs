//! The arguments of `hookr watch`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::{Profile, Target};

/// Build a plugin whenever its sources change, and try it
///
/// Watches the plugin's crate, the crates that it depends on by path, and the schema of its contract. After a change, the crate
/// of the contract is generated again if the schema has changed, and the plugin is built; if that succeeds, the cases are run,
/// and if these pass, the output is written and the command run. A failure is shown, and the next change waited for.
///
/// A command that still runs when the plugin is built again is left alone: a host that reloads its plugins gets the new version
/// by itself. With --restart it is ended and started anew. What it started ends with it. Its standard input is empty.
///
/// Ctrl-C ends it all, with the exit code 130, as SIGTERM does with 143.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr watch --plugin plugin --out greeter.wasm --cases cases
  hookr watch --plugin plugin --out greeter.wasm -- cargo run -- greeter.wasm
  hookr watch --plugin plugin --out greeter.wasm --restart -- cargo run -p server")]
pub(crate) struct WatchArgs {
    /// The folder of the plugin's crate
    #[arg(long, value_name = "DIR")]
    pub(crate) plugin: PathBuf,

    /// Where the component goes [default: where `hookr build` puts it]
    #[arg(long, value_name = "FILE.wasm")]
    pub(crate) out: Option<PathBuf>,

    /// Which package, where the folder is a workspace of several
    #[arg(long, value_name = "NAME")]
    pub(crate) package: Option<String>,

    /// What the crate is compiled for
    #[arg(long, value_enum, value_name = "TARGET", default_value_t)]
    pub(crate) target: Target,

    /// How the crate is compiled
    #[arg(long, value_enum, value_name = "PROFILE", default_value_t)]
    pub(crate) profile: Profile,

    /// A folder of cases for `hookr test`, which have to pass before the output is written
    #[arg(long, value_name = "DIR")]
    pub(crate) cases: Option<PathBuf>,

    /// End the command and start it anew if it still runs when the plugin is built again
    #[arg(long, requires = "command")]
    pub(crate) restart: bool,

    /// Look at the sources every second, instead of having the system tell of changes: for network drives
    #[arg(long)]
    pub(crate) poll: bool,

    /// What to run after each build
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}
