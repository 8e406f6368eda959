//! Changes as JSON. The names are stable: scripts read them.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::change::{Change, Kind};

/// The changes, with what became of the lock file.
pub(crate) fn json(lock_file: &Path, changes: &[Change<'_>], written: bool) -> Value {
    json!({
        "lock_file": lock_file.display().to_string(),
        "changed": changes.iter().any(|change| change.kind() != Kind::Unchanged),
        "written": written,
        "plugins": changes.iter().map(plugin).collect::<Vec<_>>(),
    })
}

fn plugin(change: &Change<'_>) -> Value {
    let rows = change.rows();
    let rows =
        rows.iter().map(|row| (row.key.replace('-', "_"), json!({ "removed": row.removed, "added": row.added })));
    json!({
        "name": change.name(),
        "path": change.path(),
        "change": kind(change.kind()),
        "asks_for_more": change.asks_for_more(),
        "changes": rows.collect::<Map<_, _>>(),
    })
}

/// What became of a plugin, in a word.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Added => "added",
        Kind::Removed => "removed",
        Kind::Changed => "changed",
        Kind::Unchanged => "unchanged",
    }
}
