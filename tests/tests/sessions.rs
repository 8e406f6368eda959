//! The sessions in the documents, typed into a shell by this test as they stand there, and what they print compared with
//! what the documents show. `tests/src/console.rs` says how they are written.

use hookr_tests::console::Home;
use hookr_tests::{plugin, wasip2_plugin};

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
fn other_languages() {
    let home = Home::new();
    if home.has("componentize-qjs", "HOOKR_COMPONENTIZE_QJS") {
        home.follow("docs/src/how-to/other-languages.md");
    }
}
