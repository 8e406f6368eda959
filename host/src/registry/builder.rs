use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use parking_lot::RwLock;

use super::open::{Job, Progress, open_all};
use super::template::Template;
use super::{Manifest, PluginError, Registry, RegistryError, Shared, folder};
use crate::__private::Opened;
use crate::{Builder, ContractSummary};

/// Opens the plugins of a [`Registry`].
#[must_use = "a builder does nothing before `open_manifest` or `open_folder`"]
#[derive(Default)]
pub struct RegistryBuilder {
    templates: Vec<Box<dyn Template>>,
    threads: Option<usize>,
    progress: Option<Progress>,
}

impl RegistryBuilder {
    /// The most threads that plugins are opened on: 256.
    pub const MAX_THREADS: usize = 256;

    /// Serves a contract: its plugins are opened with this builder, changed by what a manifest says of each, and called by their
    /// names. The builder of a [`DynamicPlugin`](crate::dynamic::DynamicPlugin) serves every contract that no other does.
    pub fn contract<H>(mut self, template: Builder<H>) -> Self
    where
        H: Opened + Clone + Send + Sync + 'static,
    {
        self.templates.push(Box::new(template));
        self
    }

    /// So many plugins are opened at once; as many as there are processors, if it is not set. It is one at the least, and
    /// [`MAX_THREADS`](Self::MAX_THREADS) at the most. However many they are, only as many are compiled at a time as there are
    /// processors.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Who is told of each plugin that has been opened, or could not be, as soon as that is known; of those that are disabled,
    /// nobody is told. It is called on the thread
    /// that opens the registry, for one plugin after the other; a panic in it passes to whoever opens the registry.
    pub fn on_opened(
        mut self,
        progress: impl Fn(&str, Result<&ContractSummary, &PluginError>) + Send + Sync + 'static,
    ) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Opens the plugins of a manifest. `docs/src/reference/manifest.md` in the repository has every key of it.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Manifest`], [`RegistryError::NoContract`] and [`RegistryError::TwoTemplates`]. What is wrong with a plugin
    /// is no error here: [`Registry::errors`] has it.
    pub fn open_manifest(self, path: impl AsRef<Path>) -> Result<Registry, RegistryError> {
        self.open(Manifest::read(path)?)
    }

    /// Opens the plugins of a manifest that has been read already.
    ///
    /// # Errors
    ///
    /// As [`open_manifest`](Self::open_manifest), but for reading.
    pub fn open(self, manifest: Manifest) -> Result<Registry, RegistryError> {
        self.open_all(|| Ok(manifest.plugins.into_iter().map(|(name, entry)| (name, Ok(entry))).collect()))
    }

    /// Opens every file `*.wasm` of a folder, under its name without `.wasm`. What holds for them is what the builders say.
    ///
    /// Folders in it are not looked into, and files whose names begin with a point are passed over. A link counts as what it leads
    /// to, under its own name; two names of one file are two plugins. What is none of a plugin, a folder `x.wasm` for instance,
    /// is an error of that name, and so is a name that is not UTF-8 or could not be printed as it is.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Folder`] and [`RegistryError::TooMany`] (above 10,000 plugins or 100,000 entries),
    /// [`RegistryError::NoContract`] and [`RegistryError::TwoTemplates`].
    pub fn open_folder(self, folder: impl AsRef<Path>) -> Result<Registry, RegistryError> {
        self.open_all(|| folder::plugins(folder.as_ref()))
    }

    /// A registry without plugins, for hosts that [add](Registry::add) them.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NoContract`] and [`RegistryError::TwoTemplates`].
    pub fn empty(self) -> Result<Registry, RegistryError> {
        self.open_all(|| Ok(Vec::new()))
    }

    fn open_all(self, jobs: impl FnOnce() -> Result<Vec<Job>, RegistryError>) -> Result<Registry, RegistryError> {
        self.check()?;
        let threads = self.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
        let threads = threads.clamp(1, Self::MAX_THREADS);
        let plugins: BTreeMap<_, _> =
            open_all(&self.templates, jobs()?, threads, self.progress.as_ref()).into_iter().collect();
        let shared = Shared { templates: self.templates, plugins: RwLock::new(plugins) };
        Ok(Registry { shared: Arc::new(shared) })
    }

    /// It has to be clear which template a plugin is opened with.
    fn check(&self) -> Result<(), RegistryError> {
        if self.templates.is_empty() {
            return Err(RegistryError::NoContract);
        }
        let mut seen = Vec::new();
        for template in &self.templates {
            let id = template.contract().map(|contract| contract.id);
            if seen.contains(&id) {
                let contract = template.contract().map(|contract| Box::new(contract.summary()));
                return Err(RegistryError::TwoTemplates { contract });
            }
            seen.push(id);
        }
        Ok(())
    }
}
