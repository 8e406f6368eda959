//! Defaults.

use super::text::string;
use crate::model::{Element, Enum, EnumKind, Field, Presence, Scalar, Schema, Type, Value};

/// Names of values that a default would not mean: `null` says that there is none, the others are words for numbers.
const WORDS: [&str; 6] = ["null", "true", "false", "inf", "infinity", "nan"];

/// The default of a table's field as it is written behind `=`; `None` where nothing has to be.
pub(super) fn default(schema: &Schema, field: &Field) -> Option<String> {
    let is_number = matches!(field.ty, Type::Single(Element::Scalar(_) | Element::Enum(_)));
    match &field.presence {
        Presence::Required => None,
        Presence::Optional => is_number.then(|| "null".to_owned()),
        Presence::DefaultString(text) => Some(string(text)),
        Presence::DefaultEmptyVector => Some("[]".to_owned()),
        Presence::Default(value) if is_zero(*value) => None,
        Presence::Default(Value::Bool(value)) => Some(value.to_string()),
        Presence::Default(Value::Int(value)) => Some(match field.ty.element() {
            Element::Enum(id) => names(schema.enumeration(id), *value).unwrap_or_else(|| value.to_string()),
            _ => value.to_string(),
        }),
        Presence::Default(Value::Float(value)) => Some(float(*value, field.ty)),
    }
}

fn is_zero(value: Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::Int(value) => value == 0,
        Value::Float(value) => value.to_bits() == 0,
    }
}

/// The value of an enum by name, or the names of the flags that it consists of.
fn names(of: &Enum, value: i128) -> Option<String> {
    let is_flag = |mask: i128| of.kind == EnumKind::BitFlags && mask & value != 0;
    let named = of.values.iter().filter(|known| known.value == value || is_flag(known.value));
    let named: Vec<_> = named.filter(|known| !WORDS.contains(&known.name.to_ascii_lowercase().as_str())).collect();
    if named.iter().fold(0, |all, known| all | known.value) != value {
        return None;
    }
    match named[..] {
        [] => None,
        [one] => Some(one.name.clone()),
        _ => Some(string(&named.iter().map(|known| known.name.as_str()).collect::<Vec<_>>().join(" "))),
    }
}

/// The shortest digits that give the same number in the field's own width.
fn float(value: f64, ty: Type) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    match ty.element() {
        Element::Scalar(Scalar::F32) => format!("{:?}", value as f32),
        _ => format!("{value:?}"),
    }
}
