//! Many plugins by their names: from a manifest, from a folder, and added one by one.

mod handles;
mod manifest;
mod parallel;
mod trust;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
use hookr::registry::{Entry, PluginError, RegistryBuilder};
use hookr::trust::{Candidate, SecretKey};
use hookr::{Artifact, Builder, Cache, CallbackContext, Digest, Error, LockFile, LockedPlugin};
use hookr::{Engine, Limits, OpenError, Registry, RegistryError};
use hookr_tests::hostile::{Hostile, section_for};
use hookr_tests::hosts::{Numbers, chain, chaos_builder};
use hookr_tests::{plugin, plugin_bytes, scratch_dir};
use tempfile::TempDir;

type Filter = textfilter::PluginHandle;
type Ticks = tickloop::PluginHandle;
type Balancer = urlbalancer::PluginHandle;

/// Compiled code is kept between the tests.
fn cache() -> Cache {
    Cache::folder(scratch_dir().join("registry-cache"))
}

fn filter() -> Builder<Filter> {
    Filter::builder().cache(cache())
}

fn ticks() -> Builder<Ticks> {
    let rng = Numbers { int: Ok(3), float: Ok(0.5), journal: Default::default() };
    Ticks::builder(tickloop::Callbacks { rng: Arc::new(rng) }).cache(cache())
}

fn balancer() -> Builder<Balancer> {
    Balancer::builder(Numbers::callbacks(Ok(1), Ok(0.5))).cache(cache())
}

/// A registry of three contracts, which trusts nothing by itself.
fn three() -> RegistryBuilder {
    Registry::builder().contract(filter()).contract(ticks()).contract(balancer())
}

struct Folder {
    dir: TempDir,
}

impl Folder {
    fn new() -> Self {
        Folder { dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    fn copy(&self, name: &str, of: &str) {
        self.write(name, plugin_bytes(of));
    }

    fn manifest(&self, text: &str) -> PathBuf {
        self.write("plugins.toml", format!("version = 1\n{text}"))
    }
}

fn sha256(plugin: &str) -> Digest {
    Digest::of(&plugin_bytes(plugin))
}

/// What the text filter makes of a text.
fn filtered(plugin: &Filter) -> String {
    let request = textfilter::FilterRequest {
        input: "this platform has forbidden words".into(),
        blocked_terms: vec!["forbidden".into()],
        ..Default::default()
    };
    plugin.filter(&request).unwrap().output
}

#[track_caller]
fn error(registry: &Registry, name: &str) -> Arc<PluginError> {
    let errors = registry.errors();
    let found = errors.iter().find(|(found, _)| found == name);
    found.unwrap_or_else(|| panic!("there is no error of {name}: {errors:?}")).1.clone()
}
