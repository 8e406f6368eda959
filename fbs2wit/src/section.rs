//! What the custom section of a component says of its contract.

use hookr_abi::section::{Method, MethodKind, Section};

use crate::bfbs;
use crate::contract::{Contract, Interface};
use crate::model::Schema;

/// The section for plugins of a contract, with every optional method missing and the plugin's own name left open.
///
/// `contract` is what [`crate::contract::lower`] made of `schema`.
pub fn section(schema: &Schema, contract: &Contract) -> Section {
    let plugin = contract.plugin.iter().flat_map(|interface| {
        rows(interface, |method| match method.optional {
            true => MethodKind::Optional { implemented: false },
            false => MethodKind::Required,
        })
    });
    let callbacks = contract.callbacks.iter().flat_map(|interface| rows(interface, |_| MethodKind::Callback));
    Section {
        contract_id: contract.id,
        package: contract.package.to_string(),
        world: contract.world.clone(),
        generator: concat!("hookr ", env!("CARGO_PKG_VERSION")).to_owned(),
        plugin_name: String::new(),
        plugin_version: String::new(),
        methods: plugin.chain(callbacks).collect(),
        schema: bfbs::write(schema, &bfbs::WriteOptions::default()),
    }
}

fn rows(interface: &Interface, kind: impl Fn(&crate::contract::Method) -> MethodKind) -> impl Iterator<Item = Method> {
    interface.methods.iter().map(move |method| Method {
        id: method.id,
        kind: kind(method),
        service: interface.source.name.clone(),
        name: method.source.clone(),
        interface: interface.label.clone(),
        function: method.label.clone(),
    })
}
