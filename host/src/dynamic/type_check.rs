use wasmtime::component::{Type, Val};

/// A value is not of the type that is asked for.
#[derive(Debug, thiserror::Error)]
#[error("{path} is {found}, expected {expected}")]
pub(super) struct TypeMismatch {
    path: String,
    expected: String,
    found: &'static str,
}

/// Compares a value with a type, without a plugin's help.
pub(super) fn check(value: &Val, ty: &Type) -> Result<(), TypeMismatch> {
    check_at(value, ty, &mut String::from("the request"))
}

fn check_at(value: &Val, ty: &Type, path: &mut String) -> Result<(), TypeMismatch> {
    let mismatch =
        |path: &str, expected: String| Err(TypeMismatch { path: path.to_owned(), expected, found: kind(value) });
    match (ty, value) {
        (Type::Bool, Val::Bool(_))
        | (Type::S8, Val::S8(_))
        | (Type::U8, Val::U8(_))
        | (Type::S16, Val::S16(_))
        | (Type::U16, Val::U16(_))
        | (Type::S32, Val::S32(_))
        | (Type::U32, Val::U32(_))
        | (Type::S64, Val::S64(_))
        | (Type::U64, Val::U64(_))
        | (Type::Float32, Val::Float32(_))
        | (Type::Float64, Val::Float64(_))
        | (Type::Char, Val::Char(_))
        | (Type::String, Val::String(_)) => Ok(()),
        (Type::List(ty), Val::List(values)) => {
            values.iter().enumerate().try_for_each(|(i, value)| within(path, &format!("[{i}]"), value, &ty.ty()))
        }
        (Type::Record(ty), Val::Record(fields)) => {
            if ty.fields().len() != fields.len() {
                return mismatch(path, format!("a record with {} fields", ty.fields().len()));
            }
            for (field, (name, value)) in ty.fields().zip(fields) {
                if field.name != name {
                    return mismatch(path, format!("a record with the field {}", field.name));
                }
                within(path, &format!(".{name}"), value, &field.ty)?;
            }
            Ok(())
        }
        (Type::Tuple(ty), Val::Tuple(values)) if ty.types().len() == values.len() => {
            let mut pairs = ty.types().zip(values).enumerate();
            pairs.try_for_each(|(i, (ty, value))| within(path, &format!(".{i}"), value, &ty))
        }
        (Type::Option(_), Val::Option(None)) => Ok(()),
        (Type::Option(ty), Val::Option(Some(value))) => check_at(value, &ty.ty(), path),
        (Type::Enum(ty), Val::Enum(name)) if ty.names().any(|known| known == name) => Ok(()),
        (Type::Variant(ty), Val::Variant(name, payload)) => {
            let Some(case) = ty.cases().find(|case| case.name == name) else {
                return mismatch(path, format!("a variant with the case {name}"));
            };
            match (&case.ty, payload) {
                (None, None) => Ok(()),
                (Some(ty), Some(value)) => within(path, &format!(".{name}"), value, ty),
                _ => mismatch(path, format!("the payload of the case {name}")),
            }
        }
        (Type::Flags(ty), Val::Flags(names)) if names.iter().all(|name| ty.names().any(|known| known == name)) => {
            Ok(())
        }
        (ty, _) => mismatch(path, ty_kind(ty).to_owned()),
    }
}

fn within(path: &mut String, step: &str, value: &Val, ty: &Type) -> Result<(), TypeMismatch> {
    let len = path.len();
    path.push_str(step);
    check_at(value, ty, path)?;
    path.truncate(len);
    Ok(())
}

fn kind(value: &Val) -> &'static str {
    match value {
        Val::Bool(_) => "a bool",
        Val::S8(_) => "an s8",
        Val::U8(_) => "a u8",
        Val::S16(_) => "an s16",
        Val::U16(_) => "a u16",
        Val::S32(_) => "an s32",
        Val::U32(_) => "a u32",
        Val::S64(_) => "an s64",
        Val::U64(_) => "a u64",
        Val::Float32(_) => "an f32",
        Val::Float64(_) => "an f64",
        Val::Char(_) => "a char",
        Val::String(_) => "a string",
        Val::List(_) => "a list",
        Val::Record(_) => "a record",
        Val::Tuple(_) => "a tuple",
        Val::Variant(..) => "a variant",
        Val::Enum(_) => "another case of an enum",
        Val::Option(_) => "an option",
        Val::Result(_) => "a result",
        Val::Flags(_) => "flags",
        _ => "of a kind that contracts do not use",
    }
}

fn ty_kind(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "a bool",
        Type::S8 => "an s8",
        Type::U8 => "a u8",
        Type::S16 => "an s16",
        Type::U16 => "a u16",
        Type::S32 => "an s32",
        Type::U32 => "a u32",
        Type::S64 => "an s64",
        Type::U64 => "a u64",
        Type::Float32 => "an f32",
        Type::Float64 => "an f64",
        Type::Char => "a char",
        Type::String => "a string",
        Type::List(_) => "a list",
        Type::Record(_) => "a record",
        Type::Tuple(_) => "a tuple of another length",
        Type::Variant(_) => "a variant",
        Type::Enum(_) => "a case of the enum",
        Type::Option(_) => "an option",
        Type::Result(_) => "a result",
        Type::Flags(_) => "flags of the type",
        _ => "a type that contracts do not use",
    }
}
