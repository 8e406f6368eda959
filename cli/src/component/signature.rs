//! WIT functions as one line of text.

use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId};

/// Types without a name may hold each other; a file can make that as deep as it likes.
const MAX_DEPTH: usize = 16;

/// `func(request: tick-request) -> result<tick-response, error>`.
pub(super) fn function(resolve: &Resolve, function: &Function) -> String {
    let params: Vec<String> =
        function.params.iter().map(|param| format!("{}: {}", param.name, ty(resolve, &param.ty, 0))).collect();
    let result = function.result.as_ref().map(|result| format!(" -> {}", ty(resolve, result, 0))).unwrap_or_default();
    let is_async = if function.kind.is_async() { "async " } else { "" };
    format!("{is_async}func({}){result}", params.join(", "))
}

fn ty(resolve: &Resolve, ty: &Type, depth: usize) -> String {
    let name = match ty {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext => "error-context",
        Type::Id(id) => return defined(resolve, *id, depth + 1),
    };
    name.to_owned()
}

fn defined(resolve: &Resolve, id: TypeId, depth: usize) -> String {
    let Some(def) = resolve.types.get(id) else { return "…".to_owned() };
    if let Some(name) = &def.name {
        return name.clone();
    }
    if depth > MAX_DEPTH {
        return "…".to_owned();
    }
    let inner = |inner: &Type| ty(resolve, inner, depth);
    let optional = |inner: &Option<Type>| inner.as_ref().map_or("_".to_owned(), |inner| ty(resolve, inner, depth));
    match &def.kind {
        TypeDefKind::Option(some) => format!("option<{}>", inner(some)),
        TypeDefKind::List(element) => format!("list<{}>", inner(element)),
        TypeDefKind::FixedLengthList(element, length) => format!("list<{}, {length}>", inner(element)),
        TypeDefKind::Map(key, value) => format!("map<{}, {}>", inner(key), inner(value)),
        TypeDefKind::Tuple(tuple) => format!("tuple<{}>", tuple.types.iter().map(inner).collect::<Vec<_>>().join(", ")),
        TypeDefKind::Result(result) => match (&result.ok, &result.err) {
            (None, None) => "result".to_owned(),
            (ok, None) => format!("result<{}>", optional(ok)),
            (ok, err) => format!("result<{}, {}>", optional(ok), optional(err)),
        },
        TypeDefKind::Handle(Handle::Own(id)) => defined(resolve, *id, depth + 1),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", defined(resolve, *id, depth + 1)),
        TypeDefKind::Future(item) => format!("future<{}>", optional(item)),
        TypeDefKind::Stream(item) => format!("stream<{}>", optional(item)),
        TypeDefKind::Type(other) => inner(other),
        other => other.as_str().to_owned(),
    }
}
