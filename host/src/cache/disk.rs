//! The cache as files: how an entry is found and how it is written. `folder.rs` decides which files are looked into.

use std::path::Path;
use std::time::Duration;

use wasmtime::component::Component;

use super::footer::{Footer, TAG};
use super::{CacheContent, CacheEntry, CacheProblem, Key, Removed, Unfit};
use crate::{Engine, Shape};

mod folder;
mod mapped;
mod secret;
mod sweep;

use folder::{Folder, entry_name};
use mapped::{Authentic, Mapped};
use secret::Secret;

/// The largest entry that is read or written: 1 GiB.
const MAX_ENTRY: u64 = 1 << 30;

/// Code that may run, and what is known of the plugin that it was made of.
pub(crate) struct Loaded {
    code: Authentic,
    footer: Footer,
    path: std::path::PathBuf,
}

impl Loaded {
    /// What the plugin is made of.
    pub(crate) fn shape(&self) -> &Shape {
        &self.footer.shape
    }

    /// The code.
    pub(crate) fn component(&self, engine: &Engine) -> Result<Component, CacheProblem> {
        self.code
            .component(&engine.wasmtime)
            .map_err(|error| CacheProblem::Entry { path: self.path.clone(), reason: Unfit::Refused(error.into()) })
    }
}

/// Looks an entry up. `None` is an entry, or a cache, that is not there.
pub(crate) fn load(path: &Path, key: Key) -> Result<Option<Loaded>, CacheProblem> {
    let Some(folder) = Folder::open(path)? else { return Ok(None) };
    let name = entry_name(key);
    let Some(secret) = Secret::read(&folder)? else {
        let is_new = !folder.has(&name);
        return if is_new { Ok(None) } else { Err(Secret::missing(&folder)) };
    };
    let fault = |reason| CacheProblem::Entry { path: path.join(&name), reason };
    let Some(found) = read(&folder, &secret, &name).map_err(fault)? else { return Ok(None) };
    if found.footer.key != key {
        return Err(fault(Unfit::OtherKey));
    }
    // How long it is kept follows from when it was used; that it cannot be noted down is no reason not to use it.
    let _ = found.code.mark_used();
    Ok(Some(Loaded { code: found.code, footer: found.footer, path: path.join(&name) }))
}

/// An entry that is authentic, whomever it is for.
struct Found {
    code: Authentic,
    footer: Footer,
}

fn read(folder: &Folder, secret: &Secret, name: &str) -> Result<Option<Found>, Unfit> {
    let sizes = (Footer::SIZE + TAG) as u64 + 1..=MAX_ENTRY;
    let Some((file, size)) = folder.open_file(name, sizes, true)? else { return Ok(None) };
    let code = Mapped::new(file, size).map_err(Unfit::Unreadable)?.authenticate(secret).ok_or(Unfit::Forged)?;
    // What was written with the key of this cache, and is not as it is written, is of another release.
    let footer = Footer::decode(code.footer()).ok_or(Unfit::OtherKey)?;
    Ok(Some(Found { code, footer }))
}

/// Writes an entry, and makes room for it.
pub(crate) fn store(
    path: &Path,
    footer: &Footer,
    code: impl FnOnce() -> wasmtime::Result<Vec<u8>>,
    max_size: u64,
    max_age: Duration,
) -> Result<(), CacheProblem> {
    let fault = |source: crate::Source| CacheProblem::Write { path: path.to_owned(), source };
    let folder = Folder::create(path)?;
    let secret = Secret::read_or_create(&folder)?;
    let code = code().map_err(|error| fault(error.into()))?;
    let (end, limit) = (footer.encode(), max_size.min(MAX_ENTRY));
    let size = (code.len() + end.len() + TAG) as u64;
    if size > limit {
        return Err(CacheProblem::TooLarge { size, limit });
    }
    let tag = secret.tag(&[&code, &end]);
    let name = entry_name(footer.key);
    folder.write(&name, &[&code, &end, &tag]).map_err(|error| fault(error.into()))?;
    // The next entry that is written finds what is left now.
    let _ = sweep::sweep(&folder, Some(&name), max_size, max_age);
    Ok(())
}

/// What is in the folder.
pub(crate) fn entries(path: &Path) -> Result<Vec<CacheEntry>, CacheProblem> {
    let Some(folder) = Folder::open(path)? else { return Ok(Vec::new()) };
    let secret = Secret::read(&folder)?;
    let mut files = sweep::files(&folder).map_err(|error| unreadable(path, error))?;
    files.retain(|file| file.plugin.is_some());
    files.sort_by(|one, other| one.name.cmp(&other.name));
    let entries = files.into_iter().filter_map(|file| {
        let content = secret.as_ref().and_then(|secret| read(&folder, secret, &file.name).ok().flatten());
        // A name that is not that of the entry is never asked for.
        let content = content.filter(|found| entry_name(found.footer.key) == file.name);
        let content = content.map(|Found { footer, .. }| CacheContent {
            engine: footer.key.engine,
            name: footer.name,
            plugin_size: footer.plugin_size,
            hookr: footer.hookr,
            wasmtime: footer.wasmtime,
        });
        Some(CacheEntry { sha256: file.plugin?, size: file.size, unused: file.unused, content })
    });
    Ok(entries.collect())
}

/// Removes everything but the key.
pub(crate) fn clear(path: &Path) -> Result<Removed, CacheProblem> {
    let Some(folder) = Folder::open(path)? else { return Ok(Removed::default()) };
    sweep::clear(&folder).map_err(|error| unreadable(path, error))
}

/// Makes room.
pub(crate) fn evict(path: &Path, max_size: u64, max_age: Duration) -> Result<Removed, CacheProblem> {
    let Some(folder) = Folder::open(path)? else { return Ok(Removed::default()) };
    sweep::sweep(&folder, None, max_size, max_age).map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: std::io::Error) -> CacheProblem {
    CacheProblem::Folder { path: path.to_owned(), reason: Unfit::Unreadable(error) }
}

#[cfg(test)]
mod tests;
