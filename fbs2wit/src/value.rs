//! Data of a schema's types as a tree, for code that knows the schema only at run time.
//!
//! A [`Value`] means something together with the [`Schema`] and the type that it is of: [`crate::json`] reads and
//! writes it as text, [`crate::codec`] as a FlatBuffer, and a host that has no generated code converts it to and from
//! the values of a component call.
//!
//! One thing has one form: what is absent is not in a [`Record`], vectors of `ubyte` are always [`Value::Bytes`], enums
//! are always numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{self, Element, Field, Object, ObjectId, ObjectKind, Presence, Scalar, Schema, Type, attribute};

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A `bool`.
    Bool(bool),
    /// An integer, an enum or bit flags; it fits the type.
    Int(i128),
    /// A `float` or a `double`; that of a `float` is rounded to 32 bits.
    Float(f64),
    /// A string.
    String(String),
    /// A vector of `ubyte`.
    Bytes(Vec<u8>),
    /// Any other vector, or a fixed array.
    Vector(Vec<Value>),
    /// A table or a struct.
    Record(Record),
    /// A union: the tag, and the value that goes with it; none with `NONE`, and with a tag that the schema does not know.
    Union(i128, Option<Box<Value>>),
}

/// The fields of a table that are present, or all fields of a struct.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// By [`Field::id`].
    fields: BTreeMap<u16, Value>,
}

impl Record {
    /// A record without fields.
    pub fn new() -> Self {
        Record::default()
    }

    /// The value of a field; `None` when it is absent.
    pub fn get(&self, field: &Field) -> Option<&Value> {
        self.fields.get(&field.id)
    }

    /// Sets a field.
    pub fn insert(&mut self, field: &Field, value: Value) {
        self.fields.insert(field.id, value);
    }

    /// Makes a field absent.
    pub fn remove(&mut self, field: &Field) -> Option<Value> {
        self.fields.remove(&field.id)
    }

    /// The values of the fields that are present, in the order of their IDs.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.fields.values()
    }

    /// Whether every field is absent.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// What is read where a field is absent: the default of a scalar or a string, an empty vector where the schema says so;
/// `None` where absence is a state of its own.
pub fn default_value(field: &Field) -> Option<Value> {
    match &field.presence {
        Presence::Default(model::Value::Bool(value)) => Some(Value::Bool(*value)),
        Presence::Default(model::Value::Int(value)) => Some(Value::Int(*value)),
        Presence::Default(model::Value::Float(value)) => Some(Value::Float(*value)),
        Presence::DefaultString(text) => Some(Value::String(text.clone())),
        Presence::DefaultEmptyVector => Some(empty_vector(field.ty)),
        Presence::Optional | Presence::Required => None,
    }
}

/// A vector of a type without elements.
pub(crate) fn empty_vector(ty: Type) -> Value {
    if is_bytes(ty) { Value::Bytes(Vec::new()) } else { Value::Vector(Vec::new()) }
}

/// Whether the values of a type are [`Value::Bytes`].
pub fn is_bytes(ty: Type) -> bool {
    ty == Type::Vector(Element::Scalar(Scalar::U8))
}

/// The table that the bytes of a field hold, by its attribute `nested_flatbuffer`. Like flatc, the name is looked up in
/// the namespace of the field's table, then in each around it.
pub fn nested_table(schema: &Schema, object: &Object, field: &Field) -> Option<ObjectId> {
    let wanted = attribute(&field.attributes, "nested_flatbuffer")?.value.as_deref()?;
    if !is_bytes(field.ty) {
        return None;
    }
    let wanted: Vec<&str> = wanted.split('.').collect();
    let (name, path) = wanted.split_last()?;
    (0..=object.name.namespace.len()).rev().find_map(|depth| {
        let outer = object.name.namespace.iter().take(depth).map(String::as_str);
        let namespace: Vec<&str> = outer.chain(path.iter().copied()).collect();
        let mut objects = (0..).map(ObjectId).zip(&schema.objects);
        let found = objects.find(|(_, object)| object.name.name == *name && object.name.namespace == namespace);
        found.filter(|(_, object)| !object.is_struct()).map(|(id, _)| id)
    })
}

/// The most that `force_align` may ask for, in bytes.
const MAX_ALIGNMENT: u32 = 32;

/// What `force_align` asks for, in bytes; `None` where it means nothing, and where nobody can write it.
pub(crate) fn force_align(field: &Field) -> Option<u32> {
    let written = attribute(&field.attributes, "force_align")?.value.as_deref()?;
    let align = written.parse::<u32>().ok()?;
    let is_vector = matches!(field.ty, Type::Vector(_));
    (is_vector && align.is_power_of_two() && align <= MAX_ALIGNMENT).then_some(align)
}

/// What the elements of a vector are aligned to, in bytes, where that is more than their type asks for: by `force_align`,
/// and because bytes that are a buffer of their own stand as that wants to, so that it can be read in place.
pub(crate) fn forced_alignment(schema: &Schema, object: &Object, field: &Field) -> Option<u32> {
    let flexbuffer = is_flexbuffer(field).then_some(8);
    let nested = nested_table(schema, object, field).map(|nested| buffer_alignment(schema, nested));
    let forced = [force_align(field), flexbuffer, nested].into_iter().flatten().max()?;
    let (natural, _) = natural_alignment(schema, field.ty.element());
    // Every vector is aligned for its length anyway.
    (forced > natural.max(4)).then_some(forced)
}

/// Whether the bytes of a field are a FlexBuffer.
pub fn is_flexbuffer(field: &Field) -> bool {
    is_bytes(field.ty) && attribute(&field.attributes, "flexbuffer").is_some()
}

/// What a buffer is aligned to that has this table as its root.
fn buffer_alignment(schema: &Schema, root: ObjectId) -> u32 {
    let mut seen = BTreeSet::new();
    let mut open = vec![root];
    let mut align = 4;
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let object = schema.object(id);
        if let ObjectKind::Struct { align: of_struct, .. } = object.kind {
            align = align.max(of_struct);
        }
        for field in &object.fields {
            let (natural, held) = natural_alignment(schema, field.ty.element());
            let flexbuffer = if is_flexbuffer(field) { 8 } else { 1 };
            align = align.max(natural).max(flexbuffer).max(force_align(field).unwrap_or(1));
            open.extend(held);
            open.extend(nested_table(schema, object, field));
        }
    }
    align
}

/// What a value is aligned to, and the objects that it may hold.
fn natural_alignment(schema: &Schema, element: Element) -> (u32, Vec<ObjectId>) {
    match element {
        Element::Scalar(scalar) => (scalar.size(), Vec::new()),
        Element::String => (4, Vec::new()),
        Element::Enum(id) => (schema.enumeration(id).underlying.size(), Vec::new()),
        Element::Object(id) => match schema.object(id).kind {
            ObjectKind::Struct { align, .. } => (align, Vec::new()),
            ObjectKind::Table => (4, vec![id]),
        },
        Element::Union(id) => {
            let union = schema.enumeration(id);
            let members: Vec<_> = union.values.iter().filter_map(|value| value.member).collect();
            let objects = members.into_iter().filter_map(|member| match member {
                Element::Object(id) => Some(id),
                _ => None,
            });
            (union.underlying.size().max(4), objects.collect())
        }
    }
}
