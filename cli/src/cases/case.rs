//! A case as it was read.

use std::path::PathBuf;
use std::time::Duration;

use fbs2wit::source::Span;

use crate::call::{Fixture, MethodRef, Payload, Text};
use crate::pattern::Pattern;

/// Calls of a plugin on one instance, and what is expected of them.
#[derive(Debug)]
pub(crate) struct Case {
    /// Its path without the folder of cases and without `.json`.
    pub(crate) name: String,
    /// Its file.
    pub(crate) path: PathBuf,
    /// The text of the file.
    pub(crate) text: Text,
    pub(crate) description: Option<String>,
    /// Why it is not run.
    pub(crate) skip: Option<String>,
    /// Whether a callback without an answer, or with fewer calls than its rules say, fails it.
    pub(crate) strict: bool,
    /// What answers where a step does not.
    pub(crate) fixture: Fixture,
    /// The calls, in their order; one if there are no `steps`.
    pub(crate) steps: Vec<Step>,
    /// Whether they are written as `steps`.
    pub(crate) has_steps: bool,
}

/// A call.
#[derive(Debug)]
pub(crate) struct Step {
    /// The object that it is in the text.
    pub(crate) span: Span,
    /// Where the method is named.
    pub(crate) method_span: Span,
    pub(crate) description: Option<String>,
    pub(crate) method: MethodRef,
    pub(crate) request: Payload,
    pub(crate) fixture: Fixture,
    pub(crate) deadline: Option<Duration>,
    /// `None` if it says nothing.
    pub(crate) expect: Option<Expect>,
}

/// What is expected of a call.
#[derive(Debug)]
pub(crate) struct Expect {
    /// The object that it is in the text.
    pub(crate) span: Span,
    pub(crate) result: Expected,
    pub(crate) calls: Option<Calls>,
}

/// How a call should end.
#[derive(Debug)]
pub(crate) enum Expected {
    /// With a response, whichever.
    Anything,
    /// With this response.
    Response(Pattern),
    /// With an error of the plugin.
    Error(ExpectedError),
    /// Without an answer of the plugin.
    Failure { kind: String, span: Span },
}

/// What the plugin should say.
#[derive(Debug)]
pub(crate) struct ExpectedError {
    /// The object that it is in the text.
    pub(crate) span: Span,
    pub(crate) code: Option<(hookr::Code, Span)>,
    pub(crate) message: Option<Pattern>,
}

/// The callbacks that the plugin should make, as `Service.Method`.
#[derive(Debug)]
pub(crate) struct Calls {
    pub(crate) span: Span,
    pub(crate) form: CallsForm,
}

#[derive(Debug)]
pub(crate) enum CallsForm {
    /// These, in this order, and no others.
    Order(Vec<String>),
    /// So many of each; others do not matter.
    Counts(Vec<(String, u64, Span)>),
}

impl Case {
    /// The line of a place in its file.
    pub(crate) fn line(&self, span: Span) -> usize {
        self.text.sources.line_column(span).map_or(1, |(line, _)| line)
    }

    /// The text of its file.
    pub(crate) fn source(&self) -> &str {
        self.text.sources.get(self.text.file).map_or("", |source| &source.text)
    }
}
