//! The contract: a schema with every name for WIT and Rust decided, and nothing in it that cannot be translated.
//!
//! [`lower`] makes it from a checked [`Schema`]. The emitters ([`crate::wit`], [`crate::rust`]) read it and decide
//! nothing: two texts that must agree take the same field of the same value here.

mod docs;
mod enum_form;
mod lower;
mod nesting;
mod order;
mod package;
mod recursion;
mod refuse;
mod services;
mod types;
mod wire_form;

use hookr_abi::{ContractId, MethodId};

pub use enum_form::EnumForm;
pub(crate) use enum_form::integers;
pub(crate) use order::holders;
pub use package::Package;
pub use recursion::{NodeList, ROOT_FIELD, Recursion, RecursiveGroup, Tree};
pub use wire_form::WireForm;

use crate::diag::Diagnostics;
use crate::model::{QualifiedName, Scalar, Schema, Value};

/// How a schema is read as a contract.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ContractOptions {
    /// The service that plugins implement, with or without its namespace. Default: `Plugin`.
    pub plugin_service: String,
    /// The attribute of methods that a plugin may leave out. Default: `hookr_optional`.
    pub optional_attribute: String,
    /// Whether a schema without the plugin service is an error. Default: true.
    pub plugin_required: bool,
    /// How many types, fields, values and methods a contract may have, all counted together. Default: 500,000.
    pub max_declarations: usize,
}

impl Default for ContractOptions {
    fn default() -> Self {
        ContractOptions {
            plugin_service: "Plugin".to_owned(),
            optional_attribute: "hookr_optional".to_owned(),
            plugin_required: true,
            max_declarations: 500_000,
        }
    }
}

/// Makes a contract of a schema.
///
/// # Errors
///
/// Everything in the schema that cannot be translated, the lack of a plugin service, method IDs that collide.
pub fn lower(schema: &Schema, options: &ContractOptions) -> Result<Contract, Diagnostics> {
    lower::lower(schema, options)
}

/// Which type: an index in [`Contract::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u32);

/// A whole contract.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Contract {
    /// The identity: what a host and a plugin must agree on.
    pub id: ContractId,
    /// The namespace as the schema spells it, `Hookr.Test.TextFilter` for instance; empty for the global one.
    pub namespace: String,
    /// The WIT package.
    pub package: Package,
    /// The label of the world.
    pub world: String,
    /// What the host calls on a plugin; always there unless [`ContractOptions::plugin_required`] was false.
    pub plugin: Option<Interface>,
    /// What a plugin may call back, sorted by label.
    pub callbacks: Vec<Interface>,
    /// Every type of the schema: enums and unions, then structs and tables, each in the order of declaration.
    pub types: Vec<TypeDef>,
    /// The types that hold themselves, in the order of their first members.
    pub groups: Vec<RecursiveGroup>,
    /// The table that `root_type` names.
    pub root: Option<TypeId>,
    /// The four bytes that mark a buffer whose root is [`Contract::root`].
    pub file_identifier: Option<String>,
}

impl Contract {
    /// The type with this ID.
    pub fn type_def(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0 as usize]
    }

    /// The table or struct with this ID; `None` for enums and unions.
    pub fn record(&self, id: TypeId) -> Option<&Record> {
        match self.type_def(id) {
            TypeDef::Record(record) => Some(record),
            TypeDef::Enum(_) | TypeDef::Union(_) => None,
        }
    }

    /// The enum with this ID; `None` for other types.
    pub fn enumeration(&self, id: TypeId) -> Option<&Enum> {
        match self.type_def(id) {
            TypeDef::Enum(e) => Some(e),
            TypeDef::Record(_) | TypeDef::Union(_) => None,
        }
    }

    /// The union with this ID; `None` for other types.
    pub fn union(&self, id: TypeId) -> Option<&Union> {
        match self.type_def(id) {
            TypeDef::Union(union) => Some(union),
            TypeDef::Record(_) | TypeDef::Enum(_) => None,
        }
    }

    /// The tables and structs.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.types.iter().filter_map(|def| match def {
            TypeDef::Record(record) => Some(record),
            TypeDef::Enum(_) | TypeDef::Union(_) => None,
        })
    }

    /// The enums.
    pub fn enums(&self) -> impl Iterator<Item = &Enum> {
        self.types.iter().filter_map(|def| match def {
            TypeDef::Enum(e) => Some(e),
            TypeDef::Record(_) | TypeDef::Union(_) => None,
        })
    }

    /// The unions.
    pub fn unions(&self) -> impl Iterator<Item = &Union> {
        self.types.iter().filter_map(|def| match def {
            TypeDef::Union(union) => Some(union),
            TypeDef::Record(_) | TypeDef::Enum(_) => None,
        })
    }

    /// The recursive group of a type.
    pub fn group(&self, id: TypeId) -> Option<&RecursiveGroup> {
        self.groups.get(self.type_def(id).recursion()?.group)
    }

    /// The list in which the nodes of a table of a recursive group stand.
    pub fn node_list(&self, table: TypeId) -> Option<&NodeList> {
        self.group(table)?.tables.get(self.type_def(table).recursion()?.list?)
    }

    /// The tree of a group that comes first, if it has any: without one its values never cross.
    pub fn first_tree(&self, group: &RecursiveGroup) -> Option<&Tree> {
        let tables = group.tables.iter().map(|list| list.table);
        tables.chain(group.unions.iter().copied()).find_map(|id| self.type_def(id).tree())
    }

    /// Whether two types are of one recursive group, so that the one has no value of the other in WIT, but its index.
    pub fn same_group(&self, a: TypeId, b: TypeId) -> bool {
        let group = |id| self.type_def(id).recursion().map(|recursion| recursion.group);
        group(a).is_some() && group(a) == group(b)
    }

    /// Every interface: the plugin's first, then the callbacks.
    pub fn interfaces(&self) -> impl Iterator<Item = &Interface> {
        self.plugin.iter().chain(&self.callbacks)
    }
}

/// A service as a WIT interface and a Rust trait.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Interface {
    /// The service: an index in [`Schema::services`].
    pub service: usize,
    /// The service's name in the schema.
    pub source: QualifiedName,
    /// The WIT label, `rng-service` for instance, without `%`.
    pub label: String,
    /// The Rust name as a type, `RngService`.
    pub rust: String,
    /// The Rust name as a module, `rng_service`; bindings generators use the same.
    pub module: String,
    /// The lines of its documentation, safe to print.
    pub docs: Vec<String>,
    /// Its methods, in the order of declaration.
    pub methods: Vec<Method>,
    /// The types that its methods name, sorted by label.
    pub uses: Vec<Use>,
    /// The label of hookr's `error` in this interface.
    pub error_label: String,
}

impl Interface {
    /// The label under which the interface knows a type.
    pub fn label_of(&self, ty: TypeId) -> Option<&str> {
        self.uses.iter().find(|used| used.ty == ty).map(|used| used.label.as_str())
    }
}

/// A type that an interface takes over from `types`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The type.
    pub ty: TypeId,
    /// Its label in the interface; differs from the type's own where a function has that.
    pub label: String,
}

/// A method as a WIT function and a Rust method.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Method {
    /// The name in the schema.
    pub source: String,
    /// The WIT label, without `%`.
    pub label: String,
    /// The Rust name that bindings generators derive from the label.
    pub bindgen: String,
    /// The Rust name on handles and traits.
    pub rust: String,
    /// The Rust name of the question whether a plugin has it; asked of optional methods only.
    pub supports: String,
    /// The Rust names of its other forms.
    pub forms: Forms,
    /// Its number.
    pub id: MethodId,
    /// Whether a plugin may leave it out.
    pub optional: bool,
    /// Whether its values have the same order as FlatBuffers: those keep vectors of what has a key sorted. Calls with owned
    /// values go over the lane only if they do.
    pub keeps_order: bool,
    /// Whether all vectors in its values are of numbers: then much data is few values.
    pub is_plain: bool,
    /// The table that it takes.
    pub request: TypeId,
    /// The table that it answers with.
    pub response: TypeId,
    /// The lines of its documentation, safe to print.
    pub docs: Vec<String>,
}

/// The Rust names of the forms of a method that read and write FlatBuffers in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forms {
    /// Takes and gives owned values: `tick_owned`.
    pub owned: String,
    /// Takes a request that is a FlatBuffer already: `tick_encoded`.
    pub encoded: String,
    /// Takes several requests at once: `tick_batch`.
    pub batch: String,
    /// Answers in place: `tick_in_place`.
    pub in_place: String,
    /// A call that is a future: `tick_async`.
    pub asynchronous: String,
}

/// A type of the interface `types`.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeDef {
    /// A table or a struct.
    Record(Record),
    /// An enum.
    Enum(Enum),
    /// A union.
    Union(Union),
}

impl TypeDef {
    /// The name in the schema.
    pub fn source(&self) -> &QualifiedName {
        match self {
            TypeDef::Record(record) => &record.source,
            TypeDef::Enum(e) => &e.source,
            TypeDef::Union(union) => &union.source,
        }
    }

    /// The WIT label, without `%`.
    pub fn label(&self) -> &str {
        match self {
            TypeDef::Record(record) => &record.label,
            TypeDef::Enum(e) => &e.label,
            TypeDef::Union(union) => &union.label,
        }
    }

    /// The Rust name.
    pub fn rust(&self) -> &str {
        match self {
            TypeDef::Record(record) => &record.rust,
            TypeDef::Enum(e) => &e.rust,
            TypeDef::Union(union) => &union.rust,
        }
    }

    /// Where it stands in a group of types that hold themselves.
    pub fn recursion(&self) -> Option<&Recursion> {
        match self {
            TypeDef::Record(record) => record.recursion.as_ref(),
            TypeDef::Enum(_) => None,
            TypeDef::Union(union) => union.recursion.as_ref(),
        }
    }

    /// The record that stands for its values outside of its group.
    pub fn tree(&self) -> Option<&Tree> {
        self.recursion()?.tree.as_ref()
    }

    /// The WIT label that what is outside of its group knows it by: that of its tree, or its own.
    pub fn outer_label(&self) -> &str {
        self.tree().map_or(self.label(), |tree| &tree.label)
    }

    /// The Rust name that bindings know it by outside of its group: that of its tree, or its own.
    pub fn outer_rust(&self) -> &str {
        self.tree().map_or(self.rust(), |tree| &tree.rust)
    }

    /// How its values look to bindings.
    pub fn wire(&self) -> WireForm {
        match self {
            TypeDef::Record(record) => record.wire,
            TypeDef::Enum(_) => WireForm::Same,
            TypeDef::Union(union) => union.wire,
        }
    }
}

/// A table or a struct.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// Its own ID.
    pub id: TypeId,
    /// The name in the schema.
    pub source: QualifiedName,
    /// The WIT label, without `%`.
    pub label: String,
    /// The Rust name.
    pub rust: String,
    /// Table or struct.
    pub kind: RecordKind,
    /// The fields that are not deprecated; tables: by slot, structs: in memory's order. May be empty for a table: WIT
    /// then has [`RESERVED_FIELD`] alone.
    pub fields: Vec<Field>,
    /// The field by which vectors of it are sorted in FlatBuffers: an index in `fields`.
    pub key: Option<usize>,
    /// Where it stands in a group of types that hold themselves.
    pub recursion: Option<Recursion>,
    /// How its values look to bindings.
    pub wire: WireForm,
    /// Whether its values hold text or lists in WIT, directly or further down, and so own memory.
    pub has_lists: bool,
    /// How many tables and structs lie on the longest way down, this one included; at most
    /// [`hookr_abi::MAX_NESTING`] where values of a recursive type do.
    pub depth: u32,
    /// The lines of its documentation, safe to print.
    pub docs: Vec<String>,
}

impl Record {
    /// Whether it is a struct.
    pub fn is_struct(&self) -> bool {
        matches!(self.kind, RecordKind::Struct { .. })
    }
}

/// The label of the one field, a bool, that a record without fields gets in WIT.
pub const RESERVED_FIELD: &str = "reserved";

/// Table or struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A table.
    Table,
    /// A struct with its size and alignment in bytes.
    Struct {
        /// The size, padding included.
        size: u32,
        /// The alignment, a power of two.
        align: u32,
    },
}

/// A field of a table or a struct.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Field {
    /// The name in the schema.
    pub source: String,
    /// The WIT label, without `%`.
    pub label: String,
    /// The Rust name.
    pub rust: String,
    /// Tables: the slot in the vtable.
    pub slot: u16,
    /// Structs: the offset in bytes.
    pub offset: u32,
    /// Its type.
    pub ty: FieldType,
    /// What its absence means.
    pub presence: Presence,
    /// What the elements of a vector are aligned to in FlatBuffers, in bytes, where that is more than their type asks
    /// for: by `force_align`, or because they are a buffer of their own.
    pub align: Option<u32>,
    /// The lines of its documentation, safe to print.
    pub docs: Vec<String>,
}

impl Field {
    /// Whether it is an option in WIT and Rust.
    pub fn is_option(&self) -> bool {
        self.presence == Presence::Optional
    }
}

/// The type of a field, options aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// One value.
    Single(ValueType),
    /// A vector.
    List(ValueType),
    /// A fixed number of values, at least one; in structs only.
    Array(ValueType, u16),
}

/// An array of up to so many elements is a tuple in WIT, as bindings have them; a longer one is a list.
pub const MAX_TUPLE: u16 = 16;

impl FieldType {
    /// Whether it is an array that WIT has as a list, whose length is checked.
    pub fn is_long_array(self) -> bool {
        matches!(self, FieldType::Array(_, length) if length > MAX_TUPLE)
    }

    /// The type of the value, or of the elements.
    pub fn value(self) -> ValueType {
        match self {
            FieldType::Single(value) | FieldType::List(value) | FieldType::Array(value, _) => value,
        }
    }
}

/// The type of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// A number or a bool.
    Scalar(Scalar),
    /// UTF-8 text.
    String,
    /// An enum.
    Enum(TypeId),
    /// A struct.
    Struct(TypeId),
    /// A table.
    Table(TypeId),
    /// A union.
    Union(TypeId),
}

impl ValueType {
    /// The type that it names, if any.
    pub fn type_id(self) -> Option<TypeId> {
        match self {
            ValueType::Scalar(_) | ValueType::String => None,
            ValueType::Enum(id) | ValueType::Struct(id) | ValueType::Table(id) | ValueType::Union(id) => Some(id),
        }
    }
}

/// What the absence of a field means.
#[derive(Clone, Debug, PartialEq)]
pub enum Presence {
    /// A scalar or an enum that reads as this value.
    Default(Value),
    /// A string that reads as this text.
    DefaultText(String),
    /// A string or a vector that reads as empty, a union that reads as none; an empty one is written as absent.
    Empty,
    /// A state of its own: an option.
    Optional,
    /// It is an error; every field of a struct is like that.
    Required,
}

/// An enum.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Enum {
    /// Its own ID.
    pub id: TypeId,
    /// The name in the schema.
    pub source: QualifiedName,
    /// The WIT label, without `%`.
    pub label: String,
    /// The Rust name.
    pub rust: String,
    /// The integer that it is stored as.
    pub repr: Scalar,
    /// Its values, ascending; of flags, the mask of each.
    pub cases: Vec<Case>,
    /// What its values are in WIT and Rust.
    pub form: EnumForm,
    /// The value of `Default`: 0 for flags and if it has a name, else the smallest, else 0.
    pub default: i128,
    /// The lines of its documentation, safe to print.
    pub docs: Vec<String>,
}

impl Enum {
    /// The case with this value.
    pub fn case(&self, value: i128) -> Option<&Case> {
        self.cases.iter().find(|case| case.value == value)
    }

    /// The cases of which a set consists, if this is flags; `None` when it has bits without a name.
    pub fn set(&self, value: i128) -> Option<Vec<&Case>> {
        let cases: Vec<&Case> = self.cases.iter().filter(|case| case.value & value != 0).collect();
        let is_all = cases.iter().fold(0, |all, case| all | case.value) == value;
        (self.form == EnumForm::Flags && is_all).then_some(cases)
    }

    /// Whether its values are plain integers.
    pub fn is_integer(&self) -> bool {
        matches!(self.form, EnumForm::Integer { .. })
    }
}

/// A named value of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The name in the schema.
    pub source: String,
    /// The WIT label, without `%`.
    pub label: String,
    /// The Rust name.
    pub rust: String,
    /// The value.
    pub value: i128,
    /// The lines of its documentation, safe to print.
    pub docs: Vec<String>,
}

/// The case of an enum that holds values without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCase {
    /// The WIT label, without `%`.
    pub label: String,
    /// The Rust name.
    pub rust: String,
}

/// A union: a tag, and the value that goes with it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Union {
    /// Its own ID.
    pub id: TypeId,
    /// The name in the schema.
    pub source: QualifiedName,
    /// The WIT label, without `%`.
    pub label: String,
    /// The Rust name.
    pub rust: String,
    /// The integer that the tag is stored as.
    pub repr: Scalar,
    /// The case without a value, whose tag is 0.
    pub none: Case,
    /// The others, by tag, ascending; there may be none.
    pub members: Vec<Member>,
    /// Where it stands in a group of types that hold themselves.
    pub recursion: Option<Recursion>,
    /// How its values look to bindings.
    pub wire: WireForm,
    /// The lines of its documentation, safe to print.
    pub docs: Vec<String>,
}

/// A member of a union.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name, and the tag as its value.
    pub case: Case,
    /// Its type: a string, a struct or a table.
    pub ty: ValueType,
}
