//! What a schema may say and a contract may not, yet or at all. Each construct has its code.

use super::nesting::Nesting;
use super::{ContractOptions, TypeId, types};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Attribute, EnumKind, Field, Method, Object, Presence, QualifiedName, Schema, Type, attribute};
use crate::source::Span;
use crate::value::force_align;

/// How deep tables and structs may nest. A component type has a hundred levels at most, and each of these takes up to
/// three: the record, the list and the option around it; functions, interfaces and worlds take the rest.
const MAX_DEPTH: u32 = 30;

/// How many fields a record may have in the component model, and how many cases a variant.
const MAX_MEMBERS: usize = 10_000;

/// How many lists all trees of a contract may have together. Each tree of a group has one for each of the group's tables,
/// so that they grow with the square of a group of which everything is used elsewhere.
const MAX_LISTS: usize = 100_000;

/// Reports everything in a schema that cannot be translated; `plugin` is the index of the plugin service.
pub(super) fn refuse(
    schema: &Schema,
    options: &ContractOptions,
    nesting: &Nesting,
    plugin: Option<usize>,
    errors: &mut Diagnostics,
) {
    for e in &schema.enums {
        match e.kind {
            EnumKind::Plain => refuse_many(&e.name, e.span, e.values.len() + 1, "values", errors),
            // More than there are bits, they are not.
            EnumKind::BitFlags => {}
            EnumKind::Union => refuse_many(&e.name, e.span, e.values.len(), "members", errors),
        }
    }
    for object in &schema.objects {
        refuse_many(&object.name, object.span, object.live_fields().count(), "fields", errors);
        for field in object.live_fields() {
            refuse_field(options, object, field, errors);
        }
    }
    refuse_nesting(schema, nesting, errors);
    refuse_size(schema, options.max_declarations, errors);
    for (i, service) in schema.services.iter().enumerate() {
        for method in &service.methods {
            refuse_method(options, plugin.map(|plugin| plugin == i), method, errors);
        }
    }
}

fn refuse_many(name: &QualifiedName, span: Span, members: usize, what: &str, errors: &mut Diagnostics) {
    if members > MAX_MEMBERS {
        let message = format!("`{name}` has more {what} than WIT can hold");
        errors.push(Diagnostic::new(Code::TooManyMembers, span, message).help("split it"));
    }
}

/// Reports the declaration that is one too many.
fn refuse_size(schema: &Schema, limit: usize, errors: &mut Diagnostics) {
    let objects = schema.objects.iter().map(|object| (object.span, object.fields.len()));
    let enums = schema.enums.iter().map(|e| (e.span, e.values.len()));
    let services = schema.services.iter().map(|service| (service.span, service.methods.len()));
    let mut total: usize = 0;
    for (span, members) in objects.chain(enums).chain(services) {
        total = total.saturating_add(members).saturating_add(1);
        if total > limit {
            let message = format!("the contract has more than {limit} types, fields, values and methods");
            let diagnostic = Diagnostic::new(Code::TooManyDeclarations, span, message);
            return errors.push(diagnostic.label("the limit is reached here").help("make several contracts of it"));
        }
    }
}

fn refuse_field(options: &ContractOptions, object: &Object, field: &Field, errors: &mut Diagnostics) {
    let at = format!("field `{}` of `{}`", field.name, object.name);
    for attribute in &field.attributes {
        if let Some(diagnostic) = refuse_attribute(field, attribute, &at) {
            errors.push(diagnostic);
        }
    }
    if let Some(attribute) = attribute(&field.attributes, &options.optional_attribute) {
        refuse_optional_field(object, field, attribute, &at, errors);
    }
}

/// `None` for the attributes that mean nothing to a contract (`native_*`, `cpp_*`, the user's own) and those that the
/// model has taken in (`id`, `deprecated`, `required`, `key`), or that say something of the bytes in a vector and of numbers
/// in JSON, which pass as they are (`nested_flatbuffer`, `flexbuffer`, `hash`).
fn refuse_attribute(field: &Field, attribute: &Attribute, at: &str) -> Option<Diagnostic> {
    let is_vector = matches!(field.ty, Type::Vector(_));
    let (code, what, help) = match attribute.name.as_str() {
        "offset64" => (
            Code::Offset64Unsupported,
            "64-bit offsets are not supported: a message is far smaller than 2 GiB",
            "leave `offset64` out",
        ),
        "vector64" => (
            Code::Vector64Unsupported,
            "64-bit vectors are not supported: a message is far smaller than 2 GiB",
            "leave `vector64` out",
        ),
        // flatc lets it pass in the schema, and refuses to write any value. Elsewhere than on a vector it says nothing.
        "force_align" if is_vector && force_align(field).is_none() => {
            (Code::ForceAlignImpossible, "a vector cannot be aligned like this", "write a power of two from 1 to 32")
        }
        _ => return None,
    };
    Some(Diagnostic::new(code, attribute.span, format!("{at}: {what}")).help(help))
}

/// The attribute makes an option of a string or a vector, whose absence is then kept apart from an empty one.
fn refuse_optional_field(object: &Object, field: &Field, attribute: &Attribute, at: &str, errors: &mut Diagnostics) {
    let name = &attribute.name;
    let error = |what: &str| Diagnostic::new(Code::OptionalMisplaced, attribute.span, format!("{at}: {what}"));
    let diagnostic = if object.is_struct() {
        error("fields of structs are always there").help(format!("leave `{name}` out, or use a table"))
    } else {
        match (&field.presence, field.ty) {
            (Presence::Default(_), _) => {
                error(&format!("a number with a default cannot be absent, so that `{name}` has no meaning"))
                    .help("write `= null` instead")
            }
            (Presence::Required, _) => {
                error(&format!("it cannot be required and `{name}`")).help("leave one of the two out")
            }
            (Presence::DefaultString(_) | Presence::DefaultEmptyVector, _) => {
                error(&format!("it has a default, so that `{name}` has no meaning")).help("leave one of the two out")
            }
            (Presence::Optional, _) => return,
        }
    };
    errors.push(diagnostic);
}

fn refuse_nesting(schema: &Schema, nesting: &Nesting, errors: &mut Diagnostics) {
    for cycle in nesting.endless() {
        let Some(&first) = cycle.first() else { continue };
        let (name, span) = named(schema, first);
        let mut diagnostic =
            Diagnostic::new(Code::RecursionEndless, span, format!("no value of the table `{name}` has an end"));
        if cycle.len() > 1 {
            let mut names: Vec<String> = cycle.iter().take(6).map(|&id| format!("`{}`", named(schema, id).0)).collect();
            names.push(if cycle.len() > 6 { "…".to_owned() } else { format!("`{name}`") });
            diagnostic = diagnostic.note(format!("each requires the next: {}", names.join(" → ")));
        } else {
            diagnostic = diagnostic.note("it requires another one of itself");
        }
        errors.push(diagnostic.help("leave `required` out once on the way, or hold a vector"));
    }
    refuse_large_groups(schema, nesting, errors);
    let is_deep = |id: TypeId| nesting.depth(id) > MAX_DEPTH;
    for id in (0..(schema.enums.len() + schema.objects.len()) as u32).map(TypeId) {
        let group = nesting.group_of(id).and_then(|group| nesting.groups().get(group));
        let members = group.map_or(std::slice::from_ref(&id), Vec::as_slice);
        // What holds a type that is too deep is deeper still: the first one over the limit says it all.
        let mut below =
            members.iter().flat_map(|&id| nesting.children(id)).filter(|child| members.binary_search(child).is_err());
        if is_deep(id) && members.first() == Some(&id) && !below.any(|&child| is_deep(child)) {
            let (name, span) = named(schema, id);
            let message = format!("`{name}` nests more than {MAX_DEPTH} tables and structs");
            errors.push(Diagnostic::new(Code::TypesTooDeep, span, message).help("flatten the inner ones"));
        }
    }
}

/// A tree is a record with a list for each table of its group.
fn refuse_large_groups(schema: &Schema, nesting: &Nesting, errors: &mut Diagnostics) {
    let mut trees = vec![0; nesting.groups().len()];
    for group in types::used_outside(schema, nesting).into_iter().filter_map(|id| nesting.group_of(id)) {
        trees[group] += 1;
    }
    let mut lists = 0;
    for (group, trees) in nesting.groups().iter().zip(trees) {
        let Some(&first) = group.iter().find(|id| id.0 as usize >= schema.enums.len()) else { continue };
        let tables = group.iter().filter(|id| id.0 as usize >= schema.enums.len()).count();
        lists += tables * trees;
        let (name, span) = named(schema, first);
        if trees > 0 && tables >= MAX_MEMBERS {
            let message = format!("`{name}` and the tables that hold each other with it are more than WIT can hold");
            errors.push(Diagnostic::new(Code::TooManyMembers, span, message).help("split them"));
        } else if lists > MAX_LISTS {
            let message = format!("`{name}` and the tables that hold each other with it make too many trees");
            errors.push(
                Diagnostic::new(Code::TooManyMembers, span, message)
                    .note(format!("there are {tables} such tables, and {trees} of them or their unions are used elsewhere"))
                    .help("use fewer of them as requests and responses and in other types: wrap them in one table of the group"),
            );
            return;
        }
    }
}

/// The name of a type and where it stands.
fn named(schema: &Schema, id: TypeId) -> (&QualifiedName, Span) {
    let index = id.0 as usize;
    match index.checked_sub(schema.enums.len()) {
        Some(index) => (&schema.objects[index].name, schema.objects[index].span),
        None => (&schema.enums[index].name, schema.enums[index].span),
    }
}

fn refuse_method(options: &ContractOptions, is_plugin: Option<bool>, method: &Method, errors: &mut Diagnostics) {
    if let Some(streaming) = attribute(&method.attributes, "streaming")
        && streaming.value.as_deref() != Some("none")
    {
        let message = format!("method `{}`: streaming is not supported", method.name);
        errors.push(
            Diagnostic::new(Code::StreamingUnsupported, streaming.span, message)
                .help("answer with a vector, or let the host call once for each item"),
        );
    }
    if let Some(optional) = attribute(&method.attributes, &options.optional_attribute)
        && is_plugin == Some(false)
    {
        let message = format!("method `{}`: only methods of the plugin service may be left out", method.name);
        errors.push(
            Diagnostic::new(Code::OptionalMisplaced, optional.span, message)
                .note(format!(
                    "plugins implement `{}`; the host implements every other service in full",
                    options.plugin_service
                ))
                .help(format!("leave `{}` out", optional.name)),
        );
    }
}
