//! The sessions in the documents, typed into a shell by this test as they stand there, and what they print compared with
//! what the documents show. `tests/src/console.rs` says how they are written.

use std::fs;

use hookr_tests::console::Home;
use hookr_tests::{book, plugin, root, wasip2_plugin};

#[test]
fn trust() {
    // What the session builds is built already, so that it prints what it prints the second time.
    plugin("textfilter");
    Home::new().follow("docs/src/how-to/trust.md");
}

#[test]
fn debug() {
    for name in ["urlbalancer", "chaos", "versions"] {
        plugin(name);
    }
    Home::new().follow("docs/src/how-to/debug.md");
}

#[test]
fn testing() {
    plugin("urlbalancer");
    Home::new().follow("docs/src/how-to/testing.md");
}

#[test]
fn grants() {
    wasip2_plugin("wasi");
    Home::new().follow("docs/src/how-to/grants.md");
}

#[test]
fn wasi() {
    wasip2_plugin("wasi");
    Home::new().follow("docs/src/how-to/wasi.md");
}

#[test]
fn workbench() {
    let home = Home::of_crates("doorman");
    home.has_versions_of_this_workspace();
    home.follow("docs/src/how-to/workbench.md");
}

#[test]
fn given_contract() {
    Home::of_crates("shout").follow("docs/src/how-to/given-contract.md");
}

#[test]
fn other_languages() {
    let home = Home::new();
    if home.has("componentize-qjs", "HOOKR_COMPONENTIZE_QJS") {
        home.follow("docs/src/how-to/other-languages.md");
    }
}

/// Pages whose sessions are typed: by the tests above, and by those of the tutorials.
const FOLLOWED: [&str; 11] = [
    "how-to/debug.md",
    "how-to/given-contract.md",
    "how-to/grants.md",
    "how-to/other-languages.md",
    "how-to/testing.md",
    "how-to/trust.md",
    "how-to/wasi.md",
    "how-to/workbench.md",
    "tutorials/game-loop.md",
    "tutorials/textfilter.md",
    "tutorials/urlbalancer.md",
];

#[test]
fn no_page_shows_a_session_that_nobody_types() {
    let mut found = Vec::new();
    for part in ["", "explanation", "how-to", "reference", "tutorials"] {
        for entry in fs::read_dir(root().join("docs/src").join(part)).unwrap() {
            let path = entry.unwrap().path();
            let page = path.strip_prefix(root().join("docs/src")).unwrap();
            let is_page = page.extension().is_some_and(|extension| extension == "md");
            let page = page.to_str().unwrap().to_owned();
            if is_page && book::blocks(&format!("docs/src/{page}")).iter().any(|block| block.language == "console") {
                found.push(page);
            }
        }
    }
    found.sort_unstable();
    assert_eq!(found, FOLLOWED);
    let tutorials = fs::read_to_string(root().join("tests/tests/tutorials.rs")).unwrap();
    for page in FOLLOWED {
        let is_followed = match page.strip_prefix("tutorials/").and_then(|page| page.strip_suffix(".md")) {
            Some(name) => tutorials.contains(&format!("(\"{name}\"")),
            None => include_str!("sessions.rs").contains(&format!("follow(\"docs/src/{page}\")")),
        };
        assert!(is_followed, "no test follows {page}");
    }
}
