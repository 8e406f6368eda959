use std::time::Instant;

use super::span::Span;
use crate::cache::Origin;
use crate::{Metadata, OpenError};

/// A plugin is being opened.
pub(crate) struct Opening {
    span: Span,
    begun: Instant,
}

impl Opening {
    /// The plugin is known by this name.
    pub(crate) fn begin(plugin: &str) -> Self {
        Opening { span: Span::open(plugin), begun: Instant::now() }
    }

    /// Says what is opened.
    pub(crate) fn found(&self, artifact: &crate::Artifact) {
        if self.span.is_seen() {
            self.span.text("sha256", &artifact.sha256().to_string());
            self.span.number("size", artifact.bytes().len() as u64);
        }
    }

    /// Says what was opened.
    pub(crate) fn opened(&self, metadata: &Metadata) {
        self.span.text("contract", metadata.package());
        let origin = match metadata.code().origin {
            Origin::Compiled => "compiled",
            Origin::Stored => "stored",
            Origin::Cached => "cached",
            Origin::Shared => "shared",
        };
        self.span.text("origin", origin);
    }

    pub(crate) fn end<R>(self, result: Result<R, OpenError>) -> Result<R, OpenError> {
        self.span.end(result.as_ref().err().map_or("ok", OpenError::kind), self.begun.elapsed());
        result
    }
}
