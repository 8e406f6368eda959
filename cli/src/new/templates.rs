//! The files of the templates, which are written by hand: `templates/`.
//!
//! They say `{{key}}` where something of the project stands:
//!
//! | | |
//! |---|---|
//! | `name` | its name |
//! | `crate` | the crate of its contract, in Rust's code |
//! | `namespace` | the namespace of its contract |
//! | `type` | the type that implements its plugin |
//! | `hookr` | the dependency on the crate `hookr` |
//! | `from` | the argument of `hookr gen` that says where the crates of Hookr are; nothing for published ones |
//!
//! All of them end in `.in`: cargo would take a folder with a Cargo.toml in it for another package.

use fbs2wit::emit::Files;
use fbs2wit::rust::HookrSource;
use serde_json::Value;

use super::Names;
use crate::args::Template;
use crate::files::shell_word;

/// A path in the project, and the text of the file before anything is filled in.
type File = (&'static str, &'static str);

const COMMON: &[File] = &[
    (".gitignore", include_str!("templates/common/gitignore.in")),
    ("Cargo.toml", include_str!("templates/common/workspace.toml.in")),
    ("host/Cargo.toml", include_str!("templates/common/host.toml.in")),
    ("plugin/Cargo.toml", include_str!("templates/common/plugin.toml.in")),
];

const MINIMAL: &[File] = &[
    ("README.md", include_str!("templates/minimal/README.md.in")),
    ("{{name}}.fbs", include_str!("templates/minimal/schema.fbs.in")),
    (PLUGIN, include_str!("templates/minimal/plugin.rs.in")),
    ("host/src/main.rs", include_str!("templates/minimal/host.rs.in")),
    ("request.json", include_str!("templates/minimal/request.json.in")),
    ("cases/somebody.json", include_str!("templates/minimal/case-somebody.json.in")),
    ("cases/nobody.json", include_str!("templates/minimal/case-nobody.json.in")),
];

const CALLBACKS: &[File] = &[
    ("README.md", include_str!("templates/callbacks/README.md.in")),
    ("{{name}}.fbs", include_str!("templates/callbacks/schema.fbs.in")),
    (PLUGIN, include_str!("templates/callbacks/plugin.rs.in")),
    ("host/src/main.rs", include_str!("templates/callbacks/host.rs.in")),
    ("request.json", include_str!("templates/callbacks/request.json.in")),
    ("fixture.json", include_str!("templates/callbacks/fixture.json.in")),
    ("cases/friend.json", include_str!("templates/callbacks/case-friend.json.in")),
    ("cases/stranger.json", include_str!("templates/callbacks/case-stranger.json.in")),
    ("cases/outage.json", include_str!("templates/callbacks/case-outage.json.in")),
    ("cases/nobody.json", include_str!("templates/callbacks/case-nobody.json.in")),
];

const LANE: &[File] = &[
    ("README.md", include_str!("templates/lane/README.md.in")),
    ("{{name}}.fbs", include_str!("templates/lane/schema.fbs.in")),
    (PLUGIN, include_str!("templates/lane/plugin.rs.in")),
    ("host/src/main.rs", include_str!("templates/lane/host.rs.in")),
    ("request.json", include_str!("templates/lane/request.json.in")),
    ("cases/falls.json", include_str!("templates/lane/case-falls.json.in")),
    ("cases/bounces.json", include_str!("templates/lane/case-bounces.json.in")),
    ("cases/no-length.json", include_str!("templates/lane/case-no-length.json.in")),
];

const RELOAD: &[File] = &[
    ("README.md", include_str!("templates/reload/README.md.in")),
    ("{{name}}.fbs", include_str!("templates/reload/schema.fbs.in")),
    (PLUGIN, include_str!("templates/reload/plugin.rs.in")),
    ("host/src/main.rs", include_str!("templates/reload/host.rs.in")),
    ("request.json", include_str!("templates/reload/request.json.in")),
    ("cases/numbers.json", include_str!("templates/reload/case-numbers.json.in")),
    ("cases/empty.json", include_str!("templates/reload/case-empty.json.in")),
];

const PLUGIN: &str = "plugin/src/lib.rs";

fn own(template: Template) -> &'static [File] {
    match template {
        Template::Minimal => MINIMAL,
        Template::Callbacks => CALLBACKS,
        Template::Lane => LANE,
        Template::Reload => RELOAD,
    }
}

/// What the host of a template is started with, behind the plugin.
pub(crate) fn arguments(template: Template) -> &'static str {
    match template {
        Template::Minimal | Template::Callbacks => " Elizabeth",
        Template::Lane | Template::Reload => "",
    }
}

/// The names of a project of this template.
pub(crate) fn names(name: &str, template: Template) -> Names {
    let plugin = own(template).iter().find(|(path, _)| *path == PLUGIN);
    Names::new(name, plugin.map_or("", |(_, text)| text))
}

/// The files that are written by hand. `hookr` is where the folder of the project finds the crates of Hookr.
pub(crate) fn files(name: &str, template: Template, hookr: &HookrSource) -> Files {
    let Names { name, code, namespace, plugin } = names(name, template);
    let (dependency, from) = match hookr {
        HookrSource::Path(path) => {
            let host = format!("{}/host", path.trim_end_matches('/'));
            // A string of JSON is one of TOML.
            (format!("{{ path = {} }}", Value::from(host)), format!(" --hookr-path {}", shell_word(path)))
        }
        _ => (format!("\"{}\"", env!("CARGO_PKG_VERSION")), String::new()),
    };
    let values = [
        ("name", name.as_str()),
        ("crate", &code),
        ("namespace", &namespace),
        ("type", &plugin),
        ("hookr", &dependency),
        ("from", &from),
    ];
    let mut files = Files::default();
    for (path, text) in COMMON.iter().chain(own(template)) {
        files.insert(fill(path, &values), fill(text, &values));
    }
    files
}

/// Puts values in the place of their keys. What is no key stays.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split("{{");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let value = part.split_once("}}").and_then(|(key, rest)| {
            let (_, value) = values.iter().find(|(name, _)| *name == key)?;
            Some((value, rest))
        });
        match value {
            Some((value, rest)) => out.extend([*value, rest]),
            None => out.extend(["{{", part]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::ContractArgs;
    use crate::{contract, crates};

    fn text(files: &Files, path: &str) -> String {
        String::from_utf8(files.get(path).unwrap_or_else(|| panic!("{path} is there")).to_vec()).unwrap()
    }

    #[test]
    fn every_key_has_a_value() {
        for template in Template::ALL {
            let files = files("my-filter", template, &HookrSource::Path("../a \"b\"".into()));
            for (path, content) in files.iter() {
                let content = std::str::from_utf8(content).unwrap();
                assert!(!content.contains("{{") && !path.contains("{{"), "{path}\n{content}");
            }
            let manifest: toml::Table = text(&files, "Cargo.toml").parse().unwrap();
            assert_eq!(manifest["workspace"]["dependencies"]["hookr"]["path"].as_str(), Some("../a \"b\"/host"));
            assert!(text(&files, "README.md").contains("--package my-filter --hookr-path '../a \"b\"'\n"));
        }
        assert_eq!(fill("{{a}} {{b}} {{ {{a}}", &[("a", "{{b}}"), ("b", "2")]), "{{b}} 2 {{ {{b}}");
    }

    #[test]
    fn the_published_crates_are_those_of_this_version() {
        let files = files("a", Template::Minimal, &HookrSource::Version);
        let manifest: toml::Table = text(&files, "Cargo.toml").parse().unwrap();
        assert_eq!(manifest["workspace"]["dependencies"]["hookr"].as_str(), Some(env!("CARGO_PKG_VERSION")));
        assert!(text(&files, "README.md").contains("--package a\n"));
    }

    /// Names that mean something in WIT, in FlatBuffers, in Rust or in a template.
    #[test]
    fn a_contract_comes_of_every_name() {
        let names = [
            "a",
            "x-1",
            "my-2nd-filter",
            "interface",
            "world",
            "table",
            "struct-",
            "fn-",
            "type_",
            "self_",
            "string",
            "plugin",
            "greet-request",
            "types",
            "hookr-abi-2",
            "state",
            "friends",
            "step",
            "note",
            "namespace",
        ];
        for template in Template::ALL {
            for name in names {
                let folder = tempfile::tempdir().unwrap();
                let schema = folder.path().join("schema.fbs");
                let files = files(name, template, &HookrSource::Version);
                std::fs::write(&schema, text(&files, &format!("{name}.fbs"))).unwrap();
                let args = ContractArgs::default();
                let compiled = contract::read_schema(&schema, &args).unwrap_or_else(|_| panic!("{name}"));
                let crates = crates::generate(&compiled, name, &args, HookrSource::Version);
                assert!(crates.unwrap_or_else(|_| panic!("{name}")).get("src/lib.rs").is_some());
            }
        }
    }

    #[test]
    fn cases_and_requests_are_json() {
        for template in Template::ALL {
            let files = files("a", template, &HookrSource::Version);
            let json: Vec<_> = files.iter().filter(|(path, _)| path.ends_with(".json")).collect();
            assert!(json.iter().filter(|(path, _)| path.starts_with("cases/")).count() >= 2);
            for (path, content) in json {
                assert!(serde_json::from_slice::<Value>(content).is_ok(), "{path}");
            }
        }
    }
}
