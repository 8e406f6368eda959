//! The way from a file to a plugin, in order. Nothing of the file is parsed before it is trusted, and nothing is
//! compiled that was not hashed.

use std::sync::Arc;

use hookr_abi::section::Section;
use wasmtime::component::{Component, Linker};

use crate::compile::compile;
use crate::instance::{Bindings, Factory, StoreData};
use crate::lane::{self, LaneChoice};
use crate::plugin::Version;
use crate::trust::Policy;
use crate::{Artifact, Engine, Limits, Metadata, OpenError, parse, scan};

/// What files are opened with.
pub(crate) struct Opener<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) engine: &'a Engine,
    pub(crate) name: Option<&'a str>,
    pub(crate) lane: LaneChoice,
    pub(crate) limits: &'a Limits,
}

impl Opener<'_> {
    /// Everything but an instance.
    pub(crate) fn version<B: Bindings>(
        &self,
        artifact: &Artifact,
        callbacks: Arc<B::Callbacks>,
    ) -> Result<Version<B>, OpenError> {
        artifact.check_size(self.limits.file)?;
        self.policy.decide(artifact)?;
        let section = parse::contract_section(artifact.bytes())?.ok_or_else(|| OpenError::NoContract {
            expected: B::contract().map(|contract| Box::new(contract.summary())),
        })?;
        B::contract().map_or(Ok(()), |contract| contract.check(&section))?;
        let shape = scan::scan(artifact.bytes(), self.limits.entries as u64)?;
        shape.check(self.limits).map_err(OpenError::LimitExceeded)?;
        let component = compile(self.engine, artifact, self.limits.compile_time)?;
        let linker = link::<B>(self.engine, &component, &section)?;
        let pre = linker.instantiate_pre(&component).map_err(|error| OpenError::World { source: error.into() })?;
        let metadata = Metadata::new(self.name, artifact, section);
        let factory =
            Factory::new(pre, self.engine.clone(), callbacks, metadata.name(), self.lane, self.limits.clone());
        Ok(Version { metadata, factory })
    }
}

/// Links the callback services, and refuses every import beside them.
fn link<B: Bindings>(
    engine: &Engine,
    component: &Component,
    section: &Section,
) -> Result<Linker<StoreData<B::Callbacks>>, OpenError> {
    let granted = granted(section);
    let world = component.component_type();
    let found: Vec<String> = world
        .imports(&engine.wasmtime)
        .map(|(name, _)| name.to_owned())
        .filter(|name| !granted.contains(name) && !is_types_only(name, section))
        // The services of the host by another way: it grants nothing to a plugin that has none.
        .filter(|name| granted.is_empty() || name != hookr_abi::lane::HOST_INTERFACE)
        .collect();
    if !found.is_empty() {
        return Err(OpenError::Imports { found, granted });
    }
    let mut linker = Linker::new(&engine.wasmtime);
    let linked = B::link(&mut linker, section).and_then(|()| lane::link::<B>(&mut linker));
    linked.map_err(|error| OpenError::World { source: error.into() })?;
    Ok(linker)
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
