use std::collections::{BTreeMap, BTreeSet};

use hookr::{LockFile, LockedPlugin};

/// A plugin before and after; one of both is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    /// What was locked.
    pub(crate) before: Option<&'a LockedPlugin>,
    /// What is there now.
    pub(crate) after: Option<&'a LockedPlugin>,
}

/// What became of a plugin, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Added,
    Removed,
    Changed,
    Unchanged,
}

/// What a key of a lock file had and has. A key with one value is a list of one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The key.
    pub(crate) key: &'static str,
    /// What is gone, sorted.
    pub(crate) removed: Vec<String>,
    /// What is new, sorted.
    pub(crate) added: Vec<String>,
}

/// Every plugin of both lock files, by name.
pub(crate) fn changes<'a>(before: &'a LockFile, after: &'a LockFile) -> Vec<Change<'a>> {
    let mut all: BTreeMap<&str, Change<'_>> = BTreeMap::new();
    for plugin in before.plugins() {
        all.insert(&plugin.name, Change { before: Some(plugin), after: None });
    }
    for plugin in after.plugins() {
        all.entry(&plugin.name).or_insert(Change { before: None, after: None }).after = Some(plugin);
    }
    all.into_values().collect()
}

impl Change<'_> {
    /// The name of the plugin.
    pub(crate) fn name(&self) -> &str {
        self.after.or(self.before).map_or("", |plugin| &plugin.name)
    }

    /// The path of the plugin, the new one where it has changed.
    pub(crate) fn path(&self) -> &str {
        self.after.or(self.before).map_or("", |plugin| &plugin.path)
    }

    pub(crate) fn kind(&self) -> Kind {
        match (self.before, self.after) {
            (None, _) => Kind::Added,
            (_, None) => Kind::Removed,
            (before, after) if before == after => Kind::Unchanged,
            _ => Kind::Changed,
        }
    }

    /// The keys that have changed, in the order of the lock file.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let (before, after) = (self.before.map(values), self.after.map(values));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        let rows = KEYS.iter().map(|key| {
            let of = |values: &Values| values.get(key).cloned().unwrap_or_default();
            let (old, new) = (of(&before), of(&after));
            let missing =
                |these: &BTreeSet<String>, there: &BTreeSet<String>| these.difference(there).cloned().collect();
            Row { key, removed: missing(&old, &new), added: missing(&new, &old) }
        });
        rows.filter(|row| !row.removed.is_empty() || !row.added.is_empty()).collect()
    }

    /// Whether the plugin asks for what it did not ask for before. One that is new asks for all of it.
    pub(crate) fn asks_for_more(&self) -> bool {
        self.rows().iter().any(|row| row.key == GRANTS && !row.added.is_empty())
    }
}

/// The key of what a plugin asks for.
pub(super) const GRANTS: &str = "grants";

/// The keys of a plugin in the lock file, but for its name.
const KEYS: [&str; 9] =
    ["path", "sha256", "version", "package", "contract-id", "signers", GRANTS, "imports", "exports"];

type Values = BTreeMap<&'static str, BTreeSet<String>>;

fn values(plugin: &LockedPlugin) -> Values {
    let version = (!plugin.version.is_empty()).then(|| plugin.version.clone());
    let grants = plugin.grants.iter().map(|need| need.key().to_owned());
    BTreeMap::from([
        ("path", BTreeSet::from([plugin.path.clone()])),
        ("sha256", BTreeSet::from([plugin.sha256.to_string()])),
        ("version", version.into_iter().collect()),
        ("package", BTreeSet::from([plugin.package.clone()])),
        ("contract-id", BTreeSet::from([plugin.contract_id.to_string()])),
        ("signers", plugin.signers.iter().map(ToString::to_string).collect()),
        (GRANTS, grants.collect()),
        ("imports", plugin.imports.clone()),
        ("exports", plugin.exports.clone()),
    ])
}
