//! A JSON tree as a value of a type.

mod flexbuffer;
mod pattern;
mod scalar;
mod union;

use std::collections::{BTreeMap, BTreeSet};

pub use pattern::{PatternOptions, read_pattern};

use super::document::{Node, NodeKind};
use super::{JsonOptions, Path};
use crate::codec::{self, EncodeError};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::model::{Element, Field, Object, ObjectId, Presence, Schema, Type, attribute};
use crate::source::Span;
use crate::value::{Record, Value, is_bytes, is_flexbuffer, nested_table};

/// Reads a part of a [`Document`](super::Document) as a value of a table or struct; `path` is where the part is.
///
/// # Errors
///
/// Every value that is not what the schema says, in the order of the text.
pub fn read(
    schema: &Schema,
    object: ObjectId,
    node: &Node<'_>,
    path: &Path<'_>,
    options: &JsonOptions,
) -> Result<Record, Diagnostics> {
    let mut reader = Reader::new(schema, options);
    let record = reader.record(object, node, path);
    let mut errors = reader.errors;
    errors.sort();
    errors.finish(record.unwrap_or_default())
}

/// What a name in an object stands for: a field, or the tag of a union, by the field's place in the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Value(usize),
    Tag(usize),
}

/// A value that stands for a slot, and the name or, in an array, the value that it is found by.
#[derive(Clone, Copy)]
struct Entry<'n, 'a> {
    node: &'n Node<'a>,
    name: Span,
}

type Entries<'n, 'a> = BTreeMap<Slot, Entry<'n, 'a>>;

struct Reader<'s> {
    schema: &'s Schema,
    options: &'s JsonOptions,
    /// The slots of each object by name, made when the object first occurs.
    names: BTreeMap<ObjectId, BTreeMap<String, Slot>>,
    /// Whether the object is in a field with `nested_flatbuffer`, and has to become a FlatBuffer here.
    is_nested: bool,
    /// What stands in the place of values, if that is allowed.
    pattern: Option<pattern::Holes>,
    errors: Diagnostics,
}

// Functions give `None` when there is no value; the error has been reported then.
impl<'s> Reader<'s> {
    fn new(schema: &'s Schema, options: &'s JsonOptions) -> Self {
        let (names, errors) = (BTreeMap::new(), Diagnostics::default());
        Reader { schema, options, names, is_nested: false, pattern: None, errors }
    }

    fn record(&mut self, id: ObjectId, node: &Node<'_>, path: &Path<'_>) -> Option<Record> {
        let schema = self.schema;
        let object = schema.object(id);
        let entries = match &node.kind {
            NodeKind::Object(_) => self.by_name(id, object, node, path),
            NodeKind::Array(elements) => self.by_position(object, node, elements, path)?,
            _ => {
                let kind = if object.is_struct() { "struct" } else { "table" };
                return self.mismatch(node, path, &format!("an object of the {kind} `{}`", object.name));
            }
        };
        let mut record = Record::new();
        let mut missing = Vec::new();
        for (index, field) in object.fields.iter().enumerate() {
            let at = path.key(&field.name);
            let entry = entries.get(&Slot::Value(index)).copied();
            if let Some(entry) = entry {
                self.refuse_deprecated(object, field, entry, &at);
            }
            let tag = entries.get(&Slot::Tag(index)).copied();
            if let Some(entry) = entry.or(tag).filter(|entry| self.is_nested && !entry.node.is_null()) {
                self.refuse_offset64(field, entry, &at);
            }
            if let Element::Union(union) = field.ty.element() {
                match self.union_field(union, field, tag, entry, path) {
                    union::Found::Value(value) => record.insert(field, value),
                    union::Found::Nothing if field.presence == Presence::Required => missing.push(field.name.as_str()),
                    union::Found::Nothing | union::Found::Error => {}
                }
                continue;
            }
            let present = entry.filter(|entry| !(entry.node.is_null() && may_be_null(object, field)));
            match present {
                Some(entry) => {
                    if let Some(value) = self.field(object, field, entry.node, &at) {
                        record.insert(field, value);
                    }
                }
                None if field.presence == Presence::Required && !field.deprecated => missing.push(&field.name),
                None => {}
            }
        }
        if !missing.is_empty() && !self.is_partial() {
            self.missing(object, &missing, node, path);
        }
        Some(record)
    }

    fn by_name<'n, 'a>(
        &mut self,
        id: ObjectId,
        object: &Object,
        node: &'n Node<'a>,
        path: &Path<'_>,
    ) -> Entries<'n, 'a> {
        let mut entries = Entries::new();
        for member in node.members().unwrap_or_default() {
            let is_full = self.is_full();
            let names = self.names.entry(id).or_insert_with(|| names(object));
            match names.get(&member.name) {
                Some(slot) => {
                    let entry = Entry { node: &member.value, name: member.span };
                    if let Some(first) = entries.get(slot) {
                        let message = format!("{}: this field is set more than once", path.key(&member.name));
                        let error = Diagnostic::new(Code::JsonDuplicateField, member.span, message)
                            .label("set again here")
                            .also(first.name, "first set here");
                        self.report(error);
                    } else {
                        entries.insert(*slot, entry);
                    }
                }
                // What editors find the schema of a JSON text by.
                None if member.name == "$schema" && member.value.text().is_some() => {}
                None if is_full => {}
                None => {
                    let message = format!("{}: unknown field", path.key(&member.name));
                    let error = Diagnostic::new(Code::JsonUnknownField, member.span, message)
                        .label(format!("`{}` has no such field", object.name));
                    let error = match suggest(&member.name, names.keys().map(String::as_str)) {
                        Some(known) => error.help(format!("did you mean `{known}`?")),
                        None if object.fields.is_empty() => error.note(format!("`{}` has no fields", object.name)),
                        None => error.note(format!("its fields are {}", listed(names.keys().map(String::as_str)))),
                    };
                    self.report(error);
                }
            }
        }
        entries
    }

    /// flatc reads an array as the values of all fields, in their order.
    fn by_position<'n, 'a>(
        &mut self,
        object: &Object,
        node: &Node<'_>,
        elements: &'n [Node<'a>],
        path: &Path<'_>,
    ) -> Option<Entries<'n, 'a>> {
        let slots: Vec<Slot> = slots(object).map(|(_, slot)| slot).collect();
        if elements.len() > slots.len() {
            let message = format!(
                "{path}: expected an object of `{}`, or an array of its {} values, found an array of {}",
                object.name,
                slots.len(),
                elements.len()
            );
            self.report(Diagnostic::new(Code::JsonLength, start_of(node.span), message).label("too many values"));
            return None;
        }
        let entries = slots.into_iter().zip(elements);
        Some(entries.map(|(slot, node)| (slot, Entry { node, name: node.span })).collect())
    }

    fn refuse_deprecated(&mut self, object: &Object, field: &Field, entry: Entry<'_, '_>, path: &Path<'_>) {
        if field.deprecated && !self.options.deprecated {
            let message = format!("{path}: this field of `{}` is deprecated", object.name);
            let error = Diagnostic::new(Code::JsonDeprecatedField, entry.name, message)
                .label("no call carries it")
                .note("the schema says `(deprecated)`");
            self.report(error);
        }
    }

    /// Such fields can be read and written as JSON, but not as FlatBuffers.
    fn refuse_offset64(&mut self, field: &Field, entry: Entry<'_, '_>, path: &Path<'_>) {
        let attributes =
            [("offset64", Code::Offset64Unsupported, "offsets"), ("vector64", Code::Vector64Unsupported, "vectors")];
        let found = attributes
            .into_iter()
            .find_map(|(name, code, what)| attribute(&field.attributes, name).map(|attribute| (attribute, code, what)));
        if let Some((attribute, code, what)) = found {
            let message = format!("{path}: 64-bit {what} are not supported in a nested FlatBuffer");
            let error = Diagnostic::new(code, entry.name, message)
                .label("cannot be written as a FlatBuffer")
                .note(format!("the schema says `({})`", attribute.name));
            self.report(error);
        }
    }

    fn missing(&mut self, object: &Object, names: &[&str], node: &Node<'_>, path: &Path<'_>) {
        let what = if object.is_struct() { "struct" } else { "table" };
        let fields = if names.len() == 1 { "field" } else { "fields" };
        let message = format!("{path}: missing {fields} {} of `{}`", listed(names.iter().copied()), object.name);
        let error = Diagnostic::new(Code::JsonMissingField, start_of(node.span), message)
            .label(format!("this {what} lacks {}", listed(names.iter().copied())));
        self.report(if object.is_struct() {
            error.note("a struct has all its fields: they have no defaults")
        } else {
            error.note("the schema says `(required)`")
        });
    }

    fn field(&mut self, object: &Object, field: &Field, node: &Node<'_>, path: &Path<'_>) -> Option<Value> {
        if self.is_hole(node) {
            return Some(pattern::stand_in(field.ty));
        }
        if let (Some(function), Some(text)) = (attribute(&field.attributes, "hash"), node.text()) {
            let scalar = match field.ty {
                Type::Single(Element::Scalar(scalar)) => scalar,
                _ => return self.mismatch(node, path, "a number"),
            };
            return Some(Value::Int(scalar::hash(function.value.as_deref().unwrap_or_default(), text, scalar)));
        }
        if is_flexbuffer(field) {
            return self.flexbuffer(node, path).map(Value::Bytes);
        }
        if let (Some(nested), NodeKind::Object(_)) = (nested_table(self.schema, object, field), &node.kind) {
            let before = self.errors.iter().count();
            let was_nested = std::mem::replace(&mut self.is_nested, true);
            let record = self.record(nested, node, path);
            self.is_nested = was_nested;
            let record = record?;
            if self.errors.iter().count() > before {
                return None;
            }
            return match codec::encode(self.schema, nested, &record) {
                Ok(bytes) => Some(Value::Bytes(bytes)),
                Err(error) => {
                    // All but what is too large or too deep has been reported above, at its place.
                    let code = match error {
                        EncodeError::Missing { .. } => Code::JsonMissingField,
                        EncodeError::Mismatch { .. } => Code::JsonType,
                        EncodeError::TooDeep { .. } => Code::JsonTooDeep,
                        EncodeError::Offset64 { .. } => Code::Offset64Unsupported,
                        EncodeError::TooLarge { .. } => Code::JsonTooLarge,
                    };
                    let message = format!("{path}: in the nested FlatBuffer, {error}");
                    self.report(Diagnostic::new(code, start_of(node.span), message));
                    None
                }
            };
        }
        self.value(field.ty, node, path)
    }

    fn value(&mut self, ty: Type, node: &Node<'_>, path: &Path<'_>) -> Option<Value> {
        let (element, length) = match ty {
            Type::Single(element) => return self.single(element, node, path),
            Type::Vector(element) => (element, None),
            Type::Array(element, length) => (element, Some(length)),
        };
        let NodeKind::Array(nodes) = &node.kind else {
            return self.mismatch(node, path, &format!("an array of {}", self.plural(element)));
        };
        if let Some(length) = length.filter(|length| usize::from(*length) != nodes.len()) {
            let message = format!("{path}: expected an array of {length} values, found {}", nodes.len());
            self.report(
                Diagnostic::new(Code::JsonLength, start_of(node.span), message)
                    .label(format!("has {}, needs {length}", nodes.len())),
            );
        }
        if is_bytes(ty) {
            let bytes = nodes.iter().enumerate().map(|(i, node)| match self.single(element, node, &path.index(i)) {
                Some(Value::Int(byte)) => u8::try_from(byte).ok(),
                _ => None,
            });
            // Every element is read, so that every error is reported.
            let bytes: Vec<Option<u8>> = bytes.collect();
            return Some(Value::Bytes(bytes.into_iter().flatten().collect()));
        }
        let values: Vec<Option<Value>> =
            nodes.iter().enumerate().map(|(i, node)| self.single(element, node, &path.index(i))).collect();
        Some(Value::Vector(values.into_iter().flatten().collect()))
    }

    fn single(&mut self, element: Element, node: &Node<'_>, path: &Path<'_>) -> Option<Value> {
        if self.is_hole(node) {
            return Some(pattern::stand_in(Type::Single(element)));
        }
        match element {
            Element::Scalar(scalar) => self.scalar(scalar, None, node, path),
            Element::Enum(id) => {
                let item = self.schema.enumeration(id);
                self.scalar(item.underlying, Some(item), node, path)
            }
            Element::String => match &node.kind {
                NodeKind::Text(text) => Some(Value::String(text.clone())),
                _ => self.mismatch(node, path, "a string"),
            },
            Element::Object(id) => self.record(id, node, path).map(Value::Record),
            // Unions are read with their tags, in `union`.
            Element::Union(_) => None,
        }
    }

    fn report(&mut self, error: Diagnostic) {
        if !self.is_full() {
            self.errors.push(error);
        }
    }

    /// Whether there are enough errors for anyone: a large text that is meant for another schema gives one a value.
    fn is_full(&self) -> bool {
        const MOST_ERRORS: usize = 100;
        self.errors.iter().count() >= MOST_ERRORS
    }

    /// Reports a value of another kind than its type's.
    fn mismatch<T>(&mut self, node: &Node<'_>, path: &Path<'_>, expected: &str) -> Option<T> {
        if !matches!(node.kind, NodeKind::Invalid) {
            let message = format!("{path}: expected {expected}, found {}", node.describe());
            let span = match node.kind {
                NodeKind::Object(_) | NodeKind::Array(_) => start_of(node.span),
                _ => node.span,
            };
            let error = Diagnostic::new(Code::JsonType, span, message).label(format!("expected {expected}"));
            self.report(match node.is_null() {
                true => error.help("leave it out: `null` stands only for what may be absent"),
                false => error,
            });
        }
        None
    }

    fn plural(&self, element: Element) -> String {
        match element {
            Element::Scalar(scalar) => format!("`{}`", scalar.fbs_name()),
            Element::String => "strings".to_owned(),
            Element::Object(id) => format!("`{}`", self.schema.object(id).name),
            Element::Enum(id) | Element::Union(id) => format!("`{}`", self.schema.enumeration(id).name),
        }
    }
}

/// Scalars with a default are never absent; flatc refuses `null` for them, and so does this.
fn may_be_null(object: &Object, field: &Field) -> bool {
    !object.is_struct() && !matches!(field.presence, Presence::Default(_))
}

fn names(object: &Object) -> BTreeMap<String, Slot> {
    slots(object).collect()
}

/// The names that a JSON object may have, in the order of slots.
fn slots(object: &Object) -> impl Iterator<Item = (String, Slot)> {
    object.fields.iter().enumerate().flat_map(|(index, field)| {
        let tag = matches!(field.ty.element(), Element::Union(_)).then(|| (tag_name(field), Slot::Tag(index)));
        tag.into_iter().chain([(field.name.clone(), Slot::Value(index))])
    })
}

/// The name of the tag of a union.
pub(super) fn tag_name(field: &Field) -> String {
    format!("{}_type", field.name)
}

/// The first byte: an object or an array may be long, and what is wrong with it starts there.
fn start_of(span: Span) -> Span {
    Span { end: span.start.saturating_add(1).min(span.end), ..span }
}

/// `a`, `b` and `c`; of many the first.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const MOST: usize = 8;
    let names: BTreeSet<&str> = names.collect();
    let more = names.len().saturating_sub(MOST);
    let mut shown: Vec<String> = names.into_iter().take(MOST).map(|name| format!("`{name}`")).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}
