//! The request of a method: its text, and what is wrong with it.

use std::path::Path;
use std::sync::Arc;

use super::editor::Editor;
use crate::call::{MethodRef, Payload, Text};
use crate::contract::LoadedContract;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Style;

/// A request that is being written.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) editor: Editor,
    pub(super) check: Check,
}

/// Whether the text is a request.
#[derive(Debug)]
pub(super) enum Check {
    /// It can be called with.
    Right(Arc<Payload>),
    /// It cannot.
    Wrong {
        /// Every error, with excerpts.
        report: String,
        /// The lines that are wrong, from 0, in their order.
        lines: Vec<usize>,
    },
}

impl Request {
    pub(super) fn new(contract: &Arc<LoadedContract>, method: &MethodRef, text: &str) -> Self {
        let mut request =
            Request { editor: Editor::new(text), check: Check::Wrong { report: String::new(), lines: Vec::new() } };
        request.check(contract, method);
        request
    }

    /// Looks at the text again.
    pub(super) fn check(&mut self, contract: &Arc<LoadedContract>, method: &MethodRef) {
        let text = Text::new(Path::new("request"), self.editor.text());
        let payload = match Payload::parse(contract, method.request, &text) {
            Ok(payload) => payload,
            Err(errors) => {
                let report = errors.render(&text.sources, false);
                let places = errors.iter().filter_map(|error| text.sources.line_column(error.span));
                let mut lines: Vec<usize> = places.map(|(line, _)| line.saturating_sub(1)).collect();
                lines.sort_unstable();
                lines.dedup();
                self.check = Check::Wrong { report, lines };
                return;
            }
        };
        self.check = match payload.check() {
            Ok(()) => Check::Right(Arc::new(payload)),
            Err(error) => {
                Check::Wrong { report: Failure::new(Exit::Input, error).render(Style::PLAIN), lines: Vec::new() }
            }
        };
    }

    /// The lines that are wrong.
    pub(super) fn wrong_lines(&self) -> &[usize] {
        match &self.check {
            Check::Right(_) => &[],
            Check::Wrong { lines, .. } => lines,
        }
    }
}
