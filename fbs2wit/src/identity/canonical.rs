use super::Roots;
use super::reach::Reached;
use crate::contract::integers;
use crate::model::{
    Element, Enum, EnumKind, Field, Method, Object, ObjectKind, Presence, QualifiedName, Scalar, Schema, Service, Type,
    Value, attribute,
};

/// The first bytes: a name for this form and its number. Every byte of every version counts, so a change of the form
/// gets a new number.
const MAGIC: &[u8; 9] = b"HOOKRCID\x01";

const PLUGIN: u8 = 0x01;
const CALLBACK: u8 = 0x02;
const ENUM: u8 = 0x10;
const BIT_FLAGS: u8 = 0x11;
const UNION: u8 = 0x12;
const BIT_FLAGS_INTEGER: u8 = 0x13;
const TABLE: u8 = 0x20;
const STRUCT: u8 = 0x21;
const SINGLE: u8 = 0x30;
const VECTOR: u8 = 0x31;
const ARRAY: u8 = 0x32;
/// Of `bool`; the other scalars follow.
const SCALAR: u8 = 0x40;
const STRING: u8 = 0x50;
const OBJECT_NAME: u8 = 0x51;
const ENUM_NAME: u8 = 0x52;
const UNION_NAME: u8 = 0x53;
const NOTHING: u8 = 0x54;
const LIVE: u8 = 0x60;
const DEPRECATED: u8 = 0x61;
const DEFAULT_BOOL: u8 = 0x70;
const DEFAULT_INT: u8 = 0x71;
const DEFAULT_FLOAT: u8 = 0x72;
const OPTIONAL: u8 = 0x73;
const REQUIRED: u8 = 0x74;
const DEFAULT_STRING: u8 = 0x75;
const DEFAULT_EMPTY_VECTOR: u8 = 0x76;

const METHOD_OPTIONAL: u8 = 1;
const FIELD_KEY: u8 = 1;
const FIELD_OPTIONAL: u8 = 2;
const FIELD_FLEXBUFFER: u8 = 4;
const FIELD_NESTED: u8 = 8;

pub(super) fn write(schema: &Schema, roots: &Roots<'_>) -> Vec<u8> {
    let reached = Reached::of(schema);
    let mut form = Form { schema, optional_attribute: roots.optional_attribute, out: MAGIC.to_vec() };
    form.text(&schema.namespace.join("."));

    let mut services: Vec<(String, bool, &Service)> = schema
        .services
        .iter()
        .enumerate()
        .map(|(index, service)| (service.name.to_string(), roots.plugin == Some(index), service))
        .collect();
    services.sort_by(|a, b| a.0.cmp(&b.0));
    form.count(services.len());
    for (name, is_plugin, service) in services {
        form.service(&name, is_plugin, service);
    }

    let integers = integers(schema);
    let enums = reached.enums.iter().map(|id| (schema.enumeration(*id), integers.contains(id)));
    let mut enums: Vec<(String, &Enum, bool)> =
        enums.map(|(item, is_integer)| (item.name.to_string(), item, is_integer)).collect();
    enums.sort_by(|a, b| a.0.cmp(&b.0));
    form.count(enums.len());
    for (name, item, is_integer) in enums {
        form.enumeration(&name, item, is_integer);
    }

    let objects = by_name(reached.objects.iter().map(|id| schema.object(*id)), |object| &object.name);
    form.count(objects.len());
    for (name, object) in objects {
        form.object(&name, object);
    }
    form.out
}

fn by_name<'s, T>(items: impl Iterator<Item = &'s T>, name: impl Fn(&T) -> &QualifiedName) -> Vec<(String, &'s T)> {
    let mut items: Vec<(String, &T)> = items.map(|item| (name(item).to_string(), item)).collect();
    items.sort_by(|a, b| a.0.cmp(&b.0));
    items
}

struct Form<'a> {
    schema: &'a Schema,
    optional_attribute: &'a str,
    out: Vec<u8>,
}

impl Form<'_> {
    fn service(&mut self, name: &str, is_plugin: bool, service: &Service) {
        self.out.push(if is_plugin { PLUGIN } else { CALLBACK });
        self.text(name);
        let mut methods: Vec<&Method> = service.methods.iter().collect();
        methods.sort_by(|a, b| a.name.cmp(&b.name));
        self.count(methods.len());
        for method in methods {
            self.text(&method.name);
            self.text(&self.schema.object(method.request).name.to_string());
            self.text(&self.schema.object(method.response).name.to_string());
            let optional = is_plugin && attribute(&method.attributes, self.optional_attribute).is_some();
            self.out.push(if optional { METHOD_OPTIONAL } else { 0 });
            let streaming = attribute(&method.attributes, "streaming").and_then(|streaming| streaming.value.as_deref());
            self.text(streaming.filter(|kind| *kind != "none").unwrap_or_default());
        }
    }

    fn enumeration(&mut self, name: &str, item: &Enum, is_integer: bool) {
        self.out.push(match item.kind {
            EnumKind::Plain => ENUM,
            EnumKind::BitFlags if is_integer => BIT_FLAGS_INTEGER,
            EnumKind::BitFlags => BIT_FLAGS,
            EnumKind::Union => UNION,
        });
        self.text(name);
        self.scalar(item.underlying);
        self.count(item.values.len());
        for value in &item.values {
            self.integer(value.value);
            self.text(&value.name);
            if item.kind == EnumKind::Union {
                match value.member {
                    Some(member) => self.element(member),
                    None => self.out.push(NOTHING),
                }
            }
        }
    }

    fn object(&mut self, name: &str, object: &Object) {
        match object.kind {
            ObjectKind::Table => {
                self.out.push(TABLE);
                self.text(name);
                self.table_fields(object);
            }
            ObjectKind::Struct { size, align } => {
                self.out.push(STRUCT);
                self.text(name);
                self.number(size);
                self.number(align);
                self.count(object.fields.len());
                for field in &object.fields {
                    self.number(field.offset);
                    self.text(&field.name);
                    self.ty(field.ty);
                    self.out.push(if field.key { FIELD_KEY } else { 0 });
                }
            }
        }
    }

    fn table_fields(&mut self, object: &Object) {
        // A union takes two slots; where it is deprecated both stay taken, and its tag's is not told otherwise.
        let is_union = |field: &Field| matches!(field.ty.element(), Element::Union(_));
        let slots = object.fields.iter().map(|field| if field.deprecated && is_union(field) { 2 } else { 1 }).sum();
        self.count(slots);
        for field in &object.fields {
            if field.deprecated {
                if is_union(field) {
                    self.out.push(DEPRECATED);
                    self.number(u32::from(field.id).saturating_sub(1));
                }
                self.out.push(DEPRECATED);
                self.number(field.id.into());
            } else {
                self.live_field(object, field);
            }
        }
    }

    fn live_field(&mut self, object: &Object, field: &Field) {
        self.out.push(LIVE);
        self.number(field.id.into());
        self.text(&field.name);
        self.ty(field.ty);
        self.presence(&field.presence);
        let nested = crate::value::nested_table(self.schema, object, field);
        let has = |name: &str| attribute(&field.attributes, name).is_some();
        let flags = [
            (field.key, FIELD_KEY),
            (has(self.optional_attribute), FIELD_OPTIONAL),
            (has("flexbuffer"), FIELD_FLEXBUFFER),
            (nested.is_some(), FIELD_NESTED),
        ];
        self.out.push(flags.into_iter().filter(|(set, _)| *set).map(|(_, bit)| bit).sum());
        if let Some(nested) = nested {
            self.text(&self.schema.object(nested).name.to_string());
        }
    }

    fn presence(&mut self, presence: &Presence) {
        match presence {
            Presence::Default(Value::Bool(value)) => self.out.extend([DEFAULT_BOOL, u8::from(*value)]),
            Presence::Default(Value::Int(value)) => {
                self.out.push(DEFAULT_INT);
                self.integer(*value);
            }
            Presence::Default(Value::Float(value)) => {
                self.out.push(DEFAULT_FLOAT);
                // One NaN: its sign and payload are nobody's intention.
                let value = if value.is_nan() { f64::NAN.abs() } else { *value };
                self.out.extend(value.to_bits().to_le_bytes());
            }
            Presence::Optional => self.out.push(OPTIONAL),
            Presence::Required => self.out.push(REQUIRED),
            Presence::DefaultString(text) => {
                self.out.push(DEFAULT_STRING);
                self.text(text);
            }
            Presence::DefaultEmptyVector => self.out.push(DEFAULT_EMPTY_VECTOR),
        }
    }

    fn ty(&mut self, ty: Type) {
        match ty {
            Type::Single(_) => self.out.push(SINGLE),
            Type::Vector(_) => self.out.push(VECTOR),
            Type::Array(_, len) => {
                self.out.push(ARRAY);
                self.number(len.into());
            }
        }
        self.element(ty.element());
    }

    fn element(&mut self, element: Element) {
        match element {
            Element::Scalar(scalar) => self.scalar(scalar),
            Element::String => self.out.push(STRING),
            Element::Object(id) => self.reference(OBJECT_NAME, &self.schema.object(id).name),
            Element::Enum(id) => self.reference(ENUM_NAME, &self.schema.enumeration(id).name),
            Element::Union(id) => self.reference(UNION_NAME, &self.schema.enumeration(id).name),
        }
    }

    fn reference(&mut self, tag: u8, name: &QualifiedName) {
        self.out.push(tag);
        self.text(&name.to_string());
    }

    fn scalar(&mut self, scalar: Scalar) {
        let index = match scalar {
            Scalar::Bool => 0,
            Scalar::I8 => 1,
            Scalar::U8 => 2,
            Scalar::I16 => 3,
            Scalar::U16 => 4,
            Scalar::I32 => 5,
            Scalar::U32 => 6,
            Scalar::I64 => 7,
            Scalar::U64 => 8,
            Scalar::F32 => 9,
            Scalar::F64 => 10,
        };
        self.out.push(SCALAR + index);
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.out.extend_from_slice(text.as_bytes());
    }

    /// A length or a number of items; a schema of four billion items does not fit a source.
    fn count(&mut self, count: usize) {
        self.number(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn number(&mut self, number: u32) {
        self.out.extend_from_slice(&number.to_le_bytes());
    }

    fn integer(&mut self, value: i128) {
        self.out.extend_from_slice(&value.to_le_bytes());
    }
}
