//! Trust files. Every key that is not known is an error: a misspelt restriction must not become none.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{TrustStore, TrustStoreError, file, revocations};
use crate::trust::time::Moment;
use crate::trust::{Digest, KeyError, KeyId, PublicKey};

type Result<T> = std::result::Result<T, TrustStoreError>;
type Value<'a> = Spanned<DeValue<'a>>;

/// Reads a trust file; what it names is found from its folder on.
pub(super) fn read(path: &Path, text: &str) -> Result<TrustStore> {
    let reader = Reader { path, text };
    let root = DeTable::parse(text)
        .map_err(|error| reader.wrong(error.span().map_or(0, |span| span.start), error.message()))?;
    reader.store(root.get_ref())
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Reader<'_> {
    fn store(&self, table: &DeTable<'_>) -> Result<TrustStore> {
        let mut store = TrustStore::new();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "threshold" => store = store.threshold(self.count(value)?),
                "key" => {
                    for value in self.array(value)? {
                        store = self.key(store, value)?;
                    }
                }
                "revoked" => store = self.revoked(store, value)?,
                _ => return Err(self.unknown(key, "threshold, key and revoked")),
            }
        }
        Ok(store)
    }

    fn key(&self, store: TrustStore, value: &Value<'_>) -> Result<TrustStore> {
        let (mut name, mut found, mut until) = (None, None, None);
        for (key, value) in self.table(value)? {
            let twice = || self.wrong(key.span().start, "a key has `key` or `file`, not both");
            match key.get_ref().as_ref() {
                "name" => name = Some(self.string(value)?),
                "key" if found.is_some() => return Err(twice()),
                "key" => found = Some((self.public_key(value)?, None)),
                "file" if found.is_some() => return Err(twice()),
                "file" => found = Some(self.file(value)?),
                "expires" => until = Some(self.time(value)?),
                _ => return Err(self.unknown(key, "name, key, file and expires")),
            }
        }
        let (key, end) = found.ok_or_else(|| self.wrong(value.span().start, "a key needs `key` or `file`"))?;
        let key = match name {
            Some(name) => key.named(name),
            None => key,
        };
        Ok(store.entry(key, [until, end].into_iter().flatten().min()))
    }

    fn public_key(&self, value: &Value<'_>) -> Result<PublicKey> {
        self.string(value)?.parse().map_err(|source: KeyError| TrustStoreError::Key {
            path: self.path.to_owned(),
            line: self.line(value.span().start),
            source,
        })
    }

    /// The key of another file, with the end that it has there.
    fn file(&self, value: &Value<'_>) -> Result<(PublicKey, Option<Moment>)> {
        let path = self.beside(&self.string(value)?);
        let store = file::keys(&path, &file::text(&path)?)?;
        match store.keys.as_slice() {
            [entry] => Ok((entry.key.clone(), entry.until)),
            several => {
                let message = format!("{} has {} keys, and has to have one", path.display(), several.len());
                Err(self.wrong(value.span().start, &message))
            }
        }
    }

    fn revoked(&self, mut store: TrustStore, value: &Value<'_>) -> Result<TrustStore> {
        for (key, list) in self.table(value)? {
            if !["keys", "plugins", "files"].contains(&key.get_ref().as_ref()) {
                return Err(self.unknown(key, "keys, plugins and files"));
            }
            for value in self.array(list)? {
                let text = self.string(value)?;
                let wrong = |error: &dyn std::fmt::Display| self.wrong(value.span().start, &error.to_string());
                store = match key.get_ref().as_ref() {
                    "keys" => store.revoke_key(text.parse::<KeyId>().map_err(|error| wrong(&error))?),
                    "plugins" => store.revoke_plugin(text.parse::<Digest>().map_err(|error| wrong(&error))?),
                    _ => revocations::read(store, &self.beside(&text))?,
                };
            }
        }
        Ok(store)
    }

    fn count(&self, value: &Value<'_>) -> Result<usize> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        number.ok_or_else(|| self.wrong(value.span().start, "it has to be a number"))
    }

    fn time(&self, value: &Value<'_>) -> Result<Moment> {
        let text = match value.get_ref() {
            DeValue::Datetime(time) => time.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        text.parse().map_err(|_| {
            self.wrong(value.span().start, "it has to be a date, 2027-01-01, or a time, 2027-01-01T12:00:00Z")
        })
    }

    fn string(&self, value: &Value<'_>) -> Result<String> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            _ => Err(self.wrong(value.span().start, "it has to be a string")),
        }
    }

    fn array<'a, 'b>(&self, value: &'a Value<'b>) -> Result<&'a [Value<'b>]> {
        match value.get_ref() {
            DeValue::Array(array) => Ok(array),
            _ => Err(self.wrong(value.span().start, "it has to be an array")),
        }
    }

    fn table<'a, 'b>(&self, value: &'a Value<'b>) -> Result<&'a DeTable<'b>> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.wrong(value.span().start, "it has to be a table")),
        }
    }

    fn unknown(&self, key: &Spanned<std::borrow::Cow<'_, str>>, known: &str) -> TrustStoreError {
        self.wrong(key.span().start, &format!("`{}` is not known here; there are {known}", key.get_ref()))
    }

    fn wrong(&self, offset: usize, message: &str) -> TrustStoreError {
        TrustStoreError::Line { path: self.path.to_owned(), line: self.line(offset), message: message.to_owned() }
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    fn beside(&self, file: &str) -> std::path::PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(file)
    }
}
