//! A schema file as it was written.

use crate::source::{FileId, Span};

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    /// Which text it is.
    pub(crate) id: FileId,
    /// The files that it includes.
    pub(crate) includes: Vec<Text>,
    /// Its declarations, in order.
    pub(crate) items: Vec<Item>,
    /// The place of the `{` of a JSON object behind the declarations. Nothing behind it has been read.
    pub(crate) json: Option<Span>,
    /// Whether a declaration was lost to an error, so that names which are used may have been declared there.
    pub(crate) incomplete: bool,
}

/// A declaration.
#[derive(Debug)]
pub(crate) enum Item {
    /// `namespace A.B;`, or `namespace ;` for the global one.
    Namespace(Vec<Name>),
    /// `attribute "x";`.
    Attribute(String),
    /// `table` or `struct`.
    Object(Object),
    /// `enum` or `union`.
    Enum(Enum),
    /// `rpc_service`.
    Service(Service),
    /// `root_type T;`.
    RootType(Path),
    /// `file_identifier "ABCD";`.
    FileIdentifier(Text),
    /// `file_extension "x";`.
    FileExtension(Text),
}

/// A name.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// A string.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) span: Span,
}

/// A name that may have namespaces before it.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// As it was written, without blanks.
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl From<Name> for Path {
    fn from(name: Name) -> Self {
        Path { text: name.text, span: name.span }
    }
}

/// A table or a struct.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) name: Name,
    pub(crate) is_struct: bool,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) fields: Vec<Field>,
    pub(crate) docs: Vec<String>,
    /// Whether some field could not be read.
    pub(crate) incomplete: bool,
}

/// A field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: Name,
    pub(crate) ty: Type,
    pub(crate) default: Option<Value>,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) docs: Vec<String>,
}

/// A type.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) kind: TypeKind,
    pub(crate) span: Span,
}

/// What a type is.
#[derive(Debug)]
pub(crate) enum TypeKind {
    /// A scalar, `string`, or a declared name.
    Single(Path),
    /// `[T]`.
    Vector(Path),
    /// `[T:n]`.
    Array(Path, u16),
}

/// An enum or a union.
#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) name: Name,
    pub(crate) is_union: bool,
    /// Enums always have one.
    pub(crate) underlying: Option<Type>,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) values: Vec<EnumValue>,
    pub(crate) docs: Vec<String>,
    /// Whether some value, or the underlying type, could not be read.
    pub(crate) incomplete: bool,
}

/// A value of an enum or a member of a union.
#[derive(Debug)]
pub(crate) struct EnumValue {
    /// Members of unions may have namespaces in their name.
    pub(crate) name: Path,
    /// Members of unions: the type behind `:`.
    pub(crate) member: Option<Type>,
    /// The number behind `=`, as it was written.
    pub(crate) value: Option<Text>,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) docs: Vec<String>,
}

/// An `rpc_service`.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) name: Name,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) methods: Vec<Method>,
    pub(crate) docs: Vec<String>,
}

/// A method of a service.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) name: Name,
    pub(crate) request: Path,
    pub(crate) response: Path,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) docs: Vec<String>,
}

/// An attribute on a declaration.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) name: Name,
    pub(crate) value: Option<Value>,
}

/// A constant.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) kind: ValueKind,
    pub(crate) span: Span,
}

/// What a constant is; numbers as they were written.
#[derive(Debug)]
pub(crate) enum ValueKind {
    Integer(String),
    Float(String),
    Text {
        value: String,
        /// Whether it has neither escapes nor anything but printable ASCII: only such a string may stand for a number.
        plain: bool,
    },
    /// A name, perhaps with a sign or with dots.
    Name(String),
    /// `sin(1.5)`.
    Call {
        function: Name,
        argument: Box<Value>,
    },
    /// `[]`.
    EmptyVector,
}

/// The attribute of this name; the first counts when there are several.
pub(crate) fn metadata<'a>(list: &'a [Metadata], name: &str) -> Option<&'a Metadata> {
    list.iter().find(|metadata| metadata.name.text == name)
}
