use super::nesting::Nesting;
use super::{Contract, ContractOptions, Package, order, refuse, services, types};
use crate::diag::Diagnostics;
use crate::identity::{self, Roots};
use crate::model::Schema;
use crate::names::{Kind, Scope, is_rust_keyword, kebab};

pub(super) fn lower(schema: &Schema, options: &ContractOptions) -> Result<Contract, Diagnostics> {
    let nesting = Nesting::of(schema);
    let mut errors = Diagnostics::default();
    let plugin = services::find_plugin(schema, options, &mut errors);
    refuse::refuse(schema, options, &nesting, plugin, &mut errors);
    services::check_method_ids(schema, &mut errors);
    errors.sort();
    errors.finish(())?;

    let roots = Roots { plugin, optional_attribute: &options.optional_attribute };
    let id = identity::contract_id(schema, &roots);
    let (types, groups) = types::lower(schema, options, &nesting);
    let mut scope = Scope::default();
    scope.reserve("types");
    let mut interfaces = services::lower(schema, options, plugin, &types, &mut scope);
    order::mark(&mut interfaces, &types);
    let plugin = plugin.map(|index| interfaces.remove(index));
    interfaces.sort_by(|a, b| a.label.cmp(&b.label));
    Ok(Contract {
        id,
        namespace: schema.namespace.join("."),
        package: package(&schema.namespace),
        world: scope.claim(&world(&schema.namespace), Kind::World),
        plugin,
        callbacks: interfaces,
        root: schema.root.map(|id| types::id_of_object(schema, id)),
        types,
        groups,
        file_identifier: schema.file_identifier.clone(),
    })
}

fn world(namespace: &[String]) -> String {
    namespace.last().map_or_else(|| "contract".to_owned(), |segment| kebab(segment))
}

fn package(namespace: &[String]) -> Package {
    let mut name = world(namespace);
    let above = namespace.split_last().map_or(&[][..], |(_, above)| above);
    let mut namespace = above.iter().map(|segment| kebab(segment)).collect::<Vec<_>>().join("-");
    if namespace.is_empty() {
        "local".clone_into(&mut namespace);
    }
    // Bindings generators make a Rust module of the namespace, beside modules and crates of these names.
    if ["alloc", "core", "exports", "std", "wasmtime"].contains(&namespace.as_str()) {
        namespace.push_str("-contracts");
    }
    for label in [&mut namespace, &mut name] {
        if is_rust_keyword(label) {
            label.push_str("-contract");
        }
    }
    if namespace == "hookr" && name == "abi" {
        name.push_str("-contract");
    }
    Package { namespace, name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(text: &str, plugin_service: &str) -> Contract {
        let loader = crate::MemoryLoader::new().file("x.fbs", text);
        let compiled = crate::compile("x.fbs".as_ref(), &crate::CompileOptions::default(), &loader).unwrap();
        let options = ContractOptions { plugin_service: plugin_service.to_owned(), ..ContractOptions::default() };
        lower(&compiled.schema, &options).unwrap_or_else(|errors| panic!("{}", errors.render(&compiled.sources, false)))
    }

    #[test]
    fn one_service_is_the_plugin_and_the_others_are_callbacks() {
        let text = "attribute \"hookr_optional\"; namespace Far.Away; table T { x:int; } rpc_service Plugin { Go(T):T; }
             namespace Near; rpc_service Zoo { Go(Far.Away.T):Far.Away.T; } rpc_service Audit { Log(Far.Away.T):Far.Away.T; }
             rpc_service Main { GetInfo(Far.Away.T):Far.Away.T (hookr_optional); New(Far.Away.T):Far.Away.T; }";
        let labels = |contract: &Contract| -> Vec<String> {
            contract.interfaces().map(|interface| interface.label.clone()).collect()
        };
        assert_eq!(
            labels(&contract(&text.replace("(hookr_optional)", ""), "Far.Away.Plugin")),
            ["plugin", "audit", "main", "zoo"].map(str::to_owned)
        );
        let contract = contract(text, "Main");
        assert_eq!(labels(&contract), ["main", "audit", "plugin", "zoo"].map(str::to_owned));
        assert_eq!((contract.package.to_string().as_str(), contract.world.as_str()), ("local:near", "near"));
        let plugin = contract.plugin.unwrap();
        let [get_info, new] = &plugin.methods[..] else { panic!("{plugin:?}") };
        assert_eq!(
            (get_info.label.as_str(), get_info.rust.as_str(), get_info.optional),
            ("get-info", "get_info", true)
        );
        assert_eq!(get_info.supports, "supports_get_info");
        assert_eq!(get_info.id, hookr_abi::MethodId::of("Main", "GetInfo"));
        // `new` is taken on handles; bindings generators use the name as it is.
        assert_eq!((new.bindgen.as_str(), new.rust.as_str(), new.optional), ("new", "new_", false));
    }

    #[test]
    fn the_world_gives_way_to_an_interface() {
        let contract = contract("namespace Plugin; table T { x:int; } rpc_service Plugin { Go(T):T; }", "Plugin");
        assert_eq!((contract.world.as_str(), contract.plugin.unwrap().label.as_str()), ("plugin-world", "plugin"));
    }

    #[test]
    fn packages() {
        for (namespace, expected) in [
            ("", "local:contract"),
            ("Shop", "local:shop"),
            ("Hookr.Test.TextFilter", "hookr-test:text-filter"),
            ("Hookr.Abi", "hookr:abi-contract"),
            ("Std.Io", "std-contracts:io"),
            ("a_1.b", "a1:b"),
            ("Loop", "local:loop-contract"),
            ("Type.Match", "type-contract:match-contract"),
        ] {
            let segments: Vec<String> = namespace.split('.').filter(|s| !s.is_empty()).map(str::to_owned).collect();
            assert_eq!(package(&segments).to_string(), expected);
        }
    }
}
