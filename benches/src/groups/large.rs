//! From the file of a large plugin to the plugin: compiled, and from the cache.

use std::hint::black_box;
use std::time::{Duration, Instant};

use hookr::cache::Origin;
use hookr::{Cache, Digest};
use wasmtime::error::Context as _;
use wasmtime::{Result, bail};

use super::names::{CACHED, HASHED, LARGE};
use crate::measure::{Group, Pace, Turn, Way};
use crate::plugins::{Plugins, echo};

/// A file that has not been seen before.
pub(super) fn cold(plugins: &Plugins) -> Group<'_> {
    const BASE: &str = "hookr, open without a cache";
    let file = plugins.folder.file("large");
    let again = file.clone();
    Group::new("open, 1.3 MB, cold", BASE, Pace::SLOWEST)
        .way(Way::timed(BASE, move |runs| timed(runs, || Ok(echo().open(&file)?))))
        .way(Way::timed("hookr, open and fill the cache", move |runs| {
            let folder = tempfile::tempdir()?;
            let cache = Cache::folder(folder.path().join("cache"));
            timed(runs, || {
                cache.clear()?;
                let plugin = echo().cache(cache.clone()).open(&again)?;
                expect(plugin.metadata().code().origin(), Origin::Stored)?;
                Ok(plugin)
            })
        }))
}

/// One that was compiled before.
pub(super) fn warm(plugins: &Plugins) -> Result<Group<'_>> {
    let file = plugins.folder.file("large");
    let folder = tempfile::tempdir()?;
    let builder = echo().cache(Cache::folder(folder.path().join("cache")));
    builder.compile(&file).with_context(|| format!("{} cannot be compiled", file.display()))?;
    let again = file.clone();
    Ok(Group::new(LARGE, HASHED, Pace::STARTS)
        .way(Way::timed(HASHED, move |runs| {
            timed(runs, || {
                let bytes = std::fs::read(&file)?;
                black_box(Digest::of(&bytes));
                Ok(bytes)
            })
        }))
        .way(Way::timed(CACHED, move |runs| {
            // It is there for as long as the way is.
            let _folder = &folder;
            timed(runs, || {
                let plugin = builder.open(&again)?;
                expect(plugin.metadata().code().origin(), Origin::Cached)?;
                Ok(plugin)
            })
        })))
}

/// The time of so many runs, without what it takes to drop what they make.
fn timed<T>(runs: u32, mut run: impl FnMut() -> Result<T>) -> Result<Turn> {
    let mut time = Duration::ZERO;
    for _ in 0..runs {
        let start = Instant::now();
        let made = run()?;
        time += start.elapsed();
        drop(black_box(made));
    }
    Ok(Turn { time, answer: 0 })
}

fn expect(found: Origin, expected: Origin) -> Result<()> {
    if found != expected {
        bail!("the code is {found:?}, and not {expected:?}");
    }
    Ok(())
}
