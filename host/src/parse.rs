//! What is read of a trusted file before it is compiled: headers, and the section that names the contract.

use hookr_abi::section::{self, Section};
use wasmparser::BinaryReader;

use crate::OpenError;

/// Reads the `hookr:contract` section at the top level of a component. Modules and components inside are passed over
/// unread; all section headers of the top level are read, so that a truncated file is noticed here.
///
/// `Ok(None)` is a component without that section.
pub(crate) fn contract_section(bytes: &[u8]) -> Result<Option<Section>, OpenError> {
    let payloads = contract_payloads(bytes)?;
    match payloads.as_slice() {
        [] => Ok(None),
        [payload] => Section::decode(payload).map(Some).map_err(|source| OpenError::InvalidContract { source }),
        several => Err(OpenError::DuplicateContract { found: several.len() }),
    }
}

/// How WebAssembly files start. The preamble is this, then two bytes for the version and two for the layer.
pub(crate) const MAGIC: &[u8] = b"\0asm";
pub(crate) const PREAMBLE: usize = 8;
const LAYER_MODULE: &[u8] = &[0, 0];

/// The number of a custom section, in components as in modules.
const CUSTOM: u8 = 0;

/// Checks that the bytes start as a component does.
pub(crate) fn preamble(bytes: &[u8]) -> Result<(), OpenError> {
    let (magic, _) = bytes.split_at(bytes.len().min(MAGIC.len()));
    if !MAGIC.starts_with(magic) {
        return Err(OpenError::NotWasm { found: bytes.iter().take(8).copied().collect() });
    }
    let preamble = BinaryReader::new(bytes, 0).read_bytes(PREAMBLE).map_err(|error| malformed(bytes, &error))?;
    if preamble.ends_with(LAYER_MODULE) {
        return Err(OpenError::CoreModule);
    }
    Ok(())
}

fn contract_payloads(bytes: &[u8]) -> Result<Vec<&[u8]>, OpenError> {
    preamble(bytes)?;
    let mut found = Vec::new();
    let mut walk = || -> wasmparser::Result<()> {
        let mut reader = BinaryReader::new(bytes, 0);
        reader.read_bytes(PREAMBLE)?;
        while !reader.eof() {
            let id = reader.read_u8()?;
            let mut section = reader.read_reader()?;
            if id == CUSTOM && section.read_string()? == section::NAME {
                found.push(section.read_bytes(section.bytes_remaining())?);
            }
        }
        Ok(())
    };
    walk().map_err(|error| malformed(bytes, &error))?;
    Ok(found)
}

pub(crate) fn malformed(bytes: &[u8], error: &wasmparser::Error) -> OpenError {
    OpenError::Malformed { offset: error.offset(), size: bytes.len() as u64, message: error.message().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn sections_inside_of_modules_do_not_count() {
        let bytes = component(r#"(component (core module (@custom "hookr:contract" "x")))"#);
        assert!(matches!(contract_section(&bytes), Ok(None)));
    }

    #[test]
    fn every_truncation_is_an_error() {
        let bytes = component(
            r#"(component (core module (func) (memory 1)) (core module (func (result i32) i32.const 1)) (@custom "a" "b"))"#,
        );
        assert!(contract_section(&bytes).is_ok());
        let mut errors = 0;
        for len in 1..bytes.len() {
            match contract_section(&bytes[..len]) {
                Err(OpenError::Malformed { .. } | OpenError::NotWasm { .. }) => errors += 1,
                // A cut between two sections leaves a whole component, one with less in it.
                Ok(None) => {}
                other => panic!("{len}: {other:?}"),
            }
        }
        assert!(errors > bytes.len() / 2);
    }

    #[test]
    fn two_sections_are_one_too_many() {
        let bytes = component(r#"(component (@custom "hookr:contract" "x") (@custom "hookr:contract" "x"))"#);
        assert!(matches!(contract_section(&bytes), Err(OpenError::DuplicateContract { found: 2 })));
    }

    #[test]
    fn a_core_module_is_named_as_such() {
        assert!(matches!(contract_section(&component("(module)")), Err(OpenError::CoreModule)));
    }

    #[test]
    fn text_is_not_wasm() {
        assert!(matches!(contract_section(b"#!/bin/sh"), Err(OpenError::NotWasm { .. })));
    }
}
