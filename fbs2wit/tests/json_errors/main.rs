//! Every error of reading JSON as people see it: `x.fbs` and `x.json` beside `x.stderr`, what is printed for them.
//!
//! `BLESS=1` writes the expectations anew. The first error has the code that the name starts with. A first line of the
//! JSON sets an option: `// strict`, `// nesting: number`, or `// zeros: number` for so many zeros instead of each
//! `/* zeros */`. The errors of host fixtures, E0750 to E0799, belong to the command line, whose tests have them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fbs2wit::diag::Code;
use fbs2wit::json::{self, JsonOptions};
use fbs2wit::{CompileOptions, FsLoader, compile};

const FOLDER: &str = "tests/json_errors";

/// The files with an extension, without it.
fn cases(extension: &str) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(FOLDER).expect("the folder").map(|entry| entry.expect("an entry").path());
    entries
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .map(|path| path.with_extension(""))
        .collect()
}

fn code_of(case: &Path) -> &str {
    case.file_name().and_then(|name| name.to_str()).and_then(|name| name.get(..5)).unwrap_or_default()
}

/// The text to read, and how.
fn options(text: String) -> (String, JsonOptions) {
    let options = JsonOptions::default();
    let Some(directive) = text.lines().next().and_then(|line| line.strip_prefix("// ")) else { return (text, options) };
    let number = |number: &str| number.parse::<u32>().expect("a number");
    match directive.split_once(": ") {
        None if directive == "strict" => {
            // Strict JSON has no comments.
            let (_, rest) = text.split_once('\n').expect("a text");
            (rest.to_owned(), options.strict())
        }
        Some(("nesting", most)) => {
            let most = number(most);
            (text, options.nesting(most))
        }
        Some(("zeros", count)) => {
            let zeros = vec!["0"; number(count) as usize].join(",");
            (text.replace("/* zeros */", &zeros), options)
        }
        _ => panic!("{directive:?} is no directive"),
    }
}

/// What is printed, and the code of the first error.
fn printed(case: &Path) -> Option<(String, Code)> {
    let schema = case.with_extension("fbs");
    let mut compiled = compile(&schema, &CompileOptions::new(), &FsLoader).unwrap_or_else(|error| panic!("{error}"));
    let path = case.with_extension("json");
    let (text, options) = options(std::fs::read_to_string(&path).expect("a JSON text"));
    let file = compiled.sources.add(path, text);
    let root = compiled.schema.root.expect("a root type");
    let errors = json::parse(&compiled.schema, root, &compiled.sources, file, &options).err()?;
    let first = errors.iter().next().expect("an error").code;
    Some((errors.render(&compiled.sources, false), first))
}

#[test]
fn errors_are_printed_as_expected() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut differences = Vec::new();
    for case in &cases("json") {
        let Some((printed, code)) = printed(case) else {
            differences.push(format!("{}: accepted", case.display()));
            continue;
        };
        if code.as_str() != code_of(case) {
            differences.push(format!("{}: not the error that its name says\n{printed}", case.display()));
        }
        let golden = case.with_extension("stderr");
        if bless {
            std::fs::write(&golden, &printed).expect("written");
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != printed {
            differences.push(format!("{}: differs; BLESS=1 writes it anew\n{printed}", golden.display()));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_error_of_reading_json_has_an_example() {
    let cases = cases("json");
    let examples: BTreeSet<&str> = cases.iter().map(|case| code_of(case)).collect();
    let missing: Vec<&str> = Code::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| *code >= "E0700" && !("E0750".."E0800").contains(code) && !examples.contains(code))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn every_file_belongs_to_an_example() {
    assert_eq!(cases("json"), cases("fbs"));
    assert_eq!(cases("json"), cases("stderr"));
}
