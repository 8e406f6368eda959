use std::path::{Path, PathBuf};
use std::time::Duration;

use hookr_abi::Printable;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ManifestProblem;
use crate::{Place, units};

type Result<T> = std::result::Result<T, ManifestProblem>;

/// A key of a manifest with its value.
pub(super) struct Item<'a> {
    text: &'a str,
    /// The name of the key.
    pub(super) name: &'a str,
    /// The way to the key, fit to be printed.
    pub(super) key: String,
    /// The byte where the key begins.
    start: usize,
    pub(super) value: &'a Spanned<DeValue<'a>>,
}

/// The keys of a table. `path` is the way to it, with a dot at the end; empty for that of the whole text.
pub(super) fn items<'a>(text: &'a str, path: String, table: &'a DeTable<'a>) -> impl Iterator<Item = Item<'a>> {
    table.iter().map(move |(key, value)| {
        let name = key.get_ref().as_ref();
        let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let shown = if !name.is_empty() && name.chars().all(is_bare) {
            name.to_owned()
        } else {
            let short: String = name.chars().take(80).collect();
            format!("\"{}\"", Printable(&short))
        };
        Item { text, name, key: format!("{path}{shown}"), start: key.span().start, value }
    })
}

impl<'a> Item<'a> {
    /// The keys of a table.
    pub(super) fn table(&self, expected: &'static str) -> Result<impl Iterator<Item = Item<'a>> + use<'a>> {
        match self.value.get_ref() {
            DeValue::Table(table) => Ok(items(self.text, format!("{}.", self.key), table)),
            _ => Err(self.wrong(expected)),
        }
    }

    pub(super) fn boolean(&self) -> Result<bool> {
        self.value.get_ref().as_bool().ok_or_else(|| self.wrong("`true` or `false`"))
    }

    /// A text that is not empty.
    pub(super) fn string(&self, expected: &'static str) -> Result<&'a str> {
        match self.value.get_ref() {
            DeValue::String(text) if !text.is_empty() => Ok(text),
            _ => Err(self.wrong(expected)),
        }
    }

    /// One text or several, none of them empty; an empty list reads as if it forbade something, and is refused.
    pub(super) fn strings(&self, expected: &'static str) -> Result<Vec<Item<'a>>> {
        let items: Vec<Item<'a>> = match self.value.get_ref() {
            DeValue::Array(values) => {
                values.iter().map(|value| Item { key: self.key.clone(), value, ..*self }).collect()
            }
            _ => vec![Item { key: self.key.clone(), ..*self }],
        };
        if items.is_empty() {
            return Err(self.wrong(expected));
        }
        items.iter().try_for_each(|item| item.string(expected).map(drop))?;
        Ok(items)
    }

    /// A path, from a folder on.
    pub(super) fn path(&self, folder: &Path) -> Result<PathBuf> {
        self.string("a path").map(|path| folder.join(path))
    }

    pub(super) fn paths(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let paths = self.strings("a path, or a list of one path or several")?;
        paths.iter().map(|item| item.path(folder)).collect()
    }

    /// A whole number that is not negative.
    pub(super) fn number(&self) -> Option<u64> {
        match self.value.get_ref() {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        }
    }

    pub(super) fn size(&self) -> Option<u64> {
        self.number().or_else(|| self.value.get_ref().as_str().and_then(units::size))
    }

    pub(super) fn time(&self) -> Option<Duration> {
        self.value.get_ref().as_str().and_then(units::time)
    }

    pub(super) fn needed_time(&self) -> Result<Duration> {
        self.time().ok_or_else(|| self.wrong("a time, `50ms` or `10s` for instance"))
    }

    pub(super) fn is_none(&self) -> bool {
        self.value.get_ref().as_str() == Some("none")
    }

    /// A number within bounds.
    pub(super) fn number_from(&self, least: usize, most: usize, expected: &'static str) -> Result<usize> {
        let number = self.number().and_then(|number| usize::try_from(number).ok());
        number.filter(|number| (least..=most).contains(number)).ok_or_else(|| self.wrong(expected))
    }

    /// The place of the key. Finding it takes time in proportion to what stands before it: it is for errors.
    pub(super) fn at_key(&self) -> Place {
        Place::of(self.text, self.start)
    }

    pub(super) fn unknown(&self, known: &[&'static str]) -> ManifestProblem {
        ManifestProblem::UnknownKey { at: self.at_key(), key: self.key.clone(), known: known.to_vec() }
    }

    pub(super) fn missing(&self, key: &str) -> ManifestProblem {
        ManifestProblem::MissingKey { at: self.at_key(), key: format!("{}.{key}", self.key) }
    }

    pub(super) fn wrong(&self, expected: &'static str) -> ManifestProblem {
        let found = match self.value.get_ref() {
            DeValue::String(text) => {
                let short: String = text.chars().take(80).collect();
                format!("`\"{}\"`", Printable(&short))
            }
            DeValue::Integer(number) => format!("`{}`", number.as_str().chars().take(80).collect::<String>()),
            DeValue::Boolean(value) => format!("`{value}`"),
            DeValue::Float(_) => "a number with a point".to_owned(),
            DeValue::Datetime(_) => "a date or time of day".to_owned(),
            DeValue::Array(values) if values.is_empty() => "an empty list".to_owned(),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        let at = Place::of(self.text, self.value.span().start);
        ManifestProblem::Value { at, key: self.key.clone(), expected, found }
    }

    #[cfg(feature = "wasi")]
    pub(super) fn text(&self) -> &'a str {
        self.text
    }
}
