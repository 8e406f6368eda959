//! JSON texts that a person wrote: the request and the fixture.

use std::path::Path;

use fbs2wit::diag::Diagnostics;
use fbs2wit::source::{FileId, SourceMap};

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::files;

/// A JSON text with its name, so that errors can show it.
#[derive(Debug)]
pub(crate) struct Text {
    /// The text as diagnostics want it.
    pub(crate) sources: SourceMap,
    /// Which of the sources it is.
    pub(crate) file: FileId,
}

impl Text {
    /// Reads a file, or standard input for `-`.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = files::read_text(path)?;
        let name = if path == Path::new("-") { Path::new("<standard input>") } else { path };
        Ok(Text::new(name, text))
    }

    /// Reads a file that has an end; `-` means nothing here, and a pipe is refused.
    pub(crate) fn read_regular(path: &Path) -> Result<Self> {
        Ok(Text::new(path, files::read_regular_text(path)?))
    }

    /// A text that is at hand.
    pub(crate) fn new(name: &Path, text: impl Into<std::sync::Arc<str>>) -> Self {
        let mut sources = SourceMap::default();
        let file = sources.add(name, text);
        Text { sources, file }
    }

    /// The failure that diagnostics about the text amount to.
    pub(crate) fn failure(&self, errors: &Diagnostics) -> Failure {
        Failure::rendered(Exit::Input, |color| errors.render(&self.sources, color))
    }
}
