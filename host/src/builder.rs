use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cache::{Cache, Code};
use crate::crash::CoreDumps;
use crate::instance::Bindings;
use crate::lane::LaneChoice;
use crate::log::{Level, LogRecord};
use crate::observe::{Observer, Opening};
use crate::plugin::{Generation, Plugin};
use crate::reload::{Fingerprint, Reload, ReloadEvent, Service};
use crate::supervise::{Event, Supervision};
use crate::trust::{Detached, Signer, Store, TrustStore};
use crate::{Artifact, CallWay, Engine, Instances, Limits, OpenError, Source, Verifier};

mod recipe;

pub(crate) use recipe::{Recipe, Wasi};

/// A handle that a [`Builder`] can make; generated code implements it.
pub trait Opened: Sized {
    /// The joint to the contract's world.
    type Bindings: Bindings;

    /// Wraps the opened plugin.
    fn new(plugin: Plugin<Self::Bindings>) -> Self;
}

/// Opens a plugin: what it is trusted by, on which engine, under which name.
///
/// One of [`sha256`](Self::sha256), [`lock_file`](Self::lock_file), [`trust`](Self::trust),
/// [`trust_path`](Self::trust_path), [`verifier`](Self::verifier) and [`allow_unsigned`](Self::allow_unsigned) is required.
/// A builder comes from the generated `PluginHandle::builder`, or from
/// [`DynamicPlugin::builder`](crate::dynamic::DynamicPlugin::builder), and can open several files.
#[must_use = "a builder does nothing before `open`"]
pub struct Builder<H: Opened> {
    recipe: Arc<Recipe<H::Bindings>>,
}

// Not derived: that would ask the handle to be `Clone`.
impl<H: Opened> Clone for Builder<H> {
    fn clone(&self) -> Self {
        Builder { recipe: self.recipe.clone() }
    }
}

impl<H: Opened> Builder<H> {
    /// A builder for a plugin that gets these callbacks; for generated code.
    #[doc(hidden)]
    pub fn new(callbacks: Arc<<H::Bindings as Bindings>::Callbacks>) -> Self {
        Builder { recipe: Arc::new(Recipe::new(callbacks)) }
    }

    /// What is told from here on is known to this builder alone: opened plugins and clones keep what they have.
    pub(crate) fn recipe(&mut self) -> &mut Recipe<H::Bindings> {
        Arc::make_mut(&mut self.recipe)
    }

    /// Trusts the file with this SHA-256, as 64 hexadecimal digits (`sha256sum` and `hookr inspect` print them). Called
    /// several times, each of the hashes is accepted.
    pub fn sha256(mut self, pin: impl AsRef<str>) -> Self {
        self.recipe().policy.pins.push(pin.as_ref().parse());
        self
    }

    /// Trusts the file if it is what a [lock file](crate::lock) says. The lock file is read whenever a plugin is opened. The
    /// plugin is looked for by the [name](Self::name) that it was given; without one, by its path, then by its file's name
    /// without extension.
    pub fn lock_file(mut self, path: impl AsRef<Path>) -> Self {
        self.recipe().policy.lock_files.push(path.as_ref().to_owned());
        self
    }

    /// Trusts files that are signed by keys of this store. Called several times, each of the stores has to agree;
    /// [`TrustStore::merge`] makes one of several.
    pub fn trust(mut self, store: TrustStore) -> Self {
        self.recipe().policy.stores.push(Store::Given(store));
        self
    }

    /// Trusts files that are signed by keys of this [file or folder](TrustStore#files). It is read anew whenever a plugin is
    /// opened, so that a key or a revocation counts from then on.
    pub fn trust_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.recipe().policy.stores.push(Store::Path(path.into()));
        self
    }

    /// Refuses the plugins, and distrusts the keys, that this [list](TrustStore::revocations) revokes, whatever else says that
    /// they may be trusted. It is read anew whenever a plugin is opened. Called several times, all the lists count. It is no
    /// trust decision by itself. A key that is revoked makes no signature count; what a pin or a lock file names by its hash
    /// takes none.
    pub fn revocations(mut self, path: impl Into<PathBuf>) -> Self {
        self.recipe().policy.revoked.push(path.into());
        self
    }

    /// A detached signature of the plugin: it counts beside those inside.
    pub fn signature(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.recipe().policy.signature = Some(Detached::Given(bytes.into().into()));
        self
    }

    /// The file of a detached signature, which is read whenever a plugin is opened.
    pub fn signature_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.recipe().policy.signature = Some(Detached::Path(path.into()));
        self
    }

    /// Asks code of yours whether the plugin may run. Called several times, all of them have to agree.
    pub fn verifier(mut self, verifier: impl Verifier) -> Self {
        self.recipe().policy.verifiers.push(Arc::new(verifier));
        self
    }

    /// Trusts any file: for plugins that you are developing yourself. Everything else that was given still counts.
    pub fn allow_unsigned(mut self) -> Self {
        self.recipe().policy.allow_unsigned = true;
        self
    }

    /// The name by which callbacks and messages know the plugin; the file's name if it is not set.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.recipe().name = Some(name.into());
        self
    }

    /// The engine to compile and run on; [`Engine::shared`] if it is not set.
    pub fn engine(mut self, engine: &Engine) -> Self {
        self.recipe().engine = Some(engine.clone());
        self
    }

    /// Where compiled code is kept; [`Cache::user`] if it is not set.
    pub fn cache(mut self, cache: Cache) -> Self {
        self.recipe().cache = cache;
        self
    }

    /// Which way the lane takes; [`LaneChoice::Auto`] if it is not set.
    pub fn lane(mut self, choice: LaneChoice) -> Self {
        self.recipe().lane = choice;
        self
    }

    /// Which way the calls of the handle take; [`CallWay::Auto`] if it is not set. Their results are the same.
    pub fn typed_calls(mut self, way: CallWay) -> Self {
        self.recipe().calls = way;
        self
    }

    /// What the plugin may use; [`Limits::default`] if it is not set.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.recipe().limits = limits;
        self
    }

    /// How many instances the plugin has, and who waits how for one; [`Instances::one`] if it is not set. A number makes a
    /// [pool](Instances::pool).
    pub fn instances(mut self, instances: impl Into<Instances>) -> Self {
        self.recipe().instances = instances.into();
        self
    }

    /// Other versions of the plugin may take its place while it is in use, as `reload` says; see [`reload`](crate::reload). Every
    /// one of them has to be trusted, to fit the contract and to keep to the limits, as this builder says. Paths that are relative
    /// are those of the folder that the process is in when the plugin is opened.
    pub fn reload(mut self, reload: impl Into<Option<Reload>>) -> Self {
        self.recipe().reload = reload.into();
        self
    }

    /// Asks code of yours whether another version may take the place of the one in service. It gets a handle of the new version,
    /// with the instance that is going to be in service: it can be called, to see whether it works, and to bring it into the
    /// state that it needs. What it says no to, what panics in it, and what costs that instance, leaves everything as it is.
    ///
    /// The hook runs on the thread that reloads, and holds up nobody's calls. The handle is refused when the hook is over.
    pub fn on_reload<E: Into<Source>>(
        mut self,
        hook: impl Fn(&H, &ReloadEvent) -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        self.recipe().hook = Some(Arc::new(move |plugin, event| hook(&H::new(plugin), event).map_err(Into::into)));
        self
    }

    /// What becomes of the plugin when it loses its instance; [`Supervision::default`] if it is not set.
    pub fn supervision(mut self, supervision: Supervision) -> Self {
        self.recipe().supervision = supervision;
        self
    }

    /// A version of the plugin that is known to work, which calls run on when this one goes on losing its instances; see
    /// [`OnLoss::LastGood`](crate::supervise::OnLoss::LastGood). It has to be trusted like the other, and to fit the contract. A
    /// lock file knows it by its own file, not by the plugin's name.
    pub fn last_good(mut self, artifact: &Artifact) -> Self {
        self.recipe().last_good = Some(artifact.clone());
        self
    }

    /// Who is told of what happens to the plugin: that it has lost its instance and its state, for instance.
    pub fn on_event(mut self, listener: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.recipe().listener = Some(Arc::new(listener));
        self
    }

    /// Writes the memory of the plugin to a file of this folder when it traps, for `wasmgdb` and the like, so many times at
    /// the most. Such a file is as large as that memory, and has in it what the plugin was told. The engine has to [copy
    /// memory](crate::Settings::core_dumps).
    pub fn core_dumps(mut self, folder: impl AsRef<Path>, most: usize) -> Self {
        self.recipe().core_dumps = Some(Arc::new(CoreDumps::new(folder.as_ref(), most)));
        self
    }

    /// What the plugin may have of WASI; [`Grants::none`](crate::Grants::none) if it is not set.
    #[cfg(feature = "wasi")]
    pub fn grants(mut self, grants: crate::Grants) -> Self {
        self.recipe().wasi.grants = grants;
        self
    }

    /// What gets the [messages and lines](crate::log) of the plugin.
    ///
    /// The function is called on the thread of the call, while it lasts. A panic in it passes to whoever called the plugin,
    /// and costs the plugin its instance.
    pub fn log(mut self, sink: impl Fn(&LogRecord<'_>) + Send + Sync + 'static) -> Self {
        self.recipe().audience.sink = Some(Arc::new(sink));
        self
    }

    /// The least that the [function](Self::log) gets; [`Level::Trace`], which is everything, if it is not set. Subscribers of
    /// `tracing` have filters of their own.
    pub fn log_level(mut self, least: Level) -> Self {
        self.recipe().audience.least = least;
        self
    }

    /// Has every call timed, for [`Stats`](crate::Stats), which costs it two looks at the clock. Calls are not timed if that is
    /// not set.
    pub fn timings(mut self, timed: bool) -> Self {
        self.recipe().timings = timed;
        self
    }

    /// Makes the trust decision alone, without opening anything: for tools that want to look into a plugin between that
    /// and running it. [`open`](Self::open) makes the decision by itself. Gives back the keys of trust stores that have
    /// signed the plugin.
    ///
    /// # Errors
    ///
    /// [`OpenError::NoTrustDecision`], [`OpenError::InvalidPin`], [`OpenError::Untrusted`], [`OpenError::LockFile`],
    /// [`OpenError::NotLocked`], [`OpenError::LockedHash`], [`OpenError::TrustStore`], [`OpenError::DetachedSignature`],
    /// [`OpenError::Signature`], [`OpenError::LockedSigners`] and [`OpenError::Rejected`]; with a trust store, what is no
    /// component is [`OpenError::NotWasm`] or [`OpenError::CoreModule`].
    pub fn decide(&self, artifact: &Artifact) -> Result<Vec<Signer>, OpenError> {
        let Recipe { policy, name, .. } = &*self.recipe;
        policy.decide(artifact, name.as_deref()).map(|approved| approved.signers)
    }

    /// Makes the trust decision, and compares the contract of the plugin and what lock files say of it, as
    /// [`open`](Self::open) does. Nothing is compiled, and limits, grants and the world are not looked at.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), as far as it goes.
    pub fn check(&self, artifact: &Artifact) -> Result<Vec<Signer>, OpenError> {
        let engine = self.recipe.fitting_engine()?;
        self.recipe.opener(&engine).check::<H::Bindings>(artifact)
    }

    /// Opens a file. It is read once; what is hashed is what is compiled.
    ///
    /// # Errors
    ///
    /// [`OpenError`] has a variant for each step that can fail.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<H, OpenError> {
        let path = path.as_ref();
        self.observed(&crate::artifact::name_of(path), |opening| {
            let known = self.is_watched().then(|| Fingerprint::of(path));
            self.open_known(&Artifact::read_at_most(path, self.recipe.limits.file)?, known, opening)
        })
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
        // When it was read is not known, so that the file is looked at once more.
        let known = self.is_watched().then(Fingerprint::unknown);
        self.observed(artifact.name(), |opening| self.open_known(artifact, known, opening))
    }

    /// Opens a plugin, which somebody may look at. `file` is its name, if it was not given one.
    fn observed(&self, file: &str, open: impl FnOnce(&Opening) -> Result<H, OpenError>) -> Result<H, OpenError> {
        let opening = Opening::begin(self.recipe.name.as_deref().unwrap_or(file));
        let result = open(&opening);
        opening.end(result)
    }

    fn is_watched(&self) -> bool {
        self.recipe.reload.is_some_and(|reload| reload.watch.is_some())
    }

    /// Opens what was read when its file looked like that, if it is to be watched.
    fn open_known(&self, artifact: &Artifact, known: Option<Fingerprint>, opening: &Opening) -> Result<H, OpenError> {
        let recipe = &self.recipe;
        opening.found(artifact);
        let engine = recipe.fitting_engine()?;
        if recipe.reload.is_some_and(|reload| reload.state.is_some()) && recipe.instances.keeps_no_state() {
            return Err(OpenError::StateOfMany);
        }
        let service = recipe.reload.map(|reload| Service::new(reload, artifact.path()));
        let kept = service.is_some().then(|| artifact.absolute());
        let for_later = if service.is_some() { Arc::new(recipe.for_later()) } else { recipe.clone() };
        let version = recipe.version(&engine, artifact)?;
        let last_good = recipe.last_good_version(&engine)?;
        let begun = Generation::begin(1, version, last_good, kept, recipe.calls, recipe.instances.made_beforehand())?;
        let observer = Observer::new(begun.0.opened(), recipe.timings, true);
        opening.opened(begun.0.opened());
        let plugin = Plugin::new(for_later, engine, begun, recipe.listener.clone(), service, observer);
        if let Some(known) = known {
            plugin.shared.watch(known).map_err(|source| OpenError::Watch { source })?;
        }
        Ok(H::new(plugin))
    }

    /// Compiles a file ahead of time, so that it is in the cache when it is opened. Nothing of it runs, but it has to be
    /// trusted, to be for the contract, and to be no larger than the limits say.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), up to the compilation. What is wrong with the cache is no error: the [`Code`] says whether it
    /// is there now.
    pub fn compile(&self, path: impl AsRef<Path>) -> Result<Code, OpenError> {
        self.compile_artifact(&Artifact::read_at_most(path.as_ref(), self.recipe.limits.file)?)
    }

    /// Compiles what has been read already.
    ///
    /// # Errors
    ///
    /// As [`compile`](Self::compile), but for reading.
    pub fn compile_artifact(&self, artifact: &Artifact) -> Result<Code, OpenError> {
        let engine = self.recipe.fitting_engine()?;
        Ok(self.recipe.opener(&engine).compiled::<H::Bindings>(artifact, false)?.code)
    }

    /// The largest file that it opens.
    pub(crate) fn max_size(&self) -> u64 {
        self.recipe.limits.file
    }
}
