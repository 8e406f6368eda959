//! What flatc's own tests expect in a message, and which errors of ours are about that.

use fbs2wit::diag::Code;

/// What a message about a schema is about, and the errors that say so.
pub(crate) const OF_SCHEMAS: [(&str, &[Code]); 26] = [
    ("illegal", &[Code::IllegalInString]),
    ("documentation", &[Code::MisplacedDocumentation]),
    ("expecting", &[Code::UnexpectedToken]),
    ("illegal type", &[Code::IllegalType]),
    ("same as table", &[Code::FieldNamedLikeType]),
    ("default values", &[Code::DefaultNotSupported]),
    ("deprecate", &[Code::DeprecatedInStruct]),
    ("underlying", &[Code::EnumTypeNotInteger]),
    ("unique", &[Code::EnumValueNotUnique]),
    ("datatype already", &[Code::DuplicateType]),
    ("size 0", &[Code::StructEmpty]),
    ("a table", &[Code::RootNotTable]),
    ("clash", &[Code::FieldClash]),
    ("may contain only scalar or struct fields", &[Code::StructFieldType]),
    ("expecting: string", &[Code::DefaultType]),
    ("Expected `]`", &[Code::VectorDefault]),
    ("type mismatch", &[Code::DefaultType]),
    ("identifier", &[Code::UnexpectedToken]),
    ("`offset64` attribute", &[Code::Offset64Invalid]),
    ("`vector64` attribute", &[Code::Offset64Invalid]),
    ("only vectors of scalars are allowed to be 64-bit.", &[Code::Offset64Invalid]),
    ("enum value does not fit", &[Code::EnumValueOutOfRange]),
    ("bit flag out", &[Code::BitFlagOutOfRange]),
    ("out of range", &[Code::BitFlagOutOfRange]),
    ("includes must come before", &[Code::IncludeAfterDeclaration]),
    ("not defined", &[Code::UnknownType, Code::EnumUsedBeforeDeclared]),
];

/// What a message about JSON is about, and the errors that say so.
pub(crate) const OF_JSON: [(&str, &[&str]); 16] = [
    ("does not fit", &["E0704", "E0312"]),
    ("constant does not fit", &["E0704"]),
    // The text ends before its value: here the end is what is wrong.
    ("type id", &["E0113"]),
    ("string constant", &["E0113"]),
    ("wrong number", &["E0707"]),
    ("starting", &["E0113"]),
    ("end of file", &["E0113"]),
    ("more than once", &["E0706"]),
    ("float", &["E0703"]),
    ("", &["E0704", "E0113"]),
    ("invalid number", &["E0010", "E0703"]),
    ("expecting: ,", &["E0113"]),
    ("invalid", &["E0703"]),
    ("unpaired high surrogate", &["E0008"]),
    ("unpaired low surrogate", &["E0008"]),
    ("illegal UTF-8 sequence", &["E0009"]),
];
