//! The sessions in the documents, typed into a shell by this test as they stand there, and what they print compared with
//! what the documents show. `tests/src/console.rs` says how they are written.

use hookr_tests::console::Home;
use hookr_tests::plugin;

#[test]
fn trust() {
    // What the session builds is built already, so that it prints what it prints the second time.
    plugin("textfilter");
    Home::new().follow("docs/src/how-to/trust.md");
}
