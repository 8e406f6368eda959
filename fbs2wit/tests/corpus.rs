//! Agreement with flatc over schemas of other projects, when `HOOKR_CORPUS` names the folder that holds them.
//!
//! The folder has `manifest.tsv` (schemas and flatc's verdicts), `bad_schemas.tsv` (schemas to refuse, with what the
//! message must be about) and `flatc_probes.tsv` (small cases with flatc's verdict).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fbs2wit::diag::Code;
use fbs2wit::{CompileError, CompileOptions, Compiled, FsLoader, MemoryLoader, compile};

/// Schemas and probes that we refuse on purpose though flatc accepts them.
const STRICTER: [&str; 2] = [
    // A struct as the type of a method, declared behind the service: flatc overlooks it.
    "rpc_fwd_struct",
    // A struct that holds itself: flatc takes the size that it has so far. Planus, whose test this is, refuses it too.
    "planus-org+planus/test/files/invalid/struct_self_reference.fbs",
];

/// Folders of an origin that hold includes, beside those between a file and the origin's root.
const INCLUDE_FOLDERS: [&str; 9] =
    ["tests/include_test", "tests/include_test/sub", "schemas", "fbs", "format", "tests", "test", "src", "worker/fbs"];

/// What a message of flatc's own tests is about, and the errors that say so.
const MEANINGS: [(&str, &[Code]); 26] = [
    ("illegal", &[Code::IllegalInString]),
    ("documentation", &[Code::MisplacedDocumentation]),
    ("expecting", &[Code::UnexpectedToken]),
    ("illegal type", &[Code::IllegalType]),
    ("same as table", &[Code::FieldNamedLikeType]),
    ("default values", &[Code::DefaultNotSupported]),
    ("deprecate", &[Code::DeprecatedInStruct]),
    ("underlying", &[Code::EnumTypeNotInteger]),
    ("unique", &[Code::EnumValueNotUnique]),
    ("datatype already", &[Code::DuplicateType]),
    ("size 0", &[Code::StructEmpty]),
    ("a table", &[Code::RootNotTable]),
    ("clash", &[Code::FieldClash]),
    ("may contain only scalar or struct fields", &[Code::StructFieldType]),
    ("expecting: string", &[Code::DefaultType]),
    ("Expected `]`", &[Code::VectorDefault]),
    ("type mismatch", &[Code::DefaultType]),
    ("identifier", &[Code::UnexpectedToken]),
    ("`offset64` attribute", &[Code::Offset64Invalid]),
    ("`vector64` attribute", &[Code::Offset64Invalid]),
    ("only vectors of scalars are allowed to be 64-bit.", &[Code::Offset64Invalid]),
    ("enum value does not fit", &[Code::EnumValueOutOfRange]),
    ("bit flag out", &[Code::BitFlagOutOfRange]),
    ("out of range", &[Code::BitFlagOutOfRange]),
    ("includes must come before", &[Code::IncludeAfterDeclaration]),
    ("not defined", &[Code::UnknownType, Code::EnumUsedBeforeDeclared]),
];

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("HOOKR_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: HOOKR_CORPUS is not set");
    }
    folder
}

/// The rows of a table as their columns, by the names in its first line.
fn rows(path: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut lines = text.lines();
    let header: Vec<String> = lines.next().unwrap_or_default().split('\t').map(str::to_owned).collect();
    lines.map(|line| Row { header: header.clone(), cells: line.split('\t').map(str::to_owned).collect() }).collect()
}

struct Row {
    header: Vec<String>,
    cells: Vec<String>,
}

impl Row {
    fn get(&self, column: &str) -> &str {
        let at = self.header.iter().position(|name| name == column).unwrap_or_else(|| panic!("no column {column}"));
        self.cells.get(at).map_or("", String::as_str)
    }
}

/// Resolves `\\`, `\t`, `\n`, `\r` and `\xNN`.
fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        out.push(match bytes.next().expect("an escape") {
            b't' => b'\t',
            b'n' => b'\n',
            b'r' => b'\r',
            b'x' => {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).expect("two hexadecimal digits")
            }
            other => other,
        });
    }
    out
}

fn compile_text(text: Vec<u8>) -> Result<Compiled, CompileError> {
    let loader = MemoryLoader::new().file("schema.fbs", text);
    compile("schema.fbs".as_ref(), &CompileOptions::new(), &loader)
}

#[test]
fn every_verdict_on_the_schemas_is_that_of_flatc() {
    let Some(corpus) = corpus() else { return };
    let mut differences = Vec::new();
    let rows = rows(&corpus.join("manifest.tsv"));
    assert!(!rows.is_empty());
    for row in &rows {
        let root = corpus.join("schemas");
        let path = row.get("path");
        let mut options = CompileOptions::new();
        if row.get("include_dirs") == "-I ancestors" {
            let origin = root.join(path.split('/').next().unwrap_or_default());
            let file = root.join(path);
            for folder in file.ancestors().skip(1).take_while(|folder| folder.starts_with(&origin)) {
                options = options.include_dir(folder);
            }
            for folder in INCLUDE_FOLDERS {
                if origin.join(folder).is_dir() {
                    options = options.include_dir(origin.join(folder));
                }
            }
        }
        let verdict = compile(&root.join(path), &options, &FsLoader);
        let accepted = row.get("flatc_accepts") == "y" && !STRICTER.contains(&path);
        match (&verdict, accepted) {
            (Ok(_), false) => differences.push(format!("{path}: accepted; flatc: {}", row.get("flatc_error"))),
            (Err(error), true) => differences.push(format!("{path}: refused\n{error}")),
            _ => {}
        }
    }
    assert!(differences.is_empty(), "{} of {} differ\n{}", differences.len(), rows.len(), differences.join("\n"));
}

#[test]
fn bad_schemas_are_refused_for_the_right_reason() {
    let Some(corpus) = corpus() else { return };
    let mut differences = Vec::new();
    let rows = rows(&corpus.join("bad_schemas.tsv"));
    assert!(!rows.is_empty());
    for row in &rows {
        let schema = row.get("schema_escaped");
        let expected = row.get("expected_error_substring");
        let Some((_, codes)) = MEANINGS.iter().find(|(substring, _)| *substring == expected) else {
            differences.push(format!("{schema}: what is meant by {expected:?}?"));
            continue;
        };
        match compile_text(unescape(schema)) {
            Ok(_) => differences.push(format!("{schema}: accepted; expected {expected:?}")),
            Err(error) => {
                let found: BTreeSet<Code> = error.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
                if !codes.iter().any(|code| found.contains(code)) || !error.to_string().contains(expected) {
                    differences.push(format!("{schema}: expected {expected:?}\n{error}"));
                }
            }
        }
    }
    assert!(differences.is_empty(), "{} of {} differ\n{}", differences.len(), rows.len(), differences.join("\n"));
}

#[test]
fn every_verdict_on_the_probes_is_that_of_flatc() {
    let Some(corpus) = corpus() else { return };
    let mut differences = Vec::new();
    let rows = rows(&corpus.join("flatc_probes.tsv"));
    assert!(!rows.is_empty());
    for row in &rows {
        let name = row.get("name");
        let accepted = row.get("flatc_25.12.19_accepts") == "y" && !STRICTER.contains(&name);
        match (compile_text(unescape(row.get("schema_escaped"))), accepted) {
            (Ok(_), false) => differences.push(format!("{name}: accepted; flatc: {}", row.get("flatc_message"))),
            (Err(error), true) => differences.push(format!("{name}: refused\n{error}")),
            _ => {}
        }
    }
    assert!(differences.is_empty(), "{} of {} differ\n{}", differences.len(), rows.len(), differences.join("\n"));
}
