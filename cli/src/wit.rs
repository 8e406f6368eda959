//! The WIT text of a contract, with everything that it uses.

use fbs2wit::contract::Contract;

/// The packages of a contract's world as one text that every WIT tool reads alone: the contract's own package first,
/// then `hookr:abi` in the form in which a file holds further packages.
pub(crate) fn self_contained(contract: &Contract) -> String {
    let mut text = fbs2wit::wit::emit(contract);
    if contract.interfaces().next().is_none() {
        return text;
    }
    text.push('\n');
    text.push_str(&nested(hookr_abi::TYPES_WIT));
    text
}

/// A world that is called `check` in such a text: the contract's with further imports and exports, of `hookr:abi` and of
/// `packages`.
pub(crate) fn with(contract: &Contract, imports: &[&str], exports: &[&str], packages: &str) -> String {
    let text = fbs2wit::wit::emit(contract);
    let package = text.lines().find_map(|line| line.strip_prefix("package ")?.strip_suffix(';')).unwrap_or_default();
    let imports = imports.iter().map(|name| format!("    import {name};\n"));
    let exports = exports.iter().map(|name| format!("    export {name};\n"));
    let items: String = imports.chain(exports).collect();
    let world = &contract.world;
    let beside = [hookr_abi::LANE_WIT, hookr_abi::LOG_WIT, hookr_abi::STATE_WIT].map(without_package);
    let abi = format!("{}{}", hookr_abi::TYPES_WIT, beside.concat());
    format!(
        "package hookr:check;\n\nworld check {{\n    include {package}/{world};\n{items}}}\n\n{}\n{}\n{packages}",
        nested(&text),
        nested(&abi)
    )
}

fn without_package(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("package ")).map(|line| format!("{line}\n")).collect()
}

/// A package with its own `package name;` line as `package name { … }`.
fn nested(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.strip_prefix("package ").and_then(|rest| rest.strip_suffix(';')) {
            Some(name) => out.push_str(&format!("package {name} {{\n")),
            // The blank line between the head and the first item goes.
            None if line.is_empty() && out.ends_with("{\n") => {}
            None if line.is_empty() => out.push('\n'),
            None => out.push_str(&format!("    {line}\n")),
        }
    }
    out.push_str("}\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_a_contract_can_be_added_to_a_world() {
        let schema = "namespace A.B; table T {} rpc_service Plugin { M(T):T; }";
        let loader = fbs2wit::MemoryLoader::new().file("a.fbs", schema);
        let compiled = fbs2wit::compile("a.fbs".as_ref(), &fbs2wit::CompileOptions::default(), &loader).unwrap();
        let contract =
            fbs2wit::contract::lower(&compiled.schema, &fbs2wit::contract::ContractOptions::default()).unwrap();
        for (imports, exports) in [(false, false), (true, false), (true, true)] {
            let mut resolve = wit_parser::Resolve::default();
            let names = |is_there, name| if is_there { vec![name] } else { Vec::new() };
            let import = [names(imports, "hookr:abi/lane-host@0.1.0"), names(imports, "hookr:abi/log@0.1.0")].concat();
            let export = [names(exports, "hookr:abi/lane@0.1.0"), names(exports, "hookr:abi/state@0.1.0")].concat();
            let package = resolve.push_source("a.wit", &with(&contract, &import, &export, "")).unwrap();
            let world = resolve.select_world(&[package], Some("check")).unwrap();
            let world = &resolve.worlds[world];
            let names = |items: &mut dyn Iterator<Item = &wit_parser::WorldKey>| {
                items.map(|key| resolve.name_world_key(key)).collect::<Vec<_>>().join(" ")
            };
            for name in ["hookr:abi/lane-host@0.1.0", "hookr:abi/log@0.1.0"] {
                assert_eq!(names(&mut world.imports.keys()).contains(name), imports);
            }
            for name in ["hookr:abi/lane@0.1.0", "hookr:abi/state@0.1.0"] {
                assert_eq!(names(&mut world.exports.keys()).contains(name), exports);
            }
            assert!(names(&mut world.exports.keys()).contains("a:b/plugin"));
        }
    }

    #[test]
    fn the_abi_stands_alone_as_a_nested_package() {
        let text = format!("package a:b;\n\n{}", nested(hookr_abi::TYPES_WIT));
        assert!(text.contains("\npackage hookr:abi@0.1.0 {\n    /// "), "{text}");
        let mut resolve = wit_parser::Resolve::default();
        resolve.push_source("a.wit", &text).unwrap();
        assert_eq!(resolve.packages.len(), 2);
    }
}
