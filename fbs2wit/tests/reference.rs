//! Pages of the book that say what this crate does: docs/src/reference/error-codes.md has its catalogue of errors, and
//! docs/src/reference/contract.md shows schemas that are translated here.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use fbs2wit::contract::{ContractOptions, lower};
use fbs2wit::diag::Code;
use fbs2wit::{CompileOptions, MemoryLoader, compile, wit};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Where the generated part of the page begins.
const MARK: &str = "<!-- Generated from fbs2wit/src/diag/code.rs.";

/// What the codes with a first digit are about, as the head of the catalogue says.
const GROUPS: [(char, &str); 8] = [
    ('0', "reading files and tokens"),
    ('1', "grammar"),
    ('2', "names"),
    ('3', "types, fields and values"),
    ('4', "services"),
    ('5', "what cannot be translated yet or at all"),
    ('6', "WIT and Rust names"),
    ('7', "JSON, fixtures and cases"),
];

fn catalogue() -> String {
    let mut page = String::new();
    for (digit, about) in GROUPS {
        write!(page, "\n### E0{digit}xx: {about}\n").unwrap();
        let in_group = |code: &str| code[2..].starts_with(digit);
        for code in Code::ALL.iter().filter(|code| in_group(code.as_str())) {
            write!(page, "\n#### {code}: {}\n\n", text(code.title())).unwrap();
            writeln!(page, "{}", text(code.explanation())).unwrap();
        }
        let retired: Vec<_> = Code::RETIRED.iter().copied().filter(|code| in_group(code)).collect();
        if !retired.is_empty() {
            write!(page, "\nRetired, since what they refused is translated now: {}.\n", retired.join(", ")).unwrap();
        }
    }
    page
}

/// Text in which nothing is Markdown or HTML but code in backticks.
fn text(plain: &str) -> String {
    assert!(plain.matches('`').count().is_multiple_of(2), "{plain}");
    let mut is_code = false;
    let mut escaped = String::new();
    for letter in plain.chars() {
        match letter {
            '`' => is_code = !is_code,
            '\\' | '*' | '_' | '<' | '>' | '[' | ']' | '#' | '~' | '|' if !is_code => escaped.push('\\'),
            _ => {}
        }
        escaped.push(letter);
    }
    escaped
}

#[test]
fn every_code_is_explained_on_the_page() {
    let path = root().join("docs/src/reference/error-codes.md");
    let found = fs::read_to_string(&path).unwrap();
    let start = found.find(MARK).expect("the page says where the catalogue begins");
    let end_of_mark = start + found[start..].find("-->\n").unwrap() + 4;
    let written = found[..end_of_mark].to_owned() + &catalogue();
    assert!(Code::ALL.iter().all(|code| written.contains(&format!("#### {code}: "))), "a code belongs to no group");
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, written).unwrap();
        return;
    }
    let line = written.lines().zip(found.lines()).find(|(written, found)| written != found);
    assert!(found == written, "{} is not the catalogue: BLESS=1 writes it; {line:?}", path.display());
}

#[test]
fn every_code_of_calls_is_in_the_table() {
    let page = fs::read_to_string(root().join("docs/src/reference/error-codes.md")).unwrap();
    let page = page.split("## Errors of calls").next().unwrap();
    for code in hookr_abi::Code::ALL {
        let row = format!("| {} | `{}` | `Code::{code:?}` | ", code.number(), code.name());
        assert!(page.contains(&row), "{row}");
    }
    let specification = include_str!("../../wit/SPEC.md");
    for row in page.lines().filter(|line| line.contains("`Code::")) {
        let cells: Vec<_> = row.split(" | ").collect();
        let row = format!("{} | {} | {}", cells[0], cells[1], cells[3]);
        assert!(specification.contains(&row), "the specification says otherwise: {row}");
    }
}

/// The parts of the schemas of the page, by the names of their anchors.
fn parts() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("fbs2wit/tests/reference/contract.fbs")).unwrap();
    let parts = text.split("// ANCHOR: ").skip(1).map(|part| {
        let (name, rest) = part.split_once('\n').unwrap();
        let end = rest.find(&format!("// ANCHOR_END: {name}\n")).unwrap_or_else(|| panic!("{name} has no end"));
        (name.to_owned(), rest[..end].to_owned())
    });
    parts.collect()
}

#[test]
fn the_schemas_of_the_page_are_contracts_and_their_wit_is_what_it_shows() {
    let parts = parts();
    assert_eq!(
        parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["services", "optional", "types", "recursive"]
    );
    let pages = ["contract", "mapping"].map(|page| root().join(format!("docs/src/reference/{page}.md")));
    let pages = pages.map(|page| fs::read_to_string(page).unwrap()).concat();
    for (name, schema) in parts {
        assert!(pages.contains(&format!("contract.fbs:{name}}}}}")), "a page shows `{name}`");
        let loader = MemoryLoader::new().file("contract.fbs", schema.as_str());
        let compiled = compile("contract.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap();
        let contract = lower(&compiled.schema, &ContractOptions::default());
        let contract = contract.unwrap_or_else(|errors| panic!("{}", errors.render(&compiled.sources, false)));
        let found = wit::emit(&contract);
        let path = root().join(format!("fbs2wit/tests/reference/{name}.wit"));
        if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
            fs::write(&path, &found).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == expected, "{} is another WIT: BLESS=1 writes it\n{found}", path.display());
    }
}
