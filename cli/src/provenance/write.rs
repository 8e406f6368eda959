use std::collections::BTreeMap;

use wasm_metadata::{AddMetadata, AddMetadataField};

use super::{Provenance, SOURCE};
use crate::component::with_custom_section;

/// What is known of a plugin's crate and of how it was compiled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The name of the crate.
    pub(crate) name: String,
    /// The version of the crate.
    pub(crate) version: String,
    /// What Cargo.toml says: description, license, repository and homepage, by the name of their section.
    pub(crate) annotations: Vec<(&'static str, String)>,
    /// Cargo's profile.
    pub(crate) profile: &'static str,
    /// The target.
    pub(crate) target: &'static str,
    /// The flags of cargo's that choose features.
    pub(crate) features: String,
    /// The hash of what the crate depends on, if it is known.
    pub(crate) dependencies: Option<String>,
}

/// A component with what is known of its making.
pub(crate) fn add(component: &[u8], origin: &Origin) -> anyhow::Result<Vec<u8>> {
    let mut found = Provenance::read(component)?;
    let rustc = found.producers.get("processed-by").and_then(|tools| tools.get("rustc")).cloned();
    let mut take = |field: &str| found.producers.remove(field).unwrap_or_default().into_iter().collect::<Vec<_>>();
    let mut metadata = AddMetadata::default();
    metadata.name = AddMetadataField::Set(origin.name.clone());
    metadata.language = take("language");
    if !metadata.language.iter().any(|(name, _)| name == "Rust") {
        metadata.language.push(("Rust".to_owned(), String::new()));
    }
    metadata.processed_by = take("processed-by");
    metadata.processed_by.push(("hookr".to_owned(), env!("CARGO_PKG_VERSION").to_owned()));
    metadata.sdk = take("sdk");
    let mut component = metadata.to_wasm(component)?;
    let version = ("version", origin.version.clone());
    for (name, text) in std::iter::once(&version).chain(&origin.annotations) {
        component = with_custom_section(component, name, text.as_bytes());
    }
    let mut source = BTreeMap::from([
        ("crate", origin.name.as_str()),
        ("version", &origin.version),
        ("profile", origin.profile),
        ("target", origin.target),
        ("hookr", env!("CARGO_PKG_VERSION")),
    ]);
    source.extend(rustc.as_deref().map(|rustc| ("rustc", rustc)));
    source.extend(origin.dependencies.as_deref().map(|hash| ("dependencies", hash)));
    source.extend(Some(("features", origin.features.as_str())).filter(|(_, features)| !features.is_empty()));
    Ok(with_custom_section(component, SOURCE, &serde_json::to_vec(&source)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin {
            name: "calc-plugin".to_owned(),
            version: "1.2.3".to_owned(),
            annotations: vec![("licenses", "MIT".to_owned())],
            profile: "release",
            target: "wasm32-unknown-unknown",
            features: String::new(),
            dependencies: Some("00".to_owned()),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = r#"(component $c
            (core module (@producers (processed-by "rustc" "1.96.0")))
            (@producers (processed-by "wit-component" "1"))
            (@custom "other" "kept"))"#;
        let component = wat::parse_str(text).unwrap();
        let with = add(&component, &origin()).unwrap();
        wasmparser::Validator::new().validate_all(&with).unwrap();
        assert_eq!(add(&component, &origin()).unwrap(), with, "nothing but these decides");
        let found = Provenance::read(&with).unwrap();
        let tools: Vec<_> = found.producers["processed-by"].keys().map(String::as_str).collect();
        assert_eq!(tools, ["hookr", "rustc", "wit-component"]);
        assert_eq!(found.producers["language"]["Rust"], "");
        assert_eq!(found.annotations, [("version", "1.2.3".to_owned()), ("licenses", "MIT".to_owned())]);
        let source: Vec<_> = found.source.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let hookr = format!("hookr={}", env!("CARGO_PKG_VERSION"));
        let expected = [
            "crate=calc-plugin",
            "dependencies=00",
            &hookr,
            "profile=release",
            "rustc=1.96.0",
            "target=wasm32-unknown-unknown",
            "version=1.2.3",
        ];
        assert_eq!(source, expected);
        assert!(found.unreadable.is_empty());
        assert!(with.windows(4).any(|window| window == b"kept"));
    }
}
