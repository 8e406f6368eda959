//! The sections of a component, with those of its modules.

use std::collections::BTreeMap;

use wasmparser::BinaryReader;

use crate::component::SectionsError;

/// A section, by a name for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section<'a> {
    pub(super) name: String,
    pub(super) data: &'a [u8],
}

/// The length of what every file starts with: its kind and version.
const HEADER: usize = 8;

const CUSTOM: u8 = 0;
const CORE_MODULE: u8 = 1;

/// The section that signatures are in, which is the first if it is there.
const SIGNATURE: &str = "signature";

/// The names of sections by their numbers.
const OF_COMPONENTS: [&str; 12] = [
    "custom",
    "core module",
    "core instances",
    "core types",
    "component",
    "instances",
    "aliases",
    "types",
    "canonical functions",
    "start",
    "imports",
    "exports",
];
const OF_MODULES: [&str; 14] = [
    "custom",
    "types",
    "imports",
    "functions",
    "tables",
    "memories",
    "globals",
    "exports",
    "start",
    "elements",
    "code",
    "data",
    "data count",
    "tags",
];

/// What signatures are for: the bytes without those of a `signature` section at the start, and without the first 8.
pub(super) fn content(bytes: &[u8]) -> Result<&[u8], SectionsError> {
    let mut reader = BinaryReader::new(bytes, 0);
    reader.read_bytes(HEADER)?;
    let rest = bytes.get(HEADER..).unwrap_or_default();
    if reader.eof() {
        return Ok(rest);
    }
    let id = reader.read_u8()?;
    let mut section = reader.read_reader()?;
    let is_signature = id == CUSTOM && section.read_string()? == SIGNATURE;
    let at = usize::try_from(reader.original_position()).ok().filter(|_| is_signature);
    Ok(at.and_then(|at| bytes.get(at..)).unwrap_or(rest))
}

/// The sections of [`content`]. In the place of a module stand its sections; several of a kind are numbered.
pub(super) fn sections(content: &[u8]) -> Result<Vec<Section<'_>>, SectionsError> {
    let mut found = Vec::new();
    walk(content, "", &mut found)?;
    Ok(found)
}

fn walk<'a>(bytes: &'a [u8], parent: &str, found: &mut Vec<Section<'a>>) -> Result<(), SectionsError> {
    let mut reader = BinaryReader::new(bytes, 0);
    let is_module = !parent.is_empty();
    let names: &[&str] = if is_module { &OF_MODULES } else { &OF_COMPONENTS };
    let mut counts = BTreeMap::new();
    while !reader.eof() {
        let id = reader.read_u8()?;
        let mut section = reader.read_reader()?;
        let data = section.clone().read_bytes(section.bytes_remaining())?;
        let name = match names.get(usize::from(id)) {
            Some(_) if id == CUSTOM => format!("custom section `{}`", section.read_string()?),
            Some(name) => (*name).to_owned(),
            None => format!("section {id}"),
        };
        let name = format!("{parent}{name}");
        let count = counts.entry(name.clone()).or_insert(0_usize);
        *count += 1;
        let name = if *count == 1 { name } else { format!("{name} ({count})") };
        found.push(Section { name: name.clone(), data });
        if !is_module && id == CORE_MODULE {
            // One step down and no more: modules hold no modules.
            walk(data.get(HEADER..).unwrap_or_default(), &format!("{name}: "), found)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_at_the_start_does_not_count() {
        let plain = wat::parse_str(r#"(component (@custom "a" "x"))"#).unwrap();
        let signed = wat::parse_str(r#"(component (@custom "signature" "s") (@custom "a" "x"))"#).unwrap();
        let late = wat::parse_str(r#"(component (@custom "a" "x") (@custom "signature" "s"))"#).unwrap();
        assert_eq!(content(&plain).unwrap(), content(&signed).unwrap());
        assert_eq!(content(&late).unwrap(), &late[8..]);
        assert_eq!(content(&plain[..8]).unwrap(), b"");
        assert!(content(b"\0asm").is_err());
    }

    #[test]
    fn sections_have_names_and_numbers() {
        let bytes = wat::parse_str(
            r#"(component
                (core module (func) (@custom "c" "x") (@custom "c" "y"))
                (@custom "a" "x")
                (core module (memory 1))
                (component)
                (@custom "a" "x"))"#,
        )
        .unwrap();
        let found = sections(content(&bytes).unwrap()).unwrap();
        let names: Vec<&str> = found.iter().map(|section| section.name.as_str()).collect();
        let expected = [
            "core module",
            "core module: types",
            "core module: functions",
            "core module: code",
            "core module: custom section `c`",
            "core module: custom section `c` (2)",
            "custom section `a`",
            "core module (2)",
            "core module (2): memories",
            "component",
            "custom section `a` (2)",
        ];
        assert_eq!(names, expected);
        for len in 0..bytes.len() {
            // Nothing but an error may come of a cut through something.
            let _ = content(&bytes[..len]).and_then(sections);
        }
    }
}
