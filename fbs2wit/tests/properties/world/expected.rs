//! What the mapping promises of a contract.
//!
//! Only names are taken from the contract as they are. Which types are recursive, which of them have trees, and what the
//! values of an enum are, is found out here again.

use fbs2wit::contract::{
    Contract, Enum, EnumForm, Field, FieldType, Interface, Presence, Record, TypeDef, TypeId, Union, UnknownCase,
    ValueType,
};
use fbs2wit::model::Value;

use super::cycles::Cycles;
use super::{ABI, Listing, documentation};

/// The names of flags in WIT fit into 32 bits.
const MAX_FLAGS: usize = 32;

/// The longest tuple that bindings have.
const MAX_TUPLE: u16 = 16;

pub(super) fn listing(contract: &Contract) -> Listing {
    let mut list = List { contract, cycles: Cycles::of(contract), out: Listing::new() };
    list.add("package", contract.package.to_string());
    if !contract.types.is_empty() {
        list.add("types", "interface");
        list.docs("types", &["The types of the contract.".to_owned()]);
    }
    for def in &contract.types {
        match def {
            TypeDef::Record(record) => list.record(record),
            TypeDef::Enum(e) => list.enumeration(e),
            TypeDef::Union(union) => list.union(union),
        }
        list.tree(def);
    }
    for interface in contract.interfaces() {
        list.interface(interface);
    }
    list.world();
    list.out
}

struct List<'c> {
    contract: &'c Contract,
    cycles: Cycles,
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
        let mut fields: Vec<_> = fields
            .map(|field| (field.label.as_str(), self.field(record.id, field), self.field_docs(record.id, field)))
            .collect();
        if fields.is_empty() {
            let docs = vec!["Always false: WIT has no record without fields.".to_owned()];
            fields.push(("reserved", "bool".to_owned(), docs));
        }
        self.members(&path, "record", fields);
    }

    fn field(&self, holder: TypeId, field: &Field) -> String {
        let value = self.value(Some(holder), field.ty.value());
        let ty = match field.ty {
            FieldType::Single(_) => value,
            FieldType::Array(_, length) if length <= MAX_TUPLE => {
                format!("tuple<{}>", vec![value; length.into()].join(", "))
            }
            FieldType::List(_) | FieldType::Array(..) => format!("list<{value}>"),
        };
        if field.presence == Presence::Optional { format!("option<{ty}>") } else { ty }
    }

    fn field_docs(&self, holder: TypeId, field: &Field) -> Vec<String> {
        let mut docs = field.docs.clone();
        docs.extend(self.index_docs(holder, field.ty.value()));
        if let FieldType::Array(_, length) = field.ty
            && length > MAX_TUPLE
        {
            docs.push(format!("Always {length} elements."));
        }
        docs
    }

    /// A value where a type holds it, or where something else than a type does. A table in its own cycle is an index;
    /// from elsewhere a type of a cycle is its tree.
    fn value(&self, holder: Option<TypeId>, ty: ValueType) -> String {
        let id = match ty {
            ValueType::Scalar(scalar) => return scalar.wit_name().to_owned(),
            ValueType::String => return "string".to_owned(),
            ValueType::Enum(id) | ValueType::Struct(id) | ValueType::Table(id) | ValueType::Union(id) => id,
        };
        let def = self.contract.type_def(id);
        if holder.is_some_and(|holder| self.cycles.share(holder, id)) {
            return if matches!(ty, ValueType::Table(_)) { "u32".to_owned() } else { format!("types.{}", def.label()) };
        }
        match def.tree() {
            Some(tree) if self.cycles.is_in_one(id) => format!("types.{}", tree.label),
            _ => format!("types.{}", def.label()),
        }
    }

    /// What documentation says of an index.
    fn index_docs(&self, holder: TypeId, ty: ValueType) -> Option<String> {
        let ValueType::Table(table) = ty else { return None };
        if !self.cycles.share(holder, table) {
            return None;
        }
        let label = self.contract.type_def(table).label();
        // Where no value of the cycle ever leaves it, there is no list to refer to.
        let place = match self.cycles.is_left(table) {
            true => format!(" in `{label}-list`"),
            false => String::new(),
        };
        Some(format!("Refers to `{label}` by index{place}."))
    }

    /// The record that holds a value of a recursive type, if something outside of its cycle does: where the value starts,
    /// and all tables of the cycle.
    fn tree(&mut self, def: &TypeDef) {
        let (id, label) = match def {
            TypeDef::Record(record) => (record.id, &record.label),
            TypeDef::Union(union) => (union.id, &union.label),
            TypeDef::Enum(_) => return,
        };
        assert_eq!(def.tree().is_some(), self.cycles.is_held_outside(id), "the tree of {label}");
        let Some(tree) = def.tree() else { return };
        let path = format!("types.{}", tree.label);
        let docs = [
            format!("A value of `{label}` and everything below it."),
            String::new(),
            "WIT has no recursive types: tables that hold each other stand in lists, and refer to each other by index. Every"
                .to_owned(),
            "index is below the length of its list, and every element of every list is referred to exactly once, so that"
                .to_owned(),
            "this is a tree. At most 64 such tables nest in a message. What breaks a rule is refused.".to_owned(),
        ];
        self.docs(&path, &docs);
        let root = match def {
            TypeDef::Union(_) => (format!("types.{label}"), "Where the tree starts.".to_owned()),
            _ => ("u32".to_owned(), format!("Where the tree starts: an index in `{label}-list`.")),
        };
        let mut fields = vec![("root".to_owned(), root.0, vec![root.1])];
        let tables = self.contract.records().filter(|table| self.cycles.share(id, table.id));
        let mut lists: Vec<_> = tables
            .map(|table| {
                let docs = vec![format!("Every `{}` of the tree.", table.label)];
                (format!("{}-list", table.label), format!("list<types.{}>", table.label), docs)
            })
            .collect();
        // By their own labels, not by those of the tables: `obj-a-list` comes before `obj-list`.
        lists.sort();
        fields.extend(lists);
        self.members(
            &path,
            "record",
            fields.iter().map(|(l, ty, docs)| (l.as_str(), ty.clone(), docs.clone())).collect(),
        );
    }

    fn enumeration(&mut self, e: &Enum) {
        match &e.form {
            EnumForm::Closed | EnumForm::Open(_) => {
                let is_dense = !e.cases.is_empty() && e.cases.iter().zip(0..).all(|(case, at)| case.value == at);
                assert_eq!(e.form == EnumForm::Closed, is_dense, "the form of {}", e.label);
            }
            EnumForm::Flags | EnumForm::Integer { .. } => {
                let is_set = (1..=MAX_FLAGS).contains(&e.cases.len()) && !self.has_default_without_name(e);
                assert_eq!(e.form == EnumForm::Flags, is_set, "the form of {}", e.label);
            }
        }
        match &e.form {
            EnumForm::Closed => self.closed_enum(e),
            EnumForm::Open(unknown) => self.open_enum(e, unknown),
            EnumForm::Flags => self.flags(e),
            EnumForm::Integer { .. } => self.integer(e),
        }
    }

    /// Whether a field of these bit flags has a default with a bit that has no name.
    fn has_default_without_name(&self, e: &Enum) -> bool {
        let fields = self.contract.records().flat_map(|record| &record.fields);
        let mut defaults = fields.filter_map(|field| match (field.ty, &field.presence) {
            (FieldType::Single(ValueType::Enum(id)), Presence::Default(Value::Int(value))) if id == e.id => {
                Some(*value)
            }
            _ => None,
        });
        let names = e.cases.iter().fold(0, |all, case| all | case.value);
        defaults.any(|default| default | names != names)
    }

    fn integer(&mut self, e: &Enum) {
        let path = format!("types.{}", e.label);
        self.add(&path, format!("type {}", e.repr.wit_name()));
        let mut docs = e.docs.clone();
        if !docs.is_empty() {
            docs.push(String::new());
        }
        docs.push(if e.cases.is_empty() { "Any bits." } else { "Any bits. These have names:" }.to_owned());
        for case in &e.cases {
            let text = case.docs.join(" ");
            let colon = if text.is_empty() { "" } else { ": " };
            docs.push(format!("- `{}`, {:#x}{colon}{text}", case.source, case.value));
        }
        self.docs(&path, &docs);
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

    fn open_enum(&mut self, e: &Enum, unknown: &UnknownCase) {
        let path = format!("types.{}", e.label);
        self.docs(&path, &e.docs);
        let cases = e.cases.iter().map(|case| {
            let value = format!("Value: {}.", case.value);
            (case.label.as_str(), "case".to_owned(), [&case.docs[..], &[value]].concat())
        });
        let docs = vec!["A value without a name.".to_owned()];
        let unknown = (unknown.label.as_str(), format!("case of {}", e.repr.wit_name()), docs);
        self.members(&path, "variant", cases.chain([unknown]).collect());
    }

    fn union(&mut self, union: &Union) {
        let path = format!("types.{}", union.label);
        self.docs(&path, &union.docs);
        let none = (union.none.label.as_str(), "case".to_owned(), union.none.docs.clone());
        let members = union.members.iter().map(|member| {
            let ty = format!("case of {}", self.value(Some(union.id), member.ty));
            let mut docs = member.case.docs.clone();
            docs.extend(self.index_docs(union.id, member.ty));
            (member.case.label.as_str(), ty, docs)
        });
        let cases = std::iter::once(none).chain(members).collect();
        self.members(&path, "variant", cases);
    }

    fn interface(&mut self, interface: &Interface) {
        let path = interface.label.clone();
        self.add(&path, "interface");
        self.docs(&path, &interface.docs);
        for used in &interface.uses {
            let target = format!("use {}", self.value(None, ValueType::Table(used.ty)));
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
