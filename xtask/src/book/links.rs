//! The links of the book as mdbook has written it: each leads to a file that is there, and to an anchor in it.
//!
//! What is read is what browsers read, so that includes, generated headings and the table of contents are checked with the rest.

use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What mdbook adds: the page with all others in it, for printing, whose links it rewrites, and what a server shows for a page that
/// is not there, whose links are from the server's root.
const ADDED: [&str; 2] = ["print.html", "404.html"];

/// What is wrong with the links of all pages in a folder.
///
/// # Errors
///
/// When a page cannot be read.
pub(crate) fn check(folder: &Path) -> Result<BTreeSet<String>> {
    let mut pages = BTreeMap::new();
    read(folder, Path::new(""), &mut pages)?;
    let anchors: BTreeMap<&Path, BTreeSet<&str>> =
        pages.iter().map(|(path, text)| (path.as_path(), attributes(text, "id").collect())).collect();
    let mut problems = BTreeSet::new();
    for (path, text) in pages.iter().filter(|(path, _)| ADDED.iter().all(|added| path.as_path() != Path::new(added))) {
        for link in attributes(text, "href").chain(attributes(text, "src")) {
            if let Some(problem) = problem(folder, path, link, &anchors) {
                problems.insert(format!("{}: {link}: {problem}", path.display()));
            }
        }
    }
    Ok(problems)
}

fn read(folder: &Path, below: &Path, pages: &mut BTreeMap<PathBuf, String>) -> Result<()> {
    let here = folder.join(below);
    for entry in fs::read_dir(&here).with_context(|| format!("{} cannot be read", here.display()))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            // Rustdoc looks at its links itself.
            if path != Path::new(super::API) {
                read(folder, &path, pages)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "html") {
            let text = fs::read_to_string(entry.path());
            pages.insert(path, text.with_context(|| format!("{} cannot be read", entry.path().display()))?);
        }
    }
    Ok(())
}

/// The values of an attribute. mdbook quotes all of them, and in text and code a quotation mark is an entity.
fn attributes<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let start = format!(" {name}=\"");
    html.match_indices(&start)
        .map(|(at, start)| at + start.len())
        .filter_map(|at| html[at..].split('"').next())
        .collect::<Vec<_>>()
        .into_iter()
}

fn problem(folder: &Path, page: &Path, link: &str, anchors: &BTreeMap<&Path, BTreeSet<&str>>) -> Option<&'static str> {
    if link.starts_with("https://") {
        return None;
    }
    if link.contains(':') {
        return Some("neither a page nor https");
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() { page.to_owned() } else { resolve(page, file)? };
    if !folder.join(&target).is_file() {
        return Some("there is no such page");
    }
    let anchor = anchor.replace("%20", " ");
    let known = anchors.get(target.as_path()).is_some_and(|ids| ids.contains(anchor.as_str()));
    (!anchor.is_empty() && !known).then_some("there is no such anchor")
}

/// What a relative link of a page means, from the folder of the book. One that leads out of it is as it stands, and no file.
fn resolve(page: &Path, link: &str) -> Option<PathBuf> {
    let mut path = page.parent()?.to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => {
                if !path.pop() {
                    return Some(link.into());
                }
            }
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_and_anchors() {
        let folder = std::env::temp_dir().join(format!("hookr-links-{}", std::process::id()));
        fs::create_dir_all(folder.join("a")).unwrap();
        let page = r##"<a href="../b.html#here"> <a href="#own"> <h2 id="own"> <a href="https://example.com/x#y">
            <img src="../gone.svg"> <a href="../b.html#nowhere"> <a href="../../out.html"> <a href="http://example.com">"##;
        fs::write(folder.join("a/page.html"), page).unwrap();
        fs::write(folder.join("b.html"), r#"<h2 class="x" id="here">"#).unwrap();
        let problems = check(&folder);
        fs::remove_dir_all(&folder).unwrap();
        let problems: Vec<_> = problems.unwrap().into_iter().collect();
        assert_eq!(
            problems,
            [
                "a/page.html: ../../out.html: there is no such page",
                "a/page.html: ../b.html#nowhere: there is no such anchor",
                "a/page.html: ../gone.svg: there is no such page",
                "a/page.html: http://example.com: neither a page nor https",
            ]
        );
    }
}
