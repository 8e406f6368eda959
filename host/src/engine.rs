use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use wasmtime::Config;

use crate::crash::Backtrace;
use crate::{Digest, OpenError, cache};

mod clock;
mod codes;
mod features;

pub(crate) use clock::{Clock, nanos};
pub(crate) use codes::{Codes, SharedCode};
pub(crate) use features::DENSE_IMAGE;

/// The release of wasmtime that this crate is built on.
pub const WASMTIME_VERSION: &str = "48.0.8";

/// Compiles plugins and holds what their instances share. The code of a file is there once, for as many plugins as are opened
/// from it.
///
/// Cheap to clone. A process needs one; [`Engine::shared`] is used where a [`Builder`](crate::Builder) gets none. A thread of
/// the engine keeps its time, so that deadlines end calls without anybody's help; it ends when the engine is dropped.
#[derive(Clone)]
pub struct Engine {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) clock: Arc<Clock>,
    settings: Settings,
    fingerprint: Arc<OnceLock<Digest>>,
    pub(crate) codes: Arc<Codes>,
}

/// What all plugins of an [`Engine`] have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Settings {
    /// Bytes of stack that the code of a plugin may use: 512 KiB. The stack of a thread that calls has to have as much left
    /// and some more, which those of Rust's standard library do.
    pub stack: usize,
    /// Whether instructions are counted, for [`Limits::fuel`](crate::Limits::fuel). No.
    pub fuel: bool,
    /// Whether the memory of a plugin is copied when it traps, for [`Builder::core_dumps`](crate::Builder::core_dumps). No.
    pub core_dumps: bool,
    /// How often the engine looks at the time while a plugin runs: every millisecond. A call ends a tick or two behind its
    /// deadline, as long as the system lets the engine's thread run. What goes on until it is done: a callback, reading a
    /// message, and a single instruction that fills or copies memory.
    pub tick: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { stack: 512 << 10, fuel: false, core_dumps: false, tick: Duration::from_millis(1) }
    }
}

/// Each changes the setting of its name.
impl Settings {
    /// Bytes of stack.
    #[must_use]
    pub fn stack(mut self, bytes: usize) -> Self {
        self.stack = bytes;
        self
    }

    /// Whether instructions are counted.
    #[must_use]
    pub fn fuel(mut self, counts: bool) -> Self {
        self.fuel = counts;
        self
    }

    /// Whether memory is copied at a trap.
    #[must_use]
    pub fn core_dumps(mut self, copies: bool) -> Self {
        self.core_dumps = copies;
        self
    }

    /// How often the engine looks at the time.
    #[must_use]
    pub fn tick(mut self, tick: Duration) -> Self {
        self.tick = tick;
        self
    }
}

impl Engine {
    /// A new engine with Hookr's settings.
    ///
    /// # Errors
    ///
    /// [`OpenError::Engine`] where the machine lacks what wasmtime needs.
    pub fn new() -> Result<Self, OpenError> {
        Self::with(Settings::default())
    }

    /// A new engine with other settings.
    ///
    /// # Errors
    ///
    /// [`OpenError::Engine`] where the machine lacks what wasmtime needs, or the settings are none.
    pub fn with(settings: Settings) -> Result<Self, OpenError> {
        let mut config = Config::new();
        // Async component functions are not part of a contract, and this alone makes a call twice as fast.
        config.concurrency_support(false);
        features::refuse_what_no_contract_needs(&mut config);
        // Loops and functions look whether it is time to stop.
        config.epoch_interruption(true);
        config.wasm_backtrace_max_frames(NonZeroUsize::new(Backtrace::MAX_FRAMES));
        config.max_wasm_stack(settings.stack).consume_fuel(settings.fuel).coredump_on_trap(settings.core_dumps);
        Self::of(&config, settings)
    }

    pub(crate) fn of(config: &Config, settings: Settings) -> Result<Self, OpenError> {
        let engine = wasmtime::Engine::new(config).map_err(|error| OpenError::Engine { source: error.into() })?;
        let clock = Clock::start(&engine, settings.tick).map_err(|error| OpenError::Engine { source: error.into() })?;
        Ok(Engine { wasmtime: engine, clock, settings, fingerprint: Arc::default(), codes: Arc::default() })
    }

    /// The engine of this process, made at the first call.
    ///
    /// # Errors
    ///
    /// As [`Engine::new`].
    pub fn shared() -> Result<Self, OpenError> {
        Self::shared_with(&Settings::default())
    }

    /// The engine of this process with these settings, made when they are first asked for.
    pub(crate) fn shared_with(settings: &Settings) -> Result<Self, OpenError> {
        static SHARED: Mutex<BTreeMap<Settings, Engine>> = Mutex::new(BTreeMap::new());
        let mut shared = SHARED.lock();
        if let Some(engine) = shared.get(settings) {
            return Ok(engine.clone());
        }
        let engine = Engine::with(settings.clone())?;
        shared.insert(settings.clone(), engine.clone());
        Ok(engine)
    }

    /// What it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What code that is compiled on it depends on, beside the plugin.
    pub(crate) fn fingerprint(&self) -> Digest {
        *self.fingerprint.get_or_init(|| cache::fingerprint(&self.wasmtime, &self.settings))
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_that_the_workspace_pins() {
        let manifest = include_str!("../../Cargo.toml");
        let pin = format!("wasmtime = {{ version = \"={}\"", super::WASMTIME_VERSION);
        assert!(manifest.contains(&pin), "{pin}");
    }

    #[test]
    fn the_shared_engine_is_one_for_each_setting() {
        let default = Engine::shared().unwrap();
        assert!(Arc::ptr_eq(&default.clock, &Engine::shared().unwrap().clock));
        let fuel = Settings::default().fuel(true);
        let counting = Engine::shared_with(&fuel).unwrap();
        assert!(!Arc::ptr_eq(&default.clock, &counting.clock));
        assert!(Arc::ptr_eq(&counting.clock, &Engine::shared_with(&fuel).unwrap().clock));
        assert_eq!(counting.settings(), &fuel);
    }

    #[test]
    fn a_stack_that_cannot_be_is_an_error() {
        assert!(matches!(Engine::with(Settings::default().stack(0)), Err(OpenError::Engine { .. })));
    }
}
