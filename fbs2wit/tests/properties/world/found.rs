//! What is in a package of WIT.

use wit_parser::{
    Docs, Function, FunctionKind, InterfaceId, PackageId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldId,
    WorldItem,
};

use super::Listing;

pub(super) fn listing(resolve: &Resolve, package: PackageId) -> Listing {
    let mut list = List { resolve, package, out: Listing::new() };
    let found = &resolve.packages[package];
    list.add("package", found.name.to_string());
    list.docs("package", &found.docs);
    for interface in found.interfaces.values() {
        list.interface(*interface);
    }
    for world in found.worlds.values() {
        list.world(*world);
    }
    list.out
}

struct List<'r> {
    resolve: &'r Resolve,
    package: PackageId,
    out: Listing,
}

impl List<'_> {
    fn add(&mut self, path: &str, what: impl Into<String>) {
        assert!(self.out.insert(path.to_owned(), what.into()).is_none(), "{path} is there twice");
    }

    fn docs(&mut self, path: &str, docs: &Docs) {
        if let Some(text) = docs.contents.as_deref().filter(|text| !text.is_empty()) {
            self.add(&format!("{path}#docs"), text);
        }
    }

    /// `types` for an interface of the package, with the package's name for others.
    fn name_of(&self, interface: InterfaceId) -> String {
        let found = &self.resolve.interfaces[interface];
        match found.package {
            Some(package) if package != self.package => self.resolve.id_of(interface).map(|id| {
                // The version belongs to the package, which stands before the interface here.
                match (id.split_once('/'), id.rsplit_once('@')) {
                    (Some((package, rest)), Some((_, version))) => {
                        let name = rest.split('@').next().unwrap_or(rest);
                        format!("{package}@{version}/{name}")
                    }
                    _ => id.clone(),
                }
            }),
            _ => found.name.clone(),
        }
        .unwrap_or_else(|| "(without a name)".to_owned())
    }

    fn interface(&mut self, id: InterfaceId) {
        let (path, found) = (self.name_of(id), &self.resolve.interfaces[id]);
        self.add(&path, "interface");
        self.docs(&path, &found.docs);
        // Types have no order: WIT sorts them by what they need.
        if !found.functions.is_empty() {
            let labels: Vec<&str> = found.functions.keys().map(String::as_str).collect();
            self.add(&format!("{path}#functions"), labels.join(" "));
        }
        for (name, id) in &found.types {
            self.type_def(&format!("{path}.{name}"), *id);
        }
        for (name, function) in &found.functions {
            self.function(&format!("{path}.{name}"), function);
        }
    }

    fn type_def(&mut self, path: &str, id: TypeId) {
        let found = &self.resolve.types[id];
        self.docs(path, &found.docs);
        match &found.kind {
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter();
                self.members(path, "record", fields.map(|f| (f.name.as_str(), self.ty(f.ty), &f.docs)).collect());
            }
            TypeDefKind::Flags(flags) => {
                let flags = flags.flags.iter();
                self.members(path, "flags", flags.map(|f| (f.name.as_str(), "flag".to_owned(), &f.docs)).collect());
            }
            TypeDefKind::Enum(e) => {
                let cases = e.cases.iter();
                self.members(path, "enum", cases.map(|c| (c.name.as_str(), "case".to_owned(), &c.docs)).collect());
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| {
                    let of = case.ty.map(|ty| format!(" of {}", self.ty(ty))).unwrap_or_default();
                    (case.name.as_str(), format!("case{of}"), &case.docs)
                });
                self.members(path, "variant", cases.collect());
            }
            TypeDefKind::Type(Type::Id(used)) => self.add(path, format!("use {}", self.ty(Type::Id(*used)))),
            other => {
                let what = format!("type {}", self.kind(other));
                self.add(path, what);
            }
        }
    }

    fn members(&mut self, path: &str, kind: &str, members: Vec<(&str, String, &Docs)>) {
        let labels: Vec<&str> = members.iter().map(|(label, ..)| *label).collect();
        self.add(path, format!("{kind} {}", labels.join(" ")));
        for (label, ty, docs) in &members {
            let path = format!("{path}.{label}");
            self.add(&path, ty.clone());
            self.docs(&path, docs);
        }
    }

    fn ty(&self, ty: Type) -> String {
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
            Type::Id(id) => return self.named(id),
        };
        name.to_owned()
    }

    fn named(&self, id: TypeId) -> String {
        let found = &self.resolve.types[id];
        match (&found.name, found.owner) {
            (Some(name), TypeOwner::Interface(owner)) => format!("{}.{name}", self.name_of(owner)),
            (Some(name), _) => name.clone(),
            (None, _) => self.kind(&found.kind),
        }
    }

    /// A type that is written where it is used.
    fn kind(&self, kind: &TypeDefKind) -> String {
        let optional = |ty: Option<Type>| ty.map_or_else(|| "_".to_owned(), |ty| self.ty(ty));
        match kind {
            TypeDefKind::Option(ty) => format!("option<{}>", self.ty(*ty)),
            TypeDefKind::List(ty) => format!("list<{}>", self.ty(*ty)),
            TypeDefKind::FixedLengthList(ty, length) => format!("list<{}, {length}>", self.ty(*ty)),
            TypeDefKind::Result(result) => format!("result<{}, {}>", optional(result.ok), optional(result.err)),
            TypeDefKind::Tuple(tuple) => {
                format!("tuple<{}>", tuple.types.iter().map(|ty| self.ty(*ty)).collect::<Vec<_>>().join(", "))
            }
            TypeDefKind::Type(ty) => self.ty(*ty),
            other => other.as_str().to_owned(),
        }
    }

    fn function(&mut self, path: &str, function: &Function) {
        let parameters = function.params.iter().map(|param| format!("{}: {}", param.name, self.ty(param.ty)));
        let parameters = parameters.collect::<Vec<_>>().join(", ");
        let result = function.result.map(|ty| format!(" -> {}", self.ty(ty))).unwrap_or_default();
        let kind = if function.kind == FunctionKind::Freestanding { "func" } else { "another kind of function" };
        self.add(path, format!("{kind}({parameters}){result}"));
        self.docs(path, &function.docs);
    }

    fn world(&mut self, id: WorldId) {
        let found = &self.resolve.worlds[id];
        let name = |item: &WorldItem| match item {
            WorldItem::Interface { id, .. } => self.name_of(*id),
            WorldItem::Function(function) => format!("func {}", function.name),
            WorldItem::Type { id, .. } => format!("type {}", self.named(*id)),
        };
        let imports = found.imports.values().map(|item| format!("import {}", name(item)));
        let exports = found.exports.values().map(|item| format!("export {}", name(item)));
        let mut what: Vec<String> = imports.chain(exports).collect();
        what.sort();
        let path = format!("world {}", found.name);
        self.add(&path, what.join(", "));
        self.docs(&path, &found.docs);
    }
}
