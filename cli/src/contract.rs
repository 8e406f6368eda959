//! The contract that a command works with: from a schema, or from the section of a component.

use std::collections::BTreeSet;
use std::path::Path;

use fbs2wit::contract::{Contract, ContractOptions, TypeId, lower};
use fbs2wit::model::{ObjectId, Schema};
use fbs2wit::source::SourceMap;
use fbs2wit::{CompileOptions, Compiled, FsLoader, bfbs, compile, section};
use hookr::ContractSummary;
use hookr_abi::section::{MethodKind, Section};

use crate::args::ContractArgs;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::hint::Hint;

/// A contract with the schema that it was made of.
#[derive(Debug)]
pub(crate) struct LoadedContract {
    /// The checked schema.
    pub(crate) schema: Schema,
    /// The contract.
    pub(crate) contract: Contract,
}

impl LoadedContract {
    /// What a component of this contract says of it, with no optional method implemented.
    pub(crate) fn section(&self) -> Section {
        section::section(&self.schema, &self.contract)
    }

    /// What error messages say of it.
    pub(crate) fn summary(&self) -> ContractSummary {
        ContractSummary { package: self.contract.package.to_string(), id: self.contract.id }
    }

    /// The table or struct of a type.
    pub(crate) fn object_of(&self, ty: TypeId) -> Option<ObjectId> {
        object_of(&self.schema, &self.contract, ty)
    }
}

/// The table or struct in the schema of a type of its contract.
pub(crate) fn object_of(schema: &Schema, contract: &Contract, ty: TypeId) -> Option<ObjectId> {
    let name = &contract.record(ty)?.source;
    let objects = (0..).map(ObjectId).zip(&schema.objects);
    objects.into_iter().find(|(_, object)| object.name == *name).map(|(id, _)| id)
}

/// Reads a schema, with what it includes.
pub(crate) fn read_schema(path: &Path, args: &ContractArgs) -> Result<Compiled> {
    let mut options = CompileOptions::new();
    for folder in &args.include {
        options = options.include_dir(folder);
    }
    compile(path, &options, &FsLoader).map_err(|error| Failure::rendered(Exit::Input, |color| error.render(color)))
}

/// How the command line wants a schema to be read as a contract.
pub(crate) fn options(args: &ContractArgs) -> ContractOptions {
    let mut options = ContractOptions::default();
    options.plugin_service.clone_from(&args.plugin_service);
    options.optional_attribute.clone_from(&args.optional_attribute);
    options
}

/// Reads a contract from a schema.
pub(crate) fn load(path: &Path, args: &ContractArgs) -> Result<LoadedContract> {
    lowered(read_schema(path, args)?, &options(args))
}

/// Reads a contract from a schema that may lack the plugin service.
pub(crate) fn load_partial(path: &Path, args: &ContractArgs) -> Result<LoadedContract> {
    let mut options = options(args);
    options.plugin_required = false;
    lowered(read_schema(path, args)?, &options)
}

fn lowered(compiled: Compiled, options: &ContractOptions) -> Result<LoadedContract> {
    let Compiled { schema, sources, .. } = compiled;
    match lower(&schema, options) {
        Ok(contract) => Ok(LoadedContract { schema, contract }),
        Err(errors) => Err(Failure::rendered(Exit::Input, |color| errors.render(&sources, color))),
    }
}

/// So many attributes are tried as the one that marks optional methods: the section does not say which it is.
const MAX_ATTRIBUTES: usize = 16;

/// Reads the contract that a component carries in its section.
///
/// The schema in there is whatever the author of the file wrote. What comes out is a contract that has the contract ID of
/// the section.
pub(crate) fn embedded(found: &Section, args: &ContractArgs) -> Result<LoadedContract> {
    let schema = bfbs::read(&found.schema)
        .or_fail(Exit::Unfit, || "the contract inside of the plugin cannot be read".to_owned())?;
    let mut options = options(args);
    if let Some(method) = found.methods.iter().find(|method| method.kind != MethodKind::Callback) {
        options.plugin_service = plugin_service(&schema, &method.service, &options.plugin_service);
    }
    let mut errors = None;
    for attribute in attributes(&schema, &options.optional_attribute) {
        options.optional_attribute = attribute;
        match lower(&schema, &options) {
            Ok(contract) if contract.id == found.contract_id => return Ok(LoadedContract { schema, contract }),
            Ok(_) => {}
            Err(found) => errors = errors.or(Some(found)),
        }
    }
    let failure = match errors {
        Some(errors) => Failure::rendered(Exit::Unfit, |color| errors.render(&SourceMap::default(), color))
            .note("this is what the contract inside of the plugin says"),
        None => Failure::message(
            Exit::Unfit,
            format!(
                "the plugin says that its contract is {}, but the contract inside of it has another contract ID",
                found.contract_id
            ),
        ),
    };
    Err(failure.hint(Hint::Schema))
}

/// The full name of the service that the section calls by its short name.
fn plugin_service(schema: &Schema, short: &str, wanted: &str) -> String {
    let mut same = schema.services.iter().filter(|service| service.name.name == short);
    match (same.next(), same.next()) {
        (Some(service), None) => service.name.to_string(),
        // What the command line says decides between several.
        _ if wanted.rsplit('.').next() == Some(short) => wanted.to_owned(),
        _ => short.to_owned(),
    }
}

/// The attributes that may mark what is optional: the usual one first, then those that the schema uses.
fn attributes(schema: &Schema, usual: &str) -> Vec<String> {
    let methods = schema.services.iter().flat_map(|service| &service.methods).map(|method| &method.attributes);
    let fields = schema.objects.iter().flat_map(|object| &object.fields).map(|field| &field.attributes);
    let names: BTreeSet<&str> = methods.chain(fields).flatten().map(|attribute| attribute.name.as_str()).collect();
    let others = names.into_iter().filter(|name| *name != usual);
    std::iter::once(usual).chain(others).take(MAX_ATTRIBUTES).map(str::to_owned).collect()
}
