//! `hookr compile`.

use std::time::Instant;

use hookr::Artifact;
use hookr::cache::Origin;
use hookr::dynamic::DynamicPlugin;
use serde_json::json;

use crate::args::CompileArgs;
use crate::cache::{no_cache, unusable, warn};
use crate::call::{Host, Notices};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::files::shown;
use crate::terminal::{self, Progress};
use crate::trust::trusting;

pub(crate) fn run(args: &CompileArgs) -> Result<()> {
    let cache = args.cache.cache();
    let folder = cache.path().map_err(unusable)?.ok_or_else(no_cache)?.to_owned();
    let artifact = Artifact::read(&args.plugin)?;
    let settings = hookr::Settings::default().fuel(args.fuel).core_dumps(args.core_dumps);
    let builder = trusting(DynamicPlugin::builder(Host::new(Notices::Say)), &args.trust)?
        .engine(&hookr::Engine::with(settings)?)
        .cache(cache)
        .on_event(warn);
    builder.decide(&artifact)?;
    let compiling = Progress::start(format!("compiling {} (sha256 {})", shown(&args.plugin), artifact.sha256()));
    let start = Instant::now();
    let code = builder.compile_artifact(&artifact)?;
    drop(compiling);
    let elapsed = start.elapsed();
    // The warning says why.
    let what = match code.origin() {
        Origin::Cached => format!("{} was compiled before", shown(&args.plugin)),
        Origin::Stored => format!("compiled {} in {}", shown(&args.plugin), terminal::time(elapsed)),
        _ => return Err(Failure::message(Exit::Input, "the plugin was compiled, and could not be kept in the cache")),
    };
    terminal::say(&format!("{what}; its code is in {}", shown(&folder)));
    if args.json {
        terminal::print_json(&json!({
            "sha256": artifact.sha256().to_string(),
            "cached": code.origin() == Origin::Cached,
            "cache": folder.display().to_string(),
            "milliseconds": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        }))?;
    }
    Ok(())
}
