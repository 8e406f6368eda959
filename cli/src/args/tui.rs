//! The arguments of `hookr tui`.

use std::path::PathBuf;

use clap::Args;

use super::PluginArgs;
use crate::call::Way;

/// Call a plugin from a workbench on the terminal
///
/// Its methods, the request, the response, the callbacks and what is known of the plugin, side by side. The request is
/// checked while it is written, and stays when the plugin's file is replaced: the new version is opened, if it is trusted as
/// the first one was. The bar at the bottom has the keys, and `?` all of them.
///
/// Requests are edited in place, or in $VISUAL or $EDITOR. Without colours (--color never, NO_COLOR, TERM=dumb) and without
/// UTF-8 (LANG), it uses neither.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr tui --plugin textfilter.wasm --allow-unsigned --method Filter
  hookr tui --plugin urlbalancer.wasm --allow-unsigned --input request.json --host-fixture fixture.json \\
      --record cases")]
pub(crate) struct TuiArgs {
    #[command(flatten)]
    pub(crate) plugin: PluginArgs,

    /// The method to begin with: `Balance`, or `Plugin.Balance` [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) method: Option<String>,

    /// Its request as JSON [default: every field of it, empty or at its default]
    #[arg(long, value_name = "FILE.json")]
    pub(crate) input: Option<PathBuf>,

    /// What callbacks answer, as JSON; read again when it changes
    #[arg(long, value_name = "FILE.json")]
    pub(crate) host_fixture: Option<PathBuf>,

    /// The way that calls take at first: typed, through the Component Model, or lane, as FlatBuffers in the plugin's memory
    #[arg(long, value_enum, value_name = "WAY", default_value_t, hide_possible_values = true)]
    pub(crate) way: Way,

    /// Write every call to this folder, as a case for `hookr test`
    #[arg(long, value_name = "DIR")]
    pub(crate) record: Option<PathBuf>,
}
