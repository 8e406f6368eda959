use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookr_abi::section::{MethodKind, Section};
use hookr_abi::{ContractId, MethodId};

use crate::cache::Code;
use crate::engine::SharedCode;
use crate::lane::LaneState;
use crate::trust::Signer;
use crate::{Artifact, CallWay, ContractSummary, Digest, OpenError};

/// What is known of an opened plugin: its file, and what its `hookr:contract` section says.
#[derive(Clone)]
pub struct Metadata {
    pub(crate) name: String,
    path: Option<PathBuf>,
    size: usize,
    sha256: Digest,
    signers: Vec<Signer>,
    shared: Arc<SharedCode>,
    code: Code,
    pub(crate) lane: LaneState,
    pub(crate) typed_calls: CallWay,
    pub(crate) has_state: bool,
}

impl std::fmt::Debug for Metadata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metadata")
            .field("name", &self.name)
            .field("path", &self.path)
            .field("sha256", &self.sha256)
            .field("package", &self.package())
            .field("contract_id", &self.contract_id())
            .field("code", &self.code)
            .field("lane", &self.lane)
            .field("typed_calls", &self.typed_calls)
            .finish_non_exhaustive()
    }
}

/// A method of a plugin, or a callback of its host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MethodInfo {
    /// The number of the method.
    pub id: MethodId,
    /// The service as the contract spells it.
    pub service: String,
    /// The method as the contract spells it.
    pub name: String,
    /// Who implements it, and whether it is there.
    pub kind: MethodKind,
}

impl Metadata {
    pub(crate) fn new(
        name: Option<&str>,
        artifact: &Artifact,
        shared: Arc<SharedCode>,
        signers: Vec<Signer>,
        code: Code,
    ) -> Self {
        Metadata {
            name: name.unwrap_or(artifact.name()).to_owned(),
            path: artifact.path().map(Path::to_owned),
            size: artifact.bytes().len(),
            sha256: artifact.sha256(),
            signers,
            shared,
            code,
            lane: LaneState::Absent,
            typed_calls: CallWay::Component,
            has_state: false,
        }
    }

    /// The name by which the host knows the plugin: the one that the builder was given, else the file's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file that it was read from.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The size of the file in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The hash of the file.
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// The keys of trust stores that have signed it; none, where no trust store was asked.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// The contract that it was built for.
    pub fn contract_id(&self) -> ContractId {
        self.shared.section.contract_id
    }

    /// The WIT package of that contract.
    pub fn package(&self) -> &str {
        &self.shared.section.package
    }

    /// What the plugin calls itself; empty where its author did not say. It is the author's word, nothing more.
    pub fn plugin_name(&self) -> &str {
        &self.shared.section.plugin_name
    }

    /// The plugin's own version; empty where its author did not say.
    pub fn plugin_version(&self) -> &str {
        &self.shared.section.plugin_version
    }

    /// Every method of the contract, the plugin's own first, then the callbacks.
    pub fn methods(&self) -> &[MethodInfo] {
        &self.shared.methods
    }

    /// Whether the host may call the method with this number.
    pub fn implements(&self, id: MethodId) -> bool {
        self.methods().iter().any(|method| method.id == id && method.kind.is_implemented())
    }

    /// Where its code came from: the cache or the compiler, and what was wrong with the cache.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// What became of the plugin's lane when it was opened.
    pub fn lane(&self) -> &LaneState {
        &self.lane
    }

    /// The way that calls of the handle take: [`CallWay::Lane`] or [`CallWay::Component`]. See [`CallWay::Auto`] for calls
    /// that carry much.
    pub fn typed_calls(&self) -> CallWay {
        self.typed_calls
    }

    /// Whether it hands its state over to another version of it.
    pub fn has_state(&self) -> bool {
        self.has_state
    }

    /// The contract as a binary FlatBuffers schema.
    pub fn schema(&self) -> &[u8] {
        &self.shared.section.schema
    }

    /// Whether it is built for the contract of another one: what is called by name has no contract of its own.
    pub(crate) fn check_contract_of(&self, other: &Metadata) -> Result<(), OpenError> {
        let (found, expected) = (self.section(), other.section());
        if found.contract_id == expected.contract_id && found.package == expected.package {
            return Ok(());
        }
        Err(OpenError::ContractMismatch {
            expected: Box::new(summary(expected)),
            found: Box::new(summary(found)),
            differences: Vec::new(),
        })
    }

    pub(crate) fn section(&self) -> &Section {
        &self.shared.section
    }
}

impl MethodInfo {
    /// The methods that a section names.
    pub(crate) fn all(section: &Section) -> Vec<Self> {
        let methods = section.methods.iter().map(|method| MethodInfo {
            id: method.id,
            service: method.service.clone(),
            name: method.name.clone(),
            kind: method.kind,
        });
        methods.collect()
    }
}

/// A contract as generated code knows it.
#[derive(Debug)]
pub struct Contract {
    /// Its identity.
    pub id: ContractId,
    /// Its WIT package.
    pub package: &'static str,
    /// The plugin's methods and the callbacks.
    pub methods: &'static [MethodSpec<'static>],
}

/// A method as generated code knows it.
#[derive(Clone, Copy, Debug)]
pub struct MethodSpec<'n> {
    /// The number of the method.
    pub id: MethodId,
    /// `Service:Method`, as messages name it.
    pub name: &'n str,
    /// Whether the host implements it.
    pub callback: bool,
}

impl Contract {
    pub(crate) fn summary(&self) -> ContractSummary {
        ContractSummary { package: self.package.to_owned(), id: self.id }
    }

    /// Compares with what a component says of itself.
    pub(crate) fn check(&self, section: &Section) -> Result<(), OpenError> {
        if self.id == section.contract_id && self.has_methods_of(section) {
            return Ok(());
        }
        Err(OpenError::ContractMismatch {
            expected: Box::new(self.summary()),
            found: Box::new(summary(section)),
            differences: self.differences(section),
        })
    }

    /// Whether the tables of methods are the same: the number of a contract is easily copied.
    fn has_methods_of(&self, section: &Section) -> bool {
        let is_known = |found: &hookr_abi::section::Method| {
            let is_callback = found.kind == MethodKind::Callback;
            self.methods.iter().any(|method| method.id == found.id && method.callback == is_callback)
        };
        self.methods.len() == section.methods.len() && section.methods.iter().all(is_known)
    }

    fn differences(&self, section: &Section) -> Vec<String> {
        let found: Vec<(String, bool)> = section
            .methods
            .iter()
            .map(|method| (format!("{}:{}", method.service, method.name), method.kind == MethodKind::Callback))
            .collect();
        let here = self.methods.iter().filter(|method| !found.iter().any(|(name, _)| name == method.name));
        let there = found.iter().filter(|(name, _)| !self.methods.iter().any(|method| method.name == name));
        let same = (self.id == section.contract_id)
            .then(|| "the plugin has the contract's number, and not its methods".to_owned());
        let here = here.map(|method| format!("the plugin's contract lacks {}", method.name));
        let there = there.map(|(name, callback)| {
            format!("the plugin's contract has the {} {name}", if *callback { "callback" } else { "method" })
        });
        let differences: Vec<String> = same.into_iter().chain(here).chain(there).collect();
        if differences.is_empty() {
            return vec!["the methods have the same names, so a type, a default or the package differs".to_owned()];
        }
        differences
    }
}

pub(crate) fn summary(section: &Section) -> ContractSummary {
    ContractSummary { package: section.package.clone(), id: section.contract_id }
}
