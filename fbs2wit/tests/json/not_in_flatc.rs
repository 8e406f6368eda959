//! What flatc itself cannot do with values.

use fbs2wit::model::{Element, Object, Scalar, Schema, Type};

/// Why values of a schema cannot be compared with flatc.
pub(crate) fn not_in_flatc(schema: &Schema) -> Option<&'static str> {
    let tables = || schema.objects.iter().filter(|object| !object.is_struct());
    let comparable = |ty: Type| match ty {
        Type::Single(Element::Scalar(_) | Element::String | Element::Enum(_)) => true,
        Type::Single(_) | Type::Vector(_) | Type::Array(..) => false,
    };
    let key = |object: &Object| object.fields.iter().any(|field| field.key && !comparable(field.ty));
    if schema.objects.iter().any(key) {
        return Some("flatc fails an assertion of its own on keys that are structs or arrays");
    }
    let typed = |ty: Type| match ty.element() {
        Element::Union(id) => schema.enumeration(id).underlying != Scalar::U8,
        _ => false,
    };
    if tables().any(|object| object.fields.iter().any(|field| typed(field.ty))) {
        return Some("flatc refuses JSON for unions whose tag is no ubyte");
    }
    None
}
