//! Whether a component has what its section promises.

use std::collections::BTreeMap;

use fbs2wit::contract::Contract;
use hookr_abi::section::{MethodKind, Section};
use hookr_abi::{lane, log, state};
use wit_parser::Resolve;

use super::world::{World, is_wasi};
use crate::wit;

/// A component is not what its section says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Misfit {
    /// Functions are missing.
    #[error("the component does not export what its contract promises: {}", list(missing))]
    Exports {
        /// `package/interface.function`.
        missing: Vec<String>,
    },
    /// There are imports that no host grants.
    #[error("the component imports what its contract does not name: {}", list(found))]
    Imports {
        /// `package/interface`, or `package/interface.function`.
        found: Vec<String>,
    },
    /// Names are right, types are not.
    #[error("the types of the component differ from those of its contract")]
    Types(#[source] anyhow::Error),
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Compares the world of a component with the method table of a section, and, where the contract is at hand, the types
/// with those of the contract.
pub(crate) fn check(
    component: &[u8],
    world: &World,
    section: &Section,
    contract: Option<&Contract>,
) -> Result<(), Misfit> {
    check_exports(world, section)?;
    check_imports(world, section)?;
    contract.map_or(Ok(()), |contract| check_types(component, world, contract))
}

fn check_exports(world: &World, section: &Section) -> Result<(), Misfit> {
    let promised = section.methods.iter().filter(|method| method.kind.is_implemented());
    let missing: Vec<String> = promised
        .map(|method| (format!("{}/{}", section.package, method.interface), &method.function))
        .filter(|(interface, function)| !world.exports(interface, function))
        .map(|(interface, function)| format!("{interface}.{function}"))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(Misfit::Exports { missing }) }
}

fn check_imports(world: &World, section: &Section) -> Result<(), Misfit> {
    let mut granted: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    // Interfaces of types alone grant nothing.
    granted.insert(format!("{}/types", section.package), Vec::new());
    granted.insert("hookr:abi/types@0.1.0".to_owned(), Vec::new());
    for method in section.methods.iter().filter(|method| method.kind == MethodKind::Callback) {
        granted.entry(format!("{}/{}", section.package, method.interface)).or_default().push(&method.function);
    }
    if granted.len() > 2 {
        granted.insert(lane::HOST_INTERFACE.to_owned(), vec!["call", "take"]);
    }
    // Every plugin may log.
    granted.insert(log::INTERFACE.to_owned(), vec!["log", "enabled"]);
    let mut found = Vec::new();
    for import in &world.imports {
        match granted.get(&import.name) {
            // Not for the contract to say: a host grants it or refuses to open the plugin.
            None if is_wasi(&import.name) => {}
            None => found.push(import.name.clone()),
            Some(functions) => {
                let others = import.functions().iter().filter(|function| !functions.contains(&function.name.as_str()));
                found.extend(others.map(|function| format!("{}.{}", import.name, function.name)));
            }
        }
    }
    if found.is_empty() { Ok(()) } else { Err(Misfit::Imports { found }) }
}

/// Asks the validator whether the component can stand where the contract's world is wanted.
fn check_types(component: &[u8], world: &World, contract: &Contract) -> Result<(), Misfit> {
    let mut wanted = contract.clone();
    // What a plugin may leave out, and this one does, cannot have a wrong type.
    if let Some(plugin) = &mut wanted.plugin {
        let interface = format!("{}/{}", contract.package, plugin.label);
        plugin.methods.retain(|method| !method.optional || world.exports(&interface, &method.label));
    }
    let check = || {
        let mut resolve = Resolve::default();
        let mut imports: Vec<&str> = world.wasi_imports().collect();
        imports.extend([lane::HOST_INTERFACE, log::INTERFACE].iter().filter(|name| world.has_import(name)));
        let exports = [(world.has_lane(), lane::INTERFACE), (world.has_state(), state::INTERFACE)];
        let exports: Vec<&str> = exports.into_iter().filter_map(|(is_there, name)| is_there.then_some(name)).collect();
        let text = wit::with(&wanted, &imports, &exports, &world.wasi);
        let package = resolve.push_source("contract.wit", &text)?;
        let target = resolve.select_world(&[package], Some("check"))?;
        wit_component::targets(&resolve, target, component, false)
    };
    check().map_err(Misfit::Types)
}
