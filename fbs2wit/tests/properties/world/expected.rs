//! What the mapping promises of a contract.

use fbs2wit::contract::{
    Contract, Enum, Field, FieldType, Interface, RESERVED_FIELD, Record, TypeDef, Union, ValueType,
};

use super::{ABI, Listing, documentation};

pub(super) fn listing(contract: &Contract) -> Listing {
    let mut list = List { contract, out: Listing::new() };
    list.add("package", contract.package.to_string());
    if !contract.types.is_empty() {
        list.add("types", "interface");
        list.docs("types", &["The types of the contract.".to_owned()]);
    }
    for def in &contract.types {
        match def {
            TypeDef::Record(record) => list.record(record),
            TypeDef::Enum(e) if e.flags => list.flags(e),
            TypeDef::Enum(e) if e.unknown.is_some() => list.open_enum(e),
            TypeDef::Enum(e) => list.closed_enum(e),
            TypeDef::Union(union) => list.union(union),
        }
    }
    for interface in contract.interfaces() {
        list.interface(interface);
    }
    list.world();
    list.out
}

struct List<'c> {
    contract: &'c Contract,
    out: Listing,
}

impl List<'_> {
    fn add(&mut self, path: &str, what: impl Into<String>) {
        assert!(self.out.insert(path.to_owned(), what.into()).is_none(), "{path} is there twice");
    }

    fn docs(&mut self, path: &str, lines: &[String]) {
        let text = documentation(lines);
        if !text.is_empty() {
            self.add(&format!("{path}#docs"), text);
        }
    }

    /// The members of a type in their order, each with its type and its documentation.
    fn members(&mut self, path: &str, kind: &str, members: Vec<(&str, String, Vec<String>)>) {
        let labels: Vec<&str> = members.iter().map(|(label, ..)| *label).collect();
        self.add(path, format!("{kind} {}", labels.join(" ")));
        for (label, ty, docs) in &members {
            let path = format!("{path}.{label}");
            self.add(&path, ty.clone());
            self.docs(&path, docs);
        }
    }

    fn record(&mut self, record: &Record) {
        let path = format!("types.{}", record.label);
        self.docs(&path, &record.docs);
        let fields = record.fields.iter();
        let mut fields: Vec<_> = fields.map(|f| (f.label.as_str(), self.field(f), f.docs.clone())).collect();
        if fields.is_empty() {
            let docs = vec!["Always false: WIT has no record without fields.".to_owned()];
            fields.push((RESERVED_FIELD, "bool".to_owned(), docs));
        }
        self.members(&path, "record", fields);
    }

    fn field(&self, field: &Field) -> String {
        let value = self.value(field.ty.value());
        let ty = match field.ty {
            FieldType::Single(_) => value,
            FieldType::List(_) => format!("list<{value}>"),
            FieldType::Array(_, length) => format!("tuple<{}>", vec![value; length.into()].join(", ")),
        };
        if field.is_option() { format!("option<{ty}>") } else { ty }
    }

    fn value(&self, ty: ValueType) -> String {
        match ty {
            ValueType::Scalar(scalar) => scalar.wit_name().to_owned(),
            ValueType::String => "string".to_owned(),
            ValueType::Enum(id) | ValueType::Struct(id) | ValueType::Table(id) | ValueType::Union(id) => {
                format!("types.{}", self.contract.type_def(id).label())
            }
        }
    }

    fn flags(&mut self, e: &Enum) {
        let path = format!("types.{}", e.label);
        self.docs(&path, &e.docs);
        let cases = e.cases.iter().map(|case| {
            let mask = format!("Mask: {:#x}.", case.value);
            (case.label.as_str(), "flag".to_owned(), [&case.docs[..], &[mask]].concat())
        });
        self.members(&path, "flags", cases.collect());
    }

    fn closed_enum(&mut self, e: &Enum) {
        let path = format!("types.{}", e.label);
        self.docs(&path, &e.docs);
        let cases = e.cases.iter().map(|case| (case.label.as_str(), "case".to_owned(), case.docs.clone()));
        self.members(&path, "enum", cases.collect());
    }

    fn open_enum(&mut self, e: &Enum) {
        let path = format!("types.{}", e.label);
        self.docs(&path, &e.docs);
        let cases = e.cases.iter().map(|case| {
            let value = format!("Value: {}.", case.value);
            (case.label.as_str(), "case".to_owned(), [&case.docs[..], &[value]].concat())
        });
        let unknown = e.unknown.iter().map(|unknown| {
            let docs = vec!["A value without a name.".to_owned()];
            (unknown.label.as_str(), format!("case of {}", e.repr.wit_name()), docs)
        });
        self.members(&path, "variant", cases.chain(unknown).collect());
    }

    fn union(&mut self, union: &Union) {
        let path = format!("types.{}", union.label);
        self.docs(&path, &union.docs);
        let none = (union.none.label.as_str(), "case".to_owned(), union.none.docs.clone());
        let members = union.members.iter().map(|member| {
            let ty = format!("case of {}", self.value(member.ty));
            (member.case.label.as_str(), ty, member.case.docs.clone())
        });
        let cases = std::iter::once(none).chain(members).collect();
        self.members(&path, "variant", cases);
    }

    fn interface(&mut self, interface: &Interface) {
        let path = interface.label.clone();
        self.add(&path, "interface");
        self.docs(&path, &interface.docs);
        for used in &interface.uses {
            let target = format!("use types.{}", self.contract.type_def(used.ty).label());
            self.add(&format!("{path}.{}", used.label), target);
        }
        self.add(&format!("{path}.{}", interface.error_label), format!("use {ABI}/types.error"));
        let labels: Vec<&str> = interface.methods.iter().map(|method| method.label.as_str()).collect();
        self.add(&format!("{path}#functions"), labels.join(" "));
        for method in &interface.methods {
            let label = |id| interface.label_of(id).expect("an interface takes over what its methods name");
            let (request, response) = (label(method.request), label(method.response));
            let path_of = |label: &str| format!("{path}.{label}");
            let function = format!(
                "func(request: {}) -> result<{}, {}>",
                path_of(request),
                path_of(response),
                path_of(&interface.error_label)
            );
            let path = path_of(&method.label);
            self.add(&path, function);
            self.docs(&path, &method.docs);
        }
    }

    fn world(&mut self) {
        let path = format!("world {}", self.contract.world);
        let mut what = Vec::new();
        // What an interface uses is imported with it, that of exports too.
        if self.contract.interfaces().next().is_some() {
            what.extend([format!("import {ABI}/types"), "import types".to_owned()]);
        }
        what.extend(self.contract.callbacks.iter().map(|callback| format!("import {}", callback.label)));
        what.extend(self.contract.plugin.iter().map(|plugin| format!("export {}", plugin.label)));
        what.sort();
        self.add(&path, what.join(", "));
        self.docs(&path, &["What a plugin of this contract imports and exports.".to_owned()]);
    }
}
