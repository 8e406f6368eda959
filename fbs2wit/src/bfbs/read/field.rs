//! Fields: their types, their slots and what their absence means.

use flatbuffers_reflection::reflection as fb;

use super::{BfbsError, Reader, attributes, docs, invalid, unique};
use crate::bfbs::lost::field_path;
use crate::model::{
    Element, Enum, EnumId, EnumKind, Field, ObjectId, Presence, QualifiedName, Scalar, Type, Value, is_identifier,
};
use crate::source::Span;

/// The fields of an object in the order of the model, the hidden type fields of unions checked and taken away.
pub(super) fn read(
    reader: &Reader<'_>,
    root: &fb::Schema,
    enums: &[Enum],
    name: &QualifiedName,
    object: fb::Object,
) -> Result<Vec<Field>, BfbsError> {
    let place = object.name();
    let mut stored: Vec<fb::Field> = object.fields().iter().collect();
    stored.sort_by_key(|field| field.id());
    unique(place, stored.iter().map(|field| field.name()), "two fields have one name")?;
    // Slots are dense: a removed field stays as a deprecated one.
    if (0..).zip(&stored).any(|(slot, field)| field.id() != slot) {
        return Err(invalid(place, "the IDs of the fields are not 0, 1, 2 and so on"));
    }
    let mut fields: Vec<Field> = Vec::with_capacity(stored.len());
    let mut tag: Option<(fb::Field, Type)> = None;
    for field in stored {
        let path = field_path(name, field.name());
        if !is_identifier(field.name()) {
            return Err(invalid(&path, "the name is not an identifier"));
        }
        if field.offset64() || field.type_().base_type() == fb::BaseType::Vector64 {
            return Err(BfbsError::Unsupported { place: path, feature: "a 64-bit offset" });
        }
        if !object.is_struct() && u32::from(field.offset()) != 4 + 2 * u32::from(field.id()) {
            return Err(invalid(&path, "the offset is not that of the ID"));
        }
        let (ty, is_tag) = read_type(root, enums, &path, field.type_())?;
        match (tag.take(), is_tag, is_union(ty)) {
            (None, true, _) => {
                tag = Some((field, ty));
                continue;
            }
            (None, false, false) => {}
            (Some((tag, tag_type)), false, true)
                if tag_type == ty && tag.name().strip_suffix("_type") == Some(field.name()) => {}
            _ => return Err(invalid(&path, "a union does not stand behind its type field")),
        }
        let presence = presence(reader, enums, &path, object.is_struct(), ty, field)?;
        fields.push(Field {
            name: field.name().to_owned(),
            id: field.id(),
            offset: if object.is_struct() { field.offset().into() } else { 0 },
            ty,
            presence,
            deprecated: field.deprecated(),
            key: field.key(),
            attributes: attributes(&path, field.attributes())?,
            docs: docs(field.documentation()),
            span: Span::NONE,
        });
    }
    if tag.is_some() {
        return Err(invalid(place, "a union's type field has no union behind it"));
    }
    if fields.iter().filter(|field| field.key).count() > 1 {
        return Err(invalid(place, "two fields are keys"));
    }
    Ok(fields)
}

/// The scalar that a base type stands for.
pub(super) fn scalar(base_type: fb::BaseType) -> Option<Scalar> {
    Some(match base_type {
        fb::BaseType::Bool => Scalar::Bool,
        fb::BaseType::Byte => Scalar::I8,
        fb::BaseType::UByte => Scalar::U8,
        fb::BaseType::Short => Scalar::I16,
        fb::BaseType::UShort => Scalar::U16,
        fb::BaseType::Int => Scalar::I32,
        fb::BaseType::UInt => Scalar::U32,
        fb::BaseType::Long => Scalar::I64,
        fb::BaseType::ULong => Scalar::U64,
        fb::BaseType::Float => Scalar::F32,
        fb::BaseType::Double => Scalar::F64,
        _ => return None,
    })
}

/// The object with this index.
pub(super) fn object_id(root: &fb::Schema, place: &str, index: i32) -> Result<ObjectId, BfbsError> {
    let id = u32::try_from(index).ok().filter(|id| (*id as usize) < root.objects().len());
    id.map(ObjectId).ok_or_else(|| invalid(place, "a table or struct is used that is not defined"))
}

fn enum_id(enums: &[Enum], place: &str, index: i32) -> Result<EnumId, BfbsError> {
    let id = u32::try_from(index).ok().filter(|id| (*id as usize) < enums.len());
    id.map(EnumId).ok_or_else(|| invalid(place, "an enum or union is used that is not defined"))
}

/// A type, and whether it is that of a union's type field.
fn read_type(root: &fb::Schema, enums: &[Enum], place: &str, ty: fb::Type) -> Result<(Type, bool), BfbsError> {
    let base_type = match ty.base_type() {
        fb::BaseType::Vector | fb::BaseType::Array => ty.element(),
        base_type => base_type,
    };
    let (element, is_tag) = match base_type {
        fb::BaseType::String => (Element::String, false),
        fb::BaseType::Obj => (Element::Object(object_id(root, place, ty.index())?), false),
        fb::BaseType::Union | fb::BaseType::UType => {
            let id = enum_id(enums, place, ty.index())?;
            if !is_kind(enums, id, |kind| kind == EnumKind::Union) {
                return Err(invalid(place, "a union's type is an enum"));
            }
            (Element::Union(id), base_type == fb::BaseType::UType)
        }
        base_type => {
            let scalar = scalar(base_type).ok_or_else(|| invalid(place, "the type is unknown"))?;
            if ty.index() < 0 {
                (Element::Scalar(scalar), false)
            } else {
                let id = enum_id(enums, place, ty.index())?;
                let fits = enums.get(id.0 as usize).is_some_and(|item| item.underlying == scalar);
                if !fits || !is_kind(enums, id, |kind| kind != EnumKind::Union) {
                    return Err(invalid(place, "the type is not that of its enum"));
                }
                (Element::Enum(id), false)
            }
        }
    };
    let ty = match ty.base_type() {
        fb::BaseType::Vector => Type::Vector(element),
        fb::BaseType::Array if ty.fixed_length() == 0 => return Err(invalid(place, "the array has no elements")),
        fb::BaseType::Array => Type::Array(element, ty.fixed_length()),
        _ => Type::Single(element),
    };
    Ok((ty, is_tag))
}

fn is_kind(enums: &[Enum], id: EnumId, is: impl Fn(EnumKind) -> bool) -> bool {
    enums.get(id.0 as usize).is_some_and(|item| is(item.kind))
}

fn is_union(ty: Type) -> bool {
    matches!(ty.element(), Element::Union(_))
}

fn presence(
    reader: &Reader<'_>,
    enums: &[Enum],
    place: &str,
    in_struct: bool,
    ty: Type,
    field: fb::Field,
) -> Result<Presence, BfbsError> {
    if in_struct {
        return Ok(Presence::Required);
    }
    let scalar = match ty {
        Type::Single(Element::Scalar(scalar)) => Some(scalar),
        Type::Single(Element::Enum(id)) => enums.get(id.0 as usize).map(|item| item.underlying),
        Type::Array(..) => return Err(invalid(place, "an array stands outside of a struct")),
        _ => None,
    };
    let lost = reader.lost.as_ref().and_then(|lost| lost.defaults.get(place));
    match (field.required(), field.optional(), scalar) {
        (true, true, _) => Err(invalid(place, "it is both required and optional")),
        (true, false, Some(_)) => Err(invalid(place, "a scalar is required")),
        (true, false, None) => Ok(Presence::Required),
        (false, true, _) => match (ty, lost) {
            (Type::Single(Element::String), Some(text)) => Ok(Presence::DefaultString(text.clone())),
            _ => Ok(Presence::Optional),
        },
        (false, false, Some(scalar)) => scalar_default(place, scalar, field, lost).map(Presence::Default),
        (false, false, None) => match (ty, lost) {
            (Type::Single(Element::String), Some(text)) => Ok(Presence::DefaultString(text.clone())),
            (Type::Single(Element::String), None) => Err(BfbsError::LostDefault { place: place.to_owned() }),
            (Type::Vector(_), _) => Ok(Presence::DefaultEmptyVector),
            _ => Err(invalid(place, "it is neither required nor optional")),
        },
    }
}

fn scalar_default(place: &str, scalar: Scalar, field: fb::Field, lost: Option<&String>) -> Result<Value, BfbsError> {
    let unfit = || invalid(place, "the default does not fit the type");
    let integer = match lost {
        Some(text) if !scalar.is_float() => text.parse().map_err(|_| unfit())?,
        _ => i128::from(field.default_integer()),
    };
    let real = match lost {
        Some(text) if scalar.is_float() => text.parse().map_err(|_| unfit())?,
        _ => field.default_real(),
    };
    match (scalar, scalar.int_range()) {
        (Scalar::Bool, _) if integer == 0 || integer == 1 => Ok(Value::Bool(integer == 1)),
        (Scalar::F32, _) => Ok(Value::Float(f64::from(real as f32))),
        (Scalar::F64, _) => Ok(Value::Float(real)),
        (_, Some(range)) if range.contains(&integer) => Ok(Value::Int(integer)),
        _ => Err(unfit()),
    }
}
