//! A plugin's file that is replaced while it is in use.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Which version answers.
///
/// # Panics
///
/// If the call fails.
#[track_caller]
pub fn which(plugin: &versions::PluginHandle) -> u32 {
    plugin.get_version(&versions::Empty {}).expect("every version answers").version
}

/// A file that is replaced as installers do: whole, by a rename.
pub struct Installed {
    folder: tempfile::TempDir,
}

impl Installed {
    /// With this content.
    ///
    /// # Panics
    ///
    /// If there can be no temporary file.
    pub fn new(content: impl AsRef<[u8]>) -> Self {
        let installed = Installed { folder: tempfile::tempdir().expect("there can be a temporary folder") };
        installed.install(content);
        installed
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("plugin.wasm")
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Replaces it.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn install(&self, content: impl AsRef<[u8]>) {
        let write = || -> io::Result<()> {
            let partial = self.folder.path().join("plugin.partial");
            fs::write(&partial, content)?;
            fs::rename(partial, self.path())
        };
        write().expect("a temporary file can be written");
    }
}
