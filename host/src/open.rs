//! The way from a file to a plugin, in order. Nothing of the file is parsed before it is trusted, and nothing is
//! compiled that was not hashed.

use std::sync::Arc;

use hookr_abi::section::Section;
use wasmtime::component::{Component, Linker};

use crate::builder::Wasi;
use crate::cache::{Cache, CacheProblem, Code, Origin};
use crate::call::cause;
use crate::compile::compile;
use crate::engine::SharedCode;
use crate::instance::{Bindings, Factory, StoreData};
use crate::lane::{self, LaneChoice};
use crate::lock::Locked;
use crate::log::{self, Audience};
use crate::plugin::Version;
use crate::state::StateExports;
use crate::supervise::{Event, Happening, Listener};
use crate::trust::{Approved, Policy, Signer};
use crate::{Artifact, Engine, Limits, Metadata, MethodInfo, OpenError, Shape, parse, scan};

/// What files are opened with.
pub(crate) struct Opener<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) engine: &'a Engine,
    pub(crate) cache: &'a Cache,
    pub(crate) listener: Option<&'a Listener>,
    pub(crate) name: Option<&'a str>,
    /// The name by which a lock file is asked for the plugin; without one, its file decides.
    pub(crate) name_in_lock: Option<&'a str>,
    pub(crate) lane: LaneChoice,
    pub(crate) limits: &'a Limits,
    pub(crate) audience: &'a Audience,
    #[cfg_attr(not(feature = "wasi"), allow(dead_code))]
    pub(crate) wasi: &'a Wasi,
}

/// A plugin that is trusted, for the contract, no larger than it may be, and compiled.
pub(crate) struct Compiled {
    shared: Arc<SharedCode>,
    pub(crate) code: Code,
    signers: Vec<Signer>,
}

impl Opener<'_> {
    /// Everything but an instance.
    pub(crate) fn version<B: Bindings>(
        &self,
        artifact: &Artifact,
        callbacks: Arc<B::Callbacks>,
    ) -> Result<Version<B>, OpenError> {
        let Compiled { shared, code, signers } = self.compiled::<B>(artifact, true)?;
        let SharedCode { component, section, .. } = &*shared;
        let mut linker = Linker::new(&self.engine.wasmtime);
        let Linked { others: imports, logs } = link::<B>(&mut linker, self.engine, component, section)?;
        let state = StateExports::find(component).map_err(|error| OpenError::World { source: cause(error) })?;
        #[cfg(feature = "wasi")]
        let (imports, prepared) = self.link_wasi(&mut linker, component, imports)?;
        if !imports.is_empty() {
            return Err(OpenError::Imports { found: imports, granted: granted(section) });
        }
        let pre = linker.instantiate_pre(component).map_err(|error| OpenError::World { source: cause(error) })?;
        let mut metadata = Metadata::new(self.name, artifact, shared, signers, code);
        metadata.has_state = state.is_some();
        let names = (metadata.name(), metadata.package());
        let factory = Factory::new(pre, self.engine.clone(), callbacks, names, self.lane, self.limits.clone());
        #[cfg(feature = "wasi")]
        let (logs, factory) = (logs || prepared.is_some(), factory.with_grants(prepared));
        let factory = factory.with_audience(logs.then(|| self.audience.clone())).with_state(state);
        Ok(Version { metadata: Arc::new(metadata), factory })
    }

    /// Everything up to the contract.
    fn approved<B: Bindings>(&self, artifact: &Artifact) -> Result<(Approved, Section), OpenError> {
        artifact.check_size(self.limits.file)?;
        let approved = self.policy.decide(artifact, self.name_in_lock)?;
        let section = parse::contract_section(artifact.bytes())?.ok_or_else(|| OpenError::NoContract {
            expected: B::contract().map(|contract| Box::new(contract.summary())),
        })?;
        approved.locked.iter().try_for_each(|locked| locked.check_contract(&section))?;
        B::contract().map_or(Ok(()), |contract| contract.check(&section))?;
        Ok((approved, section))
    }

    /// Everything that can be told of a plugin without looking at its size. Gives back who has signed it.
    pub(crate) fn check<B: Bindings>(&self, artifact: &Artifact) -> Result<Vec<Signer>, OpenError> {
        let (Approved { signers, locked }, _) = self.approved::<B>(artifact)?;
        if !locked.is_empty() {
            // Before anything else is read, it is known that everything can be.
            scan::scan(artifact.bytes(), self.limits.entries as u64)?;
            locked.iter().try_for_each(|locked| locked.check_world(artifact.bytes()))?;
        }
        Ok(signers)
    }

    /// Everything up to the code of a plugin that is trusted, for the contract, and no larger than it may be. What `may_share`
    /// may have the code of a plugin that is open already.
    pub(crate) fn compiled<B: Bindings>(&self, artifact: &Artifact, may_share: bool) -> Result<Compiled, OpenError> {
        let (Approved { signers, locked }, section) = self.approved::<B>(artifact)?;
        let sha256 = artifact.sha256();
        if let Some(shared) = self.engine.codes.find(sha256).filter(|_| may_share) {
            self.check_shape(artifact, &locked, &shared.shape)?;
            return Ok(Compiled { shared, code: Code { origin: Origin::Shared, problem: None }, signers });
        }
        let (component, shape, code) = self.code(artifact, &locked)?;
        let methods = MethodInfo::all(&section);
        let shared = self.engine.codes.keep(sha256, SharedCode { component, shape, section, methods });
        Ok(Compiled { shared, code, signers })
    }

    /// Compares what a component is made of with the limits and the lock files.
    fn check_shape(&self, artifact: &Artifact, locked: &[Locked], shape: &Shape) -> Result<(), OpenError> {
        shape.check(self.limits).map_err(OpenError::LimitExceeded)?;
        locked.iter().try_for_each(|locked| locked.check_world(artifact.bytes()))
    }

    /// The code, from the cache or the compiler. What is wrong with the cache never ends it.
    fn code(&self, artifact: &Artifact, locked: &[Locked]) -> Result<(Component, Shape, Code), OpenError> {
        let mut problem = None;
        let loaded = self.cache.load(self.engine, artifact).unwrap_or_else(|found| {
            problem = Some(self.warn(artifact, found));
            None
        });
        if let Some(loaded) = loaded {
            let shape = loaded.shape().clone();
            self.check_shape(artifact, locked, &shape)?;
            match loaded.component(self.engine) {
                Ok(component) => return Ok((component, shape, Code { origin: Origin::Cached, problem: None })),
                Err(found) => problem = Some(self.warn(artifact, found)),
            }
        }
        let shape = scan::scan(artifact.bytes(), self.limits.entries as u64)?;
        self.check_shape(artifact, locked, &shape)?;
        let component = compile(self.engine, artifact, self.limits.compile_time)?;
        if problem.as_ref().is_some_and(|problem| !problem.is_mended_by_storing()) {
            return Ok((component, shape, Code { origin: Origin::Compiled, problem }));
        }
        let origin = match self.cache.store(self.engine, artifact, &shape, || component.serialize()) {
            Ok(true) => Origin::Stored,
            Ok(false) => Origin::Compiled,
            Err(found) => {
                problem = Some(self.warn(artifact, found));
                Origin::Compiled
            }
        };
        Ok((component, shape, Code { origin, problem }))
    }

    fn warn(&self, artifact: &Artifact, problem: CacheProblem) -> Arc<CacheProblem> {
        if let Some(listener) = self.listener {
            let plugin = self.name.unwrap_or(artifact.name());
            listener(&Event { plugin, what: Happening::Uncached { problem: &problem } });
        }
        Arc::new(problem)
    }

    /// Links what of WASI is granted, and gives back the imports that nothing grants.
    #[cfg(feature = "wasi")]
    fn link_wasi<C: Send + Sync + 'static>(
        &self,
        linker: &mut Linker<StoreData<C>>,
        component: &Component,
        imports: Vec<String>,
    ) -> Result<(Vec<String>, Option<Arc<crate::grants::Prepared>>), OpenError> {
        use crate::grants::{self, Prepared};
        // A plugin that asks for nothing is opened whatever the grants say; what is wrong with them is said all the same.
        let prepared = Prepared::new(&self.wasi.grants, self.limits).map_err(|source| OpenError::Grant { source })?;
        let linked = grants::link(linker, &self.engine.wasmtime, component, &prepared, imports)
            .map_err(|error| OpenError::World { source: cause(error) })?;
        Ok((linked.refused, linked.stateful.then(|| Arc::new(prepared))))
    }
}

/// What became of the imports that every host has, and of the callback services.
struct Linked {
    /// The other imports.
    others: Vec<String>,
    /// Whether the plugin imports what it takes to log.
    logs: bool,
}

/// Links the callback services, and what every plugin may import.
fn link<B: Bindings>(
    linker: &mut Linker<StoreData<B::Callbacks>>,
    engine: &Engine,
    component: &Component,
    section: &Section,
) -> Result<Linked, OpenError> {
    let granted = granted(section);
    let world = component.component_type();
    let mut logs = false;
    let others = world
        .imports(&engine.wasmtime)
        .map(|(name, _)| name.to_owned())
        .filter(|name| granted.binary_search(name).is_err() && !is_types_only(name, section))
        // The services of the host by another way: it grants nothing to a plugin that has none.
        .filter(|name| granted.is_empty() || name != hookr_abi::lane::HOST_INTERFACE)
        .filter(|name| {
            let is_log = name == hookr_abi::log::INTERFACE;
            logs |= is_log;
            !is_log
        })
        .collect();
    let linked = B::link(linker, section).and_then(|()| lane::link::<B>(linker)).and_then(|()| log::link(linker));
    linked.map_err(|error| OpenError::World { source: cause(error) })?;
    Ok(Linked { others, logs })
}

/// The interfaces of the contract's callback services.
fn granted(section: &Section) -> Vec<String> {
    let callbacks = section.methods.iter().filter(|method| method.kind == hookr_abi::section::MethodKind::Callback);
    let mut names: Vec<String> = callbacks.map(|method| format!("{}/{}", section.package, method.interface)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Interfaces that hold types and no functions: they are imports in form, and grant nothing. Their content is compared
/// when the component is instantiated, so a function among them has no implementation and is refused there.
fn is_types_only(name: &str, section: &Section) -> bool {
    let own = name.strip_prefix(section.package.as_str()).and_then(|rest| rest.strip_prefix('/'));
    own == Some("types") || name.strip_prefix("hookr:abi/types@").is_some()
}
