//! `hookr cache`.

use hookr::cache::{CacheContent, CacheEntry, CacheProblem, Removed};
use hookr::{Engine, Settings};
use hookr_abi::Printable;
use serde_json::{Value, json};

use crate::args::{CacheCommand, CacheCommandArgs, CacheJsonArgs};
use crate::cache::{no_cache, unusable};
use crate::failure::Result;
use crate::files::shown;
use crate::terminal::{self, Cell, Meaning, Style, Table, size};

pub(crate) fn run(args: &CacheCommandArgs, style: Style) -> Result<()> {
    match &args.command {
        CacheCommand::Path(args) => path(args),
        CacheCommand::List(args) => list(args, style),
        CacheCommand::Clear(args) => removed(args, args.folder.cache().clear()),
        CacheCommand::Evict { common, max_size, max_age } => {
            removed(common, common.folder.cache().max_size(*max_size as u64).max_age(*max_age).evict())
        }
    }
}

fn path(args: &CacheJsonArgs) -> Result<()> {
    let cache = args.folder.cache();
    let path = cache.path().map_err(unusable)?.ok_or_else(no_cache)?;
    if args.json {
        return terminal::print_json(&json!({ "path": path.display().to_string() }));
    }
    terminal::print(&format!("{}\n", shown(path)))
}

fn list(args: &CacheJsonArgs, style: Style) -> Result<()> {
    let cache = args.folder.cache();
    let folder = cache.path().map_err(unusable)?;
    let entries = cache.entries().map_err(unusable)?;
    let hosts = Host::all()?;
    if args.json {
        let entries: Vec<Value> = entries.iter().map(|entry| in_json(entry, &hosts)).collect();
        let folder = folder.map(|path| path.display().to_string());
        return terminal::print_json(&json!({ "path": folder, "entries": entries }));
    }
    let total = entries.iter().fold(0u64, |sum, entry| sum.saturating_add(entry.size));
    let summary = format!("{} of {}", plugins(entries.len() as u64), size(total));
    terminal::say(&folder.map_or("the cache is off".to_owned(), |path| format!("{}: {summary}", shown(path))));
    let mut table = Table::new().right(1).right(2);
    for entry in &entries {
        table.row(row(entry, &hosts));
    }
    terminal::print(&table.render(style, None))
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

fn row(entry: &CacheEntry, hosts: &[Host]) -> [Cell; 5] {
    let name = entry.content.as_ref().map_or("?".to_owned(), |content| Printable(&content.name).to_string());
    let age = match entry.unused.as_secs() / (24 * 3600) {
        0 => "today".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    };
    let meaning = if entry.content.is_none() { Meaning::Gone } else { Meaning::Plain };
    let state = Cell::new(meaning, format!("({}{})", state(entry, hosts), releases(entry)));
    [entry.sha256.to_string().into(), size(entry.size).into(), age.into(), Cell::new(Meaning::Name, name), state]
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

fn removed(args: &CacheJsonArgs, removed: std::result::Result<Removed, CacheProblem>) -> Result<()> {
    let removed = removed.map_err(unusable)?;
    terminal::say(&format!("removed {} of {}", plugins(removed.entries), size(removed.bytes)));
    if args.json {
        return terminal::print_json(&json!({ "removed": removed.entries, "removed_bytes": removed.bytes }));
    }
    Ok(())
}

fn plugins(count: u64) -> String {
    format!("{count} compiled plugin{}", if count == 1 { "" } else { "s" })
}
