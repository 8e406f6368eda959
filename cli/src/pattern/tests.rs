use std::path::Path as FilePath;

use super::*;
use crate::call::Text;
use fbs2wit::contract::{ContractOptions, lower};
use fbs2wit::json::Document;
use fbs2wit::{CompileOptions, MemoryLoader, compile};

const SCHEMA: &str = "namespace T; enum Color:ubyte { Red, Green }
    struct Point { x:int; y:int; } table Leaf { id:int; label:string; }
    union Any { Leaf }
    table R { n:int; big:ulong; f:float; on:bool; note:string; key:string (required); maybe:int = null; size:int = 3;
      color:Color; at:Point; leaf:Leaf; leaves:[Leaf]; tags:[string]; bytes:[ubyte]; any:Any; flex:[ubyte] (flexbuffer); }
    rpc_service Plugin { Go(R):R; }";

fn contract() -> Arc<LoadedContract> {
    let loader = MemoryLoader::new().file("t.fbs", SCHEMA);
    let schema = compile("t.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap().schema;
    let contract = lower(&schema, &ContractOptions::default()).unwrap();
    Arc::new(LoadedContract { schema, contract })
}

fn found(text: &str) -> Found {
    let contract = contract();
    let table = contract.methods()[0].response;
    let payload = Payload::parse(&contract, table, &Text::new(FilePath::new("v.json"), text)).unwrap();
    Found::of(&payload).unwrap()
}

fn read(text: &str, matching: Match) -> Result<Pattern, String> {
    let contract = contract();
    let table = contract.methods()[0].response;
    let text = Text::new(FilePath::new("p.json"), text);
    let document = Document::parse(&text.sources, text.file, &JsonOptions::default()).unwrap();
    Pattern::read(&contract, table, document.root(), &Path::Root, matching)
        .map_err(|errors| errors.render(&text.sources, false))
}

/// Where a value differs: path, expected, found.
fn differences(pattern: &str, value: &str, matching: Match) -> Vec<String> {
    let pattern = read(pattern, matching).unwrap();
    let mismatches = pattern.mismatches(Some(&found(value).full), &Path::Root);
    mismatches.into_iter().map(|m| format!("{} {} / {}", m.path, m.expected, m.found)).collect()
}

#[test]
fn what_means_the_same_is_the_same() {
    for (pattern, value) in [
        (r#"{key: "k", n: 0, size: 3, note: "", tags: [], leaves: []}"#, r#"{key: "k"}"#),
        (r#"{key: "k"}"#, r#"{key: "k", n: 0, size: 3, note: "", tags: [], leaves: []}"#),
        (r#"{key: "k", color: 1, on: 1, f: 0.1}"#, r#"{key: "k", color: "Green", on: true, f: 0.10000000149}"#),
        (r#"{key: "k", big: "18446744073709551615"}"#, r#"{key: "k", big: 18446744073709551615}"#),
        (r#"{key: "k", at: [1, 2]}"#, r#"{key: "k", at: {x: 1, y: 2}}"#),
        (r#"{key: "k", f: nan, maybe: null}"#, r#"{key: "k", f: "nan"}"#),
        (r#"{key: "k", f: -0.0}"#, r#"{key: "k", f: 0.0}"#),
        (r#"{key: "k", any_type: Leaf, any: {id: 1}}"#, r#"{key: "k", any_type: "Leaf", any: {id: 1}}"#),
        (r#"{key: "k", flex: {"$any": true}}"#, r#"{key: "k", flex: {a: [1, {b: nan}]}}"#),
        (r#"{key: "k", flex: {a: [1, {b: nan}]}}"#, r#"{key: "k", flex: {a: [1, {b: nan}]}}"#),
    ] {
        assert_eq!(differences(pattern, value, Match::Exact), [""; 0], "{pattern} {value}");
    }
}

#[test]
fn what_differs_is_named_by_its_path() {
    for (pattern, value, expected) in [
        (r#"{key: "k"}"#, r#"{key: "l"}"#, vec![r#"$.key "k" / "l""#]),
        (r#"{key: "k"}"#, r#"{key: "k", n: 2}"#, vec!["$.n 0 / 2"]),
        (r#"{key: "k", maybe: 0}"#, r#"{key: "k"}"#, vec!["$.maybe 0 / nothing"]),
        (r#"{key: "k"}"#, r#"{key: "k", maybe: 0}"#, vec!["$.maybe nothing / 0"]),
        (r#"{key: "k"}"#, r#"{key: "k", leaf: {}}"#, vec![r#"$.leaf nothing / {"id": 0}"#]),
        (
            r#"{key: "k", leaves: [{id: 1}, {id: 2, label: "x"}]}"#,
            r#"{key: "k", leaves: [{id: 1}, {id: 3}, {}]}"#,
            vec!["$.leaves[1].id 2 / 3", r#"$.leaves[1].label "x" / nothing"#, "$.leaves 2 elements / 3 elements"],
        ),
        (r#"{key: "k", tags: ["a"]}"#, r#"{key: "k"}"#, vec!["$.tags an array of 1 / nothing"]),
        (r#"{key: "k", at: {x: 1, y: 2}}"#, r#"{key: "k", at: {x: 1, y: 3}}"#, vec!["$.at.y 2 / 3"]),
        (r#"{key: "k", at: [1, 2]}"#, r#"{key: "k", at: {x: 1, y: 3}}"#, vec!["$.at.y 2 / 3"]),
        (r#"{key: "k", color: "Red"}"#, r#"{key: "k", color: "Green"}"#, vec![r#"$.color "Red" / "Green""#]),
        (
            r#"{key: "k", any_type: Leaf, any: {id: 1}}"#,
            r#"{key: "k"}"#,
            vec![r#"$.any_type "Leaf" / "NONE""#, "$.any an object / nothing"],
        ),
    ] {
        assert_eq!(differences(pattern, value, Match::Exact), expected, "{pattern} {value}");
    }
}

#[test]
fn a_subset_names_what_matters() {
    let value = r#"{key: "k", n: 2, leaves: [{id: 1, label: "a"}], at: {x: 1, y: 2}}"#;
    for pattern in ["{}", "{n: 2}", "{at: {y: 2}}", "{leaves: [{}]}", r#"{leaves: [{label: "a"}], size: 3}"#] {
        assert_eq!(differences(pattern, value, Match::Subset), [""; 0], "{pattern}");
    }
    assert_eq!(differences("{n: 0}", value, Match::Subset), ["$.n 0 / 2"], "a default that is named counts");
    assert_eq!(differences("{leaves: []}", value, Match::Subset), ["$.leaves 0 elements / 1 element"]);
    assert_eq!(differences("{leaves: [{id: 2}]}", value, Match::Subset), ["$.leaves[0].id 2 / 1"]);
}

#[test]
fn matchers_stand_everywhere() {
    let value = r#"{key: "node-7", f: 0.25, n: 10, leaves: [{id: 5, label: "five"}], tags: ["a1"], maybe: 4}"#;
    let fits = r#"{key: {"$regex": "^node-[0-9]$"}, f: {"$near": 0.2, "tolerance": 0.06}, n: {"$near": 9, "tolerance": 1},
        leaves: [{id: {"$any": true}, label: {"$contains": "iv"}}], tags: [{"$regex": "1"}], maybe: {"$any": true}}"#;
    assert_eq!(differences(fits, value, Match::Exact), [""; 0]);
    assert_eq!(differences(r#"{"$any": true}"#, value, Match::Exact), [""; 0]);
    assert_eq!(
        differences(r#"{key: {"$any": true}, leaves: [{"$any": true}], at: {"$any": true}}"#, value, Match::Subset),
        [""; 0]
    );
    let wrong = r#"{key: {"$regex": "^x"}, f: {"$near": 0.2, "tolerance": 0.01}, tags: {"$contains": "a"},
        leaves: [{label: {"$contains": "six"}}], maybe: {"$regex": "4"}, note: {"$regex": "."}}"#;
    assert_eq!(
        differences(wrong, value, Match::Subset),
        [
            "$.f 0.2 ± 0.01 / 0.25",
            "$.note text that matches /./ / nothing",
            r#"$.key text that matches /^x/ / "node-7""#,
            "$.maybe text that matches /4/ / 4",
            r#"$.leaves[0].label text with "six" in it / "five""#,
            r#"$.tags text with "a" in it / ["a1"]"#,
        ]
    );
    let absent = r#"{"note": {"$regex": "^$"}, "n": {"$near": 0, "tolerance": 0}, "leaf": {"$any": true}}"#;
    assert_eq!(differences(absent, r#"{key: "k"}"#, Match::Subset), [""; 0], "what is absent is an empty text");
}

#[test]
fn errors_say_what_is_wrong() {
    for (text, expected) in [
        (r#"{"key": "k", "nn": 1}"#, "did you mean `n`?"),
        (r#"{"n": 1}"#, "missing field `key`"),
        (r#"{"key": {"$regx": "a"}}"#, "did you mean `$regex`?"),
        (r#"{"key": {"$regex": "("}}"#, "the regular expression cannot be read: unclosed group"),
        (r#"{"key": {"$regex": "a{1000}{1000}{1000}"}}"#, "the regular expression cannot be read"),
        (r#"{"key": {"$regex": 1}}"#, "$.key[\"$regex\"]: expecting a string, found the number 1"),
        (r#"{"key": {"$any": false}}"#, "expecting `true`"),
        (r#"{"key": {"$any": true, "n": 1}}"#, "it does not go with `$any`"),
        (r#"{"key": {"$any": true, "$regex": ""}}"#, "it does not go with `$any`"),
        (r#"{"key": "k", "f": {"$near": 1}}"#, "a tolerance is missing"),
        (r#"{"key": "k", "f": {"$near": 1, "tolerance": -1}}"#, "a tolerance is not below 0"),
        (r#"{"key": "k", "f": {"$near": 1, "tolerance": "x"}}"#, "expecting a number"),
        (r#"{"key": "k", "at": [{"$any": true}, 1]}"#, "a matcher cannot stand here"),
        (r#"{"key": "k", "any_type": {"$any": true}, "any": {}}"#, "$.any_type"),
    ] {
        let error = read(text, Match::Exact).err().unwrap_or_else(|| panic!("{text} is read"));
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn what_fits_is_shown_as_it_is_and_matchers_that_fit_stay() {
    let pattern = read(
        r#"{key: {"$regex": "^k"}, n: 1, note: {"$regex": "^x"}, size: 3, tags: ["a", {"$any": true}], leaf: {id: 1}}"#,
        Match::Exact,
    )
    .unwrap();
    let found = found(r#"{key: "kk", n: 2, note: "y", tags: ["b", "c", "d"], on: true}"#);
    assert_eq!(
        pattern.view(&found).compact(),
        r#"{"n": 1, "note": {"$regex": "^x"}, "key": "kk", "leaf": {"id": 1}, "tags": ["a", "c"]}"#
    );
    assert_eq!(
        pattern.updated(&found).compact(),
        r#"{"n": 2, "on": true, "note": "y", "key": {"$regex": "^k"}, "size": 3, "tags": ["b", {"$any": true}, "d"]}"#
    );
    let subset = read(r#"{n: 1, leaf: {}}"#, Match::Subset).unwrap();
    assert_eq!(subset.updated(&found).compact(), r#"{"n": 2}"#);
    for value in [r#"{"key": "kk", "n": 5}"#, r#"{"key": "", "leaves": [{}], "maybe": 0}"#] {
        let found = super::tests::found(value);
        let updated = pattern.updated(&found).compact();
        assert_eq!(differences(&updated, value, Match::Exact), [""; 0], "{updated}");
    }
}

#[test]
fn values_are_printed_on_lines() {
    let value = Json::parse(r#"{"a": [1, 2], "b": [{"c": []}], "d": {}, "e": "x\n"}"#);
    let lines =
        "{\n  \"a\": [1, 2],\n  \"b\": [\n    {\n      \"c\": []\n    }\n  ],\n  \"d\": {},\n  \"e\": \"x\\n\"\n}";
    assert_eq!(value.pretty(0), lines);
    assert_eq!(value.compact(), r#"{"a": [1, 2], "b": [{"c": []}], "d": {}, "e": "x\n"}"#);
    assert_eq!(Json::parse(&"[".repeat(100_000)), Json::Null, "too deep for anybody");
}
