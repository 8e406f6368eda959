//! Manifests as TOML. Every key that is not known is an error: a misspelt restriction must not become none.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use toml::de::DeTable;

use super::item::{Item, items};
use super::{Manifest, ManifestProblem};
use crate::registry::limits::{Amount, FIELDS, Field};
use crate::registry::{Entry, LimitChanges, ReloadChanges, SupervisionChanges, name};
use crate::reload::Watch;
use crate::supervise::{Breaker, OnLoss};
use crate::{Digest, Instances, Place, StateLimits};

type Result<T> = std::result::Result<T, ManifestProblem>;

const KEYS: &[&str] = &["version", "defaults", "plugins"];

/// What holds for one file only.
const OWN_KEYS: &[&str] = &["path", "sha256", "signature"];

const SHARED_KEYS: &[&str] = &[
    "contract",
    "trust",
    "lock_file",
    "revocations",
    "allow_unsigned",
    "grants",
    "enabled",
    "instances",
    "reload",
    "limits",
    "supervision",
];

/// The plugins of a text; paths are taken from `folder` on.
pub(super) fn plugins(text: &str, folder: &Path) -> Result<BTreeMap<String, Entry>> {
    if text.len() as u64 > Manifest::MAX_SIZE {
        return Err(ManifestProblem::TooLarge { limit: Manifest::MAX_SIZE });
    }
    let root = DeTable::parse(text).map_err(|error| ManifestProblem::Syntax {
        at: Place::of(text, error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    let keys: BTreeMap<&str, Item<'_>> =
        items(text, String::new(), root.get_ref()).map(|item| (item.name, item)).collect();
    // The version is read first: another one may have other keys.
    version(keys.get("version"))?;
    if let Some(unknown) = keys.values().find(|item| !KEYS.contains(&item.name)) {
        return Err(unknown.unknown(KEYS));
    }
    let mut defaults = Entry::default();
    if let Some(item) = keys.get("defaults") {
        for item in item.table("a table")? {
            if !SHARED_KEYS.contains(&item.name) {
                return Err(item.unknown(SHARED_KEYS));
            }
            fill(&mut defaults, &item, folder)?;
        }
    }
    let Some(item) = keys.get("plugins") else { return Ok(BTreeMap::new()) };
    let mut plugins = BTreeMap::new();
    for item in item.table("a table of plugins")? {
        if plugins.len() >= Manifest::MAX_PLUGINS {
            return Err(ManifestProblem::TooMany { at: item.at_key(), limit: Manifest::MAX_PLUGINS });
        }
        plugins.insert(item.name.to_owned(), plugin(&item, defaults.clone(), folder)?);
    }
    Ok(plugins)
}

fn version(item: Option<&Item<'_>>) -> Result<()> {
    let Some(item) = item else {
        return Err(ManifestProblem::MissingKey { at: Place { line: 1, column: 1 }, key: "version".to_owned() });
    };
    let expected = Manifest::VERSION;
    match item.number() {
        Some(number) if i64::try_from(number) == Ok(expected) => Ok(()),
        Some(number) => Err(ManifestProblem::Version { at: item.at_key(), expected, found: number.to_string() }),
        None => Err(item.wrong("the number of a version")),
    }
}

fn plugin(item: &Item<'_>, mut entry: Entry, folder: &Path) -> Result<Entry> {
    if !name::is_valid(item.name) {
        let found = item.name.chars().take(name::MAX_LEN + 1).collect();
        return Err(ManifestProblem::Name { at: item.at_key(), found });
    }
    let mut has_path = false;
    for item in item.table("a table")? {
        has_path |= item.name == "path";
        fill(&mut entry, &item, folder)?;
    }
    if has_path { Ok(entry) } else { Err(item.missing("path")) }
}

/// Takes one key over. What decides about trust is added to what there is, everything else takes its place.
fn fill(entry: &mut Entry, item: &Item<'_>, folder: &Path) -> Result<()> {
    match item.name {
        "path" => entry.path = item.path(folder)?,
        "enabled" => entry.disabled = !item.boolean()?,
        "contract" => {
            let expected = "a WIT package, `acme:filter` for instance";
            let package = item.string(expected)?;
            let is_package =
                package.split_once(':').is_some_and(|(namespace, name)| !namespace.is_empty() && !name.is_empty());
            if !is_package {
                return Err(item.wrong(expected));
            }
            entry.contract = Some(package.to_owned());
        }
        "sha256" => {
            let expected = "64 hexadecimal digits, or a list of one hash or several";
            for item in item.strings(expected)? {
                let pin = item.string(expected)?.parse::<Digest>();
                entry.sha256.push(pin.map_err(|_| item.wrong("64 hexadecimal digits"))?);
            }
        }
        "trust" => entry.trust.extend(item.paths(folder)?),
        "lock_file" => entry.lock_files.extend(item.paths(folder)?),
        "revocations" => entry.revocations.extend(item.paths(folder)?),
        "signature" => entry.signature = Some(item.path(folder)?),
        "allow_unsigned" => entry.allow_unsigned = Some(item.boolean()?),
        "grants" => grants(entry, item, folder)?,
        "instances" => entry.instances = Some(instances(item)?),
        "reload" => reload(&mut entry.reload, item)?,
        "limits" => limits(&mut entry.limits, item)?,
        "supervision" => supervision(&mut entry.supervision, item)?,
        _ => return Err(item.unknown(&[OWN_KEYS, SHARED_KEYS].concat())),
    }
    Ok(())
}

#[cfg(feature = "wasi")]
fn grants(entry: &mut Entry, item: &Item<'_>, folder: &Path) -> Result<()> {
    use toml::de::DeValue;

    use crate::Grants;
    use crate::registry::GrantsFrom;

    entry.grants = Some(match item.value.get_ref() {
        DeValue::Table(table) => {
            let grants = Grants::from_table(item.text(), table, folder);
            GrantsFrom::Given(grants.map_err(|grants| ManifestProblem::Grants { key: item.key.clone(), grants })?)
        }
        _ => {
            let path = item.string("the path of a grants file, or a table of grants")?;
            GrantsFrom::File(folder.join(path))
        }
    });
    Ok(())
}

#[cfg(not(feature = "wasi"))]
fn grants(_: &mut Entry, item: &Item<'_>, _: &Path) -> Result<()> {
    Err(ManifestProblem::NoWasi { at: item.at_key(), key: item.key.clone() })
}

fn limits(changes: &mut LimitChanges, item: &Item<'_>) -> Result<()> {
    for item in item.table("a table of limits")? {
        let Some((_, field)) = FIELDS.iter().find(|(name, _)| *name == item.name) else {
            return Err(item.unknown(&FIELDS.iter().map(|(name, _)| *name).collect::<Vec<_>>()));
        };
        let none = item.is_none().then_some(Amount::None);
        let (amount, expected) = match field {
            Field::Size(_) | Field::FileSize(_) => {
                (item.size().map(Amount::Number), "a number of bytes, `\"64 MiB\"` for instance")
            }
            Field::SizeOrNone(_) => {
                (item.size().map(Amount::Number).or(none), "a number of bytes, `\"1 MiB\"` for instance, or `\"none\"`")
            }
            Field::Count(_) => (item.number().map(Amount::Number), "a whole number"),
            Field::CountOrNone(_) => (item.number().map(Amount::Number).or(none), "a whole number, or `\"none\"`"),
            Field::TimeOrNone(_) => {
                (item.time().map(Amount::Time).or(none), "a time, `\"50ms\"` or `\"10s\"` for instance, or `\"none\"`")
            }
        };
        if !amount.is_some_and(|amount| changes.set(item.name, amount)) {
            return Err(item.wrong(expected));
        }
    }
    Ok(())
}

fn supervision(changes: &mut SupervisionChanges, item: &Item<'_>) -> Result<()> {
    for item in item.table("a table")? {
        match item.name {
            "on_loss" => {
                changes.on_loss = Some(match item.value.get_ref().as_str() {
                    Some("fail-fast") => OnLoss::FailFast,
                    Some("restart") => OnLoss::Restart,
                    _ => return Err(item.wrong("`\"fail-fast\"` or `\"restart\"`")),
                });
            }
            "grace" => changes.grace = Some(losses(&item, 0)?),
            "backoff" => changes.backoff = Some(item.needed_time()?),
            "max_backoff" => changes.max_backoff = Some(item.needed_time()?),
            "breaker" if item.is_none() => changes.breaker = Some(None),
            "breaker" => changes.breaker = Some(Some(breaker(&item)?)),
            _ => return Err(item.unknown(&["on_loss", "grace", "backoff", "max_backoff", "breaker"])),
        }
    }
    Ok(())
}

fn losses(item: &Item<'_>, least: u32) -> Result<u32> {
    let number = item.number().and_then(|number| u32::try_from(number).ok());
    number.filter(|number| *number >= least).ok_or_else(|| item.wrong("a number of losses"))
}

fn breaker(item: &Item<'_>) -> Result<Breaker> {
    let (mut count, mut within, mut rest) = (None, None, None);
    for item in item.table("a table with `losses`, `within` and `rest`, or `\"none\"`")? {
        match item.name {
            "losses" => count = Some(losses(&item, 1)?),
            "within" => within = Some(item.needed_time()?),
            "rest" => rest = Some(item.needed_time()?),
            _ => return Err(item.unknown(&["losses", "within", "rest"])),
        }
    }
    let count = count.ok_or_else(|| item.missing("losses"))?;
    let within = within.ok_or_else(|| item.missing("within"))?;
    Ok(Breaker::new(count, within, rest.ok_or_else(|| item.missing("rest"))?))
}

fn instances(item: &Item<'_>) -> Result<Instances> {
    const MOST: &str = "a number of instances from 1 to 10000";
    if !item.value.get_ref().is_table() {
        let expected = "a number of instances from 1 to 10000, or a table";
        return item.number_from(1, Manifest::MAX_INSTANCES, expected).map(Instances::pool);
    }
    let mut instances = Instances::one();
    let (mut most, mut warm) = (None, None);
    for item in item.table("a table")? {
        match item.name {
            "most" => most = Some(item.number_from(1, Manifest::MAX_INSTANCES, MOST)?),
            "warm" => {
                instances.warm = item.number_from(1, Manifest::MAX_INSTANCES, MOST)?;
                warm = Some(item);
            }
            "queue" => instances.queue = item.number_from(0, usize::MAX, "a number of calls")?,
            "wait" => instances.wait = Some(item.needed_time()?),
            "fresh" => instances.fresh = item.boolean()?,
            _ => return Err(item.unknown(&["most", "warm", "queue", "wait", "fresh"])),
        }
    }
    instances.most = most.ok_or_else(|| item.missing("most"))?;
    match warm {
        Some(warm) if instances.warm > instances.most => Err(warm.wrong("no more instances than `most`")),
        _ => Ok(instances),
    }
}

/// A table asks for reloads, too.
fn reload(changes: &mut ReloadChanges, item: &Item<'_>) -> Result<()> {
    if let Some(enabled) = item.value.get_ref().as_bool() {
        changes.enabled = Some(enabled);
        return Ok(());
    }
    changes.enabled = Some(true);
    for item in item.table("`true`, `false` or a table")? {
        match item.name {
            "debounce" => {
                let quiet = time_from(&item, Duration::from_secs(3600), "a time from 10ms to 1h")?;
                changes.debounce = Some(quiet);
            }
            "drain" => changes.drain = Some(item.needed_time()?),
            "poll" => {
                let every = time_from(&item, Duration::from_secs(24 * 3600), "a time from 10ms to 1d")?;
                changes.watch = Some(Watch::Poll(every));
            }
            "state" => changes.state = Some(state(&item)?),
            _ => return Err(item.unknown(&["debounce", "drain", "poll", "state"])),
        }
    }
    Ok(())
}

/// How much state there may be; `None` for none that is handed over.
fn state(item: &Item<'_>) -> Result<Option<StateLimits>> {
    if let Some(hands_over) = item.value.get_ref().as_bool() {
        return Ok(hands_over.then(StateLimits::default));
    }
    let size = item.size().and_then(|size| usize::try_from(size).ok());
    let size = size.ok_or_else(|| item.wrong("`true`, `false`, or a number of bytes, `\"1 MiB\"` for instance"))?;
    Ok(Some(StateLimits::default().size(size)))
}

/// A time from 10 milliseconds to this one.
fn time_from(item: &Item<'_>, longest: Duration, expected: &'static str) -> Result<Duration> {
    let time = item.time().filter(|time| (Duration::from_millis(10)..=longest).contains(time));
    time.ok_or_else(|| item.wrong(expected))
}
