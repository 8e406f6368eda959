//! A value of a type as JSON.

use std::fmt::Write as _;

use hookr_abi::Printable;

use super::read::tag_name;
use crate::codec::{self, Limits};
use crate::flexbuffer::{self, Value as Flexible};
use crate::model::{Element, Enum, EnumKind, Field, Object, ObjectId, Scalar, Schema, Type};
use crate::value::{Record, Value, default_value, is_flexbuffer, nested_table};

/// How JSON is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteOptions {
    /// Whether fields are written that have their default, and those that are absent and read as it; `NONE` for the tags
    /// of unions that are absent. Off by default.
    pub defaults: bool,
    /// One line without blanks, or lines that are indented by two. Off by default.
    pub compact: bool,
}

impl WriteOptions {
    /// Writes fields that have their default.
    #[must_use]
    pub fn defaults(mut self) -> Self {
        self.defaults = true;
        self
    }

    /// Writes one line.
    #[must_use]
    pub fn compact(mut self) -> Self {
        self.compact = true;
        self
    }
}

/// Writes a table or struct as strict JSON, without a line end behind it.
///
/// Fields are in the order of their slots, enums are names where they have one, and the tag of a union comes before it.
/// Floats are written so that reading gives the same value; those that are no numbers are strings, `"inf"` and `"nan"`,
/// since JSON has no words for them. Bytes with `nested_flatbuffer` are the object in them, where they hold one.
///
/// Bytes with `flexbuffer` are the value in them, and `null` where there are none. A string there would be another value,
/// so that a float that is no number is a bare `inf` or `nan`, as flatc writes it: that is no strict JSON. A blob is an
/// array of its bytes.
///
/// # Errors
///
/// The bytes of a field with `flexbuffer` are no FlexBuffer, or such fields hold more than 256 MiB of text altogether.
pub fn write(schema: &Schema, object: ObjectId, record: &Record, options: &WriteOptions) -> Result<String, WriteError> {
    let memory = Limits::default().memory;
    let mut writer = Writer { schema, options, out: Output::new(options.compact), memory, error: None };
    writer.record(object, record, 0);
    writer.error.map_or(Ok(writer.out.text), Err)
}

/// Why a value could not be written as JSON: bytes that should be a FlexBuffer are none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the field `{}` of `{}` holds no FlexBuffer: {problem}", Printable(field), Printable(object))]
pub struct WriteError {
    /// The table.
    pub object: String,
    /// Its field.
    pub field: String,
    /// What is wrong with the bytes.
    pub problem: flexbuffer::DecodeError,
}

struct Writer<'s> {
    schema: &'s Schema,
    options: &'s WriteOptions,
    out: Output,
    /// How long the text of all other FlexBuffers may be: parts of one may be shared.
    memory: u64,
    /// The first one.
    error: Option<WriteError>,
}

impl Writer<'_> {
    fn record(&mut self, id: ObjectId, record: &Record, nested: usize) {
        let schema = self.schema;
        let object = schema.object(id);
        self.out.open('{');
        for field in &object.fields {
            if let Element::Union(union) = field.ty.element() {
                self.union(schema.enumeration(union), field, record.get(field), nested);
            } else if let Some(value) = self.shown(field, record) {
                self.out.key(&field.name);
                self.field(object, field, &value, nested);
            }
        }
        self.out.close('}');
    }

    /// The value of a field, if it is written.
    fn shown(&self, field: &Field, record: &Record) -> Option<Value> {
        let default = default_value(field);
        match (record.get(field), default) {
            (Some(value), Some(default)) if *value == default && !self.options.defaults => None,
            (Some(value), _) => Some(value.clone()),
            (None, default) => default.filter(|_| self.options.defaults && !field.deprecated),
        }
    }

    fn field(&mut self, object: &Object, field: &Field, value: &Value, nested: usize) {
        // Bytes may hold bytes that hold bytes: a few levels are shown.
        const DEEPEST: usize = 8;
        if let (Value::Bytes(bytes), true) = (value, is_flexbuffer(field)) {
            return self.flexbuffer(object, field, bytes);
        }
        if let (Value::Bytes(bytes), Some(table)) = (value, nested_table(self.schema, object, field))
            && nested < DEEPEST
            && let Ok(record) = codec::decode(self.schema, table, bytes, &Limits::default())
        {
            return self.record(table, &record, nested + 1);
        }
        self.value(field.ty, value, nested);
    }

    fn flexbuffer(&mut self, object: &Object, field: &Field, bytes: &[u8]) {
        if bytes.is_empty() {
            return self.out.raw("null");
        }
        match flexbuffer::decode(bytes, &Limits::default().memory(self.memory)) {
            Ok(value) => {
                let before = self.out.text.len();
                self.flexible(&value);
                self.memory = self.memory.saturating_sub((self.out.text.len() - before) as u64);
            }
            Err(problem) => {
                let (object, field) = (object.name.to_string(), field.name.clone());
                self.error.get_or_insert(WriteError { object, field, problem });
            }
        }
    }

    fn flexible(&mut self, value: &Flexible) {
        match value {
            Flexible::Null => self.out.raw("null"),
            Flexible::Bool(value) => self.out.raw(if *value { "true" } else { "false" }),
            Flexible::Int(value) => self.out.raw(&value.to_string()),
            Flexible::UInt(value) => self.out.raw(&value.to_string()),
            Flexible::Float(value) => self.out.raw(float(*value, false).trim_matches('"')),
            Flexible::String(text) => self.out.string(text),
            Flexible::Blob(bytes) => self.bytes(bytes),
            Flexible::Vector(values) => {
                match values.iter().any(|value| matches!(value, Flexible::Vector(_) | Flexible::Map(_))) {
                    true => self.out.open('['),
                    false => self.out.open_inline('['),
                }
                for value in values {
                    self.out.item();
                    self.flexible(value);
                }
                self.out.close(']');
            }
            Flexible::Map(map) => {
                self.out.open('{');
                for (key, value) in map {
                    self.out.key(key);
                    self.flexible(value);
                }
                self.out.close('}');
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.out.open_inline('[');
        for byte in bytes {
            self.out.item();
            self.out.raw(&byte.to_string());
        }
        self.out.close(']');
    }

    fn value(&mut self, ty: Type, value: &Value, nested: usize) {
        match value {
            Value::Bytes(bytes) => self.bytes(bytes),
            Value::Vector(values) => {
                match ty.element() {
                    Element::Scalar(_) | Element::Enum(_) => self.out.open_inline('['),
                    Element::String | Element::Object(_) | Element::Union(_) => self.out.open('['),
                }
                for value in values {
                    self.out.item();
                    self.value(Type::Single(ty.element()), value, nested);
                }
                self.out.close(']');
            }
            Value::Bool(value) => self.out.raw(if *value { "true" } else { "false" }),
            Value::Int(value) => match ty.element() {
                Element::Enum(id) => self.named(self.schema.enumeration(id), *value),
                _ => self.out.raw(&value.to_string()),
            },
            Value::Float(value) => self.out.raw(&float(*value, ty.element() == Element::Scalar(Scalar::F32))),
            Value::String(text) => self.out.string(text),
            Value::Record(record) => match ty.element() {
                Element::Object(id) => self.record(id, record, nested),
                _ => self.out.raw("null"),
            },
            Value::Union(tag, value) => match (ty.element(), value) {
                (Element::Union(id), Some(value)) => match member(self.schema.enumeration(id), *tag) {
                    Some(element) => self.value(Type::Single(element), value, nested),
                    None => self.out.raw("null"),
                },
                _ => self.out.raw("null"),
            },
        }
    }

    fn union(&mut self, union: &Enum, field: &Field, value: Option<&Value>, nested: usize) {
        match value {
            None => {
                if self.options.defaults && !field.deprecated && !matches!(field.ty, Type::Vector(_)) {
                    self.out.key(&tag_name(field));
                    self.named(union, 0);
                }
            }
            Some(Value::Vector(values)) => {
                self.out.key(&tag_name(field));
                self.out.open_inline('[');
                for value in values {
                    self.out.item();
                    let tag = if let Value::Union(tag, _) = value { *tag } else { 0 };
                    self.named(union, tag);
                }
                self.out.close(']');
                self.out.key(&field.name);
                self.value(field.ty, &Value::Vector(values.clone()), nested);
            }
            Some(value @ Value::Union(tag, content)) => {
                self.out.key(&tag_name(field));
                self.named(union, *tag);
                if content.is_some() {
                    self.out.key(&field.name);
                    self.value(field.ty, value, nested);
                }
            }
            Some(_) => {}
        }
    }

    /// A value of an enum: its name, the names of its flags, or the number.
    fn named(&mut self, of: &Enum, value: i128) {
        match names(of, value) {
            Some(names) => self.out.string(&names),
            None => self.out.raw(&value.to_string()),
        }
    }
}

fn member(union: &Enum, tag: i128) -> Option<Element> {
    union.values.iter().find(|value| value.value == tag)?.member
}

/// The name of a value, or of bit flags the names of its bits; `None` where that does not say everything.
pub(super) fn names(of: &Enum, value: i128) -> Option<String> {
    if let Some(exact) = of.values.iter().find(|known| known.value == value) {
        return Some(exact.name.clone());
    }
    if of.kind != EnumKind::BitFlags || value == 0 {
        return None;
    }
    let set: Vec<_> = of.values.iter().filter(|flag| value & flag.value == flag.value).collect();
    let known = set.iter().fold(0, |bits, flag| bits | flag.value);
    (known == value).then(|| set.iter().map(|flag| flag.name.as_str()).collect::<Vec<_>>().join(" "))
}

pub(super) fn float(value: f64, single: bool) -> String {
    if value.is_nan() {
        return r#""nan""#.to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { r#""inf""# } else { r#""-inf""# }.to_owned();
    }
    // The shortest digits that read back as the same value, with a point or an exponent.
    if single { format!("{:?}", value as f32) } else { format!("{value:?}") }
}

/// Writes a JSON string. Control characters, and those that make text read differently from what it is, are escaped.
pub fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if Printable::escapes(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a `String` cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Text with brackets, commas and line breaks where they belong.
pub(super) struct Output {
    pub(super) text: String,
    compact: bool,
    /// For each open bracket: whether its items are on one line, and how many there are.
    open: Vec<(bool, usize)>,
}

impl Output {
    pub(super) fn new(compact: bool) -> Self {
        Output { text: String::new(), compact, open: Vec::new() }
    }

    /// Opens an object or an array with an item a line.
    pub(super) fn open(&mut self, bracket: char) {
        self.text.push(bracket);
        self.open.push((self.compact, 0));
    }

    /// Opens an array with all items on one line.
    pub(super) fn open_inline(&mut self, bracket: char) {
        self.text.push(bracket);
        self.open.push((true, 0));
    }

    pub(super) fn close(&mut self, bracket: char) {
        if let Some((inline, count)) = self.open.pop()
            && !inline
            && count > 0
        {
            self.line();
        }
        self.text.push(bracket);
    }

    /// Starts an item of an array.
    pub(super) fn item(&mut self) {
        let Some((inline, count)) = self.open.last_mut() else { return };
        let (inline, first) = (*inline, *count == 0);
        *count += 1;
        if !first {
            self.text.push(',');
        }
        match (inline, first) {
            (false, _) => self.line(),
            (true, false) if !self.compact => self.text.push(' '),
            (true, _) => {}
        }
    }

    /// Starts a member of an object.
    pub(super) fn key(&mut self, name: &str) {
        self.item();
        quote(&mut self.text, name);
        self.text.push_str(if self.compact { ":" } else { ": " });
    }

    pub(super) fn string(&mut self, text: &str) {
        quote(&mut self.text, text);
    }

    pub(super) fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn line(&mut self) {
        self.text.push('\n');
        for _ in &self.open {
            self.text.push_str("  ");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn what_deceives_a_reader_is_escaped_and_reads_back() {
        let text = "\u{202e}\u{9b}\u{61c}\u{7f}\u{1b}\u{feff}\r\n\t\u{8}\"\\é\u{1f980}";
        let mut out = String::new();
        quote(&mut out, text);
        assert_eq!(out, r#""\u202e\u009b\u061c\u007f\u001b\ufeff\r\n\t\b\"\\é🦀""#);
        assert_eq!(serde_json::from_str::<String>(&out).expect("it is JSON"), text);
    }
}
