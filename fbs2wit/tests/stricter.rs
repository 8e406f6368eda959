//! What flatc accepts and we refuse on purpose: flatc would store something else than what was written.
//!
//! The list is that of `docs/src/reference/mapping.md`, "Stricter than flatc". With flatc at hand, the tests also show that each of them
//! is a difference still.

#[path = "bfbs/flatc.rs"]
mod flatc;

use fbs2wit::json::{self, JsonOptions};
use fbs2wit::source::SourceMap;
use fbs2wit::{CompileOptions, MemoryLoader, compile};

const SCHEMAS: [(&str, &str); 6] = [
    ("E0303", "enum E : byte { A = 1, B, C = 2 }"),
    ("E0309", "struct S { x:int; s:S; }"),
    ("E0332", "table T { s:S; } root_type S; struct S { x:int; }"),
    ("E0333", "struct A { a:[ubyte:65535]; } struct B { a:A; b:A; c:int; }"),
    ("E0334", "table T {} union U (bit_flags) { T }"),
    ("E0401", "table T {} rpc_service R { M(S):T; } struct S { x:int; }"),
];

const SCHEMA: &str = "
enum Color : ubyte { Red, Green, Blue }
table A { a:int; }
union U { A }
table Root {
  on:bool;
  color:Color;
  maybe_color:Color = null;
  float:float;
  double:double;
  hashed:uint (hash: \"fnv1_32\");
  us:[U];
  loose:[ubyte] (flexbuffer);
}
root_type Root;
";

const JSON: [(&str, &str); 11] = [
    ("E0704", r#"{ "on": 2 }"#),
    ("E0708", r#"{ "color": "Red Blue" }"#),
    ("E0708", r#"{ "maybe_color": "null" }"#),
    ("E0704", r#"{ "float": 3.5e38 }"#),
    ("E0704", r#"{ "double": 1e400 }"#),
    ("E0703", r#"{ "hashed": nan }"#),
    ("E0703", r#"{ "hashed": anything }"#),
    ("E0709", r#"{ "us_type": ["A", "A"], "us": [{}] }"#),
    ("E0704", r#"{ "loose": 18446744073709551616 }"#),
    ("E0704", r#"{ "loose": -1e400 }"#),
    ("E0712", r#"{ "loose": { "a\u0000b": 1 } }"#),
];

#[test]
fn schemas_that_mean_something_else_to_flatc_are_refused() {
    let flatc = flatc::flatc();
    for (code, text) in SCHEMAS {
        let loader = MemoryLoader::new().file("a.fbs", text);
        let error = compile("a.fbs".as_ref(), &CompileOptions::new(), &loader).err();
        let found: Vec<&str> = error.iter().flat_map(|e| e.diagnostics.iter()).map(|d| d.code.as_str()).collect();
        assert_eq!(found, [code], "{text}");
        if let Some(flatc) = &flatc {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("a.fbs"), text).unwrap();
            flatc::run(flatc, folder.path(), &["--schema", "--binary", "a.fbs"])
                .unwrap_or_else(|e| panic!("{text}: {e}"));
        }
    }
}

#[test]
fn json_that_flatc_stores_as_something_else_is_refused() {
    let loader = MemoryLoader::new().file("a.fbs", SCHEMA);
    let schema = compile("a.fbs".as_ref(), &CompileOptions::new(), &loader).unwrap().schema;
    let root = schema.root.unwrap();
    let flatc = flatc::flatc();
    for (code, text) in JSON {
        let mut sources = SourceMap::default();
        let file = sources.add_bytes("a.json", text.into());
        let errors = json::parse(&schema, root, &sources, file, &JsonOptions::default()).err();
        let found: Vec<&str> = errors.iter().flat_map(|e| e.iter()).map(|d| d.code.as_str()).collect();
        assert_eq!(found, [code], "{text}");
        if let Some(flatc) = &flatc {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("a.fbs"), SCHEMA).unwrap();
            std::fs::write(folder.path().join("a.json"), text).unwrap();
            flatc::run(flatc, folder.path(), &["--binary", "a.fbs", "a.json"])
                .unwrap_or_else(|e| panic!("{text}: {e}"));
        }
    }
}
