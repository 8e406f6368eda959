//! What cannot be translated is refused, each construct with its code: `x.fbs` beside `x.fbs.stderr`.
//!
//! Drop a schema into this folder and run with `BLESS=1`. A file whose name starts with a code must give that code, and
//! every code from E0501 to E06xx must have a file. A first line `//! limit: number` sets the limit of declarations.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fbs2wit::contract::{ContractOptions, lower};
use fbs2wit::diag::Code;
use fbs2wit::{CompileOptions, MemoryLoader, compile};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/unsupported")
}

fn options(schema: &[u8]) -> ContractOptions {
    let mut options = ContractOptions::default();
    let first = schema.split(|byte| *byte == b'\n').next().unwrap();
    if let Some(limit) = std::str::from_utf8(first).unwrap().strip_prefix("//! limit: ") {
        options.max_declarations = limit.parse().unwrap();
    }
    options
}

fn schemas() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut schemas: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == "fbs")).collect();
    schemas.sort();
    schemas
}

#[test]
fn each_is_refused_with_the_message_that_is_checked_in() {
    for path in schemas() {
        let name = path.file_name().unwrap().to_str().unwrap();
        // The path in the message is that of the file alone, wherever this runs.
        let schema = fs::read(&path).unwrap();
        let options = options(&schema);
        let loader = MemoryLoader::new().file(name, schema);
        let compiled = compile(name.as_ref(), &CompileOptions::default(), &loader).unwrap();
        let errors = lower(&compiled.schema, &options).expect_err(name);
        if name.starts_with('E') {
            let codes: BTreeSet<&str> = errors.iter().map(|error| error.code.as_str()).collect();
            assert_eq!(codes, BTreeSet::from([&name[..5]]), "{name}");
        }
        let actual = errors.render(&compiled.sources, false);
        let expected_path = path.with_extension("fbs.stderr");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected_path, &actual).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&expected_path)
            .unwrap_or_else(|error| panic!("{}: {error}; BLESS=1 writes it", expected_path.display()));
        assert!(actual == expected, "{name} gives another message; BLESS=1 writes it. It is now:\n{actual}");
    }
}

#[test]
fn every_code_has_a_schema() {
    let shown: BTreeSet<String> =
        schemas().iter().map(|path| path.file_name().unwrap().to_str().unwrap()[..5].to_owned()).collect();
    for code in Code::ALL.iter().map(|code| code.as_str()).filter(|code| ("E0501".."E0700").contains(code)) {
        assert!(shown.contains(code), "no schema for {code} in tests/unsupported");
    }
}

/// A tree has a list for each table of its group.
#[test]
fn large_groups_of_tables_that_hold_each_other_are_refused() {
    let refused = |tables: usize, methods: usize| {
        let table = |i: usize| format!("table T{i} {{ next:T{}; }} ", (i + 1) % tables);
        let methods = (0..methods).map(|i| format!("M{i}(T{i}):T{i}; ")).collect::<String>();
        let text = format!("{} rpc_service Plugin {{ {methods} }}", (0..tables).map(table).collect::<String>());
        let loader = MemoryLoader::new().file("large.fbs", text);
        let schema = compile("large.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap().schema;
        lower(&schema, &ContractOptions::default()).err().map(|errors| errors.iter().map(|error| error.code).collect())
    };
    assert_eq!(refused(9_999, 1), None);
    assert_eq!(refused(10_000, 1), Some(vec![Code::TooManyMembers]));
    assert_eq!(refused(500, 200), None);
    assert_eq!(refused(500, 201), Some(vec![Code::TooManyMembers]));
}
