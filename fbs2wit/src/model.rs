//! The checked schema: what the rest of the crate may rely on.
//!
//! A [`Schema`] comes from text ([`crate::compile`]) or from a binary schema ([`crate::bfbs`]). Names are resolved to
//! IDs, field slots and struct layouts are computed, defaults have their type. It holds every construct of FlatBuffers
//! that has been checked; what cannot be translated yet is refused later, when a contract is lowered.
//!
//! Spans point at the names in the source. A schema that was read from a binary has [`Span::NONE`] everywhere.

mod scalar;

pub use scalar::Scalar;

use crate::source::Span;

/// Which table or struct: an index in [`Schema::objects`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub u32);

/// Which enum or union: an index in [`Schema::enums`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnumId(pub u32);

/// A name with the namespace that it was declared in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QualifiedName {
    /// The segments of the namespace, none for the global one.
    pub namespace: Vec<String>,
    /// The name without namespace.
    pub name: String,
}

impl std::fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for segment in &self.namespace {
            write!(f, "{segment}.")?;
        }
        f.write_str(&self.name)
    }
}

/// An attribute as it was written on a declaration: `(key)`, `(id: 3)`, `(hash: "fnv1_32")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The attribute's name.
    pub name: String,
    /// Its value as text, if it has one; numbers in decimal, strings without quotes.
    pub value: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// A whole schema with everything that its includes bring, checked.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Tables and structs, in the order of their declaration, included files first.
    pub objects: Vec<Object>,
    /// Enums and unions, in the order of their declaration, included files first.
    pub enums: Vec<Enum>,
    /// Services, in the order of their declaration, included files first.
    pub services: Vec<Service>,
    /// The namespace in force at the end of the root file; it names the contract's package.
    pub namespace: Vec<String>,
    /// The four bytes of `file_identifier`.
    pub file_identifier: Option<String>,
    /// The `file_extension`, without dot.
    pub file_extension: Option<String>,
    /// The table that `root_type` names.
    pub root: Option<ObjectId>,
}

impl Schema {
    /// The table or struct with this ID.
    pub fn object(&self, id: ObjectId) -> &Object {
        &self.objects[id.0 as usize]
    }

    /// The enum or union with this ID.
    pub fn enumeration(&self, id: EnumId) -> &Enum {
        &self.enums[id.0 as usize]
    }
}

/// A table or a struct.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its name.
    pub name: QualifiedName,
    /// Table or struct, with what only the one has.
    pub kind: ObjectKind,
    /// Tables: by slot ([`Field::id`]); structs: in the order of declaration, which is that of memory. Deprecated
    /// fields are included.
    pub fields: Vec<Field>,
    /// The attributes as they were written.
    pub attributes: Vec<Attribute>,
    /// The lines of its documentation comment, without slashes.
    pub docs: Vec<String>,
    /// Where its name stands.
    pub span: Span,
}

/// Table or struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// Fields are found through a vtable; they may be absent.
    Table,
    /// Fields lie in place, all of them.
    Struct {
        /// The size in bytes, padding included.
        size: u32,
        /// The alignment in bytes, a power of two.
        align: u32,
    },
}

impl Object {
    /// Whether it is a struct.
    pub fn is_struct(&self) -> bool {
        matches!(self.kind, ObjectKind::Struct { .. })
    }

    /// The fields that are not deprecated.
    pub fn live_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.deprecated)
    }
}

/// A field of a table or a struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Tables: the slot in the vtable; the field is found at vtable offset `4 + 2 * id`. A union's slot is that of the
    /// value; its type is in the slot before. Structs: the position.
    pub id: u16,
    /// Structs: the offset in bytes from the struct's start. Tables: 0.
    pub offset: u32,
    /// Its type.
    pub ty: Type,
    /// Whether it may be absent, and what is read then.
    pub presence: Presence,
    /// Left out of everything that is generated; the slot stays taken.
    pub deprecated: bool,
    /// Vectors of this table are sorted by this field.
    pub key: bool,
    /// The attributes as they were written.
    pub attributes: Vec<Attribute>,
    /// The lines of its documentation comment, without slashes.
    pub docs: Vec<String>,
    /// Where its name stands.
    pub span: Span,
}

/// What the absence of a table's field means. Fields of structs are always [`Presence::Required`].
#[derive(Clone, Debug, PartialEq)]
pub enum Presence {
    /// A scalar or enum that reads as this value when it is absent, and is left out when it equals it.
    Default(Value),
    /// Absent is a state of its own: `= null` scalars; strings, vectors, tables, structs and unions without default.
    Optional,
    /// `(required)`: a buffer without it is invalid.
    Required,
    /// A string with a default text: `= "x"`.
    DefaultString(String),
    /// A vector that is empty when it is absent: `= []`.
    DefaultEmptyVector,
}

/// A scalar constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// For `bool`.
    Bool(bool),
    /// For every integer and every enum.
    Int(i128),
    /// For `float` and `double`; a `float`'s value is already rounded to 32 bits.
    Float(f64),
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// One value.
    Single(Element),
    /// `[T]`: any number of values.
    Vector(Element),
    /// `[T:n]`, in structs only: exactly this many values, at least one.
    Array(Element, u16),
}

impl Type {
    /// The type of the value, or of each of its values.
    pub fn element(self) -> Element {
        match self {
            Type::Single(element) | Type::Vector(element) | Type::Array(element, _) => element,
        }
    }
}

/// The type of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// A number or a bool.
    Scalar(Scalar),
    /// UTF-8 text.
    String,
    /// A table or a struct; [`Object::kind`] says which.
    Object(ObjectId),
    /// An enum, bit flags included.
    Enum(EnumId),
    /// A union: [`Enum::kind`] is [`EnumKind::Union`].
    Union(EnumId),
}

/// An enum or a union.
#[derive(Clone, Debug)]
pub struct Enum {
    /// Its name.
    pub name: QualifiedName,
    /// What it is.
    pub kind: EnumKind,
    /// The integer that it is stored as; `u8` for a union that says nothing else.
    pub underlying: Scalar,
    /// By value, ascending. A union starts with `NONE` = 0.
    pub values: Vec<EnumValue>,
    /// The attributes as they were written.
    pub attributes: Vec<Attribute>,
    /// The lines of its documentation comment, without slashes.
    pub docs: Vec<String>,
    /// Where its name stands.
    pub span: Span,
}

/// What an [`Enum`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnumKind {
    /// One of the values.
    Plain,
    /// Any set of the values; [`EnumValue::value`] is the bit's mask, not its position.
    BitFlags,
    /// A tagged value; [`EnumValue::member`] says which type goes with which tag.
    Union,
}

/// A named value of an enum, or a member of a union.
#[derive(Clone, Debug)]
pub struct EnumValue {
    /// Its name; a member of a union without alias has its type's name, with `_` for the dots of a namespace.
    pub name: String,
    /// Its value; it fits the underlying type.
    pub value: i128,
    /// Unions: the type of the value; `None` for `NONE`. Only [`Element::Object`] and [`Element::String`] occur.
    pub member: Option<Element>,
    /// The attributes as they were written.
    pub attributes: Vec<Attribute>,
    /// The lines of its documentation comment, without slashes.
    pub docs: Vec<String>,
    /// Where its name stands.
    pub span: Span,
}

/// An `rpc_service`.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: QualifiedName,
    /// Its methods, in the order of declaration; at least one.
    pub methods: Vec<Method>,
    /// The attributes as they were written.
    pub attributes: Vec<Attribute>,
    /// The lines of its documentation comment, without slashes.
    pub docs: Vec<String>,
    /// Where its name stands.
    pub span: Span,
}

/// A method of a service.
#[derive(Clone, Debug)]
pub struct Method {
    /// Its name.
    pub name: String,
    /// The table that it takes.
    pub request: ObjectId,
    /// The table that it answers with.
    pub response: ObjectId,
    /// The attributes as they were written; `streaming` among them.
    pub attributes: Vec<Attribute>,
    /// The lines of its documentation comment, without slashes.
    pub docs: Vec<String>,
    /// Where its name stands.
    pub span: Span,
}

/// Looks an attribute up by name.
pub fn attribute<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name == name)
}

/// Whether text can be a name in a schema.
pub(crate) fn is_identifier(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
