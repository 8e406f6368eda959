//! The WIT of schemas: as checked in, and such that WIT tools take it and give it back.
//!
//! Drop a schema into `schemas/` and run with `BLESS=1`: its WIT appears beside it and is tested from then on. Schemas
//! here need no plugin service; those that have one are in `tests/golden` too.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fbs2wit::contract::{Contract, ContractOptions, lower};
use fbs2wit::{CompileOptions, FsLoader, MemoryLoader, compile, wit};
use wit_component::{DecodedWasm, WitPrinter};
use wit_parser::{PackageId, Resolve};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn schemas(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(tests().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut schemas: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == "fbs")).collect();
    schemas.sort();
    assert!(!schemas.is_empty());
    schemas
}

fn options() -> ContractOptions {
    let mut options = ContractOptions::default();
    options.plugin_required = false;
    options
}

fn contract(path: &Path) -> Contract {
    let compiled = compile(path, &CompileOptions::default(), &FsLoader).unwrap();
    lower(&compiled.schema, &options()).unwrap_or_else(|errors| panic!("{}", errors.render(&compiled.sources, false)))
}

fn contract_of(text: &str) -> Contract {
    let loader = MemoryLoader::new().file("x.fbs", text);
    let compiled = compile("x.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap();
    lower(&compiled.schema, &options()).unwrap_or_else(|errors| panic!("{}", errors.render(&compiled.sources, false)))
}

fn parse(text: &str) -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    resolve.push_source("types.wit", hookr_abi::TYPES_WIT).unwrap();
    let package = resolve.push_source("world.wit", text).unwrap_or_else(|error| panic!("{error:#}\n{text}"));
    (resolve, package)
}

fn print(resolve: &Resolve, package: PackageId) -> String {
    let mut printer = WitPrinter::default();
    printer.print(resolve, package, &[]).unwrap();
    printer.output.to_string()
}

/// Text → WIT → text → WIT → component type → WIT → text: the text stays the same from the first one that wit-component
/// prints, and decoding validates the bytes in between.
fn assert_round_trip(text: &str) {
    let (resolve, package) = parse(text);
    let printed = print(&resolve, package);
    let (again, again_package) = parse(&printed);
    assert_eq!(print(&again, again_package), printed);
    let bytes = wit_component::encode(&resolve, package, false).unwrap_or_else(|error| panic!("{error:#}\n{text}"));
    let DecodedWasm::WitPackage(decoded, decoded_package) = wit_component::decode(&bytes).unwrap() else {
        panic!("not a WIT package");
    };
    // The binary form does not keep the order of declarations.
    assert_eq!(sorted_lines(&print(&decoded, decoded_package)), sorted_lines(&printed));
}

fn sorted_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn wit_is_as_checked_in() {
    for path in schemas("wit/schemas") {
        let actual = wit::emit(&contract(&path));
        let expected_path = path.with_extension("wit");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected_path, &actual).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&expected_path)
            .unwrap_or_else(|error| panic!("{}: {error}; BLESS=1 writes it", expected_path.display()));
        assert!(actual == expected, "{} differs; BLESS=1 writes it. It is now:\n{actual}", expected_path.display());
    }
}

#[test]
fn wit_tools_take_it_and_give_it_back() {
    for path in [schemas("wit/schemas"), schemas("golden/schemas")].concat() {
        println!("{}", path.display());
        assert_round_trip(&wit::emit(&contract(&path)));
    }
}

#[test]
fn the_order_of_declarations_does_not_change_a_name() {
    let one = contract_of(
        "namespace A; table Foo_bar { a_b:int; aB:int; } table FooBar { x:int; } enum E:byte { XY, X_Y, xy }
         rpc_service S { Get(FooBar):Foo_bar; get_(Foo_bar):FooBar; }",
    );
    let other = contract_of(
        "namespace A; enum E:byte { XY, X_Y, xy } table FooBar { x:int; } table Foo_bar { aB:int; a_b:int; }
         rpc_service S { get_(Foo_bar):FooBar; Get(FooBar):Foo_bar; }",
    );
    let names = |contract: &Contract| -> BTreeSet<(String, String)> {
        let mut names = BTreeSet::new();
        for def in &contract.types {
            names.insert((def.source().to_string(), def.label().to_owned()));
        }
        for record in contract.records() {
            for field in &record.fields {
                names.insert((format!("{}.{}", record.source, field.source), field.label.clone()));
            }
        }
        for interface in contract.interfaces() {
            for method in &interface.methods {
                names.insert((format!("{}:{}", interface.source, method.source), method.label.clone()));
            }
        }
        names
    };
    assert_eq!(names(&one), names(&other));
    assert!(names(&one).contains(&("A.FooBar".to_owned(), "foo-bar".to_owned())));
    assert!(names(&one).contains(&("A.Foo_bar".to_owned(), "foo-bar2".to_owned())));
}

/// Contracts that differ in it alone have one ID, so that components of the one are run by hosts of the other.
#[test]
fn the_order_of_declarations_does_not_change_a_tree() {
    let declarations = ["table B { c:C; }", "table Foo { b:B; u:U; }", "table C { foo:[Foo]; }"];
    let tree = |order: [usize; 3]| {
        let text =
            format!("union U {{ C, B }} {} rpc_service S {{ Get(B):Foo; }}", order.map(|i| declarations[i]).concat());
        let contract = contract_of(&text);
        let wit = wit::emit(&contract);
        let (_, tree) = wit.split_once("record foo-tree {").unwrap();
        (contract.id, tree.split_once('}').unwrap().0.to_owned())
    };
    let (id, expected) = tree([0, 1, 2]);
    assert!(expected.contains("b-list") && expected.contains("foo-list"), "{expected}");
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(tree(order), (id, expected.clone()));
    }
}

#[test]
fn nothing_in_a_comment_ends_it() {
    let text =
        "/// a\u{202e}b */ } interface x {\u{7}\n/// \u{149} `\n///\n///  indented\ntable T {\n/// */\n x:int; }";
    let wit = wit::emit(&contract_of(text));
    assert_round_trip(&wit);
    assert!(wit.contains("/// a\\u{202e}b */ } interface x {\\u{7}"), "{wit}");
}

/// Identifiers of every shape, alone and in pairs that come close to each other.
#[test]
fn every_identifier_gives_a_label() {
    let shapes = [
        "a",
        "A",
        "_",
        "__",
        "_1",
        "a1",
        "a_1",
        "A1B2",
        "aB",
        "AB",
        "ABc",
        "a__b",
        "_a_",
        "abc_DEF_12_x3",
        "x0y",
        "X0Y",
        "type",
        "record",
        "world",
        "self",
        "Self",
        "gen",
        "option",
        "result",
        "list",
        "string",
        "u8",
        "async",
        "static",
        "error",
        "types",
        "hookr",
        "reserved",
        "unknown",
        "Option",
        "Vec",
        "Guest",
    ];
    let fields: String = shapes.iter().map(|name| format!("{name}:int; ")).collect();
    let cases: String = shapes.join(", ");
    let tables: String =
        shapes.iter().map(|name| format!("table t{name} {{ x:int; }} table {name} {{ y:int; }} ")).collect();
    let methods: String = shapes.iter().map(|name| format!("{name}(Root):Other; ")).collect();
    let text = format!(
        "namespace world.package; table Root {{ {fields} }} table Other {{ x:int; }} enum Dense:byte {{ {cases} }} \
         enum Sparse:byte {{ first = 5, {cases} }} {tables} rpc_service Plugin {{ {methods} }} \
         rpc_service types {{ {methods} }} rpc_service package {{ {methods} }}"
    );
    assert_round_trip(&wit::emit(&contract_of(&text)));
}

#[test]
fn a_type_that_a_method_is_called_like_is_taken_over_under_another_label() {
    let text = "table Filter { x:int; } table error { x:int; } rpc_service S { Filter(Filter):error; }";
    let wit = wit::emit(&contract_of(text));
    assert!(wit.contains("use types.{error, filter as filter-type};"), "{wit}");
    assert!(wit.contains("filter: func(request: filter-type) -> result<error, hookr-error>;"), "{wit}");
    assert_round_trip(&wit);
}

#[test]
fn the_largest_contract_that_is_not_refused_fits_into_wit() {
    // As deep as a contract may be, every level an option of a list.
    let mut text = String::from("attribute \"hookr_optional\"; table T0 { x:int; }");
    for i in 1..30 {
        text += &format!("table T{i} {{ x:[T{}] (hookr_optional); }}", i - 1);
    }
    text += "rpc_service S { M(T29):T29; }";
    assert_round_trip(&wit::emit(&contract_of(&text)));
    // The same with trees, each of which takes two levels, and with unions, which are one.
    let mut text = String::from("attribute \"hookr_optional\"; union U0 { R0 } table R0 { u:[U0] (hookr_optional); }");
    for i in 1..10 {
        let below = i - 1;
        text += &format!("union U{i} {{ R{i}, R{below} }} table R{i} {{ u:[U{i}] (hookr_optional); }}");
    }
    text += "rpc_service S { M(R9):R0; }";
    assert_round_trip(&wit::emit(&contract_of(&text)));
    // As wide as a contract may be.
    let fields: String = (0..10_000).map(|i| format!("f{i}:int;")).collect();
    let cases: String = (1..10_000).map(|i| format!("c{i},")).collect();
    let text = format!("table T {{ {fields} }} enum E:ushort {{ {cases} }}");
    assert_round_trip(&wit::emit(&contract_of(&text)));
}

/// Schemas of other projects, when `HOOKR_CORPUS` names the folder that holds them: each that is not refused gives WIT
/// that WIT tools take.
#[test]
fn schemas_of_other_projects() {
    let Some(corpus) = std::env::var_os("HOOKR_CORPUS").map(PathBuf::from) else {
        println!("skipped: HOOKR_CORPUS is not set");
        return;
    };
    let manifest = fs::read_to_string(corpus.join("manifest.tsv")).unwrap();
    let (mut translated, mut refused) = (0, 0);
    for row in manifest.lines().skip(1) {
        let path = corpus.join("schemas").join(row.split('\t').next().unwrap());
        let mut compile_options = CompileOptions::new();
        for folder in path.ancestors().skip(1).take_while(|folder| *folder != corpus.join("schemas")) {
            compile_options = compile_options.include_dir(folder);
        }
        // What flatc refuses too is the business of tests/corpus.rs.
        let Ok(compiled) = compile(&path, &compile_options, &FsLoader) else { continue };
        match lower(&compiled.schema, &options()) {
            Ok(contract) => {
                println!("{}", path.display());
                assert_round_trip(&wit::emit(&contract));
                translated += 1;
            }
            Err(errors) => {
                for error in errors.iter() {
                    assert!(error.code.as_str() >= "E0501", "{}: {}", path.display(), error.message);
                }
                refused += 1;
            }
        }
    }
    println!("{translated} translated, {refused} refused");
    assert!(translated > 100, "{translated} translated, {refused} refused");
}
