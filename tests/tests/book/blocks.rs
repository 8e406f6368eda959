//! What documents show between two fences.

use std::fs;

/// The blocks of a language in a document, in their order.
#[track_caller]
pub(crate) fn blocks(document: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(hookr_tests::root().join(document)).unwrap();
    let opening = format!("```{language}");
    let (mut blocks, mut open): (Vec<String>, Option<Option<String>>) = (Vec::new(), None);
    for line in text.lines() {
        open = match open.take() {
            None if line == opening => Some(Some(String::new())),
            None if line.starts_with("```") => Some(None),
            None => None,
            Some(block) if line == "```" => {
                blocks.extend(block);
                None
            }
            Some(block) => Some(block.map(|block| block + line + "\n")),
        };
    }
    assert!(open.is_none(), "{document} has a block that does not end");
    blocks
}

/// The one block of a language that has this in it.
#[track_caller]
pub(crate) fn block_with(document: &str, language: &str, part: &str) -> String {
    let mut found: Vec<String> = blocks(document, language).into_iter().filter(|block| block.contains(part)).collect();
    assert_eq!(found.len(), 1, "{document} has one block of {language} with `{part}`");
    found.remove(0)
}

#[test]
fn blocks_are_told_apart_by_their_language() {
    let page = "docs/src/reference/trust-files.md";
    assert!(block_with(page, "toml", "[[plugin]]").starts_with("# This file is written by hookr lock"));
    assert!(blocks(page, "console").is_empty());
}
