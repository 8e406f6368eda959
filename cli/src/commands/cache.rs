//! `hookr cache`.

use hookr::cache::{CacheContent, CacheEntry, CacheProblem, Removed};
use hookr::{Cache, Engine, Settings};
use hookr_abi::Printable;
use serde_json::{Value, json};

use crate::args::{CacheCommand, CacheCommandArgs};
use crate::cache::{no_cache, unusable};
use crate::failure::Result;
use crate::files::shown;
use crate::terminal;

pub(crate) fn run(args: &CacheCommandArgs) -> Result<()> {
    match &args.command {
        CacheCommand::Path(folder) => path(&folder.cache()),
        CacheCommand::List { folder, json } => list(&folder.cache(), *json),
        CacheCommand::Clear(folder) => removed(folder.cache().clear()),
        CacheCommand::Evict { folder, max_size, max_age } => {
            removed(folder.cache().max_size(*max_size as u64).max_age(*max_age).evict())
        }
    }
}

fn path(cache: &Cache) -> Result<()> {
    let path = cache.path().map_err(unusable)?.ok_or_else(no_cache)?;
    terminal::print(&format!("{}\n", shown(path)))
}

fn list(cache: &Cache, json: bool) -> Result<()> {
    let folder = cache.path().map_err(unusable)?;
    let entries = cache.entries().map_err(unusable)?;
    let hosts = Host::all()?;
    if json {
        let entries: Vec<Value> = entries.iter().map(|entry| in_json(entry, &hosts)).collect();
        let folder = folder.map(|path| path.display().to_string());
        return terminal::print_json(&json!({ "path": folder, "entries": entries }));
    }
    let total = entries.iter().fold(0u64, |sum, entry| sum.saturating_add(entry.size));
    let summary = format!("{} of {}", plugins(entries.len() as u64), size(total));
    terminal::say(&folder.map_or("the cache is off".to_owned(), |path| format!("{}: {summary}", shown(path))));
    terminal::print(&entries.iter().map(|entry| line(entry, &hosts)).collect::<String>())
}

/// An engine that hosts of this release have on this machine, if they change no more than the flags of `hookr call` do.
struct Host {
    engine: Engine,
    name: &'static str,
}

impl Host {
    fn all() -> Result<[Host; 4]> {
        let host = |name, fuel, core_dumps| -> Result<Host> {
            Ok(Host { engine: Engine::with(Settings::default().fuel(fuel).core_dumps(core_dumps))?, name })
        };
        Ok([
            host("ready", false, false)?,
            host("ready for fuel", true, false)?,
            host("ready for core dumps", false, true)?,
            host("ready for fuel and core dumps", true, true)?,
        ])
    }
}

/// What an entry is good for.
fn state(entry: &CacheEntry, hosts: &[Host]) -> &'static str {
    let Some(content) = &entry.content else { return "damaged" };
    let host = hosts.iter().find(|host| content.is_for(&host.engine));
    host.map_or("for another host", |host| host.name)
}

fn line(entry: &CacheEntry, hosts: &[Host]) -> String {
    let name = entry.content.as_ref().map_or("?".to_owned(), |content| Printable(&content.name).to_string());
    let age = match entry.unused.as_secs() / (24 * 3600) {
        0 => "today".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    };
    let state = state(entry, hosts);
    format!("{}  {:>9}  {age:>12}  {name}  ({state}{})\n", entry.sha256, size(entry.size), releases(entry))
}

fn releases(entry: &CacheEntry) -> String {
    entry.content.as_ref().map_or_else(String::new, |CacheContent { hookr, wasmtime, .. }| {
        format!(", hookr {}, wasmtime {}", Printable(hookr), Printable(wasmtime))
    })
}

fn in_json(entry: &CacheEntry, hosts: &[Host]) -> Value {
    let content = entry.content.as_ref();
    json!({
        "sha256": entry.sha256.to_string(),
        "size": entry.size,
        "unused_seconds": entry.unused.as_secs(),
        "state": state(entry, hosts),
        "name": content.map(|content| &content.name),
        "plugin_size": content.map(|content| content.plugin_size),
        "hookr": content.map(|content| &content.hookr),
        "wasmtime": content.map(|content| &content.wasmtime),
    })
}

fn removed(removed: std::result::Result<Removed, CacheProblem>) -> Result<()> {
    let removed = removed.map_err(unusable)?;
    terminal::say(&format!("removed {} of {}", plugins(removed.entries), size(removed.bytes)));
    Ok(())
}

fn plugins(count: u64) -> String {
    format!("{count} compiled plugin{}", if count == 1 { "" } else { "s" })
}

/// A size as people say it.
fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{}.{} MiB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_down() {
        assert_eq!(
            [size(0), size(1023), size(1024), size(1 << 20), size((3 << 20) + (1 << 19) + 7)].join(" "),
            "0 B 1023 B 1 KiB 1.0 MiB 3.5 MiB"
        );
    }
}
