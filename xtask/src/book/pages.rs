//! The pages of the book: `SUMMARY.md` names them all, and what a page includes is there.

use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A line of the summary.
pub(crate) struct Page {
    /// The part that it is in; empty for the pages before the first.
    pub(crate) part: String,
    pub(crate) title: String,
    /// From the folder of the summary.
    pub(crate) path: PathBuf,
}

/// Reads `SUMMARY.md`.
///
/// # Errors
///
/// When it cannot be read.
pub(crate) fn read(folder: &Path) -> Result<Vec<Page>> {
    let path = folder.join("SUMMARY.md");
    let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(parse(&text))
}

fn parse(text: &str) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut part = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("# ") {
            part = if title == "Summary" { String::new() } else { title.to_owned() };
        }
        let link = line.trim_start().trim_start_matches("- ");
        let parts =
            link.strip_prefix('[').and_then(|link| link.strip_suffix(')')).and_then(|link| link.split_once("]("));
        if let Some((title, path)) = parts {
            pages.push(Page { part: part.clone(), title: title.to_owned(), path: path.into() });
        }
    }
    pages
}

/// Pages that are missing, or that nobody finds, and files and anchors that pages include and that are not there: mdbook shows an
/// empty block for those.
///
/// # Errors
///
/// When a folder or a page cannot be read.
pub(crate) fn check(folder: &Path, pages: &[Page]) -> Result<BTreeSet<String>> {
    let mut problems = BTreeSet::new();
    let mut unlisted = markdown(folder)?;
    unlisted.remove(&folder.join("SUMMARY.md"));
    for page in pages {
        let path = folder.join(&page.path);
        if !unlisted.remove(&path) {
            problems
                .insert(format!("{}: the summary has it, and it is not there, or there twice", page.path.display()));
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        for (line, language) in by_hand(&text) {
            let name = page.path.display();
            problems.insert(format!("{name}:{line}: {language} that nothing compiles: include it from a file"));
        }
        for (number, line) in text.lines().enumerate() {
            for include in includes(line) {
                let base = path.parent().unwrap_or(folder);
                if let Some(problem) = include_problem(base, include) {
                    problems.insert(format!("{}:{}: {include}: {problem}", page.path.display(), number + 1));
                }
            }
        }
    }
    problems.extend(unlisted.iter().map(|path| format!("{}: not in SUMMARY.md", path.display())));
    Ok(problems)
}

/// Languages whose blocks show files that tests compile or run.
const COMPILED: [&str; 6] = ["fbs", "js", "python", "rust", "wit", "wat"];

/// Blocks of such a language in which nothing is included, with their lines.
fn by_hand(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &str, bool)> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let language = info.split([',', ' ']).next().unwrap_or_default();
                open = Some((number + 1, language, false));
            }
            (Some(_), Some("")) => {
                let closed = open.take().filter(|(_, language, has)| COMPILED.contains(language) && !has);
                found.extend(closed.map(|(line, language, _)| (line, language)));
            }
            (Some((.., has)), _) => *has |= includes(line).next().is_some(),
            (None, None) => {}
        }
    }
    found
}

/// What the `{{#include …}}` of a line name.
fn includes(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("{{#")
        // mdbook leaves what follows a backslash as it stands.
        .filter(|(at, _)| !line[..*at].ends_with('\\'))
        .filter_map(|(at, _)| line[at + 3..].split_once("}}"))
        .filter_map(|(inner, _)| inner.split_once(' '))
        .map(|(_, name)| name.trim())
}

fn include_problem(base: &Path, include: &str) -> Option<&'static str> {
    let (file, anchor) = include.split_once(':').unwrap_or((include, ""));
    let Ok(text) = fs::read_to_string(base.join(file)) else { return Some("there is no such file") };
    let number = anchor.starts_with(|c: char| c.is_ascii_digit() || c == ':');
    if number {
        return Some("lines move, anchors stay: name an anchor");
    }
    let has = |word: &str| text.lines().any(|line| line.trim_end().ends_with(&format!("{word}: {anchor}")));
    let found = anchor.is_empty() || (has("ANCHOR") && has("ANCHOR_END"));
    (!found).then_some("there is no such anchor")
}

fn markdown(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(markdown(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.insert(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_read_with_its_parts() {
        let pages = parse(
            "# Summary\n\n[Start](start.md)\n\n# How to\n\n- [Do it](how-to/do.md)\n  - [Well](how-to/well.md)\n",
        );
        let pages: Vec<_> =
            pages.iter().map(|page| (page.part.as_str(), page.title.as_str(), page.path.to_str().unwrap())).collect();
        assert_eq!(
            pages,
            [("", "Start", "start.md"), ("How to", "Do it", "how-to/do.md"), ("How to", "Well", "how-to/well.md")]
        );
    }

    #[test]
    fn code_that_is_written_by_hand_is_found() {
        let text =
            "```rust,ignore\nfn f() {}\n```\n\n```rust\n{{#include a.rs}}\n```\n\n```text\nx\n```\n\n```wit\n```\n";
        assert_eq!(by_hand(text), [(1, "rust"), (13, "wit")]);
    }

    #[test]
    fn includes_name_files_and_anchors_that_are_there() {
        let line = "{{#include a.rs:b}} and \\{{#include c}} and {{#rustdoc_include d.rs}}";
        assert_eq!(includes(line).collect::<Vec<_>>(), ["a.rs:b", "d.rs"]);

        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/book");
        // ANCHOR: here
        assert_eq!(include_problem(&folder, "pages.rs:here"), None);
        // ANCHOR_END: here
        assert_eq!(include_problem(&folder, "pages.rs"), None);
        for wrong in ["nowhere.rs", "pages.rs:there", "pages.rs:1:2", "pages.rs::2"] {
            assert!(include_problem(&folder, wrong).is_some(), "{wrong}");
        }
    }
}
