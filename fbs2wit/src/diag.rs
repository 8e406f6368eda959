//! Errors about a schema or a JSON text: a code, a place, an excerpt, a hint.
//!
//! A pass collects what it finds in [`Diagnostics`] and fails at its end, so that one run reports every independent
//! error. Every code is in the catalogue (`diag/code.rs`) with a text for `hookr explain`.

mod code;
mod render;
mod suggest;

pub use code::Code;
pub use suggest::suggest;

use crate::source::{SourceMap, Span};

/// One error.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Which error it is; stable between releases.
    pub code: Code,
    /// What is wrong, in the user's words, on one line.
    pub message: String,
    /// The place.
    pub span: Span,
    /// What stands beside the place in the excerpt; may be empty.
    pub label: Box<str>,
    /// Other places that matter: "first defined here".
    pub secondary: Vec<(Span, String)>,
    /// Facts that help to understand it.
    pub notes: Vec<String>,
    /// What to do about it.
    pub help: Option<Box<str>>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            message: message.into(),
            span,
            label: Box::default(),
            secondary: Vec::new(),
            notes: Vec::new(),
            help: None,
        }
    }

    /// Says something beside the place.
    #[must_use]
    pub fn label(mut self, text: impl Into<Box<str>>) -> Self {
        self.label = text.into();
        self
    }

    /// Shows another place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push((span, text.into()));
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<Box<str>>) -> Self {
        self.help = Some(text.into());
        self
    }
}

/// The errors of a run, in the order in which they were found.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds an error.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Adds the errors of another pass.
    pub fn extend(&mut self, errors: Diagnostics) {
        self.list.extend(errors.list);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The errors, in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Sorts the errors by file and place, so that they come in the order in which people read.
    pub(crate) fn sort(&mut self) {
        self.list.sort_by_key(|diagnostic| (diagnostic.span.file, diagnostic.span.start));
    }

    /// The end of a pass: its value if nothing was found, else everything that was.
    ///
    /// # Errors
    ///
    /// When there is any error.
    pub fn finish<T>(self, value: T) -> Result<T, Diagnostics> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The errors as text for people, with excerpts of the sources; `color` adds terminal colours.
    pub fn render(&self, sources: &SourceMap, color: bool) -> String {
        render::render(self, sources, color)
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics { list: vec![diagnostic] }
    }
}
