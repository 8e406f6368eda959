//! The contract ID: what it does not depend on, what it depends on, and the bytes that SPEC.md shows.

#[path = "bfbs/schema.rs"]
mod schema;

use fbs2wit::bfbs::{self, WriteOptions};
use fbs2wit::identity::{Roots, canonical_form, contract_id};
use fbs2wit::model::Schema;
use fbs2wit::{CompileOptions, MemoryLoader, compile};
use hookr_abi::section::{Method, MethodKind, Section};
use hookr_abi::{ContractId, MethodId};
use schema::schema;

const BASE: &str = include_str!("identity/base.fbs");
const SPEC: &str = include_str!("../../wit/SPEC.md");

fn roots<'a>(schema: &Schema, plugin: &str) -> Roots<'a> {
    let plugin = schema.services.iter().position(|service| service.name.name == plugin);
    Roots { plugin, optional_attribute: "hookr_optional" }
}

fn id(schema: &Schema) -> ContractId {
    contract_id(schema, &roots(schema, "Plugin"))
}

/// The base with changes: pairs of a text and what stands in its place.
fn changed(changes: &[(&str, &str)]) -> String {
    let mut text = BASE.to_owned();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{from:?} is not in the base once");
        text = text.replace(from, to);
    }
    text
}

#[test]
fn it_stays_the_same() {
    let expected = id(&schema(BASE));
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("comments", &[("table Line", "// c\n/* c */\ntable Line")]),
        ("documentation", &[("    limit:", "/// How many.\n    limit:"), ("table Line", "/// A line.\ntable Line")]),
        (
            "order of declarations",
            &[("table Leaf { name: string; }\n", ""), ("table Line", "table Leaf { name: string; }\ntable Line")],
        ),
        (
            "order of fields with IDs",
            &[("{ total: int; request: Request; }", "{ request: Request (id: 1); total: int (id: 0); }")],
        ),
        (
            "order of methods",
            &[("    Write(Line): Line;\n", ""), ("Flush(Line): Line;", "Flush(Line): Line; Write(Line): Line;")],
        ),
        (
            "the user's attributes",
            &[
                ("data: [int];", "data: [int] (note: \"x\");"),
                ("Flush(Line): Line;", "Flush(Line): Line (note);"),
                ("table Line", "table Line (note)"),
            ],
        ),
        ("the function that hashes JSON", &[("limit: int = 10;", "limit: int = 10 (hash: \"fnv1_32\");")]),
        (
            "types that no method reaches",
            &[("byte { A, B }", "long { Z }"), ("table Lonely {", "table Lonely { a: int;")],
        ),
        ("more types that no method reaches", &[("table Lonely {", "table More {} table Lonely { more: More;")]),
        ("the name of a deprecated field", &[("old: int", "older: int")]),
        ("the type of a deprecated field", &[("old: int", "old: [Lonely]")]),
        ("root_type", &[("root_type Request", "root_type Line")]),
        ("file_identifier", &[("\"GAME\"", "\"PLAY\"")]),
        ("file_extension", &[("root_type", "file_extension \"x\"; root_type")]),
        ("the other spelling of a type", &[("total: int;", "total: int32;")]),
        ("the other spelling of a default", &[("limit: int = 10", "limit: int = 0xa")]),
        ("the other spelling of an enum's default", &[("Color = Green", "Color = 1")]),
        ("the other spelling of flags", &[("\"Read Write\"", "\"Write Read\"")]),
        ("the other spelling of a name", &[("Flush(Line)", "Flush(Game.World.Line)")]),
        ("a default that was there all along", &[("total: int;", "total: int = 0;")]),
        ("enum values spelt out", &[("{ One, Two }", "{ One = 0, Two = 1 }")]),
    ];
    for (what, changes) in cases {
        assert_eq!(id(&schema(&changed(changes))), expected, "{what}");
    }
    assert_eq!(id(&schema(&BASE.split_whitespace().collect::<Vec<_>>().join(" "))), expected, "formatting");
}

#[test]
fn the_split_into_files_does_not_count() {
    let (types, services) = BASE.split_at(BASE.find("table Line").unwrap());
    let loader = MemoryLoader::new()
        .file("main.fbs", format!("include \"types.fbs\"; namespace Game.World; {services}"))
        .file("types.fbs", types);
    let split = compile("main.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap();
    assert_eq!(id(&split.schema), id(&schema(BASE)));
}

#[test]
fn it_changes() {
    let base = schema(BASE);
    let mut seen = vec![("the base", id(&base))];
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("namespace", &[("namespace Game.World", "namespace Game.Worlds")]),
        ("name of a table", &[("table Payload", "table Load"), ("\"Payload\"", "\"Load\"")]),
        ("name of a field", &[("limit: int", "limits: int")]),
        ("name of a struct's field", &[("marks:", "marked:")]),
        ("name of a method", &[("Flush(Line)", "Sync(Line)")]),
        ("name of a service", &[("rpc_service Log", "rpc_service Logs")]),
        (
            "name of an enum",
            &[("enum OnlyInVector ", "enum OnlyInVec "), ("places: [OnlyInVector]", "places: [OnlyInVec]")],
        ),
        ("name of an enum's value", &[("{ One, Two }", "{ One, Deux }")]),
        ("name of a flag", &[("{ Read, Write }", "{ Read, Edit }"), ("\"Read Write\"", "\"Read Edit\"")]),
        ("name of a union's member", &[("Inner: Branch", "Inside: Branch")]),
        ("type of a field", &[("total: int;", "total: uint;")]),
        ("width of a field", &[("total: int;", "total: long;")]),
        ("vector instead of one", &[("data: [int];", "data: int;")]),
        ("element of a vector", &[("data: [int];", "data: [short];")]),
        ("request of a method", &[("Flush(Line): Line", "Flush(Response): Line")]),
        ("response of a method", &[("Flush(Line): Line", "Flush(Line): Response")]),
        ("a new method", &[("    Flush(Line): Line;", "    Flush(Line): Line; Close(Line): Line;")]),
        ("a removed method", &[("    Flush(Line): Line;", "")]),
        ("a removed service", &[("rpc_service Log {\n    Write(Line): Line;\n    Flush(Line): Line;\n}", "")]),
        ("a new field", &[("total: int;", "total: int; more: int;")]),
        ("slots", &[("{ total: int; request: Request; }", "{ request: Request; total: int; }")]),
        ("a default", &[("limit: int = 10", "limit: int = 11")]),
        ("a bool's default", &[("fast: bool = true", "fast: bool")]),
        ("a float's default", &[("speed: float = 1.5", "speed: float = 1.25")]),
        ("an enum's default", &[("Color = Green", "Color = Blue")]),
        ("a flags' default", &[("\"Read Write\"", "\"Read\"")]),
        ("a string's default", &[("= \"hello\"", "= \"hallo\"")]),
        ("null instead of a default", &[("total: int;", "total: int = null;")]),
        ("a default instead of null", &[("short = null", "short")]),
        ("an empty vector by default", &[("sizes: [int] = []", "sizes: [int]")]),
        ("required", &[("title: string;", "title: string (required);")]),
        ("not required", &[("name: string (required)", "name: string")]),
        ("a field that is deprecated", &[("limit: int = 10;", "limit: int = 10 (deprecated);")]),
        ("a slot that is freed", &[("    old: int (deprecated);\n", "")]),
        ("the key", &[("(key)", "")]),
        ("an option of a vector", &[("[string] (hookr_optional)", "[string]")]),
        ("an optional method", &[("Line (hookr_optional)", "Line")]),
        ("order of a struct's fields", &[("{ x: float; y: float; }", "{ y: float; x: float; }")]),
        ("alignment of a struct", &[("force_align: 8", "force_align: 16")]),
        ("length of an array", &[("[ubyte:4]", "[ubyte:5]")]),
        ("an enum's value", &[("Blue = 7", "Blue = 8")]),
        ("a new value", &[("Blue = 7", "Blue = 7, Pink = 9")]),
        ("width of an enum", &[("Color : ubyte", "Color : ushort")]),
        ("bit flags", &[(" (bit_flags) { Read, Write }", " { Read = 1, Write = 2 }"), ("\"Read Write\"", "1")]),
        (
            "bit flags that are an integer, though only types that no method reaches make them one",
            &[("table Lonely {", "table Lonely { more: Rights = 4;")],
        ),
        ("an enum reached only through a vector", &[("{ One, Two }", "{ One, Two, Three }")]),
        ("a union reached only through a vector", &[("Text: string", "Text: string, More: Line")]),
        ("tag of a member", &[("union Node { Leaf, Branch }", "union Node { Leaf, Branch = 5 }")]),
        ("order of members", &[("union Node { Leaf, Branch }", "union Node { Branch, Leaf }")]),
        ("type of a member", &[("Text: string", "Text: Leaf")]),
        ("what nested bytes hold", &[("(nested_flatbuffer: \"Payload\")", "(nested_flatbuffer: \"Leaf\")")]),
        ("that bytes are nested", &[("(nested_flatbuffer: \"Payload\")", "")]),
        ("what a nested table has", &[("data: [int];", "data: [int]; more: int;")]),
        ("flexbuffer", &[("loose: [ubyte]", "loose: [ubyte] (flexbuffer)")]),
        ("a recursive type", &[("left: Node; right: Node;", "left: Node; right: Node; up: Branch;")]),
        ("streaming", &[("Run(Request): Response", "Run(Request): Response (streaming: \"server\")")]),
    ];
    for (what, changes) in cases {
        seen.push((what, id(&schema(&changed(changes)))));
    }
    seen.push(("which service plugins implement", contract_id(&base, &roots(&base, "Log"))));
    seen.push(("that a plugin implements one", contract_id(&base, &roots(&base, "None"))));
    let other_attribute = Roots { optional_attribute: "note", ..roots(&base, "Plugin") };
    seen.push(("which attribute marks options", contract_id(&base, &other_attribute)));

    seen.sort_by_key(|(_, id)| *id);
    for pair in seen.windows(2) {
        assert_ne!(pair[0].1, pair[1].1, "{} and {}", pair[0].0, pair[1].0);
    }
}

#[test]
fn a_binary_schema_has_the_id_of_its_source() {
    let source = schema(BASE);
    let binary = bfbs::read(&bfbs::write(&source, &WriteOptions::default().without_docs())).unwrap();
    assert_eq!(id(&binary), id(&source));
}

#[test]
fn the_worked_example_of_the_specification() {
    let schema = schema(&block("fbs", 0));
    let form = hex(&canonical_form(&schema, &roots(&schema, "Plugin")));
    assert_eq!(form, hex_block(0), "the canonical form");
    let id = id(&schema);
    assert!(SPEC.contains(&id.to_string()), "the contract ID is {id}");

    let method = Method {
        id: MethodId::of("Plugin", "Echo"),
        kind: MethodKind::Required,
        service: "Plugin".to_owned(),
        name: "Echo".to_owned(),
        interface: "plugin".to_owned(),
        function: "echo".to_owned(),
    };
    let section = Section {
        contract_id: id,
        package: "local:demo".to_owned(),
        world: "demo".to_owned(),
        generator: "hookr 0.1.0".to_owned(),
        plugin_name: "parrot".to_owned(),
        plugin_version: "1.0.0".to_owned(),
        methods: vec![method],
        schema: Vec::new(),
    };
    assert_eq!(hex(&section.encode()), hex_block(1), "the section");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The n-th block of the specification in this language.
fn block(language: &str, n: usize) -> String {
    let fence = format!("```{language}\n");
    let rest = SPEC.split(fence.as_str()).nth(n + 1).unwrap();
    rest.split("```").next().unwrap().to_owned()
}

/// The digits of the n-th block of bytes: pairs up to the first gap of two blanks; what follows explains them.
fn hex_block(n: usize) -> String {
    let bytes = block("text", n);
    bytes.lines().map(|line| line.split("  ").next().unwrap().replace(' ', "")).collect()
}
