//! Every error as people see it: `tests/diagnostics/*.fbs` beside what is printed for it.
//!
//! `BLESS=1` writes the expectations anew. Lines `//! limit: name = number` at the start of a schema set limits, lines
//! `//! include: folder` give folders for includes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fbs2wit::diag::Code;
use fbs2wit::{CompileOptions, FsLoader, compile};

/// The schemas, whose names start with the code that they are about.
fn schemas() -> Vec<PathBuf> {
    let mut schemas: Vec<PathBuf> = std::fs::read_dir("tests/diagnostics")
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "fbs"))
        .collect();
    schemas.sort();
    schemas
}

fn code_of(path: &Path) -> &str {
    path.file_stem().and_then(|name| name.to_str()).and_then(|name| name.get(..5)).unwrap_or_default()
}

fn options(schema: &[u8]) -> CompileOptions {
    let text = String::from_utf8_lossy(schema);
    let mut options = CompileOptions::new();
    for line in text.lines().map_while(|line| line.strip_prefix("//! ")) {
        match line.split_once(": ") {
            Some(("include", folder)) => options = options.include_dir(folder),
            Some(("limit", limit)) => {
                let (name, value) = limit.split_once(" = ").expect("name = number");
                let limits = &mut options.limits;
                match name {
                    "file_bytes" => limits.file_bytes = value.parse().expect("a number"),
                    "total_bytes" => limits.total_bytes = value.parse().expect("a number"),
                    "files" => limits.files = value.parse().expect("a number"),
                    "nesting" => limits.nesting = value.parse().expect("a number"),
                    other => panic!("no limit {other}"),
                }
            }
            other => panic!("{other:?} is no directive"),
        }
    }
    options
}

#[test]
fn errors_are_printed_as_expected() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut differences = Vec::new();
    let schemas = schemas();
    assert!(!schemas.is_empty());
    for path in &schemas {
        let schema = std::fs::read(path).expect("a schema");
        let Err(error) = compile(path, &options(&schema), &FsLoader) else {
            differences.push(format!("{}: accepted", path.display()));
            continue;
        };
        let about = code_of(path);
        if !error.diagnostics.iter().any(|diagnostic| diagnostic.code.as_str() == about) {
            differences.push(format!("{}: not the error that its name says\n{error}", path.display()));
        }
        let golden = path.with_extension("fbs.stderr");
        let printed = error.render(false);
        if bless {
            std::fs::write(&golden, &printed).expect("written");
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != printed {
            differences.push(format!("{}: differs; BLESS=1 writes it anew\n{printed}", golden.display()));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_error_of_reading_schemas_has_an_example() {
    let examples: BTreeSet<String> = schemas().iter().map(|path| code_of(path).to_owned()).collect();
    let missing: Vec<&str> = Code::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| *code < "E0500" && !examples.contains(*code))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn every_expectation_has_its_schema() {
    let schemas: BTreeSet<PathBuf> = schemas().iter().map(|path| path.with_extension("fbs.stderr")).collect();
    for entry in std::fs::read_dir("tests/diagnostics").expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "stderr") {
            assert!(schemas.contains(&path), "{} belongs to no schema", path.display());
        }
    }
}

#[test]
fn colours_are_added_and_nothing_else() {
    let path = Path::new("tests/diagnostics/E0201_unknown_type.fbs");
    let error = compile(path, &CompileOptions::new(), &FsLoader).expect_err("an error");
    let colored = error.render(true);
    assert!(colored.contains("\x1b["));
    let mut plain = String::new();
    let mut rest = colored.as_str();
    while let Some((before, behind)) = rest.split_once('\x1b') {
        plain += before;
        rest = behind.split_once('m').map_or("", |(_, rest)| rest);
    }
    assert_eq!(plain + rest, error.render(false));
}
