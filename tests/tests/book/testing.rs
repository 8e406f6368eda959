//! docs/src/how-to/testing.md: its Rust is in examples/urlbalancer/plugin/tests/calls.rs, and its cases are those of the examples.

use super::blocks::block_with;

/// What a plugin's crate says of its contract, as the page shows it and as the example does.
#[test]
fn the_manifest_of_the_page_is_that_of_the_example() {
    let page = block_with("docs/src/how-to/testing.md", "toml", "crate-type");
    let example = hookr_tests::folder("urlbalancer").join("plugin/Cargo.toml");
    let example = std::fs::read_to_string(example).unwrap();
    for line in page.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        assert!(example.lines().any(|other| other == line), "{line}");
    }
}
