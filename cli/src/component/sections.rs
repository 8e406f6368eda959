//! The section `hookr:contract` in modules and components.

use hookr_abi::section::NAME;
use wasm_encoder::{ComponentSection as _, Encode as _};
use wasmparser::{Parser, Payload};

/// The prefix of the custom section in which bindings generators describe a core module's world.
const BINDINGS: &str = "component-type";

/// The length of what every file starts with: its kind and version.
const HEADER: usize = 8;

/// A file is damaged.
#[derive(Debug, thiserror::Error)]
#[error("the WebAssembly is damaged at byte {offset}: {message}")]
pub(crate) struct SectionsError {
    offset: u64,
    message: String,
}

impl From<wasmparser::BinaryReaderError> for SectionsError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        SectionsError { offset: error.offset(), message: error.message().to_owned() }
    }
}

/// Every payload of a section `hookr:contract` in a module or a component.
#[derive(Debug, Default)]
pub(crate) struct ContractSections<'a> {
    /// At the top level.
    pub(crate) top: Vec<&'a [u8]>,
    /// In modules inside of a component, however deep.
    pub(crate) nested: Vec<&'a [u8]>,
}

impl<'a> ContractSections<'a> {
    /// Looks through a whole file.
    pub(crate) fn find(bytes: &'a [u8]) -> Result<Self, SectionsError> {
        let mut found = ContractSections::default();
        // The encodings of what is open: modules count, components inside of components do not.
        let mut open: Vec<bool> = Vec::new();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ModuleSection { .. } => open.push(true),
                Payload::ComponentSection { .. } => open.push(false),
                Payload::End(_) => drop(open.pop()),
                Payload::CustomSection(section) if section.name() == NAME => match open.last() {
                    None => found.top.push(section.data()),
                    Some(true) => found.nested.push(section.data()),
                    Some(false) => {}
                },
                _ => {}
            }
        }
        Ok(found)
    }
}

/// Whether a core module says what world it is for.
pub(crate) fn has_bindings(module: &[u8]) -> Result<bool, SectionsError> {
    for payload in Parser::new(0).parse_all(module) {
        if matches!(payload?, Payload::CustomSection(section) if section.name().starts_with(BINDINGS)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A core module or a component without the sections `hookr:contract` in it, and in the modules of a component. Every other
/// byte is kept.
pub(crate) fn without_section(bytes: &[u8]) -> Result<Vec<u8>, SectionsError> {
    let mut out = bytes.get(..HEADER).unwrap_or_default().to_vec();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        let is_inside = depth > 0;
        match &payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if is_inside || matches!(&payload, Payload::CustomSection(section) if section.name() == NAME) {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            let range = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
            let data = range.and_then(|(start, end)| bytes.get(start..end)).unwrap_or_default();
            out.push(id);
            match payload {
                // One step down and no more: modules hold no modules.
                Payload::ModuleSection { .. } => without_section(data)?.encode(&mut out),
                _ => data.encode(&mut out),
            }
        }
    }
    Ok(out)
}

/// Whether a file is a component, by its first bytes.
pub(crate) fn is_component(bytes: &[u8]) -> bool {
    Parser::is_component(bytes)
}

/// A component with a section `hookr:contract` behind everything else.
pub(crate) fn with_section(component: Vec<u8>, payload: &[u8]) -> Vec<u8> {
    with_custom_section(component, NAME, payload)
}

/// A component with a custom section behind everything else.
pub(crate) fn with_custom_section(mut component: Vec<u8>, name: &str, payload: &[u8]) -> Vec<u8> {
    let section = wasm_encoder::CustomSection { name: name.into(), data: payload.into() };
    component.push(section.id());
    section.encode(&mut component);
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_where_they_are() {
        let bytes = wat::parse_str(
            r#"(component
                (@custom "hookr:contract" "top")
                (core module (@custom "hookr:contract" "one") (@custom "other" "x"))
                (component (core module (@custom "hookr:contract" "two")) (@custom "hookr:contract" "passed over")))"#,
        )
        .unwrap();
        let found = ContractSections::find(&bytes).unwrap();
        assert_eq!(found.top, [b"top"]);
        assert_eq!(found.nested, [b"one", b"two"]);
    }

    #[test]
    fn a_module_keeps_everything_else() {
        let with = wat::parse_str(
            r#"(module (@custom "a" "x") (memory 1) (func (export "f") nop)
                (@custom "hookr:contract" "gone") (data (i32.const 0) "d") (@custom "b" "y"))"#,
        )
        .unwrap();
        let expected = wat::parse_str(
            r#"(module (@custom "a" "x") (memory 1) (func (export "f") nop) (data (i32.const 0) "d") (@custom "b" "y"))"#,
        )
        .unwrap();
        assert_ne!(with, expected);
        assert_eq!(without_section(&with).unwrap(), expected);
    }

    #[test]
    fn a_component_keeps_everything_else_too() {
        let text = |section: &str| {
            let text = r#"(component $c (@custom "a" "x") SECTION
                (core module (func) SECTION (data "d") (@custom "b" "y"))
                (component (core module (@custom "hookr:contract" "kept")))
                (core module SECTION))"#;
            wat::parse_str(text.replace("SECTION", section)).unwrap()
        };
        let with = text(r#"(@custom "hookr:contract" "gone")"#);
        assert!(is_component(&with));
        assert_eq!(without_section(&with).unwrap(), text(""));
        assert_eq!(ContractSections::find(&text("")).unwrap().nested, [b"kept"]);
    }

    #[test]
    fn a_section_is_added_at_the_top() {
        let component = wat::parse_str("(component (core module))").unwrap();
        let with = with_section(component, b"payload");
        assert_eq!(ContractSections::find(&with).unwrap().top, [b"payload"]);
        wasmparser::Validator::new().validate_all(&with).unwrap();
    }

    #[test]
    fn damage_is_an_error() {
        let bytes = wat::parse_str(r#"(component (core module (func) (@custom "hookr:contract" "x")))"#).unwrap();
        for len in 0..bytes.len() {
            // Nothing but an error may come of a cut through something.
            let _ = ContractSections::find(&bytes[..len]);
            let _ = without_section(&bytes[..len]);
        }
        assert!(ContractSections::find(&bytes[..bytes.len() - 1]).is_err());
    }
}
