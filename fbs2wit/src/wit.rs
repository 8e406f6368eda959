//! Contracts as WIT text.

use std::fmt::Write as _;

use hookr_abi::MAX_NESTING;

use crate::contract::{
    Contract, Enum, EnumForm, Field, FieldType, Interface, NodeList, RESERVED_FIELD, ROOT_FIELD, Record, Tree, TypeDef,
    TypeId, Union, ValueType,
};
use crate::names::wit_id;

/// Where the contract's own package goes in the folder of a generated crate.
pub const WORLD_PATH: &str = "wit/world.wit";

/// Where the package `hookr:abi` goes, so that WIT tools find it beside the contract's.
pub const ABI_PATH: &str = "wit/deps/hookr-abi/types.wit";

/// The WIT package of a contract: the types, an interface for each service and the world.
///
/// The package uses `hookr:abi`, whose text is [`hookr_abi::TYPES_WIT`].
pub fn emit(contract: &Contract) -> String {
    let mut out = Writer::default();
    let (namespace, name) = (wit_id(&contract.package.namespace), wit_id(&contract.package.name));
    out.line(&format!("package {namespace}:{name};"));
    if !contract.types.is_empty() {
        out.blank();
        out.docs(&["The types of the contract.".to_owned()]);
        out.block("interface types", |out| {
            for (i, def) in contract.types.iter().enumerate() {
                if i > 0 {
                    out.blank();
                }
                match def {
                    TypeDef::Record(record) => emit_record(out, contract, record),
                    TypeDef::Enum(e) => emit_enum(out, e),
                    TypeDef::Union(union) => emit_union(out, contract, union),
                }
                if let Some(tree) = def.tree() {
                    emit_tree(out, contract, def, tree);
                }
            }
        });
    }
    for interface in contract.interfaces() {
        out.blank();
        emit_interface(&mut out, contract, interface);
    }
    out.blank();
    emit_world(&mut out, contract);
    out.text
}

fn emit_record(out: &mut Writer, contract: &Contract, record: &Record) {
    out.docs(&record.docs);
    out.block(&format!("record {}", wit_id(&record.label)), |out| {
        for field in &record.fields {
            let mut docs = field.docs.clone();
            docs.extend(index_docs(contract, record.id, field.ty.value()));
            docs.extend(length_docs(field.ty));
            out.docs(&docs);
            let ty = type_text(contract, record.id, field);
            out.line(&format!("{}: {ty},", wit_id(&field.label)));
        }
        if record.fields.is_empty() {
            out.docs(&["Always false: WIT has no record without fields.".to_owned()]);
            out.line(&format!("{RESERVED_FIELD}: bool,"));
        }
    });
}

/// What a field or a case says of the indices in it.
fn index_docs(contract: &Contract, holder: TypeId, ty: ValueType) -> Option<String> {
    let list = index_in(contract, holder, ty)?;
    let label = contract.type_def(list.table).label();
    // Of a type that nothing but itself holds there are no trees, and so no lists.
    let has_lists = contract.group(list.table).and_then(|group| contract.first_tree(group)).is_some();
    let place = if has_lists { format!(" in `{}`", list.label) } else { String::new() };
    Some(format!("Refers to `{label}` by index{place}."))
}

/// The list whose index stands for a table in what is of its own group.
fn index_in(contract: &Contract, holder: TypeId, ty: ValueType) -> Option<&NodeList> {
    let ValueType::Table(table) = ty else { return None };
    contract.node_list(table).filter(|_| contract.same_group(holder, table))
}

/// What a field says of the length of its list.
fn length_docs(ty: FieldType) -> Option<String> {
    match ty {
        FieldType::Array(_, length) if ty.is_long_array() => Some(format!("Always {length} elements.")),
        _ => None,
    }
}

fn type_text(contract: &Contract, holder: TypeId, field: &Field) -> String {
    let value = value_text(contract, holder, field.ty.value());
    let ty = match field.ty {
        FieldType::Single(_) => value,
        FieldType::List(_) => format!("list<{value}>"),
        FieldType::Array(..) if field.ty.is_long_array() => format!("list<{value}>"),
        FieldType::Array(_, length) => format!("tuple<{}>", vec![value; usize::from(length)].join(", ")),
    };
    if field.is_option() { format!("option<{ty}>") } else { ty }
}

/// The type of a value in a type of the contract.
fn value_text(contract: &Contract, holder: TypeId, ty: ValueType) -> String {
    match ty {
        ValueType::Scalar(scalar) => scalar.wit_name().to_owned(),
        ValueType::String => "string".to_owned(),
        ty if index_in(contract, holder, ty).is_some() => "u32".to_owned(),
        ValueType::Enum(id) | ValueType::Struct(id) | ValueType::Table(id) | ValueType::Union(id) => {
            let def = contract.type_def(id);
            wit_id(if contract.same_group(holder, id) { def.label() } else { def.outer_label() })
        }
    }
}

/// The record that stands for a recursive type outside of its group.
fn emit_tree(out: &mut Writer, contract: &Contract, def: &TypeDef, tree: &Tree) {
    let Some(group) = contract.groups.get(def.recursion().map_or(usize::MAX, |recursion| recursion.group)) else {
        return;
    };
    out.blank();
    let lines = [
        format!("A value of `{}` and everything below it.", def.label()),
        String::new(),
        "WIT has no recursive types: tables that hold each other stand in lists, and refer to each other by index. Every"
            .to_owned(),
        "index is below the length of its list, and every element of every list is referred to exactly once, so that".to_owned(),
        format!("this is a tree. At most {MAX_NESTING} such tables nest in a message. What breaks a rule is refused."),
    ];
    out.docs(&lines);
    out.block(&format!("record {}", wit_id(&tree.label)), |out| {
        let list = match def {
            TypeDef::Record(record) => contract.node_list(record.id),
            TypeDef::Enum(_) | TypeDef::Union(_) => None,
        };
        match list {
            Some(list) => {
                out.docs(&[format!("Where the tree starts: an index in `{}`.", list.label)]);
                out.line(&format!("{ROOT_FIELD}: u32,"));
            }
            None => {
                out.docs(&["Where the tree starts.".to_owned()]);
                out.line(&format!("{ROOT_FIELD}: {},", wit_id(def.label())));
            }
        }
        for list in &group.tables {
            let label = contract.type_def(list.table).label();
            out.docs(&[format!("Every `{label}` of the tree.")]);
            out.line(&format!("{}: list<{}>,", wit_id(&list.label), wit_id(label)));
        }
    });
}

fn emit_union(out: &mut Writer, contract: &Contract, union: &Union) {
    out.docs(&union.docs);
    out.block(&format!("variant {}", wit_id(&union.label)), |out| {
        out.line(&format!("{},", wit_id(&union.none.label)));
        for member in &union.members {
            let mut docs = member.case.docs.clone();
            docs.extend(index_docs(contract, union.id, member.ty));
            out.docs(&docs);
            out.line(&format!("{}({}),", wit_id(&member.case.label), value_text(contract, union.id, member.ty)));
        }
    });
}

fn emit_enum(out: &mut Writer, e: &Enum) {
    out.docs(&e.docs);
    let label = wit_id(&e.label);
    match &e.form {
        EnumForm::Closed => out.block(&format!("enum {label}"), |out| {
            for case in &e.cases {
                out.docs(&case.docs);
                out.line(&format!("{},", wit_id(&case.label)));
            }
        }),
        EnumForm::Open(unknown) => out.block(&format!("variant {label}"), |out| {
            for case in &e.cases {
                let mut docs = case.docs.clone();
                docs.push(format!("Value: {}.", case.value));
                out.docs(&docs);
                out.line(&format!("{},", wit_id(&case.label)));
            }
            out.docs(&["A value without a name.".to_owned()]);
            out.line(&format!("{}({}),", wit_id(&unknown.label), e.repr.wit_name()));
        }),
        EnumForm::Flags => out.block(&format!("flags {label}"), |out| {
            for case in &e.cases {
                let mut docs = case.docs.clone();
                docs.push(format!("Mask: {:#x}.", case.value));
                out.docs(&docs);
                out.line(&format!("{},", wit_id(&case.label)));
            }
        }),
        EnumForm::Integer { .. } => {
            out.docs(&masks(e));
            out.line(&format!("type {label} = {};", e.repr.wit_name()));
        }
    }
}

/// What the bits of an integer are called.
fn masks(e: &Enum) -> Vec<String> {
    let gap = (!e.docs.is_empty()).then(String::new);
    let title = if e.cases.is_empty() { "Any bits." } else { "Any bits. These have names:" };
    let masks = e.cases.iter().map(|case| {
        let docs = case.docs.join(" ");
        let docs = if docs.is_empty() { docs } else { format!(": {docs}") };
        format!("- `{}`, {:#x}{docs}", case.source, case.value)
    });
    gap.into_iter().chain([title.to_owned()]).chain(masks).collect()
}

fn emit_interface(out: &mut Writer, contract: &Contract, interface: &Interface) {
    out.docs(&interface.docs);
    out.block(&format!("interface {}", wit_id(&interface.label)), |out| {
        let uses = interface.uses.iter().map(|used| renamed(contract.type_def(used.ty).outer_label(), &used.label));
        out.line(&format!("use types.{{{}}};", uses.collect::<Vec<_>>().join(", ")));
        out.line(&format!("use hookr:abi/types@0.1.0.{{{}}};", renamed("error", &interface.error_label)));
        for method in &interface.methods {
            out.blank();
            out.docs(&method.docs);
            let label = |id| wit_id(interface.label_of(id).unwrap_or_else(|| contract.type_def(id).outer_label()));
            let (request, response) = (label(method.request), label(method.response));
            let error = wit_id(&interface.error_label);
            let name = wit_id(&method.label);
            out.line(&format!("{name}: func(request: {request}) -> result<{response}, {error}>;"));
        }
    });
}

fn renamed(label: &str, local: &str) -> String {
    if label == local { wit_id(label) } else { format!("{} as {}", wit_id(label), wit_id(local)) }
}

fn emit_world(out: &mut Writer, contract: &Contract) {
    out.docs(&["What a plugin of this contract imports and exports.".to_owned()]);
    out.block(&format!("world {}", wit_id(&contract.world)), |out| {
        for callback in &contract.callbacks {
            out.line(&format!("import {};", wit_id(&callback.label)));
        }
        if let Some(plugin) = &contract.plugin {
            out.line(&format!("export {};", wit_id(&plugin.label)));
        }
    });
}

/// Lines with indentation.
#[derive(Default)]
struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{:1$}{line}", "", self.depth * 4);
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    fn docs(&mut self, docs: &[String]) {
        for line in docs {
            let space = if line.is_empty() { "" } else { " " };
            self.line(&format!("///{space}{line}"));
        }
    }

    fn block(&mut self, head: &str, body: impl FnOnce(&mut Self)) {
        self.line(&format!("{head} {{"));
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.line("}");
    }
}
