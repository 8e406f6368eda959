//! What is true of every schema: texts from a generator are printed, read, written as binary schemas and as WIT, and say
//! the same throughout. `tests/corpus.rs` asks the same of the schemas of other projects.
//!
//! Proptest keeps what has failed once in `main.proptest-regressions`, and tries it first. `PROPTEST_CASES` sets how
//! many schemas there are for each property.

mod choices;
mod constructs;
#[path = "../bfbs/content.rs"]
mod content;
#[path = "../bfbs/flatc.rs"]
mod flatc;
mod generate;
mod model;
mod printed;
mod world;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::{fmt, fs};

use choices::choices;
use fbs2wit::bfbs::{self, WriteOptions};
use fbs2wit::model::Schema;
use fbs2wit::{CompileOptions, FsLoader, compile, wit};
use generate::Style;
use model::{read, same, with_printable_docs};
use printed::{has_binary, prints, survives_binary};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{FileFailurePersistence, TestRunner};
use world::{contract, is_world_in, is_world_of};

/// So many schemas for each property, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 256;

/// Fewer, because each starts three processes.
const FLATC_CASES: u32 = 96;

/// A failure.
const UNPRINTABLE: &str = "no order of the binary schema can be printed";

/// The text of a schema, as it is read where a property fails.
struct Text(String);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Runs a property over schemas of the generator.
fn check(cases: u32, style: Style, property: impl Fn(&str) -> Result<(), String>) {
    let mut config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    // A list of a thousand decisions takes its time to become short.
    config.max_shrink_iters = 20_000;
    config.source_file = Some(file!());
    config.failure_persistence = Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions")));
    let mut runner = TestRunner::new(config);
    let texts = choices().prop_map(move |choices| Text(generate::schema(&choices, style)));
    let result = runner.run(&texts, |text| property(&text.0).map_err(TestCaseError::fail));
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// A schema that must be accepted.
fn accepted(text: &str) -> Result<Schema, String> {
    read(text).map_err(|error| error.to_string())
}

#[test]
fn a_printed_schema_is_the_same_schema() {
    for style in [Style::Clear, Style::Nested] {
        check(CASES, style, |text| prints(&accepted(text)?).map(|_| ()));
    }
}

/// Where names are clear, a text is always found, too.
#[test]
fn a_binary_schema_is_the_same_schema() {
    let skipped = Cell::new(0);
    for style in [Style::Clear, Style::Nested] {
        check(CASES, style, |text| {
            let schema = accepted(text)?;
            if !has_binary(&schema) {
                skipped.set(skipped.get() + 1);
                return Ok(());
            }
            survives_binary(&schema)?.then_some(()).ok_or_else(|| UNPRINTABLE.to_owned())
        });
    }
    println!("skipped {} schemas with 64-bit offsets", skipped.get());
}

#[test]
fn names_mean_the_same_however_confusing_they_are() {
    let (accepted, refused, nameless) = (Cell::new(0), Cell::new(0), Cell::new(0));
    check(CASES, Style::Confusing, |text| {
        let Ok(schema) = read(text) else {
            refused.set(refused.get() + 1);
            return Ok(());
        };
        accepted.set(accepted.get() + 1);
        prints(&schema)?;
        if has_binary(&schema) && !survives_binary(&schema)? {
            nameless.set(nameless.get() + 1);
        }
        Ok(())
    });
    let summary = format!(
        "{} accepted, {} refused, {} cannot be printed in the order of their binary schema",
        accepted.get(),
        refused.get(),
        nameless.get()
    );
    println!("{summary}");
    assert!(accepted.get() * 5 > refused.get() && nameless.get() * 50 <= accepted.get(), "{summary}");
}

#[test]
fn a_contract_is_the_world_of_its_wit() {
    check(CASES, Style::Contract, |text| {
        let contract = contract(&accepted(text)?).ok_or("it is refused")?;
        is_world_of(&contract)
    });
}

/// Everything that can be in a schema, as far as it is translated.
#[test]
fn whatever_is_translated_is_the_world_of_its_wit() {
    let (translated, refused) = (Cell::new(0), Cell::new(0));
    check(CASES, Style::Clear, |text| match contract(&accepted(text)?) {
        Some(contract) => {
            translated.set(translated.get() + 1);
            is_world_of(&contract)
        }
        None => {
            refused.set(refused.get() + 1);
            Ok(())
        }
    });
    let summary = format!("{} translated, {} refused", translated.get(), refused.get());
    println!("{summary}");
    assert!(translated.get() > refused.get(), "{summary}");
}

/// The properties above say nothing of what the generator does not make.
#[test]
fn contracts_have_every_construct() {
    let mut runner = TestRunner::deterministic();
    let mut found: BTreeMap<&str, u32> = BTreeMap::new();
    for _ in 0..1000 {
        let choices = choices().new_tree(&mut runner).unwrap().current();
        let schema = accepted(&generate::schema(&choices, Style::Contract)).unwrap();
        for construct in contract(&schema).iter().flat_map(constructs::of) {
            *found.entry(construct).or_default() += 1;
        }
    }
    println!("{found:#?}");
    for construct in constructs::ALL {
        assert!(found.get(construct).is_some_and(|count| *count > 9), "{construct}: {found:?}");
    }
}

/// The schemas of the other tests, and what has failed here once.
#[test]
fn everything_is_true_of_the_schemas_of_the_other_tests() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let (mut checked, mut translated) = (0, 0);
    for folder in ["bfbs", "golden/schemas", "properties/found", "wit/schemas", "unsupported"] {
        let files = fs::read_dir(tests.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "fbs")).collect();
        files.sort();
        assert!(!files.is_empty(), "{folder}");
        for path in files {
            let schema = compile(&path, &CompileOptions::default(), &FsLoader).unwrap_or_else(|e| panic!("{e}")).schema;
            checked += 1;
            let mut result = prints(&schema).map(|_| ());
            if has_binary(&schema) {
                let printed = survives_binary(&schema);
                result =
                    result.and(printed.and_then(|printed| printed.then_some(()).ok_or_else(|| UNPRINTABLE.to_owned())));
            }
            if let Some(contract) = contract(&schema) {
                translated += 1;
                result = result.and(is_world_of(&contract));
            }
            result.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
    println!("{checked} schemas, {translated} translated");
    assert!(translated > 10, "{checked} schemas, {translated} translated");
}

/// The content of a binary schema. Of the default of a `float` flatc keeps the digits that no `float` has.
fn rounded(content: &str) -> String {
    let mut is_float = false;
    let lines = content.lines().map(|line| {
        if let Some(base_type) = line.trim_start().strip_prefix("base_type: ") {
            is_float = base_type == "Float,";
        }
        match line.split_once("default_real: ") {
            Some((indent, number)) if is_float => {
                let number: f64 = number.trim_end_matches(',').parse().expect("a number");
                // What is too small for a `float` may be -0, which no binary schema holds.
                format!("{indent}default_real: {:?},\n", number as f32 + 0.0)
            }
            _ => format!("{line}\n"),
        }
    });
    lines.collect()
}

/// What flatc makes of a schema is what we make of it, and so for what is printed of it and of its binary schema.
#[test]
fn flatc_says_the_same() {
    let Some(flatc) = flatc::flatc() else { return };
    let folder = tempfile::tempdir().unwrap();
    let flatc_content = |text: &str| -> Result<Option<String>, String> {
        fs::write(folder.path().join("schema.fbs"), text).map_err(|error| error.to_string())?;
        let arguments = ["--schema", "--binary", "--bfbs-builtins", "--bfbs-comments", "schema.fbs"];
        flatc::run(&flatc, folder.path(), &arguments).map_err(|error| format!("flatc: {error}\n{text}"))?;
        Ok(content::content(&fs::read(folder.path().join("schema.bfbs")).map_err(|error| error.to_string())?))
    };
    let ours = |schema: &Schema| content::content(&bfbs::write(schema, &WriteOptions::default()));
    let compare = |ours: Option<String>, theirs: Option<String>| match (ours, theirs) {
        (Some(ours), Some(theirs)) => same(&rounded(&theirs), &rounded(&ours)),
        _ => Err("not a binary schema".to_owned()),
    };
    for style in [Style::Clear, Style::Nested] {
        check(FLATC_CASES, style, |text| {
            let schema = accepted(text)?;
            compare(ours(&schema), flatc_content(text)?)?;
            let mut printed = vec![prints(&schema)?];
            if has_binary(&schema) {
                let read_back = bfbs::read(&bfbs::write(&schema, &WriteOptions::default()));
                let read_back = read_back.map_err(|error| error.to_string())?;
                printed.push(fbs2wit::print(&read_back).map_err(|error| error.to_string())?);
            }
            let ours = ours(&with_printable_docs(schema));
            printed.into_iter().try_for_each(|printed| {
                compare(ours.clone(), flatc_content(&printed)?).map_err(|error| format!("{error}\nprinted:\n{printed}"))
            })
        });
    }
}

/// Whatever is changed in a text is seen.
#[test]
fn a_difference_is_seen() {
    let schema = read(
        "enum E:byte { X, Y } enum F:byte (bit_flags) { P }
         /// Bits.
         enum G:ushort (bit_flags) { A, B }
         union U { T2 } union V { Node, T2 } table T2 { x:int = null; } struct S { long:[int:17]; short:[int:2]; }
         table Node { next:Node; v:[V]; } table Alone { self:Alone; }
         /// Says.
         table Text { a:[string]; b:E; c:F; d:U; e:Node; f:V; g:G = 8; h:S; } rpc_service Plugin { Find(Text):T2; }
         rpc_service Log { Say(T2):Text; }",
    );
    let contract = contract(&schema.unwrap()).unwrap();
    let text = wit::emit(&contract);
    is_world_in(&contract, &text).unwrap();
    for (from, to) in [
        ("/// Says.", "/// Said."),
        ("a: list<string>", "a: list<u8>"),
        ("a: list<string>", "aa: list<string>"),
        ("x: option<s32>", "x: s32"),
        ("x,\n        y,", "y,\n        x,"),
        ("t2(t2)", "t2"),
        ("/// Mask: 0x1.", "/// Mask: 0x2."),
        ("flags f", "enum f"),
        ("request: text)", "request: t2)"),
        ("request: text)", "req: text)"),
        ("-> result<t2, error>", "-> t2"),
        ("    import log;\n", ""),
        ("export plugin", "import plugin"),
        ("local:contract;", "local:other;"),
        ("interface log", "interface blog"),
        ("next: option<u32>", "next: option<u64>"),
        ("node(u32)", "node(node-tree)"),
        ("v: list<v>", "v: list<v-tree>"),
        ("index in `node-list`", "index in `v-list`"),
        ("Refers to `alone` by index.", "Refers to `alone` by index in `alone-list`."),
        ("e: option<node-tree>", "e: option<node>"),
        ("f: v-tree", "f: v"),
        ("root: u32", "root: node"),
        ("root: v", "root: u32"),
        ("node-list: list<node>", "nodes: list<node>"),
        ("most 64", "most 640"),
        ("type g = u16", "type g = u32"),
        ("- `B`, 0x2", "- `B`, 0x4"),
        ("Any bits.", "Some bits."),
        ("long: list<s32>", "long: list<s64>"),
        ("Always 17", "Always 16"),
        ("short: tuple<s32, s32>", "short: list<s32>"),
        ("error};\n\n    say", "error, code};\n\n    say"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from} is not in\n{text}");
        is_world_in(&contract, &changed).expect_err(from);
    }
}
