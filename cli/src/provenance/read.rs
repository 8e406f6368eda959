use std::collections::BTreeMap;

use wasm_metadata::Producers;
use wasmparser::{Parser, Payload};

use super::{ANNOTATIONS, MAX_SIZE, Provenance, SOURCE};

impl Provenance {
    /// Reads it from a component, or a module. What cannot be read is named, and is no error: anybody can write anything
    /// there.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, wasmparser::BinaryReaderError> {
        let mut found = Provenance::default();
        let mut inside = Vec::new();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::CustomSection(section) if depth == 0 => {
                    found.section(section.name(), section.data());
                }
                Payload::CustomSection(section) if section.name() == "producers" => inside.push(section.data()),
                _ => {}
            }
        }
        // What the component says itself goes before what its modules say.
        for data in inside {
            found.producers(data);
        }
        found.annotations.sort_by_key(|(name, _)| ANNOTATIONS.iter().position(|known| known == name));
        Ok(found)
    }

    fn section(&mut self, name: &str, data: &[u8]) {
        let annotation = ANNOTATIONS.into_iter().find(|known| *known == name);
        let is_read = match (name, annotation) {
            _ if annotation.is_none() && !matches!(name, "producers" | SOURCE) => true,
            _ if data.len() > MAX_SIZE => false,
            ("producers", _) => self.producers(data),
            (_, Some(annotation)) => self.annotation(annotation, data),
            _ => self.source(data),
        };
        if !is_read {
            self.unreadable.push(name.to_owned());
        }
    }

    /// Adds those that are not there yet, and says whether they could be read.
    fn producers(&mut self, data: &[u8]) -> bool {
        let Some(producers) = (data.len() <= MAX_SIZE).then(|| Producers::from_bytes(data, 0).ok()).flatten() else {
            return false;
        };
        for (field, tools) in producers.iter() {
            let known = self.producers.entry(field.clone()).or_default();
            for (name, version) in tools.iter() {
                known.entry(name.clone()).or_insert_with(|| version.clone());
            }
        }
        true
    }

    fn annotation(&mut self, name: &'static str, data: &[u8]) -> bool {
        let Ok(text) = str::from_utf8(data) else { return false };
        // The first counts, as it does for other tools.
        if self.annotations.iter().all(|(known, _)| *known != name) {
            self.annotations.push((name, text.to_owned()));
        }
        true
    }

    fn source(&mut self, data: &[u8]) -> bool {
        let Ok(source) = serde_json::from_slice::<BTreeMap<String, String>>(data) else { return false };
        if self.source.is_empty() {
            self.source = source;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Provenance {
        Provenance::read(&wat::parse_str(text).unwrap()).unwrap()
    }

    #[test]
    fn the_component_goes_before_its_modules() {
        let found = read(
            r#"(component
                (core module (@producers (language "Rust" "") (processed-by "rustc" "1.96.0") (processed-by "tool" "1")))
                (component (@custom "version" "inside"))
                (@producers (processed-by "tool" "2"))
                (@custom "version" "1.2.3")
                (@custom "version" "4.5.6")
                (@custom "description" "what it is")
                (@custom "hookr:source" "{\"crate\": \"a\"}"))"#,
        );
        let tools = &found.producers["processed-by"];
        assert_eq!(tools.iter().map(|(k, v)| format!("{k} {v}")).collect::<Vec<_>>(), ["rustc 1.96.0", "tool 2"]);
        assert_eq!(found.producers["language"]["Rust"], "");
        let texts = [("version", "1.2.3".to_owned()), ("description", "what it is".to_owned())];
        assert_eq!(found.annotations, texts);
        assert_eq!(found.source["crate"], "a");
        assert!(found.unreadable.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let found = read(
            r#"(component
                (@custom "homepage" "\ff")
                (@custom "producers" "junk")
                (@custom "hookr:source" "{\"crate\": 1}")
                (@custom "other" "\ff"))"#,
        );
        assert_eq!(found.unreadable, ["homepage", "producers", "hookr:source"]);
        let large = format!("(component (@custom \"description\" \"{}\"))", "x".repeat(MAX_SIZE + 1));
        assert_eq!(read(&large).unreadable, ["description"]);
    }
}
