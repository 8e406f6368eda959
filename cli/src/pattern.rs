//! What a value has to look like: values of a contract as JSON, with matchers in the place of what is not known exactly.
//!
//! Cases expect responses by patterns, and fixtures tell requests apart by them. A pattern is read against the table that it is
//! for, so that a field that does not exist is an error and not a pattern that nothing fits.

mod json;
mod matcher;
mod view;

pub(crate) use json::Json;
pub(crate) use matcher::Matcher;
pub(crate) use view::{Change, Children, New};

use std::collections::BTreeSet;
use std::sync::Arc;

use fbs2wit::diag::{Code, Diagnostic, Diagnostics};
use fbs2wit::json::{self as schema_json, JsonOptions, Member, Node, Path, PatternOptions, WriteOptions};
use fbs2wit::source::Span;
use fbs2wit::value::Record;

use crate::call::{Payload, PayloadError, TableRef};
use crate::contract::LoadedContract;

/// Whether what a pattern does not name matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Match {
    /// A field that is not named has its default, or is absent.
    #[default]
    Exact,
    /// A field that is not named may be anything.
    Subset,
}

/// What a value has to look like.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    kind: Kind,
    span: Span,
}

#[derive(Clone, Debug)]
enum Kind {
    Matcher(Matcher),
    Object {
        members: Vec<Entry>,
        matching: Match,
    },
    Array(Vec<Pattern>),
    /// This value, with all that is in it; `None` for what is absent.
    Value(Option<Json>),
}

/// A field of an object, in the order of the schema.
#[derive(Clone, Debug)]
struct Entry {
    name: String,
    pattern: Pattern,
    /// Whether the text names it. If not, it has its default.
    named: bool,
}

/// A place where a value is not what its pattern says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// The place in the value: `$.nodes[1].name`.
    pub(crate) path: String,
    /// The place of the expectation.
    pub(crate) span: Span,
    /// What should be there.
    pub(crate) expected: String,
    /// What is there.
    pub(crate) found: String,
}

/// So many places are told of one value.
const MOST_MISMATCHES: usize = 50;

/// A value in the two forms that patterns are compared with.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// As people see it: without what has its default.
    pub(crate) shown: Json,
    /// With every default.
    pub(crate) full: Json,
}

impl Found {
    /// Of a request or a response.
    ///
    /// # Errors
    ///
    /// It is not what the contract says.
    pub(crate) fn of(payload: &Payload) -> Result<Self, PayloadError> {
        let shown = Json::parse(&payload.json(&WriteOptions::default())?);
        Ok(Found { shown, full: Json::parse(&payload.json(&WriteOptions::default().defaults())?) })
    }
}

impl Pattern {
    /// Reads a pattern for a table.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub(crate) fn read(
        contract: &Arc<LoadedContract>,
        table: TableRef,
        node: &Node<'_>,
        path: &Path<'_>,
        matching: Match,
    ) -> Result<Self, Diagnostics> {
        if Matcher::is_one(node) {
            return Matcher::read(node, path)
                .map(|matcher| Pattern { kind: Kind::Matcher(matcher), span: node.span() });
        }
        let partial = PatternOptions::default().partial(matching == Match::Subset);
        let options = JsonOptions::default();
        let (record, holes) = schema_json::read_pattern(&contract.schema, table.object, node, path, &options, partial)?;
        let canonical = canonical(contract, table, &record);
        let mut reader = Reader { holes: holes.into_iter().collect(), matching, errors: Diagnostics::default() };
        let pattern = reader.pattern(node, Some(&canonical), path);
        for span in std::mem::take(&mut reader.holes) {
            let message = format!("{path}: a matcher cannot stand here");
            reader
                .errors
                .push(Diagnostic::new(Code::MatcherInvalid, span, message).help("name the fields of the struct"));
        }
        reader.errors.finish(pattern)
    }

    /// Reads a pattern for a text: a string, or a matcher.
    ///
    /// # Errors
    ///
    /// It is a matcher that is wrong; `None` for what is neither.
    pub(crate) fn of_text(node: &Node<'_>, path: &Path<'_>) -> Result<Option<Self>, Diagnostics> {
        let kind = if Matcher::is_one(node) {
            Kind::Matcher(Matcher::read(node, path)?)
        } else {
            let Some(text) = node.text() else { return Ok(None) };
            Kind::Value(Some(Json::Text(text.to_owned())))
        };
        Ok(Some(Pattern { kind, span: node.span() }))
    }

    /// Where it stands.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// Whether a value, with all its defaults, is what the pattern says.
    pub(crate) fn fits(&self, full: Option<&Json>) -> bool {
        let mut found = Vec::new();
        self.compare(full, &Path::Root, &mut found);
        found.is_empty()
    }

    /// Where a value, with all its defaults, is not what the pattern says.
    pub(crate) fn mismatches(&self, full: Option<&Json>, path: &Path<'_>) -> Vec<Mismatch> {
        let mut found = Vec::new();
        self.compare(full, path, &mut found);
        found
    }

    fn compare(&self, full: Option<&Json>, path: &Path<'_>, out: &mut Vec<Mismatch>) {
        if out.len() >= MOST_MISMATCHES {
            return;
        }
        match (&self.kind, full) {
            (Kind::Matcher(matcher), full) => {
                if !matcher.accepts(full) {
                    self.miss(path, matcher.to_string(), full, out);
                }
            }
            (Kind::Value(expected), full) => self.compare_value(expected.as_ref(), full, path, out),
            (Kind::Object { members, matching }, Some(Json::Object(found))) => {
                let named = members.iter().filter(|entry| entry.named || *matching == Match::Exact);
                for entry in named {
                    let value = Json::member(found, &entry.name);
                    entry.pattern.compare(value, &path.key(&entry.name), out);
                }
                if *matching == Match::Exact {
                    let more = found.iter().filter(|(name, _)| members.iter().all(|entry| entry.name != *name));
                    for (name, value) in more {
                        self.compare_value(None, Some(value), &path.key(name), out);
                    }
                }
            }
            (Kind::Array(patterns), found) if patterns.is_empty() && Json::is_void(found) => {}
            (Kind::Array(patterns), Some(Json::Array(found))) => {
                for (index, (pattern, value)) in patterns.iter().zip(found).enumerate() {
                    pattern.compare(Some(value), &path.index(index), out);
                }
                self.compare_lengths(patterns.len(), found.len(), path, out);
            }
            (Kind::Object { .. }, full) => self.miss(path, "an object".to_owned(), full, out),
            (Kind::Array(patterns), full) => {
                self.miss(path, format!("an array of {}", patterns.len()), full, out);
            }
        }
    }

    fn compare_value(&self, expected: Option<&Json>, found: Option<&Json>, path: &Path<'_>, out: &mut Vec<Mismatch>) {
        match (expected, found) {
            _ if out.len() >= MOST_MISMATCHES => {}
            // Strings and lists that are empty count as absent.
            (expected, found) if Json::is_void(expected) && Json::is_void(found) => {}
            (Some(Json::Object(expected)), Some(Json::Object(found))) => {
                for (name, value) in expected {
                    self.compare_value(Some(value), Json::member(found, name), &path.key(name), out);
                }
                for (name, value) in found.iter().filter(|(name, _)| Json::member(expected, name).is_none()) {
                    self.compare_value(None, Some(value), &path.key(name), out);
                }
            }
            (Some(Json::Array(expected)), Some(Json::Array(found))) => {
                for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                    self.compare_value(Some(expected), Some(found), &path.index(index), out);
                }
                self.compare_lengths(expected.len(), found.len(), path, out);
            }
            (Some(expected), Some(found)) if expected.is_same(found) => {}
            (expected, found) => {
                let expected = expected.map_or_else(|| "nothing".to_owned(), Json::brief);
                self.miss(path, expected, found, out);
            }
        }
    }

    fn compare_lengths(&self, expected: usize, found: usize, path: &Path<'_>, out: &mut Vec<Mismatch>) {
        if expected != found {
            let elements = |n| if n == 1 { "1 element".to_owned() } else { format!("{n} elements") };
            let (expected, found) = (elements(expected), elements(found));
            out.push(Mismatch { path: path.to_string(), span: self.span, expected, found });
        }
    }

    fn miss(&self, path: &Path<'_>, expected: String, found: Option<&Json>, out: &mut Vec<Mismatch>) {
        let found = found.map_or_else(|| "nothing".to_owned(), Json::brief);
        out.push(Mismatch { path: path.to_string(), span: self.span, expected, found });
    }
}

impl Json {
    /// Where another value is not the same; what is empty counts as absent in both.
    pub(crate) fn differences(&self, found: &Json, span: Span) -> Vec<Mismatch> {
        Pattern { kind: Kind::Value(Some(self.clone())), span }.mismatches(Some(found), &Path::Root)
    }
}

/// The record as JSON with every default.
fn canonical(contract: &LoadedContract, table: TableRef, record: &Record) -> Json {
    let text = schema_json::write(&contract.schema, table.object, record, &WriteOptions::default().defaults());
    // What was just read from JSON can be written as JSON; the bytes that may be no FlexBuffer are those of plugins.
    text.map_or(Json::Null, |text| Json::parse(&text))
}

struct Reader {
    /// The places of matchers that have not been met.
    holes: BTreeSet<Span>,
    matching: Match,
    errors: Diagnostics,
}

impl Reader {
    fn pattern(&mut self, node: &Node<'_>, canonical: Option<&Json>, path: &Path<'_>) -> Pattern {
        let kind = match (node.members(), node.elements(), canonical) {
            _ if self.holes.remove(&node.span()) => self.matcher(node, path),
            (Some(members), _, Some(Json::Object(fields))) => self.object(members, fields, node.span(), path),
            // A struct may stand as an array of its fields.
            (_, Some(elements), Some(Json::Array(values))) if elements.len() == values.len() => {
                let pairs = elements.iter().zip(values).enumerate();
                Kind::Array(pairs.map(|(i, (node, value))| self.pattern(node, Some(value), &path.index(i))).collect())
            }
            _ => Kind::Value(canonical.cloned()),
        };
        Pattern { kind, span: node.span() }
    }

    fn matcher(&mut self, node: &Node<'_>, path: &Path<'_>) -> Kind {
        match Matcher::read(node, path) {
            Ok(matcher) => Kind::Matcher(matcher),
            Err(errors) => {
                self.errors.extend(errors);
                Kind::Value(None)
            }
        }
    }

    fn object(&mut self, members: &[Member<'_>], fields: &[(String, Json)], span: Span, path: &Path<'_>) -> Kind {
        let named = |name: &str| members.iter().find(|member| member.name == name);
        let mut entries: Vec<Entry> = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let (pattern, named) = match named(name) {
                Some(member) => (self.pattern(&member.value, Some(value), &path.key(name)), true),
                None => (Pattern { kind: Kind::Value(Some(value.clone())), span }, false),
            };
            entries.push(Entry { name: name.clone(), pattern, named });
        }
        // What was read as absent: `null`, or a matcher for a value without default.
        for member in members.iter().filter(|member| Json::member(fields, &member.name).is_none()) {
            if member.name != "$schema" {
                let pattern = self.pattern(&member.value, None, &path.key(&member.name));
                entries.push(Entry { name: member.name.clone(), pattern, named: true });
            }
        }
        Kind::Object { members: entries, matching: self.matching }
    }
}

#[cfg(test)]
mod tests;
