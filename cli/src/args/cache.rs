//! The arguments of `hookr compile` and `hookr cache`, and where the cache is.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use hookr::Cache;

use super::TrustArgs;
use crate::limits::{age, size};

/// Which folder holds compiled plugins.
#[derive(Args, Clone, Debug)]
pub(crate) struct CacheDirArgs {
    /// The folder of compiled plugins [default: the one that HOOKR_CACHE names, else the user's]
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
}

impl CacheDirArgs {
    pub(crate) fn cache(&self) -> Cache {
        self.cache_dir.as_ref().map_or_else(Cache::user, Cache::folder)
    }
}

/// Which folder holds compiled plugins, if any does.
#[derive(Args, Clone, Debug)]
pub(crate) struct CacheArgs {
    #[command(flatten)]
    pub(crate) folder: CacheDirArgs,

    /// Compile the plugin, and keep nothing of it
    #[arg(long, conflicts_with = "cache_dir")]
    pub(crate) no_cache: bool,
}

impl CacheArgs {
    pub(crate) fn cache(&self) -> Cache {
        if self.no_cache { Cache::off() } else { self.folder.cache() }
    }
}

/// Compile a plugin ahead of time
///
/// The machine code is kept in the cache. `hookr call` and applications find it there when they open the same file,
/// with the same settings, as the same user of the same machine. Nothing of the plugin runs, but it has to be trusted.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr compile --plugin textfilter.wasm --allow-unsigned
  hookr compile --plugin textfilter.wasm --allow-unsigned --cache-dir /var/cache/my-application")]
pub(crate) struct CompileArgs {
    /// The plugin
    #[arg(long, value_name = "FILE.wasm")]
    pub(crate) plugin: PathBuf,

    #[command(flatten)]
    pub(crate) trust: TrustArgs,

    #[command(flatten)]
    pub(crate) cache: CacheDirArgs,

    /// For hosts that count instructions, as `hookr call --fuel` does: their code is another
    #[arg(long)]
    pub(crate) fuel: bool,

    /// For hosts that write core dumps, as `hookr call --core-dump` does: their code is another
    #[arg(long)]
    pub(crate) core_dumps: bool,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Show and clear the cache of compiled plugins
///
/// A plugin is compiled when it is opened for the first time, and its machine code is kept for the next. The cache is
/// a folder that belongs to one user: that of --cache-dir, else the one that HOOKR_CACHE names, else hookr/compiled
/// among the user's caches. HOOKR_CACHE=off turns it off.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr cache list
  hookr cache evict --max-size 256MiB --max-age 7d
  hookr cache clear --cache-dir /var/cache/my-application")]
pub(crate) struct CacheCommandArgs {
    #[command(subcommand)]
    pub(crate) command: CacheCommand,
}

/// What is done with the cache.
#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// Print where it is
    Path(CacheJsonArgs),
    /// List the plugins in it; each is read, to see whether it would be used
    List(CacheJsonArgs),
    /// Remove all plugins
    Clear(CacheJsonArgs),
    /// Remove the plugins that nobody has used for long, and then so many that the rest is not too large
    Evict {
        #[command(flatten)]
        common: CacheJsonArgs,

        /// How large the cache may be: `64MiB`, `1GiB`, or a number of bytes
        #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = size)]
        max_size: usize,

        /// How long a plugin is kept that nobody uses: `12h`, `30d`
        #[arg(long, value_name = "TIME", default_value = "30d", value_parser = age)]
        max_age: Duration,
    },
}

/// Which cache, and how it is shown.
#[derive(Args, Clone, Debug)]
pub(crate) struct CacheJsonArgs {
    #[command(flatten)]
    pub(crate) folder: CacheDirArgs,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
