//! The book for programs that read: `llms.txt`, a list of pages with what each is about, in the form of <https://llmstxt.org>, and
//! all pages in one text.

use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::pages::Page;

const TITLE: &str = "# Hookr";
const ABOUT: &str = "> Plugins for Rust applications, as WebAssembly components. A contract in FlatBuffers becomes a WIT world and typed Rust for \
                     host and plugin; hosts load plugins trusted and sandboxed, reload them live, and call them typed or over a fast lane.";

/// A page with its text, what it includes put in.
pub(crate) struct Described<'a> {
    page: &'a Page,
    text: String,
}

/// Reads the pages as mdbook's renderer `markdown` wrote them.
///
/// # Errors
///
/// When one cannot be read.
pub(crate) fn describe<'a>(folder: &Path, pages: &'a [Page]) -> Result<Vec<Described<'a>>> {
    let read = |page: &'a Page| {
        let path = folder.join(&page.path);
        let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Described { page, text })
    };
    pages.iter().map(read).collect()
}

/// The list, with a note about its pages, which are where `place` says.
pub(crate) fn list(pages: &[Described], note: &str, place: impl Fn(&Path) -> PathBuf) -> String {
    let mut text = format!("{TITLE}\n\n{ABOUT}\n\n{note}\n");
    let mut part = None;
    for Described { page, text: page_text } in pages {
        if part != Some(&page.part) {
            let title = if page.part.is_empty() { "Start" } else { &page.part };
            let _ = write!(text, "\n## {title}\n\n");
            part = Some(&page.part);
        }
        let about = first_sentences(page_text);
        let _ = writeln!(text, "- [{}]({}): {about}", page.title, super::slashes(&place(&page.path)));
    }
    text
}

/// All pages, one behind the other.
pub(crate) fn whole(pages: &[Described]) -> String {
    let mut text = format!("{TITLE}\n\n{ABOUT}\n");
    for page in pages {
        let _ = write!(text, "\n<!-- {} -->\n\n{}\n", super::slashes(&page.page.path), page.text.trim());
    }
    text
}

/// The first paragraph, on one line.
fn first_sentences(text: &str) -> String {
    let mut in_code = false;
    let text: String = text
        .lines()
        .filter(|line| {
            let fence = line.trim_start().starts_with("```");
            in_code ^= fence;
            !fence && !in_code
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let is_prose = |paragraph: &&str| !paragraph.starts_with(['#', '<', '|', '-', '>', '!']);
    let paragraph = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()).find(is_prose);
    let paragraph = paragraph.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    without_links(&paragraph)
}

/// Links as what they say: where they lead from one page is wrong in a list.
fn without_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        match after.split_once("](").and_then(|(label, link)| Some((label, link.split_once(')')?.1))) {
            Some((label, next)) => {
                out.push_str(label);
                rest = next;
            }
            None => {
                out.push('[');
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_described_by_its_first_paragraph() {
        let text =
            "# Title\n\n<!-- generated -->\n\n```toml\n[a]\n\nb = 1\n```\n\nA [link](x.md#y) and\na [b] c.\n\nMore.\n";
        assert_eq!(first_sentences(text), "A link and a [b] c.");
        assert_eq!(first_sentences("# Title\n\n`a` is\ncode.\n"), "`a` is code.");
    }

    #[test]
    fn the_list_has_parts_and_places() {
        let page = Page { part: "How to".into(), title: "Do it".into(), path: "how-to/do.md".into() };
        let pages = [Described { page: &page, text: "# Do it\n\nIt is done.".into() }];
        let list = list(&pages, "A note.", |page| page.with_extension("html"));
        assert!(list.ends_with("\n## How to\n\n- [Do it](how-to/do.html): It is done.\n"), "{list}");
        assert!(whole(&pages).ends_with("<!-- how-to/do.md -->\n\n# Do it\n\nIt is done.\n"));
    }
}
