//! JSON ↔ values, by flatc's conventions and driven by a schema.
//!
//! Read: strict JSON, and what flatc allows besides. Names may stand without quotes, strings in single quotes, commas at
//! the end, comments; enums by name, by number or, for bit flags, as `"A B"`; numbers and bools in strings; the tag of a
//! union `x` as `x_type` beside it; a struct or a table as an array of all its fields; `null` for what is absent; text
//! for fields with `hash`; anything in fields with `flexbuffer`.
//!
//! What flatc lets pass although it changes a value is an error here: a number that becomes infinite, a bool of 2, several
//! names for an enum that is no set, a union's tag without a value, a zero byte in a FlexBuffer's key. An integer of 64 bits
//! without sign stays what it is in a FlexBuffer, where flatc makes 0 of it.
//!
//! Every error names the [`Path`] of the value in the JSON and has its place; [`crate::diag::Diagnostics::render`] shows it.

mod document;
mod path;
mod read;
mod template;
mod write;

pub use document::{Document, Member, Node};
pub use path::Path;
pub use read::{PatternOptions, read, read_pattern};
pub use template::template;
pub use write::{WriteError, WriteOptions, quote, write};

use crate::diag::Diagnostics;
use crate::model::{ObjectId, Schema};
use crate::source::{FileId, SourceMap, Span};
use crate::value::Record;

/// How JSON is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonOptions {
    /// Names in double quotes only, no comma at an end, as with flatc's `--strict-json`. Off by default.
    pub strict: bool,
    /// Whether deprecated fields may be set, as flatc lets them be. Off by default: no call carries them.
    pub deprecated: bool,
    /// How many objects and arrays may be open at once. Default: 64, as in flatc.
    pub nesting: u32,
}

impl Default for JsonOptions {
    fn default() -> Self {
        JsonOptions { strict: false, deprecated: false, nesting: 64 }
    }
}

impl JsonOptions {
    /// Accepts no more than flatc does with `--strict-json`.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Lets deprecated fields be set.
    #[must_use]
    pub fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    /// Sets how many objects and arrays may be open at once, up to 256: reading recurses.
    #[must_use]
    pub fn nesting(mut self, nesting: u32) -> Self {
        self.nesting = nesting.min(256);
        self
    }
}

/// Reads a whole text as a value of a table or struct.
///
/// # Errors
///
/// Everything that is wrong with the text, or with its syntax if that is not JSON.
pub fn parse(
    schema: &Schema,
    object: ObjectId,
    sources: &SourceMap,
    file: FileId,
    options: &JsonOptions,
) -> Result<Record, Diagnostics> {
    let document = Document::parse(sources, file, options)?;
    read(schema, object, document.root(), &Path::Root, options)
}

/// Reads a part of a text as a value of a table or struct: the object behind the declarations of a schema
/// ([`crate::Compiled::json`]).
///
/// # Errors
///
/// As [`parse`].
pub fn parse_span(
    schema: &Schema,
    object: ObjectId,
    sources: &SourceMap,
    span: Span,
    options: &JsonOptions,
) -> Result<Record, Diagnostics> {
    let document = Document::parse_span(sources, span, options)?;
    read(schema, object, document.root(), &Path::Root, options)
}
