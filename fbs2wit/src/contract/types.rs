use std::collections::{BTreeMap, BTreeSet};

use super::nesting::Nesting;
use super::{
    Case, ContractOptions, Enum, EnumForm, Field, FieldType, Member, NodeList, Presence, Record, RecordKind, Recursion,
    RecursiveGroup, Tree, TypeDef, TypeId, Union, UnknownCase, ValueType, WireForm, docs, integers, wire_form,
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

/// Every type of a schema in which nothing is refused, and the groups of those that hold themselves.
pub(super) fn lower(
    schema: &Schema,
    options: &ContractOptions,
    nesting: &Nesting,
) -> (Vec<TypeDef>, Vec<RecursiveGroup>) {
    let names: Vec<&QualifiedName> =
        schema.enums.iter().map(|e| &e.name).chain(schema.objects.iter().map(|o| &o.name)).collect();
    let trees = used_outside(schema, nesting);
    let (labels, tree_labels) = labels(&names, &schema.namespace, &trees);
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
        let id = ObjectId(i as u32);
        let depth = nesting.depth(id_of_object(schema, id));
        types.push(TypeDef::Record(lower_object(schema, options, object, id, label, depth)));
    }
    for (i, def) in types.iter_mut().enumerate() {
        let id = TypeId(i as u32);
        let tree = tree_labels.get(&id).map(|label| Tree { label: label.clone(), rust: camel(label) });
        let recursion = nesting.group_of(id).map(|group| Recursion { group, list: None, tree });
        match def {
            TypeDef::Record(record) => record.recursion = recursion,
            TypeDef::Union(union) => union.recursion = recursion,
            TypeDef::Enum(_) => {}
        }
    }
    wire_form::decide(&mut types);
    let groups: Vec<_> = nesting.groups().iter().map(|members| lower_group(&types, members)).collect();
    for (i, list) in groups.iter().flat_map(|group| group.tables.iter().enumerate()) {
        if let TypeDef::Record(Record { recursion: Some(recursion), .. }) = &mut types[list.table.0 as usize] {
            recursion.list = Some(i);
        }
    }
    (types, groups)
}

fn lower_group(types: &[TypeDef], members: &[TypeId]) -> RecursiveGroup {
    let (mut tables, mut unions) = (Vec::new(), Vec::new());
    for &id in members {
        match &types[id.0 as usize] {
            TypeDef::Record(record) => {
                // Labels of types differ, and so do these.
                let label = format!("{}-list", record.label);
                tables.push(NodeList { table: id, rust: snake(&label), label });
            }
            TypeDef::Union(_) | TypeDef::Enum(_) => unions.push(id),
        }
    }
    // The order of declarations does not count: contracts that differ in it alone have one ID.
    tables.sort_by(|a, b| a.label.cmp(&b.label));
    RecursiveGroup { tables, unions }
}

/// The recursive types of which a method, or a type outside of their group, has values.
pub(super) fn used_outside(schema: &Schema, nesting: &Nesting) -> BTreeSet<TypeId> {
    let methods = schema.services.iter().flat_map(|service| &service.methods);
    let tables = methods.flat_map(|method| [method.request, method.response]).map(|id| id_of_object(schema, id));
    let types = (0..(schema.enums.len() + schema.objects.len()) as u32).map(TypeId);
    let held = types.flat_map(|holder| {
        let outside = move |child: &TypeId| nesting.group_of(*child) != nesting.group_of(holder);
        nesting.children(holder).iter().copied().filter(outside)
    });
    tables.chain(held).filter(|&id| nesting.group_of(id).is_some()).collect()
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
/// have the same short name. Those of the contract's own namespace keep the short one. Then a label for each of `trees`,
/// which gives way to those.
fn labels(
    names: &[&QualifiedName],
    own: &[String],
    trees: &BTreeSet<TypeId>,
) -> (Vec<String>, BTreeMap<TypeId, String>) {
    let mut scope = Scope::default();
    let preferred = preferred_labels(names, own);
    let mut labels = scope.claim_all(&preferred, Kind::Type);
    let wanted: Vec<_> = trees.iter().map(|id| id.0 as usize).collect();
    let wanted = wanted.into_iter().map(|i| (names[i].to_string(), format!("{}-tree", labels[i])));
    labels.extend(scope.claim_all(&wanted.collect::<Vec<_>>(), Kind::Type));
    // wasmtime's derive puts a struct `LowerX` beside `X`.
    let all: BTreeSet<String> = labels.iter().cloned().collect();
    for label in &mut labels {
        if label.strip_prefix("lower-").is_some_and(|base| all.contains(base)) {
            *label = scope.claim(&format!("{label}-type"), Kind::Type);
        }
    }
    let of_trees = labels.split_off(names.len());
    (labels, trees.iter().copied().zip(of_trees).collect())
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
        recursion: None,
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
        recursion: None,
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
        labels(&names.iter().collect::<Vec<_>>(), &[own.to_owned()], &BTreeSet::new()).0
    }

    #[test]
    fn namespaces_show_only_where_they_must() {
        assert_eq!(label(&["A.Foo", "B.Foo", "B.Bar", "C.D.Foo"], "A"), ["foo", "b-foo", "bar", "c-d-foo"]);
        assert_eq!(label(&["B.Foo", "C.Foo"], "A"), ["b-foo", "c-foo"]);
        assert_eq!(label(&["A.FooBar", "A.Foo_bar"], "A"), ["foo-bar", "foo-bar2"]);
        assert_eq!(label(&["A.Foo", "A.LowerFoo", "A.LowerBar"], "A"), ["foo", "lower-foo-type", "lower-bar"]);
    }

    #[test]
    fn trees_give_way_to_types() {
        let names = names(&["A.Foo", "A.FooTree", "A.LowerFoo", "A.LowerBarTree", "A.Bar"]);
        let trees = [0, 2, 4].map(TypeId).into();
        let (labels, trees) = labels(&names.iter().collect::<Vec<_>>(), &["A".to_owned()], &trees);
        assert_eq!(labels, ["foo", "foo-tree", "lower-foo-type", "lower-bar-tree-type", "bar"]);
        assert_eq!(trees.into_values().collect::<Vec<_>>(), ["foo-tree2", "lower-foo-tree-type", "bar-tree"]);
    }
}
