//! Errors about names.

use std::collections::HashMap;

use super::resolve::Resolved;
use super::scope::{Scope, SlotState, outwards};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::model::Scalar;
use crate::source::Span;
use crate::syntax::ast;

/// The attributes that need no declaration.
pub(crate) const BUILTIN_ATTRIBUTES: [&str; 27] = [
    "bit_flags",
    "cpp_ptr_type",
    "cpp_ptr_type_get",
    "cpp_str_flex_ctor",
    "cpp_str_type",
    "cpp_type",
    "csharp_partial",
    "deprecated",
    "flexbuffer",
    "force_align",
    "hash",
    "id",
    "idempotent",
    "key",
    "native_custom_alloc",
    "native_default",
    "native_inline",
    "native_type",
    "native_type_pack_name",
    "nested_flatbuffer",
    "offset64",
    "original_order",
    "private",
    "required",
    "shared",
    "streaming",
    "vector64",
];

const BUILTIN: [&str; 12] =
    ["bool", "byte", "ubyte", "short", "ushort", "int", "uint", "long", "ulong", "float", "double", "string"];

/// For so many undefined types other names are compared; each costs a look at all of them.
const COMPARED: usize = 20;

pub(super) fn duplicate(code: Code, what: &str, name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(code, span, format!("{what}: `{name}`"))
        .label("declared again here")
        .also(first, "first declared here")
}

pub(super) fn field_named_like_type(field: &ast::Name, declaration: Option<&ast::Object>) -> Diagnostic {
    let kind = if declaration.is_some_and(|object| object.is_struct) { "struct" } else { "table" };
    let error = Diagnostic::new(
        Code::FieldNamedLikeType,
        field.span,
        format!("the name of the field is the same as table/struct name `{}`", field.text),
    )
    .label("a field with the name of a type")
    .help("names of fields are written in lower case by convention, those of types start with a capital");
    match declaration {
        Some(object) => error.also(object.name.span, format!("the {kind} is declared here")),
        None => error,
    }
}

pub(super) fn unknown_attribute(name: &ast::Name) -> Diagnostic {
    let error = Diagnostic::new(
        Code::UnknownAttribute,
        name.span,
        format!("user defined attributes must be declared before use: `{}`", name.text),
    )
    .label("not declared");
    match suggest(&name.text, BUILTIN_ATTRIBUTES) {
        Some(known) => error.help(format!("did you mean `{known}`?")),
        None => error.help(format!("declare it with `attribute \"{}\";` before this declaration", name.text)),
    }
}

/// Reports every type that was used and never declared, once each.
pub(super) fn undefined(
    scope: &Scope,
    resolved: &Resolved<'_>,
    services: &HashMap<String, Span>,
    incomplete: bool,
    diagnostics: &mut Diagnostics,
) {
    for (index, slot) in scope.pending().enumerate() {
        let of = outwards(&slot.namespace, &slot.written).find_map(|name| resolved.enum_position(&name));
        if let Some(position) = of
            && let Some(declared) = resolved.enums.get(position)
        {
            diagnostics.push(enum_for_table(slot, declared.ast, position < slot.enums_before));
        } else if !incomplete {
            let error = unknown_type(slot);
            let hint = if index < COMPARED { hint(slot, resolved, services) } else { None };
            diagnostics.push(if let Some(hint) = hint { error.help(hint) } else { error });
        }
    }
}

/// The error for the name of an enum or a union that stands for a table: only a table can be there, or none has been
/// declared yet.
fn enum_for_table(slot: &SlotState, declaration: &ast::Enum, declared_before: bool) -> Diagnostic {
    let kind = if declaration.is_union { "union" } else { "enum" };
    let error = if declared_before {
        Diagnostic::new(Code::UnknownType, slot.span, format!("no table or struct `{}` is defined", slot.written))
            .label(format!("{kind}s cannot stand here, only tables and structs"))
    } else {
        Diagnostic::new(
            Code::EnumUsedBeforeDeclared,
            slot.span,
            format!("{kind} `{}` is used before it is declared", slot.written),
        )
        .label("taken for a table or struct that is declared later")
        .help(format!("only tables and structs may be used before they are declared: move the {kind} up"))
    };
    error.also(declaration.name.span, format!("the {kind} is declared here"))
}

fn unknown_type(slot: &SlotState) -> Diagnostic {
    let error =
        Diagnostic::new(Code::UnknownType, slot.span, format!("type `{}` is referenced but not defined", slot.written))
            .label("not defined");
    match slot.uses {
        0 | 1 => error,
        2 => error.note("it is used once more"),
        uses => error.note(format!("it is used {} more times", uses - 1)),
    }
}

fn hint(slot: &SlotState, resolved: &Resolved<'_>, services: &HashMap<String, Span>) -> Option<String> {
    let written = slot.written.as_str();
    if let Some(service) = outwards(&slot.namespace, written).find(|name| services.contains_key(name)) {
        return Some(format!("`{service}` is a service; only tables, structs, enums and unions are types"));
    }
    if written == "string" {
        return Some(
            "`string` cannot stand here: put it into a table; as the member of a union it needs a name, `name: string`"
                .to_owned(),
        );
    }
    if BUILTIN.contains(&written) || Scalar::from_name(written).is_some() {
        return Some(format!("`{written}` cannot stand here: put it into a table"));
    }
    let last = written.rsplit('.').next().unwrap_or(written);
    let types = || {
        let objects = resolved.objects.iter().map(|object| &object.name);
        objects.chain(resolved.enums.iter().map(|declaration| &declaration.name))
    };
    if let Some(elsewhere) = types().find(|name| name.name == last) {
        return Some(format!("check the namespace: there is `{elsewhere}`"));
    }
    let foreign = match last {
        "void" => return Some("a method takes and returns a table; it may be an empty one".to_owned()),
        "str" | "String" | "text" => Some("string"),
        "i8" | "s8" => Some("byte"),
        "u8" => Some("ubyte"),
        "i16" | "s16" => Some("short"),
        "u16" => Some("ushort"),
        "i32" | "s32" | "integer" => Some("int"),
        "u32" => Some("uint"),
        "i64" | "s64" => Some("long"),
        "u64" => Some("ulong"),
        "f32" => Some("float"),
        "f64" => Some("double"),
        "boolean" => Some("bool"),
        _ => None,
    };
    let nearest =
        foreign.or_else(|| suggest(last, BUILTIN.into_iter().chain(types().map(|name| name.name.as_str()))))?;
    // As it must be written here: with its namespace unless that is around.
    let found = types().find(|name| name.name == nearest);
    Some(match found {
        Some(name) if !slot.namespace.starts_with(&name.namespace) => format!("did you mean `{name}`?"),
        _ => format!("did you mean `{nearest}`?"),
    })
}
