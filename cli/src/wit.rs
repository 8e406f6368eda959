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
    fn the_abi_stands_alone_as_a_nested_package() {
        let text = format!("package a:b;\n\n{}", nested(hookr_abi::TYPES_WIT));
        assert!(text.contains("\npackage hookr:abi@0.1.0 {\n    /// "), "{text}");
        let mut resolve = wit_parser::Resolve::default();
        resolve.push_source("a.wit", &text).unwrap();
        assert_eq!(resolve.packages.len(), 2);
    }
}
