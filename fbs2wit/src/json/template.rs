use super::read::tag_name;
use super::write::{Output, float, names};
use crate::model::{self, Element, Enum, Field, ObjectId, Presence, Schema, Type};
use crate::value::{Value, default_value, is_flexbuffer};

/// A request to start from: a JSON text with every field of a table or struct, at its default or empty, that
/// [`parse`](super::parse) accepts.
///
/// Tables are written out, but not inside themselves; optional scalars are `null`; a union is `NONE`, or its first member
/// where it is required. Deprecated fields are left out. Of a very large type, what comes late is left out or short.
pub fn template(schema: &Schema, object: ObjectId) -> String {
    let mut writer = Template { schema, out: Output::new(false), path: Vec::new(), left: MOST_VALUES };
    writer.record(object);
    writer.out.text
}

/// Enough for a person; fixed arrays of fixed arrays may say billions.
const MOST_VALUES: usize = 10_000;

/// Required tables in required tables; deeper than JSON may be nested no text helps.
const DEEPEST: usize = 60;

struct Template<'s> {
    schema: &'s Schema,
    out: Output,
    /// The objects that are being written.
    path: Vec<ObjectId>,
    left: usize,
}

impl Template<'_> {
    fn record(&mut self, id: ObjectId) {
        let schema = self.schema;
        self.path.push(id);
        self.out.open('{');
        for field in schema.object(id).live_fields() {
            self.left = self.left.saturating_sub(1);
            if self.left > 0 || field.presence == Presence::Required {
                self.field(field);
            }
        }
        self.out.close('}');
        self.path.pop();
    }

    fn field(&mut self, field: &Field) {
        let required = field.presence == Presence::Required;
        match field.ty {
            Type::Single(Element::Union(id)) => {
                let union = self.schema.enumeration(id);
                let first = union.values.iter().find_map(|value| Some((value.name.as_str(), value.member?)));
                match first.filter(|_| required) {
                    Some((name, member)) => {
                        self.out.key(&tag_name(field));
                        self.out.string(name);
                        self.out.key(&field.name);
                        self.single(member, None);
                    }
                    None => {
                        self.out.key(&tag_name(field));
                        self.out.string(union.values.first().map_or("NONE", |none| none.name.as_str()));
                    }
                }
            }
            Type::Single(Element::Object(id)) if !required && !self.may_write(id) => {}
            Type::Vector(element) => {
                if let Element::Union(_) = element {
                    self.out.key(&tag_name(field));
                    self.out.raw("[]");
                }
                self.out.key(&field.name);
                self.out.raw(match (is_flexbuffer(field), required) {
                    (false, _) => "[]",
                    // No bytes are no FlexBuffer.
                    (true, false) => "null",
                    (true, true) => "{}",
                });
            }
            Type::Single(element) => {
                self.out.key(&field.name);
                match (&field.presence, element) {
                    (Presence::Optional, Element::Scalar(_) | Element::Enum(_)) => self.out.raw("null"),
                    _ => self.single(element, default_value(field).as_ref()),
                }
            }
            Type::Array(element, length) => {
                self.out.key(&field.name);
                match element {
                    Element::Object(_) => self.out.open('['),
                    _ => self.out.open_inline('['),
                }
                for _ in 0..length {
                    if self.left == 0 {
                        break;
                    }
                    self.left -= 1;
                    self.out.item();
                    self.single(element, None);
                }
                self.out.close(']');
            }
        }
    }

    /// Whether a table that may be left out is written: not inside itself, not where the text is long already.
    fn may_write(&self, id: ObjectId) -> bool {
        !self.path.contains(&id) && self.left > 0 && self.path.len() < DEEPEST
    }

    fn single(&mut self, element: Element, default: Option<&Value>) {
        let schema = self.schema;
        match (element, default) {
            (Element::Object(id), _) if self.path.len() < DEEPEST && self.left > 0 => self.record(id),
            (Element::Object(_), _) => self.out.raw("{}"),
            (Element::String, Some(Value::String(text))) => self.out.string(text),
            (Element::String, _) => self.out.string(""),
            (Element::Enum(id), Some(Value::Int(value))) => self.named(schema.enumeration(id), *value),
            (Element::Enum(id), _) => {
                let item = schema.enumeration(id);
                // Zero, if it is a value; a struct's enum has no default.
                let zero = item.values.iter().find(|value| value.value == 0).or(item.values.first());
                self.named(item, zero.map_or(0, |value| value.value));
            }
            (Element::Scalar(scalar), default) => {
                let zero = match scalar {
                    model::Scalar::Bool => Value::Bool(false),
                    scalar if scalar.is_float() => Value::Float(0.0),
                    _ => Value::Int(0),
                };
                self.scalar(default.unwrap_or(&zero), scalar);
            }
            (Element::Union(_), _) => self.out.raw("null"),
        }
    }

    fn named(&mut self, of: &Enum, value: i128) {
        match names(of, value) {
            Some(name) => self.out.string(&name),
            None => self.out.raw(&value.to_string()),
        }
    }

    fn scalar(&mut self, value: &Value, scalar: model::Scalar) {
        let text = match value {
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => float(*value, scalar == model::Scalar::F32),
            _ => "null".to_owned(),
        };
        self.out.raw(&text);
    }
}
