//! Values with holes: a JSON text that says what a value looks like, with objects in it that a program of its own reads.

use super::Reader;
use crate::diag::Diagnostics;
use crate::json::{JsonOptions, Node, Path};
use crate::model::{Element, ObjectId, Scalar, Schema, Type};
use crate::source::Span;
use crate::value::{Record, Value, empty_vector};

/// How a pattern is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PatternOptions {
    /// Whether fields that are required may be left out. Off by default.
    pub partial: bool,
}

impl PatternOptions {
    /// Lets fields be left out that are required.
    #[must_use]
    pub fn partial(mut self, partial: bool) -> Self {
        self.partial = partial;
        self
    }
}

/// Reads a part of a [`Document`](crate::json::Document) as [`read`](super::read()) does, but for holes: objects that have a
/// name with `$` at its start, which no field has. They may stand in the place of every value but the tag of a union, and
/// not inside of a FlexBuffer. What stands for them in the record means nothing.
///
/// Gives the places of the holes too, in the order in which they were read.
///
/// # Errors
///
/// As [`read`](super::read()).
pub fn read_pattern(
    schema: &Schema,
    object: ObjectId,
    node: &Node<'_>,
    path: &Path<'_>,
    options: &JsonOptions,
    pattern: PatternOptions,
) -> Result<(Record, Vec<Span>), Diagnostics> {
    let mut reader = Reader::new(schema, options);
    reader.pattern = Some(Holes { found: Vec::new(), partial: pattern.partial });
    let record = reader.record(object, node, path);
    let (mut errors, holes) = (reader.errors, reader.pattern);
    errors.sort();
    errors.finish((record.unwrap_or_default(), holes.map(|holes| holes.found).unwrap_or_default()))
}

/// The holes that were found.
#[derive(Debug)]
pub(super) struct Holes {
    found: Vec<Span>,
    partial: bool,
}

impl Reader<'_> {
    /// Whether something stands in the place of a value; it is written down.
    pub(super) fn is_hole(&mut self, node: &Node<'_>) -> bool {
        let Some(holes) = &mut self.pattern else { return false };
        let is_hole = node.members().is_some_and(|members| {
            members.iter().any(|member| member.name.starts_with('$') && member.name != "$schema")
        });
        if is_hole {
            holes.found.push(node.span);
        }
        is_hole
    }

    /// Whether fields may be left out that are required.
    pub(super) fn is_partial(&self) -> bool {
        self.pattern.as_ref().is_some_and(|holes| holes.partial)
    }
}

/// A value of a type.
pub(super) fn stand_in(ty: Type) -> Value {
    match ty {
        Type::Vector(_) => empty_vector(ty),
        Type::Array(..) => Value::Vector(Vec::new()),
        Type::Single(Element::Scalar(Scalar::Bool)) => Value::Bool(false),
        Type::Single(Element::Scalar(scalar)) if scalar.is_float() => Value::Float(0.0),
        Type::Single(Element::Scalar(_) | Element::Enum(_)) => Value::Int(0),
        Type::Single(Element::String) => Value::String(String::new()),
        Type::Single(Element::Object(_) | Element::Union(_)) => Value::Record(Record::new()),
    }
}
