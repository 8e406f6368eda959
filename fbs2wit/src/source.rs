//! The texts that were read, and places in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which text: an index in a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

impl Span {
    /// No place: of what was not read from text.
    pub const NONE: Span = Span { file: FileId(u32::MAX), start: 0, end: 0 };

    /// From the start of `self` to the end of `other`, which is in the same text.
    pub fn to(self, other: Span) -> Span {
        debug_assert_eq!(self.file, other.file);
        Span { file: self.file, start: self.start, end: other.end.max(self.start) }
    }
}

/// One text with its name.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as messages show it.
    pub path: PathBuf,
    /// The text.
    pub text: Arc<str>,
}

/// Every text that a run has read.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
    /// The texts in which U+FFFD may stand for what was not UTF-8.
    lossy: BTreeSet<FileId>,
}

impl SourceMap {
    /// Adds a text.
    ///
    /// # Panics
    ///
    /// When there are more than four billion texts; sizes are bounded where files are read.
    pub fn add(&mut self, path: impl AsRef<Path>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than four billion files"));
        self.files.push(SourceFile { path: path.as_ref().to_owned(), text: text.into() });
        id
    }

    /// Adds a text from bytes. What is not UTF-8 becomes U+FFFD, which comments may have; strings with it are refused
    /// when they are read.
    ///
    /// # Panics
    ///
    /// As [`SourceMap::add`].
    pub fn add_bytes(&mut self, path: impl AsRef<Path>, bytes: Vec<u8>) -> FileId {
        match String::from_utf8(bytes) {
            Ok(text) => self.add(path, text),
            Err(error) => {
                let id = self.add(path, String::from_utf8_lossy(error.as_bytes()));
                self.mark_lossy(id);
                id
            }
        }
    }

    pub(crate) fn mark_lossy(&mut self, id: FileId) {
        self.lossy.insert(id);
    }

    pub(crate) fn is_lossy(&self, id: FileId) -> bool {
        self.lossy.contains(&id)
    }

    /// The text with this ID; `None` for [`Span::NONE`].
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// Every text, in the order of reading.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The line and the column of a span's start, both from 1; columns count characters.
    pub fn line_column(&self, span: Span) -> Option<(usize, usize)> {
        let before = self.get(span.file)?.text.get(..span.start as usize)?;
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Some((before.matches('\n').count() + 1, before[line_start..].chars().count() + 1))
    }
}
