//! The plugins that are called.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookr::lane::LaneChoice;
use hookr::{Builder, Cache, CallWay};
use wasmtime::Engine;
use wasmtime::Result;
use wasmtime::component::Component;
use wasmtime::error::Context as _;

use crate::by_hand::{self, Bare};
use crate::host::Host;
use crate::raw;

/// The plugins by their names: the file of each is called so, with `.wasm` at its end.
pub const NAMES: [&str; 6] = ["calm", "echo", "large", "textfilter", "tickloop", "urlbalancer"];

/// A folder with the plugins.
pub struct Folder(PathBuf);

/// Every plugin, opened by Hookr and compiled for wasmtime alone.
pub struct Plugins {
    /// Where they are.
    pub folder: Folder,
    /// What those without Hookr run on.
    pub engine: Engine,
    /// The plugin of `benches/echo`.
    pub echo: Plugin<echo::PluginHandle>,
    /// A second instance of it.
    pub echo_again: echo::PluginHandle,
    /// The plugin by hand, of the same contract.
    pub by_hand: echo::PluginHandle,
    /// The same without a contract.
    pub bare: Bare,
    /// The plugin of `benches/calm`.
    pub calm: Plugin<tickloop::PluginHandle>,
    /// The plugin of `examples/tickloop`.
    pub tickloop: Plugin<tickloop::PluginHandle>,
    /// The plugin of `examples/textfilter`.
    pub textfilter: Plugin<textfilter::PluginHandle>,
    /// The plugin of `examples/urlbalancer`.
    pub urlbalancer: Plugin<urlbalancer::PluginHandle>,
}

/// A plugin, opened with Hookr and without.
pub struct Plugin<H> {
    /// Opened by Hookr, as it does by itself.
    pub hookr: H,
    /// Opened by Hookr, with typed calls that never take the lane.
    pub component: H,
    /// Opened by Hookr, with a lane that uses nothing but the documented functions of wasmtime.
    pub portable: H,
    /// Compiled, and nothing else.
    pub raw: Component,
}

impl Folder {
    /// This folder. Nothing is read so far.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Folder(path.into())
    }

    /// The file of a plugin.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name).with_extension("wasm")
    }

    /// Compiles a plugin for wasmtime alone.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is no component.
    pub fn compile(&self, engine: &Engine, name: &str) -> Result<Component> {
        let file = self.file(name);
        Component::from_file(engine, &file).with_context(|| format!("{} cannot be compiled", file.display()))
    }
}

impl Plugins {
    /// Opens the plugins of a folder.
    ///
    /// # Errors
    ///
    /// One is missing, or built for another contract.
    pub fn open(folder: &Path) -> Result<Self> {
        let folder = Folder::new(folder);
        let engine = raw::engine()?;
        Ok(Plugins {
            echo: plugin(&folder, &engine, "echo", echo)?,
            echo_again: opened(&folder, "echo", echo)?,
            by_hand: by_hand::open(&echo())?,
            bare: Bare::open()?,
            calm: plugin(&folder, &engine, "calm", tickloop)?,
            tickloop: plugin(&folder, &engine, "tickloop", tickloop)?,
            textfilter: plugin(&folder, &engine, "textfilter", textfilter)?,
            urlbalancer: plugin(&folder, &engine, "urlbalancer", urlbalancer)?,
            engine,
            folder,
        })
    }
}

/// A builder for plugins of the contract `echo`. Like the others, it compiles each time, unless it is told otherwise.
pub fn echo() -> Builder<echo::PluginHandle> {
    echo::PluginHandle::builder(echo::Callbacks { mirror: Arc::new(Host) }).allow_unsigned().cache(Cache::off())
}

/// A builder for plugins of the contract `textfilter`.
pub fn textfilter() -> Builder<textfilter::PluginHandle> {
    textfilter::PluginHandle::builder().allow_unsigned().cache(Cache::off())
}

/// A builder for plugins of the contract `tickloop`.
pub fn tickloop() -> Builder<tickloop::PluginHandle> {
    tickloop::PluginHandle::builder(tickloop::Callbacks { rng: Arc::new(Host) }).allow_unsigned().cache(Cache::off())
}

/// A builder for plugins of the contract `urlbalancer`.
pub fn urlbalancer() -> Builder<urlbalancer::PluginHandle> {
    urlbalancer::PluginHandle::builder(urlbalancer::Callbacks { rng: Arc::new(Host) })
        .allow_unsigned()
        .cache(Cache::off())
}

fn plugin<H>(folder: &Folder, engine: &Engine, name: &str, builder: fn() -> Builder<H>) -> Result<Plugin<H>>
where
    H: hookr::__private::Opened,
{
    let component = || builder().typed_calls(CallWay::Component);
    let portable = || builder().lane(LaneChoice::Portable);
    Ok(Plugin {
        hookr: opened(folder, name, builder)?,
        component: opened(folder, name, component)?,
        portable: opened(folder, name, portable)?,
        raw: folder.compile(engine, name)?,
    })
}

fn opened<H>(folder: &Folder, name: &str, builder: impl Fn() -> Builder<H>) -> Result<H>
where
    H: hookr::__private::Opened,
{
    let file = folder.file(name);
    builder().open(&file).with_context(|| format!("{} cannot be opened; `cargo xtask bench` builds it", file.display()))
}
