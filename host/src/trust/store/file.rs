//! Files and folders of keys.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{TrustStore, TrustStoreError, openssh, pem, toml};
use crate::regular::{self, Found};
use crate::trust::key::pem_label;

/// The largest file that is read: 1 MiB.
const MAX_SIZE: usize = 1 << 20;
/// So many entries of a folder are looked at.
const MAX_ENTRIES: usize = 4096;
/// So many keys may be in a store.
const MAX_KEYS: usize = 1024;

type Result<T> = std::result::Result<T, TrustStoreError>;

/// Reads a file or a folder.
pub(super) fn read(path: &Path) -> Result<TrustStore> {
    let is_dir = fs::metadata(path).map_err(|source| failed(path, source))?.is_dir();
    let store = if is_dir { folder(path)? } else { file(path)? };
    if store.keys.len() > MAX_KEYS {
        return Err(TrustStoreError::TooLarge { path: path.to_owned(), limit: MAX_KEYS, what: "keys" });
    }
    Ok(store)
}

fn folder(path: &Path) -> Result<TrustStore> {
    let mut files: Vec<PathBuf> = Vec::new();
    for (index, entry) in fs::read_dir(path).map_err(|source| failed(path, source))?.enumerate() {
        if index >= MAX_ENTRIES {
            return Err(TrustStoreError::TooLarge { path: path.to_owned(), limit: MAX_ENTRIES, what: "entries" });
        }
        let file = entry.map_err(|source| failed(path, source))?.path();
        let is_known = ["pub", "pem", "toml"].iter().any(|known| file.extension() == Some(OsStr::new(known)));
        if is_known && !file.is_dir() {
            files.push(file);
        }
    }
    files.sort();
    files.iter().try_fold(TrustStore::new(), |store, path| Ok(store.merge(file(path)?)))
}

fn file(path: &Path) -> Result<TrustStore> {
    let text = text(path)?;
    if path.extension() == Some(OsStr::new("toml")) { toml::read(path, &text) } else { keys(path, &text) }
}

/// A file that has keys in it, and nothing else.
pub(super) fn keys(path: &Path, text: &str) -> Result<TrustStore> {
    if pem_label(text).is_some() { pem::read(path, text) } else { openssh::read(path, text) }
}

/// Reads a text that is not too large.
pub(super) fn text(path: &Path) -> Result<String> {
    let bytes = read_bytes(path, MAX_SIZE + 1).map_err(|source| failed(path, source))?;
    if bytes.len() > MAX_SIZE {
        return Err(TrustStoreError::TooLarge { path: path.to_owned(), limit: MAX_SIZE, what: "bytes" });
    }
    String::from_utf8(bytes)
        .map_err(|error| failed(path, io::Error::new(io::ErrorKind::InvalidData, error.utf8_error())))
}

/// Reads so many bytes of a regular file at the most.
pub(in crate::trust) fn read_bytes(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let Found::File(file, _) = regular::open(path)? else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    };
    let mut bytes = Vec::new();
    file.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn failed(path: &Path, source: io::Error) -> TrustStoreError {
    TrustStoreError::Read { path: path.to_owned(), source }
}
