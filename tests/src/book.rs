//! The pages of the book, as a reader sees them: their fenced blocks, with what these include.
//!
//! A block begins with three backticks and an info string, as in `rust,file=plugin/src/lib.rs`: the language, and what else
//! is known of the block. `{{#include path}}` stands for a file, its path from the folder of the page, and
//! `{{#include path:name}}` for the lines between `ANCHOR: name` and `ANCHOR_END: name` in it, as mdBook has it.

use std::fs;
use std::path::Path;

use crate::workspace::root;

/// A fenced block of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The line of the page on which its fence is.
    pub line: usize,
    /// The first word of its info string; empty if there is none.
    pub language: String,
    /// The other words of it.
    pub attributes: Vec<String>,
    /// The last line before it that is not empty; empty itself behind another block.
    pub caption: String,
    /// What is in it, with what it includes. It ends with a line break, unless it is empty.
    pub body: String,
}

impl Block {
    /// The value of an attribute: `plugin/src/lib.rs`, for `file`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find_map(|attribute| attribute.strip_prefix(name)?.strip_prefix('='))
    }
}

/// The blocks of a page, which is named from the root of the repository.
///
/// # Panics
///
/// If the page cannot be read, or what it includes.
#[track_caller]
pub fn blocks(page: &str) -> Vec<Block> {
    let path = root().join(page);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"));
    blocks_of(&text, path.parent().unwrap_or(root()))
}

/// The blocks of a text that stands in this folder.
///
/// # Panics
///
/// If what it includes cannot be read, and if a block does not end.
#[track_caller]
pub fn blocks_of(markdown: &str, folder: &Path) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut caption = "";
    let mut lines = (1..).zip(markdown.lines());
    while let Some((line, text)) = lines.next() {
        let Some(info) = text.strip_prefix("```") else {
            if !text.trim().is_empty() {
                caption = text;
            }
            continue;
        };
        let mut body = String::new();
        loop {
            match lines.next() {
                Some((_, "```")) => break,
                Some((_, text)) => body += &format!("{}\n", included(text, folder)),
                None => panic!("the block of line {line} does not end"),
            }
        }
        let mut words = info.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned);
        let language = words.next().unwrap_or_default();
        blocks.push(Block { line, language, attributes: words.collect(), caption: caption.to_owned(), body });
        caption = "";
    }
    blocks
}

/// A line, with what it includes.
#[track_caller]
fn included(line: &str, folder: &Path) -> String {
    let Some((before, rest)) = line.split_once("{{#") else { return line.to_owned() };
    let directive = rest.split_once("}}");
    let Some((directive, after)) = directive else { panic!("{line}: the directive does not end") };
    let Some(target) = directive.strip_prefix("include ") else { panic!("{line}: there is no such directive") };
    let text = include(target.trim(), folder).unwrap_or_else(|reason| panic!("{line}: {reason}"));
    format!("{before}{text}{after}")
}

/// A file, or what is between two anchors of it, without the line break at its end.
fn include(target: &str, folder: &Path) -> Result<String, String> {
    let (path, anchor) = match target.split_once(':') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    let text = fs::read_to_string(folder.join(path)).map_err(|error| error.to_string())?;
    let Some(name) = anchor else { return Ok(text.trim_end_matches('\n').to_owned()) };
    let names = |line: &str, mark: &str| line.split_whitespace().skip_while(|word| *word != mark).nth(1) == Some(name);
    let mut lines = text.lines();
    lines.find(|line| names(line, "ANCHOR:")).ok_or_else(|| format!("there is no anchor {name}"))?;
    let mut part = Vec::new();
    for line in lines {
        if names(line, "ANCHOR_END:") {
            return Ok(part.join("\n"));
        }
        // Those of other parts are not shown.
        if !line.contains("ANCHOR:") && !line.contains("ANCHOR_END:") {
            part.push(line);
        }
    }
    Err(format!("the anchor {name} does not end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_know_what_they_are() {
        let text = "# A\n\n**a/b.rs**:\n\n```rust,file=a/b.rs\nfn main() {}\n```\n\n```\n```\n";
        let folder = Path::new("");
        let [file, empty] = &blocks_of(text, folder)[..] else { panic!("there are two") };
        assert_eq!((file.line, file.language.as_str(), file.body.as_str()), (5, "rust", "fn main() {}\n"));
        assert_eq!((file.attribute("file"), file.caption.as_str()), (Some("a/b.rs"), "**a/b.rs**:"));
        assert_eq!((file.attribute("fil"), file.attribute("line")), (None, None));
        assert_eq!((empty.line, empty.language.as_str(), empty.body.as_str()), (9, "", ""));
    }

    #[test]
    fn files_and_parts_of_them_are_included() {
        let folder = tempfile::tempdir().unwrap();
        let text = "a\n// ANCHOR: one\nb\n    // ANCHOR: two\nc\n    // ANCHOR_END: two\nd\n// ANCHOR_END: one\n// ANCHOR: open\n";
        fs::write(folder.path().join("file.rs"), text).unwrap();
        let body = |directive: &str| blocks_of(&format!("```\n{directive}\n```\n"), folder.path())[0].body.clone();
        assert_eq!(body("{{#include file.rs:one}}"), "b\nc\nd\n");
        assert_eq!(body("{{#include file.rs:two}}"), "c\n");
        assert_eq!(body("{{#include file.rs}}"), text);
        assert_eq!(body("x {{#include file.rs:two}} y"), "x c y\n");

        for (target, reason) in [
            ("file.rs:three", "there is no anchor three"),
            ("file.rs:open", "the anchor open does not end"),
            ("none.rs", "No such file"),
        ] {
            let error = include(target, folder.path()).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    #[should_panic(expected = "the block of line 2 does not end")]
    fn a_block_ends() {
        blocks_of("a\n```rust\nb\n", Path::new(""));
    }

    #[test]
    #[should_panic(expected = "there is no such directive")]
    fn nothing_else_is_known() {
        blocks_of("```\n{{#playground a.rs}}\n```\n", Path::new(""));
    }
}
