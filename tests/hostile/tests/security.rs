//! What SECURITY.md says is shown by a test is shown by one that exists.

use std::fs;

use hookr_hostile::cases;
use hookr_tests::root;

/// The words of each piece of code in the text.
fn code(markdown: &str) -> Vec<Vec<&str>> {
    markdown.split('`').skip(1).step_by(2).map(|code| code.split_whitespace().collect()).collect()
}

/// Whether a file of tests has one of this name: a function with the attribute, or a line of a macro that makes one.
fn has_test(source: &str, name: &str) -> bool {
    let function = format!("fn {name}(");
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let is_test = |i: usize| lines[..i].iter().rev().take(3).any(|line| *line == "#[test]");
    let by_hand = lines.iter().enumerate().any(|(i, line)| line.starts_with(&function) && is_test(i));
    by_hand || lines.iter().any(|line| line.starts_with(&format!("{name} = \"")))
}

#[test]
fn every_promise_is_shown_by_a_test_that_exists() {
    let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let cases = cases::all();
    let (mut missing, mut seen) = (Vec::new(), 0);
    for words in code(&text) {
        match words.as_slice() {
            ["case", names @ ..] => {
                seen += names.len();
                missing.extend(names.iter().filter(|name| !cases.iter().any(|case| case.name == **name)).copied());
            }
            [file, names @ ..] if file.ends_with(".rs") && !names.is_empty() => {
                let source = fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
                seen += names.len();
                missing.extend(names.iter().filter(|name| !has_test(&source, name)).copied());
            }
            _ => {}
        }
    }
    assert!(missing.is_empty(), "SECURITY.md names tests and cases that there are not: {missing:?}");
    assert!(seen > 40, "{seen} tests and cases are named");
}

#[test]
fn every_promise_names_a_test() {
    let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let (_, promises) = text.split_once("| promise | shown by |\n|---|---|\n").expect("the table is there");
    let (promises, _) = promises.split_once("\n\n").expect("the table ends");
    for line in promises.lines() {
        let shown = line.rsplit('|').nth(1).expect("two columns");
        assert!(code(shown).iter().any(|words| words.len() > 1), "nothing shows this: {line}");
    }
}

#[test]
fn tests_are_found_and_others_are_not() {
    let source = "    #[test]\n    fn one() {\n    }\n\n\n\n    fn two() {}\n    three = \"x\",\n";
    assert!(has_test(source, "one") && has_test(source, "three"));
    assert!(!has_test(source, "two") && !has_test(source, "on"));
}
