//! Names and texts to choose from, the plainest first.

/// No segment is that of a namespace further out, so that a full name always means what it says.
pub(super) const CLEAR_NAMESPACES: &[&str] =
    &["Acme", "", "Acme.Inner", "Acme.Inner.Deep", "other", "Table.enum", "World.Package"];

pub(super) const CONFUSING_NAMESPACES: &[&str] = &["", "A", "A.A", "A.B", "B", "B.A", "A.B.A"];

pub(super) const CONFUSING_NAMES: &[&str] = &["T", "A", "B", "f"];

/// None of them is the name of a field.
pub(super) const TYPE_NAMES: &[&str] = &[
    "Node",
    "Request",
    "Foo",
    "FooBar",
    "Foo_Bar",
    "Foobar",
    "LowerFoo",
    "Self",
    "Option",
    "String",
    "Error",
    "Types",
    "U8",
    "_T",
    "T__",
    "x1_Y2",
    "enum",
    "struct",
    "root_type",
    "rpc_service",
    "Plugin",
    "Unknown",
];

/// None of them ends in what is generated for another field.
pub(super) const FIELD_NAMES: &[&str] = &[
    "a",
    "b",
    "a_b",
    "aB",
    "AB",
    "Ab",
    "_",
    "_1",
    "x__y",
    "type",
    "table",
    "union",
    "namespace",
    "string",
    "int",
    "key",
    "id",
    "self",
    "gen",
    "reserved",
    "ABc9",
    "list",
    "option",
    "result",
    "none",
    "null",
    "include",
];

pub(super) const VALUE_NAMES: &[&str] = &[
    "A", "B", "a", "Foo", "FooBar", "foo_bar", "null", "true", "inf", "NaN", "unknown", "Unknown", "none", "table",
    "struct", "self", "_", "X9",
];

pub(super) const METHOD_NAMES: &[&str] =
    &["Get", "get", "Get_", "Filter", "self", "type", "call", "store", "x", "Error", "table", "supports_get"];

pub(super) const SERVICE_NAMES: &[&str] = &["Plugin", "Clock", "clock", "types", "Node", "World", "gen"];

pub(super) const DOCS: &[&str] = &[
    " A line.",
    "",
    "   indented, and with a blank at its end ",
    "no blank before",
    "/ a fourth slash",
    " */ } ) ; \" ' \\ // table X {}",
    " \u{e9} \u{1f980} \u{149}",
    "\ttab\t",
    " \\u{1b} has been escaped before",
    " \u{1b}[2J\u{202e}\u{7f}\u{feff}",
    " `code` <html> {{brace}} #hash @since(version = 1)",
];

/// Inside of the quotes.
pub(super) const STRINGS: &[&str] = &[
    "text",
    "",
    "0",
    "null",
    " ",
    r#"\"\\\/\'"#,
    r"\n\t\r\b\f",
    r"\u00e9\ud83e\udd80",
    r"\xc3\xa9",
    r"\u0000\u001b",
    "\u{e9}\u{1f980}\u{202e}",
    "{}",
    "a.b",
];

/// Values of attributes that nobody reads.
pub(super) const ATTRIBUTE_VALUES: &[&str] =
    &["1", "0", "-7", "0x1F", "2147483647", "\"text\"", "\"0\"", "\"12\"", "\"\"", "\"\\n\\\"\\u202e\"", "+5"];

pub(super) const FLOATS: &[&str] = &[
    "1.5",
    "-0.0",
    "0.0",
    "inf",
    "-inf",
    "+inf",
    "nan",
    "-nan",
    "1e300",
    "-1e-300",
    "3.4028235e38",
    "1e-45",
    "0x1.8p-3",
    "5",
    "-7",
    ".25",
    "5.",
    "sin(1.5)",
    "deg(rad(90))",
    "0.1",
    "16777217.0",
    "infinity",
    "1e-7",
    "123456789012345680.0",
];

pub(super) const SCALARS: &[&str] = &[
    "int", "bool", "byte", "ubyte", "short", "ushort", "uint", "long", "ulong", "float", "double", "int8", "uint8",
    "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64",
];

pub(super) const INTEGERS: &[&str] = &["ubyte", "byte", "short", "ushort", "int", "uint", "long", "ulong"];
