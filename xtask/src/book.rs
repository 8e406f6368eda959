//! `cargo xtask book`: the book as HTML, with its links checked, and `llms.txt`.

use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, say};
use crate::tool::Tool;
use crate::workspace;

mod links;
mod llms;
mod pages;

/// What makes HTML of the pages. Goldens do not depend on it, so that a newer one is only a number here.
const MDBOOK: Tool = Tool {
    name: "mdbook",
    version: "0.5.4",
    features: &["--no-default-features", "--features", "search"],
    ask: &["--version"],
};

/// Build the book into target/book, with the documentation of the crates, and check its pages, links, anchors and search index.
///
/// `llms.txt` at the root of the repository lists the pages for programs that read; it has to be what the pages give, and BLESS=1 writes it anew.
/// mdbook is taken from the PATH, or built once into a cache outside the repository. The index is target/book/html/index.html.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask book\n  cargo xtask book --open\n  BLESS=1 cargo xtask book")]
pub(crate) struct Arguments {
    /// Show it in a browser.
    #[arg(long)]
    open: bool,
}

/// Runs `cargo xtask book`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let root = workspace::root()?;
    let summary = pages::read(&root.join("docs/src"))?;
    let problems = pages::check(&root.join("docs/src"), &summary)?;
    refuse("the pages", &problems)?;

    let out = out()?;
    if out.exists() {
        fs::remove_dir_all(&out).with_context(|| format!("{} cannot be removed", out.display()))?;
    }
    let mut mdbook = Command::new(MDBOOK.ensure()?);
    mdbook.arg("build").arg(root.join("docs")).arg("--dest-dir").arg(&out);
    if arguments.open {
        mdbook.arg("--open");
    }
    process::run(&mut mdbook)?;

    let html = out.join("html");
    api(&html.join(API))?;
    refuse("links", &links::check(&html)?)?;
    refuse("the search index", &unsearchable(&html, &summary)?)?;

    let pages = llms::describe(&out.join("markdown"), &summary)?;
    fs::write(
        html.join("llms.txt"),
        llms::list(&pages, "All pages in one text: llms-full.txt.", |page| page.with_extension("html")),
    )?;
    fs::write(html.join("llms-full.txt"), llms::whole(&pages))?;
    keep(&root.join("llms.txt"), &llms::list(&pages, OF_SOURCES, |page| Path::new("docs/src").join(page)))?;
    say(&format!("{} pages are in {}", pages.len(), html.display()));
    Ok(())
}

/// What is to be known of the pages as they are in the repository.
const OF_SOURCES: &str = "The pages are sources: `{{#include FILE:NAME}}` stands for a file beside them, or for what is between `ANCHOR: NAME` \
                          and `ANCHOR_END: NAME` in it. `cargo xtask book` writes target/book/html/llms-full.txt, which has all of it.";

/// Where the documentation of the crates is in the book.
const API: &str = "api";

/// Puts what rustdoc says of all crates of the workspace into a folder of the book. `cargo xtask check` makes the same.
fn api(folder: &Path) -> Result<()> {
    let mut documentation = workspace::cargo("doc")?;
    process::run(documentation.args(["--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    link(&workspace::target()?.join("doc"), folder)
}

/// The files of a folder in another one, without taking up room where the system can do that.
fn link(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            link(&path, &place)?;
        } else if fs::hard_link(&path, &place).is_err() {
            fs::copy(&path, &place).with_context(|| format!("{} cannot be written", place.display()))?;
        }
    }
    Ok(())
}

/// Where the book goes: beside what cargo builds.
fn out() -> Result<PathBuf> {
    Ok(workspace::target()?.join("book"))
}

fn refuse(what: &str, problems: &BTreeSet<String>) -> Result<()> {
    if !problems.is_empty() {
        let lines: Vec<&str> = problems.iter().map(String::as_str).collect();
        bail!("{what} of the book:\n  {}", lines.join("\n  "));
    }
    Ok(())
}

/// Pages that the search index does not know.
fn unsearchable(html: &Path, summary: &[pages::Page]) -> Result<BTreeSet<String>> {
    let mut files = fs::read_dir(html)?.flatten().map(|entry| entry.path());
    let is_index =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("searchindex"));
    let index = files.find(is_index).context("mdbook has written no search index")?;
    let index = fs::read_to_string(index)?;
    let missing = summary.iter().map(|page| page.path.with_extension("html"));
    let missing = missing.filter(|path| !index.contains(&format!("{}#", slashes(path))));
    Ok(missing.map(|path| format!("{} cannot be found", path.display())).collect())
}

/// A path as links have it.
fn slashes(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// A file that is checked in has to be as it is made; with BLESS=1, it is written.
fn keep(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_none_or(|value| value != "1") {
        bail!("{} is not what the pages give: BLESS=1 cargo xtask book writes it", path.display());
    }
    let aside = path.with_added_extension("new");
    fs::write(&aside, text)?;
    fs::rename(&aside, path)?;
    say(&format!("wrote {}", path.display()));
    Ok(())
}
