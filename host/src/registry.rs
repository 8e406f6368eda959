//! Many plugins: by name, from a folder or a manifest, each typed by its contract.
//!
//! A host says which contracts it serves, with a [`Builder`](crate::Builder) for each, and where its plugins are. They are opened
//! at once, as far as there are processors. One that cannot be opened holds no other up, and keeps its error.
//!
//! ```no_run
//! # use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
//! # struct None;
//! # impl Callbacks for None {
//! #     fn call(&self, _: &hookr::CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, hookr::Error> {
//! #         Err(hookr::Error::unimplemented("there are no callbacks"))
//! #     }
//! # }
//! # mod textfilter {
//! #     pub type PluginHandle = hookr::dynamic::DynamicPlugin;
//! #     pub fn builder() -> hookr::Builder<PluginHandle> { hookr::dynamic::DynamicPlugin::builder(super::None) }
//! # }
//! # fn main() -> Result<(), hookr::RegistryError> {
//! use hookr::Registry;
//!
//! let registry = Registry::builder()
//!     .contract(textfilter::builder())     // and more of them, with `.contract(..)` for each
//!     .threads(4)
//!     .on_opened(|name, result| match result {
//!         Ok(contract) => eprintln!("{name}: {contract}"),
//!         Err(error) => eprintln!("{name}: {error}"),
//!     })
//!     .open_manifest("plugins.toml")?;
//! for (name, error) in registry.errors() {
//!     eprintln!("{name} is not there: {error}");
//! }
//! let filter: textfilter::PluginHandle = registry.get("filter")?;
//! # Ok(())
//! # }
//! ```
//!
//! # What happens to a file
//!
//! It is read once, and opened by the builder of its contract, by the way that [`Builder::open`](crate::Builder::open) goes. Which
//! contract it is built for stands in the file, of which nothing may be read before it is trusted. So the trust decision comes
//! first, and twice:
//!
//! 1. Each builder is told what the entry of the plugin says: its pins, trust stores, lock files and revocations beside those of
//!    the builder. All has to agree; a plugin that is pinned by both has to have a hash that is among both. Where the entry names
//!    a contract, only the builder of that contract is asked.
//! 2. If one of them trusts the bytes, their section `hookr:contract` is read; if none does, that is the end.
//! 3. The builder of that contract opens the plugin, and makes its own decision: that another has let the section be read counts
//!    for nothing.
//!
//! So a verifier of a builder can be asked twice for the same bytes, and for bytes that turn out to be of another contract.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::RwLock;

mod builder;
mod entry;
mod error;
mod folder;
mod limits;
mod manifest;
mod name;
mod open;
mod template;

pub use builder::RegistryBuilder;
#[cfg(feature = "wasi")]
pub use entry::GrantsFrom;
pub use entry::{Entry, ReloadChanges, SupervisionChanges};
pub use error::{PluginError, RegistryError};
pub use limits::LimitChanges;
pub use manifest::{Manifest, ManifestError, ManifestProblem};

use crate::__private::{Bindings, Opened};
use open::{Slot, open};
use template::Template;

/// Plugins by their names; see the [module](self).
///
/// Clones share the plugins. Looking one up takes a moment, and gives a handle that goes on working whatever becomes of the
/// registry.
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

struct Shared {
    templates: Vec<Box<dyn Template>>,
    plugins: RwLock<BTreeMap<String, Slot>>,
}

impl Registry {
    /// Starts to open plugins.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    /// The plugin of this name, by the handle of its contract.
    ///
    /// # Errors
    ///
    /// [`RegistryError::UnknownName`], [`RegistryError::Failed`], [`RegistryError::Disabled`] and
    /// [`RegistryError::OtherContract`].
    pub fn get<H: Opened + Clone + 'static>(&self, name: &str) -> Result<H, RegistryError> {
        let plugins = self.shared.plugins.read();
        let plugin = match plugins.get(name) {
            Some(Slot::Open(plugin)) => plugin,
            Some(Slot::Failed(error)) => {
                return Err(RegistryError::Failed { name: name.to_owned(), source: error.clone() });
            }
            Some(Slot::Disabled) => return Err(RegistryError::Disabled { name: name.to_owned() }),
            None => {
                let names = plugins.keys().cloned().collect();
                return Err(RegistryError::UnknownName { name: name.to_owned(), names });
            }
        };
        plugin.handle.downcast_ref::<H>().cloned().ok_or_else(|| RegistryError::OtherContract {
            name: name.to_owned(),
            expected: H::Bindings::contract().map(|contract| Box::new(contract.summary())),
            found: plugin.served_as.clone().map(Box::new),
        })
    }

    /// The names of all plugins, in their order, whether they could be opened or not.
    pub fn names(&self) -> Vec<String> {
        self.shared.plugins.read().keys().cloned().collect()
    }

    /// The plugins of one contract that are open, in the order of their names.
    pub fn of<H: Opened + Clone + 'static>(&self) -> impl Iterator<Item = (String, H)> + use<H> {
        let plugins = self.shared.plugins.read();
        let of_contract = plugins.iter().filter_map(|(name, slot)| match slot {
            Slot::Open(plugin) => Some((name.clone(), plugin.handle.downcast_ref::<H>()?.clone())),
            Slot::Failed(_) | Slot::Disabled => None,
        });
        of_contract.collect::<Vec<_>>().into_iter()
    }

    /// The plugins that could not be opened, in the order of their names, and why.
    pub fn errors(&self) -> Vec<(String, Arc<PluginError>)> {
        let plugins = self.shared.plugins.read();
        let failed = plugins.iter().filter_map(|(name, slot)| match slot {
            Slot::Failed(error) => Some((name.clone(), error.clone())),
            Slot::Open(_) | Slot::Disabled => None,
        });
        failed.collect()
    }

    /// Opens one more plugin, for which all holds that the builder of its contract says.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub fn open_one(&self, name: impl Into<String>, path: impl Into<PathBuf>) -> Result<(), RegistryError> {
        self.add(name, Entry::new(path))
    }

    /// Opens one more plugin, on this thread; calls of the others go on meanwhile. What cannot be opened is not kept.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Taken`] where there is a plugin of that name, one that could not be opened included: it can be
    /// [removed](Self::remove). [`RegistryError::InvalidName`] and [`RegistryError::Failed`].
    pub fn add(&self, name: impl Into<String>, entry: Entry) -> Result<(), RegistryError> {
        let name = name.into();
        if !name::is_valid(&name) {
            return Err(RegistryError::InvalidName { name });
        }
        if self.shared.plugins.read().contains_key(&name) {
            return Err(RegistryError::Taken { name });
        }
        let slot = if entry.disabled {
            Slot::Disabled
        } else {
            let opened = open(&self.shared.templates, &name, &entry);
            Slot::Open(opened.map_err(|error| RegistryError::Failed { name: name.clone(), source: error.into() })?)
        };
        let mut plugins = self.shared.plugins.write();
        // Somebody else may have added one meanwhile.
        if plugins.contains_key(&name) {
            drop(plugins);
            return Err(RegistryError::Taken { name });
        }
        plugins.insert(name, slot);
        Ok(())
    }

    /// Takes a plugin out; whether there was one of that name. Its instance ends when the last of its handles does.
    pub fn remove(&self, name: &str) -> bool {
        let removed = self.shared.plugins.write().remove(name);
        // Ending an instance takes longer than others should wait for the registry.
        removed.is_some()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("names", &self.names()).finish_non_exhaustive()
    }
}
