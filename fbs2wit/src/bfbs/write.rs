use std::borrow::Cow;

use flatbuffers::{FlatBufferBuilder, ForwardsUOffset, Vector, WIPOffset};
use flatbuffers_reflection::reflection as fb;

use super::{LOST_SLOT, lost::Lost};
use crate::model::{
    Attribute, Element, Enum, EnumId, EnumKind, Field, Object, ObjectId, ObjectKind, Presence, QualifiedName, Scalar,
    Schema, Service, Type, Value, attribute,
};
use crate::source::Span;

/// What goes into a binary schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteOptions {
    /// Documentation comments, as flatc's `--bfbs-comments` writes them. On by default.
    pub docs: bool,
}

impl Default for WriteOptions {
    fn default() -> Self {
        WriteOptions { docs: true }
    }
}

impl WriteOptions {
    /// Leaves documentation comments out.
    #[must_use]
    pub fn without_docs(mut self) -> Self {
        self.docs = false;
        self
    }
}

/// The schema as a binary schema with the file identifier `BFBS`.
pub fn write(schema: &Schema, options: &WriteOptions) -> Vec<u8> {
    let mut writer = Writer {
        schema,
        docs: options.docs,
        objects: ranks(schema.objects.iter().map(|object| &object.name)),
        enums: ranks(schema.enums.iter().map(|enumeration| &enumeration.name)),
        builder: FlatBufferBuilder::new(),
    };
    let root = writer.schema();
    writer.builder.finish(root, Some(fb::SCHEMA_IDENTIFIER));
    writer.builder.finished_data().to_vec()
}

type Offsets<'a, T> = WIPOffset<Vector<'a, ForwardsUOffset<T>>>;

struct Writer<'s, 'b> {
    schema: &'s Schema,
    docs: bool,
    /// For each object of the schema, its place in the order of names.
    objects: Vec<i32>,
    enums: Vec<i32>,
    builder: FlatBufferBuilder<'b>,
}

impl<'b> Writer<'_, 'b> {
    fn schema(&mut self) -> WIPOffset<fb::Schema<'b>> {
        let schema = self.schema;
        let enums: Vec<_> = by_rank(&schema.enums, &self.enums).map(|(id, item)| self.enumeration(id, item)).collect();
        let enums = self.builder.create_vector(&enums);
        let mut by_id = vec![None; schema.objects.len()];
        let mut objects = Vec::with_capacity(schema.objects.len());
        for (id, object) in by_rank(&schema.objects, &self.objects) {
            let offset = self.object(object);
            objects.push(offset);
            if let Some(place) = by_id.get_mut(id) {
                *place = Some(offset);
            }
        }
        let objects = self.builder.create_vector(&objects);
        let object = |id: ObjectId| by_id.get(id.0 as usize).copied().flatten();
        let ranks = ranks(schema.services.iter().map(|service| &service.name));
        let services: Vec<_> =
            by_rank(&schema.services, &ranks).map(|(_, service)| self.service(service, &object)).collect();
        let services = self.builder.create_vector(&services);
        let file_ident = self.builder.create_string(schema.file_identifier.as_deref().unwrap_or_default());
        let file_ext = self.builder.create_string(schema.file_extension.as_deref().unwrap_or_default());
        let lost = Lost::of(schema).map(|lost| self.builder.create_vector(&lost.encode()));

        // Not `fb::SchemaBuilder`: it has no door for the slot of what is lost.
        let table = self.builder.start_table();
        self.builder.push_slot_always(fb::Schema::VT_OBJECTS, objects);
        self.builder.push_slot_always(fb::Schema::VT_ENUMS, enums);
        self.builder.push_slot_always(fb::Schema::VT_FILE_IDENT, file_ident);
        self.builder.push_slot_always(fb::Schema::VT_FILE_EXT, file_ext);
        if let Some(root) = schema.root.and_then(object) {
            self.builder.push_slot_always(fb::Schema::VT_ROOT_TABLE, root);
        }
        self.builder.push_slot_always(fb::Schema::VT_SERVICES, services);
        self.builder.push_slot(fb::Schema::VT_ADVANCED_FEATURES, features(schema), fb::AdvancedFeatures::empty());
        if let Some(lost) = lost {
            self.builder.push_slot_always(LOST_SLOT, lost);
        }
        WIPOffset::new(self.builder.end_table(table).value())
    }

    fn object(&mut self, object: &Object) -> WIPOffset<fb::Object<'b>> {
        let mut fields: Vec<(String, WIPOffset<fb::Field<'b>>)> = Vec::with_capacity(object.fields.len());
        for (position, field) in object.fields.iter().enumerate() {
            if let Some(hidden) = self.union_type_field(field) {
                fields.push((format!("{}_type", field.name), hidden));
            }
            let offset = self.field(object, position, field);
            fields.push((field.name.clone(), offset));
        }
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        let fields: Vec<_> = fields.into_iter().map(|(_, offset)| offset).collect();
        let (is_struct, minalign, bytesize) = match object.kind {
            ObjectKind::Table => (false, 1, 0),
            ObjectKind::Struct { size, align } => (true, align.cast_signed(), size.cast_signed()),
        };
        let args = fb::ObjectArgs {
            name: Some(self.name(&object.name)),
            fields: Some(self.builder.create_vector(&fields)),
            is_struct,
            minalign,
            bytesize,
            attributes: self.attributes(&object.attributes),
            documentation: self.documentation(&object.docs),
            declaration_file: Some(self.builder.create_string("")),
        };
        fb::Object::create(&mut self.builder, &args)
    }

    fn field(&mut self, object: &Object, position: usize, field: &Field) -> WIPOffset<fb::Field<'b>> {
        let (default_integer, default_real) = match &field.presence {
            Presence::Default(value) => standard_default(*value, field.ty),
            _ => (0, 0.0),
        };
        let (offset, padding) = match object.kind {
            ObjectKind::Table => (4 + 2 * u32::from(field.id), 0),
            ObjectKind::Struct { size, .. } => {
                let next = object.fields.get(position + 1).map_or(size, |next| next.offset);
                let end = super::layout::size_and_align(self.schema, field.ty)
                    .and_then(|(size, _)| field.offset.checked_add(size))
                    .unwrap_or(next);
                (field.offset, next.saturating_sub(end))
            }
        };
        let args = fb::FieldArgs {
            name: Some(self.builder.create_string(&field.name)),
            type_: Some(self.field_type(field)),
            id: field.id,
            // reflection.fbs has 16 bits for the offset; in a struct that is larger flatc truncates it too.
            offset: offset as u16,
            default_integer,
            default_real,
            deprecated: field.deprecated,
            required: !object.is_struct() && field.presence == Presence::Required,
            key: field.key,
            attributes: self.attributes(&field_attributes(field)),
            documentation: self.documentation(&field.docs),
            // flatc takes the default text "0" for none.
            optional: matches!(&field.presence, Presence::Optional)
                || matches!(&field.presence, Presence::DefaultString(text) if text == "0"),
            padding: padding as u16,
            offset64: has_offset64(field),
        };
        fb::Field::create(&mut self.builder, &args)
    }

    /// The field before a union's (or a vector of unions'), which holds the tag.
    fn union_type_field(&mut self, field: &Field) -> Option<WIPOffset<fb::Field<'b>>> {
        let (base_type, element, union) = match field.ty {
            Type::Single(Element::Union(id)) => (fb::BaseType::UType, fb::BaseType::None, id),
            Type::Vector(Element::Union(id)) => (fb::BaseType::Vector, fb::BaseType::UType, id),
            _ => return None,
        };
        let index = self.enums.get(union.0 as usize).copied().unwrap_or(-1);
        let id = field.id.saturating_sub(1);
        let attributes: Vec<Attribute> = attribute(&field.attributes, "id")
            .map(|attribute| Attribute { value: Some(id.to_string()), ..attribute.clone() })
            .into_iter()
            .collect();
        let args = fb::FieldArgs {
            name: Some(self.builder.create_string(&format!("{}_type", field.name))),
            type_: Some(self.reflection_type(base_type, element, index, 0, 1)),
            id,
            offset: 4 + 2 * id,
            deprecated: field.deprecated,
            // A single tag is a scalar with the default NONE; a vector of tags is as its union is.
            required: base_type == fb::BaseType::Vector && field.presence == Presence::Required,
            optional: base_type == fb::BaseType::Vector && field.presence == Presence::Optional,
            attributes: self.attributes(&attributes),
            ..Default::default()
        };
        Some(fb::Field::create(&mut self.builder, &args))
    }

    fn enumeration(&mut self, id: usize, item: &Enum) -> WIPOffset<fb::Enum<'b>> {
        let index = self.enums.get(id).copied().unwrap_or(-1);
        let is_union = item.kind == EnumKind::Union;
        let mut values = Vec::with_capacity(item.values.len());
        for value in &item.values {
            let union_type = match value.member {
                Some(member) => self.ty(Type::Single(member)),
                None => self.reflection_type(fb::BaseType::None, fb::BaseType::None, -1, 0, 1),
            };
            let args = fb::EnumValArgs {
                name: Some(self.builder.create_string(&value.name)),
                // A `ulong` from 2⁶³ on keeps its bits, as flatc writes it.
                value: value.value as i64,
                union_type: Some(union_type),
                documentation: self.documentation(&value.docs),
                attributes: self.attributes(&value.attributes),
            };
            values.push(fb::EnumVal::create(&mut self.builder, &args));
        }
        let underlying = match item.underlying {
            Scalar::U8 if is_union => fb::BaseType::UType,
            scalar => base_type(scalar),
        };
        let args = fb::EnumArgs {
            name: Some(self.name(&item.name)),
            values: Some(self.builder.create_vector(&values)),
            is_union,
            underlying_type: Some(self.reflection_type(underlying, fb::BaseType::None, index, 0, 1)),
            attributes: self.attributes(&item.attributes),
            documentation: self.documentation(&item.docs),
            declaration_file: Some(self.builder.create_string("")),
        };
        fb::Enum::create(&mut self.builder, &args)
    }

    fn service(
        &mut self,
        service: &Service,
        object: &dyn Fn(ObjectId) -> Option<WIPOffset<fb::Object<'b>>>,
    ) -> WIPOffset<fb::Service<'b>> {
        let mut calls = Vec::with_capacity(service.methods.len());
        for method in &service.methods {
            let args = fb::RPCCallArgs {
                name: Some(self.builder.create_string(&method.name)),
                request: object(method.request),
                response: object(method.response),
                attributes: self.attributes(&method.attributes),
                documentation: self.documentation(&method.docs),
            };
            calls.push(fb::RPCCall::create(&mut self.builder, &args));
        }
        let args = fb::ServiceArgs {
            name: Some(self.name(&service.name)),
            calls: Some(self.builder.create_vector(&calls)),
            attributes: self.attributes(&service.attributes),
            documentation: self.documentation(&service.docs),
            declaration_file: Some(self.builder.create_string("")),
        };
        fb::Service::create(&mut self.builder, &args)
    }

    fn field_type(&mut self, field: &Field) -> WIPOffset<fb::Type<'b>> {
        if attribute(&field.attributes, "vector64").is_none() {
            return self.ty(field.ty);
        }
        let (inner, index) = self.element_type(field.ty.element());
        self.reflection_type(fb::BaseType::Vector64, inner, index, 0, base_size(inner))
    }

    fn ty(&mut self, ty: Type) -> WIPOffset<fb::Type<'b>> {
        let (inner, index) = self.element_type(ty.element());
        // The sizes are flatc's: a vector of structs has that of the struct, an array of structs that of an offset.
        match ty {
            Type::Single(_) => self.reflection_type(inner, fb::BaseType::None, index, 0, 1),
            Type::Vector(Element::Object(id)) => {
                let size = match self.schema.object(id).kind {
                    ObjectKind::Struct { size, .. } => size,
                    ObjectKind::Table => 4,
                };
                self.reflection_type(fb::BaseType::Vector, inner, index, 0, size)
            }
            Type::Vector(_) => self.reflection_type(fb::BaseType::Vector, inner, index, 0, base_size(inner)),
            Type::Array(_, len) => self.reflection_type(fb::BaseType::Array, inner, index, len, base_size(inner)),
        }
    }

    fn element_type(&self, element: Element) -> (fb::BaseType, i32) {
        let enum_index = |id: EnumId| self.enums.get(id.0 as usize).copied().unwrap_or(-1);
        match element {
            Element::Scalar(scalar) => (base_type(scalar), -1),
            Element::String => (fb::BaseType::String, -1),
            Element::Object(id) => (fb::BaseType::Obj, self.objects.get(id.0 as usize).copied().unwrap_or(-1)),
            Element::Enum(id) => (base_type(self.schema.enumeration(id).underlying), enum_index(id)),
            Element::Union(id) => (fb::BaseType::Union, enum_index(id)),
        }
    }

    fn reflection_type(
        &mut self,
        base_type: fb::BaseType,
        element: fb::BaseType,
        index: i32,
        fixed_length: u16,
        element_size: u32,
    ) -> WIPOffset<fb::Type<'b>> {
        let base_size = base_size(base_type);
        let args = fb::TypeArgs { base_type, element, index, fixed_length, base_size, element_size };
        fb::Type::create(&mut self.builder, &args)
    }

    fn name(&mut self, name: &QualifiedName) -> WIPOffset<&'b str> {
        self.builder.create_string(&name.to_string())
    }

    fn attributes(&mut self, attributes: &[Attribute]) -> Option<Offsets<'b, fb::KeyValue<'b>>> {
        if attributes.is_empty() {
            return None;
        }
        let mut sorted: Vec<&Attribute> = attributes.iter().collect();
        sorted.sort_by(|a, b| a.name.cmp(&b.name));
        let mut pairs = Vec::with_capacity(sorted.len());
        for attribute in sorted {
            let args = fb::KeyValueArgs {
                key: Some(self.builder.create_string(&attribute.name)),
                value: Some(self.builder.create_string(attribute.value.as_deref().unwrap_or("0"))),
            };
            pairs.push(fb::KeyValue::create(&mut self.builder, &args));
        }
        Some(self.builder.create_vector(&pairs))
    }

    fn documentation(&mut self, docs: &[String]) -> Option<Offsets<'b, &'b str>> {
        if docs.is_empty() || !self.docs {
            return None;
        }
        let lines: Vec<_> = docs.iter().map(|line| self.builder.create_string(line)).collect();
        Some(self.builder.create_vector(&lines))
    }
}

/// For each name its place in the order of the names as text.
fn ranks<'n>(names: impl Iterator<Item = &'n QualifiedName>) -> Vec<i32> {
    let mut order: Vec<(String, usize)> = names.enumerate().map(|(id, name)| (name.to_string(), id)).collect();
    order.sort();
    let mut ranks = vec![-1; order.len()];
    for (rank, (_, id)) in (0..).zip(order) {
        if let Some(place) = ranks.get_mut(id) {
            *place = rank;
        }
    }
    ranks
}

/// The items with their IDs, in the order of their names.
fn by_rank<'s, T>(items: &'s [T], ranks: &[i32]) -> impl Iterator<Item = (usize, &'s T)> + use<'s, T> {
    let mut sorted: Vec<(i32, usize, &T)> =
        items.iter().enumerate().zip(ranks).map(|((id, item), &rank)| (rank, id, item)).collect();
    sorted.sort_by_key(|(rank, ..)| *rank);
    sorted.into_iter().map(|(_, id, item)| (id, item))
}

fn standard_default(value: Value, ty: Type) -> (i64, f64) {
    match value {
        Value::Bool(value) => (value.into(), 0.0),
        // flatc reads a `ulong` from 2⁶³ on as 0 here; `Lost` keeps it.
        Value::Int(value) => (i64::try_from(value).unwrap_or(0), 0.0),
        // The shortest decimal of a `float`, as the schema's author wrote it: 1.1, not 1.100000023841858.
        Value::Float(value) if ty == Type::Single(Element::Scalar(Scalar::F32)) => {
            (0, (value as f32).to_string().parse().unwrap_or(value))
        }
        Value::Float(value) => (0, value),
    }
}

/// The attributes of a field, with the one that flatc adds where C++ names a type for a hash and no pointer to it.
fn field_attributes(field: &Field) -> Cow<'_, [Attribute]> {
    let attributes = &field.attributes;
    if attribute(attributes, "cpp_type").is_none() || attribute(attributes, "cpp_ptr_type").is_some() {
        return Cow::Borrowed(attributes);
    }
    let naked = Attribute { name: "cpp_ptr_type".to_owned(), value: Some("naked".to_owned()), span: Span::NONE };
    Cow::Owned(attributes.iter().cloned().chain([naked]).collect())
}

fn has_offset64(field: &Field) -> bool {
    ["offset64", "vector64"].iter().any(|name| attribute(&field.attributes, name).is_some())
}

fn features(schema: &Schema) -> fb::AdvancedFeatures {
    let mut features = fb::AdvancedFeatures::empty();
    for field in schema.objects.iter().flat_map(|object| &object.fields) {
        match field.ty {
            Type::Array(..) => features |= fb::AdvancedFeatures::AdvancedArrayFeatures,
            Type::Vector(Element::Union(_)) => features |= fb::AdvancedFeatures::AdvancedUnionFeatures,
            _ => {}
        }
        match (&field.presence, field.ty) {
            (Presence::Optional, Type::Single(Element::Scalar(_) | Element::Enum(_))) => {
                features |= fb::AdvancedFeatures::OptionalScalars;
            }
            (Presence::DefaultString(_) | Presence::DefaultEmptyVector, _) => {
                features |= fb::AdvancedFeatures::DefaultVectorsAndStrings;
            }
            _ => {}
        }
    }
    features
}

fn base_type(scalar: Scalar) -> fb::BaseType {
    match scalar {
        Scalar::Bool => fb::BaseType::Bool,
        Scalar::I8 => fb::BaseType::Byte,
        Scalar::U8 => fb::BaseType::UByte,
        Scalar::I16 => fb::BaseType::Short,
        Scalar::U16 => fb::BaseType::UShort,
        Scalar::I32 => fb::BaseType::Int,
        Scalar::U32 => fb::BaseType::UInt,
        Scalar::I64 => fb::BaseType::Long,
        Scalar::U64 => fb::BaseType::ULong,
        Scalar::F32 => fb::BaseType::Float,
        Scalar::F64 => fb::BaseType::Double,
    }
}

fn base_size(base_type: fb::BaseType) -> u32 {
    match base_type {
        fb::BaseType::None | fb::BaseType::UType | fb::BaseType::Bool | fb::BaseType::Byte | fb::BaseType::UByte => 1,
        fb::BaseType::Short | fb::BaseType::UShort => 2,
        fb::BaseType::Long | fb::BaseType::ULong | fb::BaseType::Double | fb::BaseType::Vector64 => 8,
        _ => 4,
    }
}
