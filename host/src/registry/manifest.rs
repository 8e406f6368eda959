use std::collections::BTreeMap;
use std::path::Path;

mod error;
mod item;
mod read;

pub use error::{ManifestError, ManifestProblem};

use super::Entry;
use crate::regular;

/// The plugins of a host, as a file of TOML says them. `docs/src/reference/manifest.md` in the repository has every key.
///
/// ```
/// use std::time::Duration;
/// use hookr::registry::Manifest;
///
/// let text = r#"
///     version = 1
///     [plugins.filter]
///     path = "filter.wasm"
///     trust = ["keys/"]
///     limits = { deadline = "50ms" }
/// "#;
/// let manifest = Manifest::from_toml(text, "plugins")?;
/// assert!(manifest.plugins()["filter"].path.ends_with("filter.wasm"));
/// # Ok::<(), hookr::registry::ManifestError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub(super) plugins: BTreeMap<String, Entry>,
}

impl Manifest {
    /// The version of the format.
    pub const VERSION: i64 = 1;

    /// The largest file that is read: 1 MiB.
    pub const MAX_SIZE: u64 = 1 << 20;

    /// The most plugins in a file: 10,000.
    pub const MAX_PLUGINS: usize = 10_000;

    /// The most instances of a plugin that a manifest asks for: 10,000.
    pub const MAX_INSTANCES: usize = 10_000;

    /// Reads a file; paths in it that are relative are relative to its folder. Nothing else is read: whether the files are
    /// there is found out when they are opened.
    ///
    /// # Errors
    ///
    /// [`ManifestError`] says what is wrong, and where: there is nothing that is not understood and passed over.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ManifestError> {
        let path = path.as_ref();
        let failed = |problem| ManifestError { path: Some(path.to_owned()), problem };
        let text = regular::text(path, Self::MAX_SIZE).map_err(|error| failed(ManifestProblem::Read(error)))?;
        let plugins = read::plugins(&text, path.parent().unwrap_or(Path::new(""))).map_err(failed)?;
        Ok(Manifest { plugins })
    }

    /// Reads a text; paths in it that are relative are relative to `folder`.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), but for reading.
    pub fn from_toml(text: &str, folder: impl AsRef<Path>) -> Result<Self, ManifestError> {
        let plugins = read::plugins(text, folder.as_ref());
        Ok(Manifest { plugins: plugins.map_err(|problem| ManifestError { path: None, problem })? })
    }

    /// The plugins, by their names.
    pub fn plugins(&self) -> &BTreeMap<String, Entry> {
        &self.plugins
    }
}

#[cfg(test)]
mod tests;
