//! What every command that calls a plugin takes.

use std::path::PathBuf;

use clap::Args;

use super::{CacheArgs, ContractArgs, TrustArgs};
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
