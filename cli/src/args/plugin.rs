//! What every command that calls a plugin takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{CacheArgs, ContractArgs, TrustArgs};
use crate::call::Way;
use crate::limits::LimitArgs;

/// The plugin, and what it may do.
#[derive(Args, Clone, Debug)]
pub(crate) struct PluginArgs {
    /// The plugin
    #[arg(long, value_name = "FILE.wasm")]
    pub(crate) plugin: PathBuf,

    /// What the plugin may have of WASI; `hookr inspect` shows what it asks for
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) grants: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) trust: TrustArgs,

    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    /// The contract that the plugin must be built for
    #[arg(long, value_name = "FILE.fbs")]
    pub(crate) schema: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) contract: ContractArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Which ways calls take, where it can be both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ways {
    /// The typed way.
    #[default]
    Typed,
    /// The lane.
    Lane,
    /// One after the other.
    Both,
}

impl Ways {
    /// Each of them.
    pub(crate) fn all(self) -> &'static [Way] {
        match self {
            Ways::Typed => &[Way::Typed],
            Ways::Lane => &[Way::Lane],
            Ways::Both => &Way::ALL,
        }
    }

    /// The word for it on the command line and in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Ways::Typed => "typed",
            Ways::Lane => "lane",
            Ways::Both => "both",
        }
    }
}
