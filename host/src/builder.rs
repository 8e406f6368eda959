use std::path::Path;
use std::sync::Arc;

use crate::instance::Bindings;
use crate::lane::LaneChoice;
use crate::plugin::Plugin;
use crate::trust::Policy;
use crate::{Artifact, CallWay, Engine, Limits, OpenError, Verifier};

/// A handle that a [`Builder`] can make; generated code implements it.
pub trait Opened: Sized {
    /// The joint to the contract's world.
    type Bindings: Bindings;

    /// Wraps the opened plugin.
    fn new(plugin: Plugin<Self::Bindings>) -> Self;
}

/// Opens a plugin: what it is trusted by, on which engine, under which name.
///
/// One of [`sha256`](Self::sha256), [`verifier`](Self::verifier) and [`allow_unsigned`](Self::allow_unsigned) is
/// required. A builder comes from the generated `PluginHandle::builder`, or from
/// [`DynamicPlugin::builder`](crate::dynamic::DynamicPlugin::builder), and can open several files.
#[must_use = "a builder does nothing before `open`"]
pub struct Builder<H: Opened> {
    policy: Policy,
    engine: Option<Engine>,
    name: Option<String>,
    lane: LaneChoice,
    calls: CallWay,
    limits: Limits,
    callbacks: Arc<<H::Bindings as Bindings>::Callbacks>,
}

impl<H: Opened> Builder<H> {
    /// A builder for a plugin that gets these callbacks; for generated code.
    #[doc(hidden)]
    pub fn new(callbacks: Arc<<H::Bindings as Bindings>::Callbacks>) -> Self {
        let (lane, calls) = (LaneChoice::default(), CallWay::default());
        let (policy, limits) = (Policy::default(), Limits::default());
        Builder { policy, engine: None, name: None, lane, calls, limits, callbacks }
    }

    /// Trusts the file with this SHA-256, as 64 hexadecimal digits (`sha256sum` and `hookr inspect` print them). Called
    /// several times, each of the hashes is accepted.
    pub fn sha256(mut self, pin: impl AsRef<str>) -> Self {
        self.policy.pins.push(pin.as_ref().parse());
        self
    }

    /// Asks code of yours whether the plugin may run.
    pub fn verifier(mut self, verifier: impl Verifier) -> Self {
        self.policy.verifier = Some(Arc::new(verifier));
        self
    }

    /// Trusts any file: for plugins that you are developing yourself. Pins and a verifier still count.
    pub fn allow_unsigned(mut self) -> Self {
        self.policy.allow_unsigned = true;
        self
    }

    /// The name by which callbacks and messages know the plugin; the file's name if it is not set.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The engine to compile and run on; [`Engine::shared`] if it is not set.
    pub fn engine(mut self, engine: &Engine) -> Self {
        self.engine = Some(engine.clone());
        self
    }

    /// Which way the lane takes; [`LaneChoice::Auto`] if it is not set.
    pub fn lane(mut self, choice: LaneChoice) -> Self {
        self.lane = choice;
        self
    }

    /// Which way the calls of the handle take; [`CallWay::Auto`] if it is not set. Their results are the same.
    pub fn typed_calls(mut self, way: CallWay) -> Self {
        self.calls = way;
        self
    }

    /// What the plugin may use; [`Limits::default`] if it is not set.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Makes the trust decision alone, without opening anything: for tools that want to look into a plugin between that
    /// and running it. [`open`](Self::open) makes the decision by itself.
    ///
    /// # Errors
    ///
    /// [`OpenError::NoTrustDecision`], [`OpenError::InvalidPin`], [`OpenError::Untrusted`] and [`OpenError::Rejected`].
    pub fn decide(&self, artifact: &Artifact) -> Result<(), OpenError> {
        self.policy.decide(artifact)
    }

    /// Opens a file. It is read once; what is hashed is what is compiled.
    ///
    /// # Errors
    ///
    /// [`OpenError`] has a variant for each step that can fail.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<H, OpenError> {
        self.open_artifact(&Artifact::read(path)?)
    }

    /// Opens a plugin from memory.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), but for reading.
    pub fn open_bytes(&self, bytes: impl Into<Vec<u8>>) -> Result<H, OpenError> {
        self.open_artifact(&Artifact::from_bytes("plugin", bytes)?)
    }

    /// Opens what has been read already.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), but for reading.
    pub fn open_artifact(&self, artifact: &Artifact) -> Result<H, OpenError> {
        let engine = self.engine.clone().map_or_else(Engine::shared, Ok)?;
        let name = self.name.as_deref();
        let ways = (self.lane, self.calls);
        let callbacks = self.callbacks.clone();
        crate::open::open(artifact, &self.policy, &engine, name, ways, &self.limits, callbacks).map(H::new)
    }
}
