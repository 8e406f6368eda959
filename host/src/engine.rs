use std::sync::OnceLock;

use wasmtime::Config;

use crate::OpenError;

/// The release of wasmtime that this crate is built on.
pub const WASMTIME_VERSION: &str = "48.0.8";

/// Compiles plugins and holds what their instances share.
///
/// Cheap to clone. A process needs one; [`Engine::shared`] is used where a [`Builder`](crate::Builder) gets none.
#[derive(Clone)]
pub struct Engine {
    pub(crate) wasmtime: wasmtime::Engine,
}

impl Engine {
    /// A new engine with Hookr's settings.
    ///
    /// # Errors
    ///
    /// [`OpenError::Engine`] where the machine lacks what wasmtime needs.
    pub fn new() -> Result<Self, OpenError> {
        let mut config = Config::new();
        // Async component functions are not part of a contract, and this alone makes a call twice as fast.
        config.concurrency_support(false);
        let engine = wasmtime::Engine::new(&config).map_err(|error| OpenError::Engine { source: error.into() })?;
        Ok(Engine { wasmtime: engine })
    }

    /// The engine of this process, made at the first call.
    ///
    /// # Errors
    ///
    /// As [`Engine::new`].
    pub fn shared() -> Result<Self, OpenError> {
        static SHARED: OnceLock<Engine> = OnceLock::new();
        match SHARED.get() {
            Some(engine) => Ok(engine.clone()),
            None => {
                let engine = Engine::new()?;
                Ok(SHARED.get_or_init(|| engine).clone())
            }
        }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_is_the_one_that_the_workspace_pins() {
        let manifest = include_str!("../../Cargo.toml");
        let pin = format!("wasmtime = {{ version = \"={}\"", super::WASMTIME_VERSION);
        assert!(manifest.contains(&pin), "{pin}");
    }
}
