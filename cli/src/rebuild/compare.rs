use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use hookr_abi::Printable;

use super::sections::{Section, content, sections};
use crate::component::SectionsError;
use crate::provenance::Provenance;

/// What differs between a plugin and what its sources give.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// Whether they are the same, but for signatures.
    pub(crate) is_same: bool,
    /// The sections that differ, in their order.
    pub(crate) sections: Vec<Different>,
    /// What they say of their making, where it differs.
    pub(crate) reasons: Vec<Reason>,
}

/// A section that differs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Different {
    /// What it is.
    pub(crate) name: String,
    /// Its size in the plugin, if it is there.
    pub(crate) plugin: Option<usize>,
    /// Its size in what was built, if it is there.
    pub(crate) rebuilt: Option<usize>,
    /// The first byte in it that differs.
    pub(crate) offset: Option<usize>,
}

/// Why they may differ: a key of `hookr:source` with two values.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    /// The key.
    pub(crate) key: String,
    /// What the plugin says.
    pub(crate) plugin: Option<String>,
    /// What was built says.
    pub(crate) rebuilt: Option<String>,
}

/// Compares two components.
pub(crate) fn compare(plugin: &[u8], rebuilt: &[u8]) -> Result<Comparison, SectionsError> {
    let (content, other) = (content(plugin)?, content(rebuilt)?);
    if content == other {
        return Ok(Comparison { is_same: true, sections: Vec::new(), reasons: Vec::new() });
    }
    let sections = different(&sections(content)?, &sections(other)?);
    let (source, other) = (Provenance::read(plugin)?.source, Provenance::read(rebuilt)?.source);
    let keys: BTreeSet<&String> = source.keys().chain(other.keys()).collect();
    let reasons = keys.into_iter().filter(|key| source.get(*key) != other.get(*key)).map(|key| Reason {
        key: key.clone(),
        plugin: source.get(key).cloned(),
        rebuilt: other.get(key).cloned(),
    });
    Ok(Comparison { is_same: false, sections, reasons: reasons.collect() })
}

fn different(plugin: &[Section<'_>], rebuilt: &[Section<'_>]) -> Vec<Different> {
    let by_name = |sections: &[Section<'_>]| -> BTreeMap<String, usize> {
        sections.iter().enumerate().map(|(index, section)| (section.name.clone(), index)).collect()
    };
    let (ours, theirs) = (by_name(plugin), by_name(rebuilt));
    let missing = rebuilt.iter().filter(|section| !ours.contains_key(&section.name));
    let names = plugin.iter().chain(missing).map(|section| section.name.as_str());
    let differences = names.filter_map(|name| {
        let one = ours.get(name).and_then(|index| plugin.get(*index)).map(|section| section.data);
        let other = theirs.get(name).and_then(|index| rebuilt.get(*index)).map(|section| section.data);
        if one == other {
            return None;
        }
        let equal =
            |(one, other): (&[u8], &[u8])| one.iter().zip(other).take_while(|(one, other)| one == other).count();
        Some(Different {
            name: name.to_owned(),
            plugin: one.map(<[u8]>::len),
            rebuilt: other.map(<[u8]>::len),
            offset: one.zip(other).map(equal),
        })
    });
    differences.collect()
}

impl fmt::Display for Different {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Printable(&self.name);
        match (self.plugin, self.rebuilt, self.offset) {
            (Some(one), Some(other), Some(offset)) if one == other => {
                write!(f, "{name}: {one} bytes, different from byte {offset} on")
            }
            (Some(one), Some(other), offset) => {
                let offset = offset.unwrap_or(0);
                write!(f, "{name}: {one} bytes in the plugin, {other} built here, different from byte {offset} on")
            }
            (Some(one), None, _) => write!(f, "{name}: {one} bytes in the plugin, not there when it is built here"),
            (None, other, _) => write!(f, "{name}: not in the plugin, {} bytes built here", other.unwrap_or(0)),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<String>| match value {
            Some(value) => format!("`{}`", Printable(value)),
            None => "not said".to_owned(),
        };
        let (plugin, rebuilt) = (shown(&self.plugin), shown(&self.rebuilt));
        write!(f, "they were built otherwise: {} is {plugin} in the plugin, {rebuilt} here", Printable(&self.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(text: &str) -> Vec<u8> {
        wat::parse_str(format!("(component {text})")).unwrap()
    }

    #[track_caller]
    fn found(plugin: &str, rebuilt: &str) -> (Vec<String>, Vec<String>) {
        let found = compare(&component(plugin), &component(rebuilt)).unwrap();
        assert!(!found.is_same);
        let sections = found.sections.iter().map(ToString::to_string);
        (sections.collect(), found.reasons.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn signatures_do_not_count() {
        let signed = component(r#"(@custom "signature" "s") (@custom "a" "x")"#);
        assert!(compare(&signed, &component(r#"(@custom "a" "x")"#)).unwrap().is_same);
    }

    #[test]
    fn sections_are_compared_by_name() {
        let module = |value: i32| format!("(core module (func (result i32) i32.const {value}))");
        let (sections, reasons) = found(&module(1), &module(2));
        let expected = [
            "core module: 27 bytes, different from byte 25 on",
            "core module: code: 6 bytes, different from byte 4 on",
        ];
        assert_eq!((sections.as_slice(), reasons.len()), (&expected.map(str::to_owned)[..], 0));
        let (sections, _) = found(r#"(@custom "a" "xy") (@custom "b" "x")"#, r#"(@custom "a" "x") (@custom "c" "x")"#);
        let expected = [
            "custom section `a`: 4 bytes in the plugin, 3 built here, different from byte 3 on",
            "custom section `b`: 3 bytes in the plugin, not there when it is built here",
            "custom section `c`: not in the plugin, 3 bytes built here",
        ];
        assert_eq!(sections, expected);
        // The same sections in another order.
        assert!(found(r#"(@custom "a" "x") (@custom "b" "x")"#, r#"(@custom "b" "x") (@custom "a" "x")"#).0.is_empty());
    }

    #[test]
    fn what_they_say_of_their_making_is_a_reason() {
        let with = |text: &str| format!("(@custom \"hookr:source\" \"{}\")", text.replace('"', "\\\""));
        let one = with(r#"{"rustc":"1.95.0","version":"1.0.0"}"#);
        let other = with(r#"{"rustc":"1.96.0","version":"1.0.0","features":"--features=a"}"#);
        let (sections, reasons) = found(&one, &other);
        assert_eq!(sections.len(), 1);
        let expected = [
            "they were built otherwise: features is not said in the plugin, `--features=a` here",
            "they were built otherwise: rustc is `1.95.0` in the plugin, `1.96.0` here",
        ];
        assert_eq!(reasons, expected);
    }
}
