use std::collections::BTreeMap;

use super::nesting::Nesting;
use super::{
    Case, ContractOptions, Enum, EnumForm, Field, FieldType, Member, Presence, Record, RecordKind, TypeDef, TypeId,
    Union, UnknownCase, ValueType, WireForm, docs, integers,
};
use crate::model::{self, Element, EnumId, EnumKind, ObjectId, ObjectKind, QualifiedName, Scalar, Schema, Type};
use crate::names::{Kind, RESERVED_MODULES, RustScope, Scope, camel, kebab, snake};
use crate::value::forced_alignment;

pub(super) fn id_of_enum(id: EnumId) -> TypeId {
    TypeId(id.0)
}

pub(super) fn id_of_object(schema: &Schema, id: ObjectId) -> TypeId {
    TypeId(schema.enums.len() as u32 + id.0)
}

/// Every type of a schema in which nothing is refused.
pub(super) fn lower(schema: &Schema, options: &ContractOptions, nesting: &Nesting) -> Vec<TypeDef> {
    let names: Vec<&QualifiedName> =
        schema.enums.iter().map(|e| &e.name).chain(schema.objects.iter().map(|o| &o.name)).collect();
    let labels = labels(&names, &schema.namespace);
    let enum_count = schema.enums.len();
    let mut types: Vec<TypeDef> = Vec::with_capacity(names.len());
    let mut modules = modules(schema, &labels);
    for (i, (e, label)) in schema.enums.iter().zip(&labels).enumerate() {
        let id = TypeId(i as u32);
        types.push(match e.kind {
            EnumKind::Union => TypeDef::Union(lower_union(schema, e, id, label)),
            EnumKind::Plain | EnumKind::BitFlags => {
                TypeDef::Enum(lower_enum(e, id, label, modules.remove(&EnumId(i as u32))))
            }
        });
    }
    for (i, (object, label)) in schema.objects.iter().zip(&labels[enum_count..]).enumerate() {
        let depth = nesting.depth(ObjectId(i as u32)).unwrap_or(u32::MAX);
        types.push(TypeDef::Record(lower_object(schema, options, object, ObjectId(i as u32), label, depth)));
    }
    decide_wire_forms(&mut types);
    types
}

/// The Rust module of the masks of each enum whose values are integers, after its label; which gets a name that several
/// want does not depend on the order of declarations.
fn modules(schema: &Schema, labels: &[String]) -> BTreeMap<EnumId, String> {
    let mut scope: RustScope = RESERVED_MODULES.iter().copied().collect();
    let integers = integers(schema).into_iter();
    let mut wanted: Vec<_> = integers.filter_map(|id| Some((labels.get(id.0 as usize)?, id))).collect();
    wanted.sort_unstable();
    wanted.into_iter().map(|(label, id)| (id, scope.claim(&snake(label)))).collect()
}

/// A label for each name of one kind: the short name, with the namespace before it where types of several namespaces
/// have the same short name. Those of the contract's own namespace keep the short one.
fn labels(names: &[&QualifiedName], own: &[String]) -> Vec<String> {
    let mut scope = Scope::default();
    let preferred = preferred_labels(names, own);
    let mut labels = scope.claim_all(&preferred, Kind::Type);
    // wasmtime's derive puts a struct `LowerX` beside `X`.
    for (i, label) in labels.clone().iter().enumerate() {
        if let Some(base) = label.strip_prefix("lower-")
            && labels.iter().any(|other| other == base)
        {
            labels[i] = scope.claim(&format!("{label}-type"), Kind::Type);
        }
    }
    labels
}

/// `(full name, label)` for each, before clashes inside one namespace are settled.
pub(super) fn preferred_labels(names: &[&QualifiedName], own: &[String]) -> Vec<(String, String)> {
    let mut namespaces: BTreeMap<String, Vec<&[String]>> = BTreeMap::new();
    for name in names {
        let entry = namespaces.entry(kebab(&name.name)).or_default();
        if !entry.contains(&&name.namespace[..]) {
            entry.push(&name.namespace);
        }
    }
    let preferred = names.iter().map(|name| {
        let short = kebab(&name.name);
        let shared = namespaces.get(&short).is_some_and(|namespaces| namespaces.len() > 1);
        let label = if shared && name.namespace != own { kebab(&name.to_string().replace('.', "_")) } else { short };
        (name.to_string(), label)
    });
    preferred.collect()
}

/// `module` is where the masks are if the values are integers.
fn lower_enum(e: &model::Enum, id: TypeId, label: &str, module: Option<String>) -> Enum {
    let mut scope = Scope::default();
    let names: Vec<_> = e.values.iter().map(|value| (value.name.clone(), kebab(&value.name))).collect();
    let labels = scope.claim_all(&names, Kind::Case);
    let cases = e.values.iter().zip(labels).map(|(value, label)| Case {
        source: value.name.clone(),
        rust: camel(&label),
        label,
        value: value.value,
        docs: docs::lines(&value.docs),
    });
    let cases: Vec<Case> = cases.collect();
    let dense = !cases.is_empty() && cases.iter().zip(0..).all(|(case, i)| case.value == i);
    let flags = e.kind == EnumKind::BitFlags;
    let form = match module {
        Some(module) => EnumForm::Integer { module: Some(module).filter(|_| !cases.is_empty()) },
        None if flags => EnumForm::Flags,
        None if dense => EnumForm::Closed,
        None => {
            let label = scope.claim("unknown", Kind::Case);
            EnumForm::Open(UnknownCase { rust: camel(&label), label })
        }
    };
    let default =
        if flags || cases.iter().any(|case| case.value == 0) { 0 } else { cases.first().map_or(0, |case| case.value) };
    Enum {
        id,
        source: e.name.clone(),
        label: label.to_owned(),
        rust: camel(label),
        // A bool that is not 0 or 1 has to be kept apart too.
        repr: if e.underlying == Scalar::Bool { Scalar::U8 } else { e.underlying },
        cases,
        form,
        default,
        docs: docs::lines(&e.docs),
    }
}

fn lower_union(schema: &Schema, union: &model::Enum, id: TypeId, label: &str) -> Union {
    let mut scope = Scope::default();
    let none = scope.claim("none", Kind::Case);
    let values: Vec<_> = union.values.iter().filter_map(|value| Some((value, value.member?))).collect();
    let names: Vec<_> = values.iter().map(|(value, _)| (value.name.clone(), kebab(&value.name))).collect();
    let labels = scope.claim_all(&names, Kind::Case);
    let members = values.into_iter().zip(labels).filter_map(|((value, element), label)| {
        let case = Case {
            source: value.name.clone(),
            rust: camel(&label),
            label,
            value: value.value,
            docs: docs::lines(&value.docs),
        };
        Some(Member { case, ty: value_type(schema, element)? })
    });
    Union {
        id,
        source: union.name.clone(),
        label: label.to_owned(),
        rust: camel(label),
        repr: union.underlying,
        members: members.collect(),
        none: Case { source: "NONE".to_owned(), rust: camel(&none), label: none, value: 0, docs: Vec::new() },
        wire: WireForm::Same,
        docs: docs::lines(&union.docs),
    }
}

fn lower_object(
    schema: &Schema,
    options: &ContractOptions,
    object: &model::Object,
    id: ObjectId,
    label: &str,
    depth: u32,
) -> Record {
    let fields: Vec<&model::Field> = object.live_fields().collect();
    let key = fields.iter().position(|field| field.key);
    let names: Vec<_> = fields.iter().map(|field| (field.name.clone(), kebab(&field.name))).collect();
    let labels = Scope::default().claim_all(&names, Kind::Field);
    let fields = fields.iter().zip(labels).filter_map(|(field, label)| {
        Some(Field {
            source: field.name.clone(),
            rust: snake(&label),
            label,
            slot: field.id,
            offset: field.offset,
            ty: field_type(schema, field.ty)?,
            presence: presence(schema, options, field),
            align: forced_alignment(schema, object, field),
            docs: docs::of_field(schema, field),
        })
    });
    Record {
        id: id_of_object(schema, id),
        source: object.name.clone(),
        label: label.to_owned(),
        rust: camel(label),
        kind: match object.kind {
            ObjectKind::Table => RecordKind::Table,
            ObjectKind::Struct { size, align } => RecordKind::Struct { size, align },
        },
        fields: fields.collect(),
        key,
        wire: WireForm::Same,
        has_lists: false,
        depth,
        docs: docs::lines(&object.docs),
    }
}

/// `None` for what has been refused.
fn field_type(schema: &Schema, ty: Type) -> Option<FieldType> {
    match ty {
        Type::Single(element) => value_type(schema, element).map(FieldType::Single),
        Type::Vector(element) => value_type(schema, element).map(FieldType::List),
        Type::Array(element, length) => value_type(schema, element).map(|value| FieldType::Array(value, length)),
    }
}

fn value_type(schema: &Schema, element: Element) -> Option<ValueType> {
    Some(match element {
        Element::Scalar(scalar) => ValueType::Scalar(scalar),
        Element::String => ValueType::String,
        Element::Object(id) if schema.object(id).is_struct() => ValueType::Struct(id_of_object(schema, id)),
        Element::Object(id) => ValueType::Table(id_of_object(schema, id)),
        Element::Enum(id) => ValueType::Enum(id_of_enum(id)),
        Element::Union(id) => ValueType::Union(id_of_enum(id)),
    })
}

fn presence(schema: &Schema, options: &ContractOptions, field: &model::Field) -> Presence {
    let is_object = |element| matches!(element, Element::Object(id) if id.0 < schema.objects.len() as u32);
    match &field.presence {
        model::Presence::Default(value) => Presence::Default(*value),
        model::Presence::DefaultString(text) if text.is_empty() => Presence::Empty,
        model::Presence::DefaultString(text) => Presence::DefaultText(text.clone()),
        model::Presence::DefaultEmptyVector => Presence::Empty,
        model::Presence::Required => Presence::Required,
        model::Presence::Optional => match field.ty {
            Type::Single(element) if is_object(element) => Presence::Optional,
            Type::Single(Element::Scalar(_) | Element::Enum(_)) => Presence::Optional,
            // It has a case for that.
            Type::Single(Element::Union(_)) => Presence::Empty,
            _ if model::attribute(&field.attributes, &options.optional_attribute).is_some() => Presence::Optional,
            _ => Presence::Empty,
        },
    }
}

/// Empty records and those with arrays have a form of their own, and so has whatever holds one that has.
fn decide_wire_forms(types: &mut [TypeDef]) {
    let distinct = spread(types, |def| match def {
        TypeDef::Record(record) => {
            record.fields.is_empty() || record.fields.iter().any(|field| matches!(field.ty, FieldType::Array(..)))
        }
        TypeDef::Enum(_) | TypeDef::Union(_) => false,
    });
    let owning = spread(types, |def| match def {
        TypeDef::Record(record) => record
            .fields
            .iter()
            .any(|field| matches!(field.ty, FieldType::List(_) | FieldType::Single(ValueType::String))),
        TypeDef::Union(union) => union.members.iter().any(|member| member.ty == ValueType::String),
        TypeDef::Enum(_) => false,
    });
    for (i, def) in types.iter_mut().enumerate() {
        let form = if distinct[i] { WireForm::Distinct } else { WireForm::Same };
        match def {
            TypeDef::Record(record) => {
                record.wire = form;
                record.has_lists = owning[i];
            }
            TypeDef::Union(union) => union.wire = form,
            TypeDef::Enum(_) => {}
        }
    }
}

/// For each type, whether it or a type that it holds has a property.
fn spread(types: &[TypeDef], property: impl Fn(&TypeDef) -> bool) -> Vec<bool> {
    let mut holds: Vec<bool> = types.iter().map(property).collect();
    // As often as types nest, which is bounded.
    loop {
        let mut changed = false;
        for (i, def) in types.iter().enumerate() {
            let holds_one = |ty: ValueType| ty.type_id().is_some_and(|id| holds[id.0 as usize]);
            let inner = match def {
                TypeDef::Record(record) => record.fields.iter().any(|field| holds_one(field.ty.value())),
                TypeDef::Union(union) => union.members.iter().any(|member| holds_one(member.ty)),
                TypeDef::Enum(_) => false,
            };
            if !holds[i] && inner {
                holds[i] = true;
                changed = true;
            }
        }
        if !changed {
            return holds;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(full: &[&str]) -> Vec<QualifiedName> {
        let split = |name: &&str| {
            let mut segments: Vec<String> = name.split('.').map(str::to_owned).collect();
            let name = segments.pop().unwrap_or_default();
            QualifiedName { namespace: segments, name }
        };
        full.iter().map(split).collect()
    }

    fn label(full: &[&str], own: &str) -> Vec<String> {
        let names = names(full);
        labels(&names.iter().collect::<Vec<_>>(), &[own.to_owned()])
    }

    #[test]
    fn namespaces_show_only_where_they_must() {
        assert_eq!(label(&["A.Foo", "B.Foo", "B.Bar", "C.D.Foo"], "A"), ["foo", "b-foo", "bar", "c-d-foo"]);
        assert_eq!(label(&["B.Foo", "C.Foo"], "A"), ["b-foo", "c-foo"]);
        assert_eq!(label(&["A.FooBar", "A.Foo_bar"], "A"), ["foo-bar", "foo-bar2"]);
        assert_eq!(label(&["A.Foo", "A.LowerFoo", "A.LowerBar"], "A"), ["foo", "lower-foo-type", "lower-bar"]);
    }
}
