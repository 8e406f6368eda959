//! What a builder with a lock file compares a plugin with.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hookr_abi::section::Section;

use super::facts::Facts;
use super::{Difference, LockFile, LockedPlugin};
use crate::trust::{KeyId, Signer};
use crate::{Artifact, Need, OpenError};

/// The entry that a plugin was found to have.
#[derive(Clone, Debug)]
pub(crate) struct Locked {
    lock_file: PathBuf,
    plugin: LockedPlugin,
}

impl Locked {
    /// Reads a lock file, finds the entry of a plugin, and compares the hash. The entry is the one of the name that the host
    /// gave the plugin; without one, that of its path, else of its file's name.
    ///
    /// Nothing of the plugin is parsed for it.
    pub(crate) fn find(lock_file: &Path, artifact: &Artifact, name: Option<&str>) -> Result<Self, OpenError> {
        let lock = LockFile::read(lock_file)
            .map_err(|source| OpenError::LockFile { path: lock_file.to_owned(), source: Box::new(source) })?;
        let entry = match name {
            Some(name) => lock.by_name(name),
            None => {
                let by_path = artifact.path().and_then(|path| lock.by_path(path));
                by_path.or_else(|| lock.by_name(artifact.name()))
            }
        };
        let Some(plugin) = entry else {
            return Err(OpenError::NotLocked {
                plugin: name.unwrap_or(artifact.name()).to_owned(),
                lock_file: lock_file.to_owned(),
                locked: lock.plugins.into_keys().collect(),
            });
        };
        if plugin.sha256 != artifact.sha256() {
            return Err(OpenError::LockedHash {
                plugin: plugin.name.clone(),
                lock_file: lock_file.to_owned(),
                expected: plugin.sha256,
                found: artifact.sha256(),
            });
        }
        Ok(Locked { lock_file: lock_file.to_owned(), plugin: plugin.clone() })
    }

    /// Compares the keys whose signatures are valid with those that had signed the plugin when it was locked.
    pub(crate) fn check_signers(&self, found: &[Signer]) -> Result<(), OpenError> {
        let is_missing = |id: &&KeyId| !found.iter().any(|signer| signer.key_id == **id);
        let missing: Vec<KeyId> = self.plugin.signers.iter().filter(is_missing).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(OpenError::LockedSigners {
            plugin: self.plugin.name.clone(),
            lock_file: self.lock_file.clone(),
            missing,
            found: found.to_vec(),
        })
    }

    /// Compares what the plugin says of its contract with the lock file.
    pub(crate) fn check_contract(&self, section: &Section) -> Result<(), OpenError> {
        let locked = &self.plugin;
        self.same("contract-id", &locked.contract_id.to_string(), &section.contract_id.to_string())?;
        self.same("package", &locked.package, &section.package)?;
        self.same("version", &locked.version, &section.plugin_version)
    }

    /// Compares what the plugin imports, exports and asks for. A scan has been made of these bytes.
    pub(crate) fn check_world(&self, bytes: &[u8]) -> Result<(), OpenError> {
        let found = Facts::read(bytes)?;
        let locked = &self.plugin;
        self.same("grants", &keys(&locked.grants), &keys(&found.grants))?;
        self.same("imports", &names(&locked.imports), &names(&found.imports))?;
        self.same("exports", &names(&locked.exports), &names(&found.exports))
    }

    fn same(&self, key: &'static str, locked: &str, found: &str) -> Result<(), OpenError> {
        if locked == found {
            return Ok(());
        }
        let difference = Difference { key, locked: locked.to_owned(), found: found.to_owned() };
        Err(OpenError::LockEdited {
            plugin: self.plugin.name.clone(),
            lock_file: self.lock_file.clone(),
            difference: Box::new(difference),
        })
    }
}

fn keys(needs: &BTreeSet<Need>) -> String {
    needs.iter().map(|need| need.key()).collect::<Vec<_>>().join(", ")
}

fn names(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
