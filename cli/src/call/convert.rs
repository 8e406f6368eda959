//! Values of a schema as values of the Component Model, and back.
//!
//! Both walk the contract, which says how each type looks in WIT. What comes from a plugin is compared at every step: it
//! need not be what its contract says. Values of recursive types are trees here and lists of nodes in a call; see
//! [`tree`].

mod tree;

use std::collections::BTreeMap;

use fbs2wit::contract::{
    Contract, Enum, EnumForm, Field, FieldType, Presence, RESERVED_FIELD, Record as RecordDef, TypeId, Union, ValueType,
};
use fbs2wit::json::Path;
use fbs2wit::model::{self, Object, Scalar, Schema};
use fbs2wit::value::{Record, Value};
use hookr::dynamic::Value as Val;
use hookr_abi::InvalidValue;

use self::tree::{Lists, NewLists, Place};

/// A value does not have the type that its contract says.
#[derive(Debug, thiserror::Error)]
#[error("{path} is not what the contract says: {problem}")]
pub(crate) struct ConvertError {
    path: String,
    problem: String,
}

type Result<T> = std::result::Result<T, ConvertError>;

/// Converts the values of one contract.
#[derive(Debug)]
pub(crate) struct Converter<'a> {
    contract: &'a Contract,
    /// Each table and struct as the schema has it.
    objects: BTreeMap<TypeId, &'a Object>,
    keep_empty: bool,
}

impl<'a> Converter<'a> {
    /// For a contract that was made of this schema.
    pub(crate) fn new(schema: &'a Schema, contract: &'a Contract) -> Self {
        let by_name: BTreeMap<_, _> = schema.objects.iter().map(|object| (&object.name, object)).collect();
        let records = contract.records();
        let objects = records.filter_map(|record| Some((record.id, *by_name.get(&record.source)?))).collect();
        Converter { contract, objects, keep_empty: false }
    }

    /// Whether strings and lists that are empty, which count as absent, are kept in what comes from a plugin.
    pub(crate) fn keep_empty(mut self, keep_empty: bool) -> Self {
        self.keep_empty = keep_empty;
        self
    }

    /// A table or struct for a call.
    pub(crate) fn lower(&self, ty: TypeId, record: &Record) -> Result<Val> {
        self.lower_table(ty, record, Place::root(&Path::Root))
    }

    /// A table or struct out of a call.
    pub(crate) fn lift(&self, ty: TypeId, value: &Val) -> Result<Record> {
        self.lift_table(ty, value, Place::root(&Path::Root))
    }

    fn record(&self, ty: TypeId, path: &Path<'_>) -> Result<(&'a RecordDef, &'a Object)> {
        let record = self.contract.record(ty).zip(self.objects.get(&ty).copied());
        record.ok_or_else(|| error(path, "the contract has no such table"))
    }

    fn enumeration(&self, ty: TypeId, path: &Path<'_>) -> Result<&'a Enum> {
        self.contract.enumeration(ty).ok_or_else(|| error(path, "the contract has no such enum"))
    }

    fn union(&self, ty: TypeId, path: &Path<'_>) -> Result<&'a Union> {
        self.contract.union(ty).ok_or_else(|| error(path, "the contract has no such union"))
    }

    /// The fields of a table or a struct; a table of a recursive group stands in a list of its tree.
    fn lower_record(&self, ty: TypeId, record: &Record, at: Place<'_, NewLists>) -> Result<Val> {
        let (def, object) = self.record(ty, at.path)?;
        if def.fields.is_empty() {
            return Ok(Val::Record(vec![(RESERVED_FIELD.to_owned(), Val::Bool(false))]));
        }
        let at = at.enter(def.wire)?;
        let mut fields = Vec::with_capacity(def.fields.len());
        for field in &def.fields {
            let path = at.path.key(&field.source);
            let value = record.get(source(object, field, &path)?);
            fields.push((field.label.clone(), self.lower_field(field, value, at.with(&path))?));
        }
        Ok(Val::Record(fields))
    }

    fn lower_field(&self, field: &Field, value: Option<&Value>, at: Place<'_, NewLists>) -> Result<Val> {
        let lower = |value: &Value| self.lower_type(field.ty, value, at);
        match (value, &field.presence) {
            (Some(value), Presence::Optional) => Ok(Val::Option(Some(Box::new(lower(value)?)))),
            (Some(value), _) => lower(value),
            (None, Presence::Optional) => Ok(Val::Option(None)),
            (None, Presence::Default(value)) => lower(&constant(*value)),
            (None, Presence::DefaultText(text)) => Ok(Val::String(text.clone())),
            (None, Presence::Empty) => match field.ty {
                FieldType::Single(ValueType::Union(id)) => {
                    self.lower_union(id, self.union(id, at.path)?.none.value, None, at)
                }
                FieldType::Single(_) => Ok(Val::String(String::new())),
                FieldType::List(_) => Ok(Val::List(Vec::new())),
                FieldType::Array(..) => Err(error(at.path, "it is required and missing")),
            },
            (None, Presence::Required) => Err(error(at.path, "it is required and missing")),
        }
    }

    fn lower_type(&self, ty: FieldType, value: &Value, at: Place<'_, NewLists>) -> Result<Val> {
        let lower_all = |ty, values: &[Value]| -> Result<Vec<Val>> {
            let values = values.iter().enumerate();
            values.map(|(i, value)| self.lower_value(ty, value, at.with(&at.path.index(i)))).collect()
        };
        match (ty, value) {
            (FieldType::Single(ty), value) => self.lower_value(ty, value, at),
            (FieldType::List(ValueType::Scalar(Scalar::U8)), Value::Bytes(bytes)) => {
                Ok(Val::List(bytes.iter().copied().map(Val::U8).collect()))
            }
            (FieldType::List(ty), Value::Vector(values)) => lower_all(ty, values).map(Val::List),
            (FieldType::List(_), _) => Err(error(at.path, "it is not a vector")),
            (FieldType::Array(element, length), Value::Vector(values)) if values.len() == usize::from(length) => {
                lower_all(element, values).map(if ty.is_long_array() { Val::List } else { Val::Tuple })
            }
            (FieldType::Array(_, length), _) => Err(error(at.path, format!("it is not an array of {length}"))),
        }
    }

    fn lower_value(&self, ty: ValueType, value: &Value, at: Place<'_, NewLists>) -> Result<Val> {
        let path = at.path;
        match (ty, value) {
            (ValueType::Scalar(scalar), value) => lower_scalar(scalar, value, path),
            (ValueType::String, Value::String(text)) => Ok(Val::String(text.clone())),
            (ValueType::Enum(id), Value::Int(value)) => self.lower_enum(id, *value, path),
            (ValueType::Enum(id), Value::Bool(value)) => self.lower_enum(id, i128::from(*value), path),
            (ValueType::Struct(id) | ValueType::Table(id), Value::Record(record)) => self.lower_table(id, record, at),
            (ValueType::Union(id), Value::Union(tag, value)) => self.lower_union(id, *tag, value.as_deref(), at),
            _ => Err(error(path, "it is of another type")),
        }
    }

    /// The variant of a union; one of a recursive group is the root of a tree, or in one.
    fn lower_variant(&self, ty: TypeId, tag: i128, value: Option<&Value>, at: Place<'_, NewLists>) -> Result<Val> {
        let def = self.union(ty, at.path)?;
        if tag == def.none.value && value.is_none() {
            return Ok(Val::Variant(def.none.label.clone(), None));
        }
        let member = def.members.iter().find(|member| member.case.value == tag);
        let (member, value) = member.zip(value).ok_or_else(|| {
            error(at.path, format!("the union `{}` has no member with the tag {tag} and such a value", def.source))
        })?;
        let payload = self.lower_value(member.ty, value, at)?;
        Ok(Val::Variant(member.case.label.clone(), Some(Box::new(payload))))
    }

    fn lower_enum(&self, ty: TypeId, value: i128, path: &Path<'_>) -> Result<Val> {
        let def = self.enumeration(ty, path)?;
        match (&def.form, def.case(value)) {
            (EnumForm::Integer { .. }, _) => lower_scalar(def.repr, &Value::Int(value), path),
            (EnumForm::Flags, _) => {
                let set = def.set(value).ok_or_else(|| {
                    error(path, format!("the flags `{}` have no names for all bits of {value}", def.source))
                })?;
                Ok(Val::Flags(set.into_iter().map(|case| case.label.clone()).collect()))
            }
            (EnumForm::Closed, Some(case)) => Ok(Val::Enum(case.label.clone())),
            (EnumForm::Closed, None) => Err(error(path, format!("the enum `{}` has no value {value}", def.source))),
            (EnumForm::Open(_), Some(case)) => Ok(Val::Variant(case.label.clone(), None)),
            (EnumForm::Open(unknown), None) => {
                let payload = lower_scalar(def.repr, &Value::Int(value), path)?;
                Ok(Val::Variant(unknown.label.clone(), Some(Box::new(payload))))
            }
        }
    }

    /// The fields of a table or a struct; a table of a recursive group stands in a list of its tree.
    fn lift_record(&self, ty: TypeId, value: &Val, at: Place<'_, Lists<'_>>) -> Result<Record> {
        let (def, object) = self.record(ty, at.path)?;
        let Val::Record(fields) = value else { return Err(error(at.path, "it is not a record")) };
        let mut record = Record::new();
        if def.fields.is_empty() {
            return match fields.as_slice() {
                [(label, Val::Bool(_))] if label == RESERVED_FIELD => Ok(record),
                _ => Err(error(at.path, "it is not the record of an empty table")),
            };
        }
        if fields.len() != def.fields.len() {
            let expected = def.fields.len();
            return Err(error(at.path, format!("the record has {} fields, expected {expected}", fields.len())));
        }
        let at = at.enter(def.wire)?;
        for (field, (label, value)) in def.fields.iter().zip(fields) {
            let path = at.path.key(&field.source);
            if field.label != *label {
                return Err(error(&path, format!("the field is called `{label}`, expected `{}`", field.label)));
            }
            if let Some(value) = self.lift_field(field, value, at.with(&path))? {
                record.insert(source(object, field, &path)?, value);
            }
        }
        Ok(record)
    }

    fn lift_field(&self, field: &Field, value: &Val, at: Place<'_, Lists<'_>>) -> Result<Option<Value>> {
        match (&field.presence, value) {
            (Presence::Optional, Val::Option(None)) => Ok(None),
            (Presence::Optional, Val::Option(Some(value))) => self.lift_type(field.ty, value, at).map(Some),
            (Presence::Optional, _) => Err(error(at.path, "it is not an option")),
            (Presence::Empty, value) => {
                let value = self.lift_type(field.ty, value, at)?;
                Ok(Some(value).filter(|value| self.keep_empty || !is_empty(value)))
            }
            _ => self.lift_type(field.ty, value, at).map(Some),
        }
    }

    fn lift_type(&self, ty: FieldType, value: &Val, at: Place<'_, Lists<'_>>) -> Result<Value> {
        let lift_all = |ty, values: &[Val]| -> Result<Value> {
            let values = values.iter().enumerate();
            let values = values.map(|(i, value)| self.lift_value(ty, value, at.with(&at.path.index(i))));
            values.collect::<Result<_>>().map(Value::Vector)
        };
        match (ty, value) {
            (FieldType::Single(ty), value) => self.lift_value(ty, value, at),
            (FieldType::List(ValueType::Scalar(Scalar::U8)), Val::List(values)) => {
                let bytes = values.iter().map(|value| match value {
                    Val::U8(byte) => Ok(*byte),
                    _ => Err(error(at.path, "it is not a list of u8")),
                });
                bytes.collect::<Result<_>>().map(Value::Bytes)
            }
            (FieldType::List(ty), Val::List(values)) => lift_all(ty, values),
            (FieldType::List(_), _) => Err(error(at.path, "it is not a list")),
            (FieldType::Array(element, length), Val::List(values)) if ty.is_long_array() => {
                if values.len() != usize::from(length) {
                    return Err(error(at.path, format!("it has {} elements, expected {length}", values.len())));
                }
                lift_all(element, values)
            }
            (FieldType::Array(_, length), _) if ty.is_long_array() => {
                Err(error(at.path, format!("it is not a list of {length}")))
            }
            (FieldType::Array(element, length), Val::Tuple(values)) if values.len() == usize::from(length) => {
                lift_all(element, values)
            }
            (FieldType::Array(_, length), _) => Err(error(at.path, format!("it is not a tuple of {length}"))),
        }
    }

    fn lift_value(&self, ty: ValueType, value: &Val, at: Place<'_, Lists<'_>>) -> Result<Value> {
        match (ty, value) {
            (ValueType::Scalar(scalar), value) => lift_scalar(scalar, value, at.path),
            (ValueType::String, Val::String(text)) => Ok(Value::String(text.clone())),
            (ValueType::String, _) => Err(error(at.path, "it is not a string")),
            (ValueType::Enum(id), value) => self.lift_enum(id, value, at.path),
            (ValueType::Struct(id) | ValueType::Table(id), value) => self.lift_table(id, value, at).map(Value::Record),
            (ValueType::Union(id), value) => self.lift_union(id, value, at),
        }
    }

    /// The variant of a union; one of a recursive group is the root of a tree, or in one.
    fn lift_variant(&self, ty: TypeId, value: &Val, at: Place<'_, Lists<'_>>) -> Result<Value> {
        let def = self.union(ty, at.path)?;
        let no_member = || error(at.path, format!("it is no member of the union `{}`", def.source));
        match value {
            Val::Variant(label, None) if *label == def.none.label => Ok(Value::Union(def.none.value, None)),
            Val::Variant(label, Some(payload)) => {
                let member = def.members.iter().find(|member| member.case.label == *label).ok_or_else(no_member)?;
                let value = self.lift_value(member.ty, payload, at)?;
                Ok(Value::Union(member.case.value, Some(Box::new(value))))
            }
            _ => Err(no_member()),
        }
    }

    fn lift_enum(&self, ty: TypeId, value: &Val, path: &Path<'_>) -> Result<Value> {
        let def = self.enumeration(ty, path)?;
        let named = |label: &str| def.cases.iter().find(|case| case.label == label).map(|case| Value::Int(case.value));
        let found = match (&def.form, value) {
            (EnumForm::Integer { .. }, value) => Some(lift_scalar(def.repr, value, path)?),
            (EnumForm::Flags, Val::Flags(set)) => {
                let cases = set.iter().map(|label| def.cases.iter().find(|case| case.label == *label));
                let mut masks = cases.map(|case| case.map(|case| case.value));
                masks.try_fold(0, |all, mask| Some(all | mask?)).map(Value::Int)
            }
            (EnumForm::Closed, Val::Enum(label)) => named(label),
            (EnumForm::Open(_), Val::Variant(label, None)) => named(label),
            (EnumForm::Open(unknown), Val::Variant(label, Some(payload))) if *label == unknown.label => {
                Some(lift_scalar(def.repr, payload, path)?)
            }
            _ => None,
        };
        found.ok_or_else(|| error(path, format!("it is no value of the enum `{}`", def.source)))
    }
}

/// The schema's field of a contract's field.
fn source<'a>(object: &'a Object, field: &Field, path: &Path<'_>) -> Result<&'a model::Field> {
    let found = object.fields.iter().find(|known| known.id == field.slot && known.name == field.source);
    found.ok_or_else(|| error(path, "the schema has no such field"))
}

fn constant(value: model::Value) -> Value {
    match value {
        model::Value::Bool(value) => Value::Bool(value),
        model::Value::Int(value) => Value::Int(value),
        model::Value::Float(value) => Value::Float(value),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::Vector(values) => values.is_empty(),
        Value::Union(_, None) => true,
        _ => false,
    }
}

fn lower_scalar(scalar: Scalar, value: &Value, path: &Path<'_>) -> Result<Val> {
    fn int<T: TryFrom<i128>>(value: i128, path: &Path<'_>) -> Result<T> {
        T::try_from(value).map_err(|_| error(path, format!("{value} does not fit its type")))
    }
    match (scalar, value) {
        (Scalar::Bool, Value::Bool(value)) => Ok(Val::Bool(*value)),
        (Scalar::I8, Value::Int(value)) => int(*value, path).map(Val::S8),
        (Scalar::U8, Value::Int(value)) => int(*value, path).map(Val::U8),
        (Scalar::I16, Value::Int(value)) => int(*value, path).map(Val::S16),
        (Scalar::U16, Value::Int(value)) => int(*value, path).map(Val::U16),
        (Scalar::I32, Value::Int(value)) => int(*value, path).map(Val::S32),
        (Scalar::U32, Value::Int(value)) => int(*value, path).map(Val::U32),
        (Scalar::I64, Value::Int(value)) => int(*value, path).map(Val::S64),
        (Scalar::U64, Value::Int(value)) => int(*value, path).map(Val::U64),
        // A float's value is one of 32 bits already.
        (Scalar::F32, Value::Float(value)) => Ok(Val::Float32(*value as f32)),
        (Scalar::F64, Value::Float(value)) => Ok(Val::Float64(*value)),
        _ => Err(error(path, format!("it is no `{}`", scalar.fbs_name()))),
    }
}

fn lift_scalar(scalar: Scalar, value: &Val, path: &Path<'_>) -> Result<Value> {
    match (scalar, value) {
        (Scalar::Bool, Val::Bool(value)) => Ok(Value::Bool(*value)),
        (Scalar::I8, Val::S8(value)) => Ok(Value::Int((*value).into())),
        (Scalar::U8, Val::U8(value)) => Ok(Value::Int((*value).into())),
        (Scalar::I16, Val::S16(value)) => Ok(Value::Int((*value).into())),
        (Scalar::U16, Val::U16(value)) => Ok(Value::Int((*value).into())),
        (Scalar::I32, Val::S32(value)) => Ok(Value::Int((*value).into())),
        (Scalar::U32, Val::U32(value)) => Ok(Value::Int((*value).into())),
        (Scalar::I64, Val::S64(value)) => Ok(Value::Int((*value).into())),
        (Scalar::U64, Val::U64(value)) => Ok(Value::Int((*value).into())),
        (Scalar::F32, Val::Float32(value)) => Ok(Value::Float((*value).into())),
        (Scalar::F64, Val::Float64(value)) => Ok(Value::Float(*value)),
        _ => Err(error(path, format!("it is no `{}`", scalar.wit_name()))),
    }
}

/// An error of a tree or of its depth, found there.
fn invalid(path: &Path<'_>) -> impl Fn(InvalidValue) -> ConvertError {
    |problem| error(path, problem.to_string())
}

fn error(path: &Path<'_>, problem: impl Into<String>) -> ConvertError {
    ConvertError { path: path.to_string(), problem: problem.into() }
}

#[cfg(test)]
mod tests;
