//! What is found out about a plugin and a contract, before it becomes text or JSON.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fbs2wit::contract::Contract;
use hookr::lane::HEAVY;
use hookr::{Artifact, Digest, MethodId, OpenError, Shape};
use hookr_abi::section::{Method, MethodKind, Section};

use super::compare;
use super::wasi::Wants;
use crate::args::ContractArgs;
use crate::component::{self, World};
use crate::contract::{self, LoadedContract};
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::provenance::Provenance;
use crate::trust::SignatureReport;

/// A contract, a plugin, or both.
#[derive(Debug)]
pub(crate) struct Report {
    /// The contract of `--schema`.
    pub(crate) schema: Option<SchemaReport>,
    /// The plugin of `--plugin`.
    pub(crate) plugin: Option<PluginReport>,
    /// Of both: what differs between the contract and that of the plugin.
    pub(crate) differences: Vec<String>,
}

/// A contract.
#[derive(Debug)]
pub(crate) struct SchemaReport {
    /// The schema's file.
    pub(crate) path: PathBuf,
    /// The contract.
    pub(crate) contract: LoadedContract,
    /// What a plugin of it would carry.
    pub(crate) section: Section,
}

/// A plugin.
#[derive(Debug)]
pub(crate) struct PluginReport {
    /// Its file.
    pub(crate) path: PathBuf,
    /// The size of the file in bytes.
    pub(crate) size: usize,
    /// The hash of the file.
    pub(crate) sha256: Digest,
    /// What it says of its contract.
    pub(crate) section: Section,
    /// Its imports and exports.
    pub(crate) world: World,
    /// What limits are compared with.
    pub(crate) shape: Shape,
    /// What it says of its making.
    pub(crate) provenance: Provenance,
    /// What it asks for beside its contract.
    pub(crate) wants: Wants,
    /// Its signatures.
    pub(crate) signatures: SignatureReport,
    /// The numbers of the methods and callbacks whose typed calls may take the lane, and up to how many bytes.
    over_lane: BTreeMap<MethodId, Option<usize>>,
    /// Why it is not what it says, if so.
    pub(crate) problem: Option<anyhow::Error>,
}

impl Report {
    /// Looks at both.
    pub(crate) fn new(schema: Option<SchemaReport>, plugin: Option<PluginReport>) -> Self {
        let differences = match (&schema, &plugin) {
            (Some(schema), Some(plugin)) if schema.section.contract_id != plugin.section.contract_id => {
                compare::differences(&schema.contract.schema, &schema.section, &plugin.section)
            }
            _ => Vec::new(),
        };
        Report { schema, plugin, differences }
    }

    /// Whether the plugin is built for the contract; `None` where there is only one of them.
    pub(crate) fn matches(&self) -> Option<bool> {
        let (schema, plugin) = (self.schema.as_ref()?, self.plugin.as_ref()?);
        Some(schema.section.contract_id == plugin.section.contract_id)
    }

    /// The section that the method table is taken from: what the plugin says, else what the schema says.
    pub(crate) fn section(&self) -> Option<&Section> {
        let plugin = self.plugin.as_ref().map(|plugin| &plugin.section);
        plugin.or_else(|| self.schema.as_ref().map(|schema| &schema.section))
    }

    /// The failure that the findings amount to.
    pub(crate) fn verdict(self) -> Result<()> {
        if let (Some(schema), Some(plugin)) = (&self.schema, &self.plugin)
            && self.matches() == Some(false)
        {
            return Err(compare::mismatch(&schema.contract, &plugin.section, self.differences));
        }
        match self.plugin.and_then(|plugin| plugin.problem) {
            Some(problem) => Err(Failure::new(Exit::Unfit, problem)),
            None => Ok(()),
        }
    }
}

impl SchemaReport {
    /// Reads a contract.
    pub(crate) fn read(path: &Path, args: &ContractArgs) -> Result<Self> {
        let contract = contract::load(path, args)?;
        Ok(SchemaReport { path: path.to_owned(), section: contract.section(), contract })
    }
}

impl PluginReport {
    /// Looks at a file, by the same steps as a host that opens it, but for those that need trust. The
    /// schema is what is expected of it.
    pub(crate) fn read(
        path: &Path,
        artifact: &Artifact,
        args: &ContractArgs,
        schema: Option<&SchemaReport>,
        signatures: SignatureReport,
    ) -> Result<Self> {
        let section = artifact.contract_section()?.ok_or_else(|| OpenError::NoContract {
            expected: schema.map(|schema| Box::new(schema.contract.summary())),
        })?;
        // Before anything else follows what may nest without end.
        let shape = artifact.shape()?;
        let world = World::of(artifact.bytes()).or_exit(Exit::Unfit)?;
        let embedded = contract::embedded(&section, args);
        let contract = embedded.as_ref().ok().map(|loaded| &loaded.contract);
        let problem = component::check(artifact.bytes(), &world, &section, contract).err().map(anyhow::Error::from);
        let over_lane = match contract {
            Some(contract) if world.has_lane() => over_lane(contract),
            _ => BTreeMap::new(),
        };
        let unreadable = || embedded.as_ref().err().map(|_| anyhow::Error::msg(UNREADABLE));
        Ok(PluginReport {
            path: path.to_owned(),
            size: artifact.bytes().len(),
            sha256: artifact.sha256(),
            problem: problem.or_else(unreadable),
            section,
            provenance: Provenance::read(artifact.bytes()).or_exit(Exit::Unfit)?,
            wants: Wants::of(&world),
            world,
            shape,
            signatures,
            over_lane,
        })
    }

    /// Which way typed calls of a method take, unless a host wants another: `lane` or `component`.
    pub(crate) fn way(&self, method: &Method) -> &'static str {
        if self.over_lane.contains_key(&method.id) { "lane" } else { "component" }
    }

    /// From how many bytes on, of request and response together, they take the other way for a while.
    pub(crate) fn way_limit(&self, method: &Method) -> Option<usize> {
        self.over_lane.get(&method.id).copied().flatten()
    }

    /// Whether the plugin has a method, or imports a callback.
    pub(crate) fn has(&self, method: &Method) -> bool {
        let interface = format!("{}/{}", self.section.package, method.interface);
        match method.kind {
            MethodKind::Required => self.world.exports(&interface, &method.function),
            MethodKind::Optional { implemented } => implemented,
            MethodKind::Callback => self.world.imports(&interface, &method.function),
        }
    }
}

fn over_lane(contract: &Contract) -> BTreeMap<MethodId, Option<usize>> {
    let callbacks = contract.callbacks.iter().flat_map(|interface| &interface.methods).map(|method| (method, None));
    let methods = contract.plugin.iter().flat_map(|interface| &interface.methods);
    let methods = methods.map(|method| (method, method.is_plain.then_some(HEAVY)));
    let kept = methods.chain(callbacks).filter(|(method, _)| method.keeps_order);
    kept.map(|(method, limit)| (method.id, limit)).collect()
}

const UNREADABLE: &str =
    "the contract inside of the plugin cannot be read, or is not the one that its contract ID names";
