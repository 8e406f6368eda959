use std::sync::Arc;

use crate::cache::Cache;
use crate::crash::CoreDumps;
use crate::instance::Bindings;
use crate::lane::LaneChoice;
use crate::log::Audience;
use crate::open::Opener;
use crate::plugin::{Generation, Version};
use crate::reload::{Hook, Reload};
use crate::supervise::{Listener, Supervision};
use crate::trust::Policy;
use crate::{Artifact, CallWay, Engine, Instances, Limits, OpenError, Settings};

/// What a builder was told about WASI.
#[derive(Clone, Default)]
pub(crate) struct Wasi {
    #[cfg(feature = "wasi")]
    pub(crate) grants: crate::Grants,
}

/// All that a builder was told. An opened plugin keeps it, and opens its other versions with it.
pub(crate) struct Recipe<B: Bindings> {
    pub(crate) policy: Policy,
    pub(crate) engine: Option<Engine>,
    pub(crate) cache: Cache,
    pub(crate) name: Option<String>,
    pub(crate) lane: LaneChoice,
    pub(crate) calls: CallWay,
    pub(crate) limits: Limits,
    pub(crate) instances: Instances,
    pub(crate) supervision: Supervision,
    pub(crate) listener: Option<Listener>,
    pub(crate) core_dumps: Option<Arc<CoreDumps>>,
    pub(crate) last_good: Option<Artifact>,
    pub(crate) reload: Option<Reload>,
    pub(crate) hook: Option<Hook<B>>,
    pub(crate) audience: Audience,
    pub(crate) timings: bool,
    pub(crate) wasi: Wasi,
    pub(crate) callbacks: Arc<B::Callbacks>,
}

// Derived, it would ask the same of the bindings.
impl<B: Bindings> Clone for Recipe<B> {
    fn clone(&self) -> Self {
        Recipe {
            policy: self.policy.clone(),
            engine: self.engine.clone(),
            cache: self.cache.clone(),
            name: self.name.clone(),
            lane: self.lane,
            calls: self.calls,
            limits: self.limits.clone(),
            instances: self.instances,
            supervision: self.supervision.clone(),
            listener: self.listener.clone(),
            core_dumps: self.core_dumps.clone(),
            last_good: self.last_good.clone(),
            reload: self.reload,
            hook: self.hook.clone(),
            audience: self.audience.clone(),
            timings: self.timings,
            wasi: self.wasi.clone(),
            callbacks: self.callbacks.clone(),
        }
    }
}

impl<B: Bindings> Recipe<B> {
    /// As long as nothing is told.
    pub(super) fn new(callbacks: Arc<B::Callbacks>) -> Self {
        Recipe {
            policy: Policy::default(),
            engine: None,
            cache: Cache::user(),
            name: None,
            lane: LaneChoice::default(),
            calls: CallWay::default(),
            limits: Limits::default(),
            instances: Instances::default(),
            supervision: Supervision::default(),
            listener: None,
            core_dumps: None,
            last_good: None,
            reload: None,
            hook: None,
            audience: Audience::default(),
            timings: false,
            wasi: Wasi::default(),
            callbacks,
        }
    }

    /// The same for later: other versions are opened with it when the process may be in another folder. Until then, messages say
    /// paths as they were given.
    pub(super) fn for_later(&self) -> Self {
        let mut recipe = self.clone();
        recipe.policy.absolute();
        recipe.last_good = recipe.last_good.as_ref().map(Artifact::absolute);
        #[cfg(feature = "wasi")]
        recipe.wasi.grants.absolute();
        recipe
    }

    /// What files are opened with.
    pub(crate) fn opener<'a>(&'a self, engine: &'a Engine) -> Opener<'a> {
        Opener {
            policy: &self.policy,
            engine,
            cache: &self.cache,
            listener: self.listener.as_ref(),
            name: self.name.as_deref(),
            name_in_lock: self.name.as_deref(),
            lane: self.lane,
            limits: &self.limits,
            audience: &self.audience,
            wasi: &self.wasi,
        }
    }

    /// Makes the trust decision alone.
    pub(crate) fn decide(&self, artifact: &Artifact) -> Result<(), OpenError> {
        self.policy.decide(artifact, self.name.as_deref()).map(drop)
    }

    /// The same for the version that is known to work, which the next generation falls back to.
    pub(crate) fn decide_last_good(&self) -> Result<(), OpenError> {
        let Some(artifact) = &self.last_good else { return Ok(()) };
        let decided = self.policy.decide(artifact, None);
        decided.map(drop).map_err(|error| OpenError::LastGood { source: error.into() })
    }

    /// A version of the plugin, with everything but an instance.
    pub(crate) fn version(&self, engine: &Engine, artifact: &Artifact) -> Result<Version<B>, OpenError> {
        self.opener(engine).version(artifact, self.callbacks.clone())
    }

    /// The version that is known to work, tried out.
    pub(crate) fn last_good_version(&self, engine: &Engine) -> Result<Option<Arc<Version<B>>>, OpenError> {
        let Some(artifact) = &self.last_good else { return Ok(None) };
        // In a lock file, the name is of the other: a hash is of one file.
        let opener = Opener { name_in_lock: None, ..self.opener(engine) };
        let version = opener.version(artifact, self.callbacks.clone());
        let version = version.map_err(|error| OpenError::LastGood { source: error.into() })?;
        Generation::last_good(version, self.calls).map(Some)
    }

    /// The engine that was given, if it fits, or the shared one that does.
    pub(crate) fn fitting_engine(&self) -> Result<Engine, OpenError> {
        let (fuel, core_dumps) = (self.limits.fuel.is_some(), self.core_dumps.is_some());
        let Some(engine) = &self.engine else {
            let settings = Settings::default().fuel(fuel).core_dumps(core_dumps);
            let settings = Settings { stack: self.limits.stack.unwrap_or(settings.stack), ..settings };
            return Engine::shared_with(&settings);
        };
        let has = engine.settings();
        let problem = if fuel && !has.fuel {
            "it does not count instructions, and there is a limit for them".to_owned()
        } else if core_dumps && !has.core_dumps {
            "it copies no memory, and there are to be core dumps".to_owned()
        } else if self.limits.stack.is_some_and(|stack| stack != has.stack) {
            format!("it has a stack of {} bytes, and the limits say another", has.stack)
        } else {
            return Ok(engine.clone());
        };
        Err(OpenError::EngineSettings(problem))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::dynamic::{Callbacks, DynamicPlugin, Value};
    use crate::trust::{Detached, Store};
    use crate::{CallbackContext, Error};

    struct NoCallbacks;

    impl Callbacks for NoCallbacks {
        fn call(&self, _: &CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, Error> {
            Err(Error::unimplemented("there are none"))
        }
    }

    #[test]
    fn no_path_of_later_depends_on_the_folder_of_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("good.wasm");
        std::fs::write(&file, "x").unwrap();
        // It is not relative, and stays as it is.
        let last_good = Artifact::read(&file).unwrap();
        let mut builder = DynamicPlugin::builder(NoCallbacks)
            .lock_file("hookr.lock")
            .trust_path("keys")
            .revocations("revoked.txt")
            .signature_file("a.sig")
            .last_good(&last_good)
            .core_dumps("dumps", 1);
        #[cfg(feature = "wasi")]
        {
            builder = builder.grants(crate::Grants::base().read_folder("data", "/data"));
        }
        let now = builder.recipe().clone();
        let later = now.for_later();
        let here = |name: &str| std::path::absolute(name).unwrap();
        assert_eq!(now.policy.lock_files, [Path::new("hookr.lock")], "messages say what was given");
        assert_eq!(later.policy.lock_files, [here("hookr.lock")]);
        assert_eq!(later.policy.revoked, [here("revoked.txt")]);
        assert!(matches!(&later.policy.stores[..], [Store::Path(path)] if *path == here("keys")));
        assert!(matches!(&later.policy.signature, Some(Detached::Path(path)) if *path == here("a.sig")));
        assert_eq!(later.last_good.unwrap().path(), Some(&*file));
        #[cfg(feature = "wasi")]
        assert_eq!(later.wasi.grants, crate::Grants::base().read_folder(here("data"), "/data"));
    }
}
