//! Where a plugin comes from: which tools made it, of which crate, and what its author says of it.
//!
//! Three kinds of custom sections of a component say that. `producers` is the one of the [tool conventions]; annotations
//! (`version`, `description`, `licenses`, `source`, `homepage`, …) are those that `wasm-tools` knows, one text each;
//! `hookr:source` is Hookr's own, a JSON object of strings that says what a rebuild needs to know. All of it is the word of
//! whoever made the file, and nothing is decided by it.
//!
//! None of it has paths, times or names of people or machines in it: the same sources give the same bytes.
//!
//! [tool conventions]: https://github.com/WebAssembly/tool-conventions/blob/main/ProducersSection.md

mod read;
mod write;

use std::collections::BTreeMap;

pub(crate) use write::{Origin, add};

/// The name of the section with what Hookr knows of the sources.
const SOURCE: &str = "hookr:source";

/// The names of sections with one text each, in the order in which they are shown.
const ANNOTATIONS: [&str; 7] = ["version", "description", "authors", "licenses", "source", "homepage", "revision"];

/// So much of a section is looked at: 64 KiB. What is longer is no text for people.
const MAX_SIZE: usize = 64 << 10;

/// What a component says of its making.
#[derive(Debug, Default)]
pub(crate) struct Provenance {
    /// Kinds of tools (`language`, `processed-by`, `sdk`), the tools, and their versions. Those of modules inside count, too.
    pub(crate) producers: BTreeMap<String, BTreeMap<String, String>>,
    /// Texts by the name of their section.
    pub(crate) annotations: Vec<(&'static str, String)>,
    /// What `hookr:source` says, by key.
    pub(crate) source: BTreeMap<String, String>,
    /// The sections that cannot be read.
    pub(crate) unreadable: Vec<String>,
}
