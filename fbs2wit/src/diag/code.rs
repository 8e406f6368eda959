//! The catalogue of errors. Codes are stable: a code that is no longer used is not given to another error.
//!
//! E00xx reading files and tokens, E01xx grammar, E02xx names, E03xx types, fields and values, E04xx services,
//! E05xx what cannot be translated yet or at all, E06xx WIT and Rust names, E07xx JSON, E08xx binary schemas.

use std::fmt;

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $title:literal, $explanation:literal;)*) => {
        /// Which error it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every code, in the order of the catalogue.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// Codes that no release reports any more: what they refused is translated.
            pub const RETIRED: &'static [&'static str] =
                &["E0501", "E0502", "E0503", "E0505", "E0506", "E0507", "E0508"];

            /// The code as people write it, `E0201` for instance.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// What the error is, on one line.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// Why it is an error and what to do about it, for `hookr explain`.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$name => $explanation,)* }
            }
        }
    };
}

catalogue! {
    FileUnreadable = "E0001", "a file cannot be read",
        "The schema, or a file that it includes, does not exist, is not a file or may not be read. Includes are looked \
         for beside the file that includes them, then in each folder given with -I, then beside the schema itself.";
    FileTooLarge = "E0002", "a file is too large",
        "The size of each file and of all files together is limited, so that no schema can exhaust the memory of what \
         reads it. The limits are generous; a schema that reaches them is likely not the file that was meant.";
    TooManyFiles = "E0003", "too many files are included",
        "The number of files that a schema includes, directly and indirectly, is limited.";
    EmptyFile = "E0004", "a file without declarations",
        "A schema file that has nothing in it but blanks and comments is refused, because it is most often one that was \
         not saved or not generated.";
    IllegalCharacter = "E0005", "a character that means nothing in a schema",
        "Names consist of ASCII letters, digits and underscores and don't start with a digit. Other characters may stand in \
         strings and comments only. Characters that cannot be seen, a no-break space for instance, are shown by number.";
    UnterminatedComment = "E0006", "a comment that is not closed",
        "A comment that starts with `/*` goes on to the next `*/`. Such comments don't nest.";
    IllegalInString = "E0007", "a character that may not stand in a string",
        "A string ends on the line on which it starts, with the quote that it starts with. Control characters are written as \
         escapes: `\\n`, `\\t`, `\\x07`.";
    BadEscape = "E0008", "an escape that does not exist",
        "The escapes of a string are `\\n`, `\\t`, `\\r`, `\\b`, `\\f`, `\\\"`, `\\'`, `\\\\`, `\\/`, `\\xNN` for a byte and `\\uNNNN` for \
         a character, each N a hexadecimal digit. Characters above U+FFFF are two escapes, a high surrogate and a low one.";
    InvalidUtf8 = "E0009", "text that is not UTF-8",
        "Schemas and JSON are UTF-8; only comments may have other bytes. Strings of FlatBuffers are UTF-8 too: the bytes of this \
         one, after its escapes are resolved, are not.";
    InvalidNumber = "E0010", "a malformed number",
        "Numbers are decimal or hexadecimal integers (`12`, `-0x1F`), or floats (`1.5`, `.5`, `5.`, `1e-3`, `0x1.8p3`). A sign \
         stands right before the digits, and a hexadecimal float has an exponent.";
    MisplacedDocumentation = "E0011", "a documentation comment behind something else",
        "A comment with three slashes documents what follows it, so that it stands on lines of its own. Behind something, use \
         two slashes.";

    UnexpectedToken = "E0101", "something else was expected",
        "The grammar demands something else here. Often a `;`, a `,` or a closing brace is missing shortly before.";
    DeclarationExpected = "E0102", "no declaration starts like this",
        "A schema is a list of declarations, each of which starts with its keyword: namespace, table, struct, enum, union, \
         rpc_service, root_type, attribute, file_identifier, file_extension; include and native_include before all others.";
    IncludeAfterDeclaration = "E0103", "an include behind a declaration",
        "All includes stand at the start of a file, before its namespace and its declarations.";
    NestingTooDeep = "E0104", "nested too deeply",
        "Brackets, function calls and JSON values may be nested to a limited depth (64 unless set otherwise, as in flatc), so \
         that no input can exhaust the stack of what reads it.";
    IllegalType = "E0105", "no type",
        "A type is the name of a scalar (`bool`, `ubyte`, `int`, `double`, …), `string`, the name of a table, struct, enum or \
         union, or one of those in brackets: `[T]` for a vector, `[T:4]` for an array in a struct.";
    NestedVector = "E0106", "a vector of vectors",
        "FlatBuffers has no vectors of vectors. Wrap the inner one in a table: `table Row { cells:[int]; }`, then `[Row]`.";
    ArrayLength = "E0107", "an impossible length of an array",
        "The length of a fixed-length array is an integer from 1 to 65535.";
    EnumTypeMissing = "E0108", "an enum without a type",
        "An enum states the integer type that its values are stored as: `enum Color:ubyte { Red, Green }`.";
    FileIdentifierLength = "E0109", "a file identifier that is not four bytes long",
        "The identifier is written into a fixed place of four bytes of every buffer.";
    EnumValueNotInteger = "E0110", "the value of an enum is not an integer",
        "The value of an enum or the tag of a union is written as an integer: `Red = 1`. Names of other values cannot be used.";
    AttributeValue = "E0111", "an attribute's value that is neither string nor integer",
        "The value of an attribute is a string or an integer of 32 bits.";
    VectorDefault = "E0112", "a default that a vector cannot have",
        "The only default of a vector is the empty one, `[]`.";
    TrailingJson = "E0113", "JSON that cannot belong to the schema",
        "One JSON object may follow the declarations of a schema. It is a value of the root type, which must be set, and \
         nothing may follow it.";

    UnknownType = "E0201", "a type that is not defined",
        "No table or struct of this name is defined in the namespace at hand or one around it, in this file or in what it \
         includes. A type of another namespace is written with its namespace: `other.Thing`.";
    EnumUsedBeforeDeclared = "E0202", "an enum or a union is used before it is declared",
        "Tables may be used before they are declared, but enums and unions may not: until its declaration such a name stands \
         for a table. Declare the enum first.";
    DuplicateType = "E0203", "two types of one name",
        "Tables, structs, enums and unions of a namespace share their names. Files that are included by way of two paths count \
         once; two files with the same declarations don't.";
    DuplicateField = "E0204", "two fields of one name",
        "The fields of a table or struct have different names. A union `u` also takes the name `u_type` for its tag.";
    FieldNamedLikeType = "E0205", "a field with the name of a type",
        "A field may not have the same name as a table or struct that can be seen from there, because generated code of some \
         languages would not compile.";
    FieldClash = "E0206", "a field that clashes with generated code",
        "For a vector `x` code is generated that is named `x_length`, for a string `x_byte_vector`, for a union `x_type`; in \
         camel case too. Fields may not have these names.";
    DuplicateEnumValue = "E0207", "two values of one name",
        "The values of an enum have different names, and so have the members of a union. A union has a member `NONE` already; \
         a member in another namespace is named with `_` for the dots. Give a member a name of its own with `name: Type`.";
    DuplicateService = "E0208", "two services of one name",
        "The services of a namespace have different names.";
    DuplicateMethod = "E0209", "two methods of one name",
        "The methods of a service have different names.";
    UnknownAttribute = "E0210", "an attribute that is not declared",
        "Attributes that FlatBuffers does not know are declared before they are used, so that a misspelling is found: \
         `attribute \"name\";`.";
    UnknownRootType = "E0211", "a root type that is not declared",
        "The table that `root_type` names is declared or used before it. Its name is written in full, or relative to the \
         namespace at hand.";

    EnumTypeNotInteger = "E0301", "the type of an enum is not an integer type",
        "The underlying type of an enum or union is one of byte, ubyte, short, ushort, int, uint, long and ulong.";
    EnumValueOutOfRange = "E0302", "a value that does not fit the type of its enum",
        "Each value fits the underlying type. A value that is not given is one more than the one before.";
    EnumValueNotUnique = "E0303", "two values of an enum are the same",
        "A value of an enum has one name, or it could not be told which of them to show.";
    BitFlagOutOfRange = "E0304", "a bit flag beyond the bits of its type",
        "The values of an enum with `bit_flags` are positions of bits: from 0 to 7 for ubyte. The highest bit of a signed type \
         is its sign.";
    UnionMemberType = "E0305", "a type that cannot be a member of a union",
        "The members of a union are tables, structs and strings.";
    UnionTagNegative = "E0306", "a union with a negative tag",
        "The tag of `NONE` is 0 and the smallest. flatc accepts negative tags and then generates code that mistakes one of \
         them for NONE.";
    StructFieldType = "E0307", "a field that a struct cannot have",
        "Structs lie in place and have a fixed size: they hold scalars, enums, other structs and arrays of those. Use a table \
         for anything else.";
    StructEmpty = "E0308", "a struct without fields",
        "A struct has at least one field.";
    StructIncomplete = "E0309", "a struct holds one that is not complete",
        "The size of a struct is computed when it is declared, so that the structs in it are declared before. A struct cannot \
         hold itself.";
    DefaultNotSupported = "E0310", "a default where there can be none",
        "Scalars, enums and strings of tables may have a default, and vectors the default `[]`. Fields of structs are always \
         present; tables, structs and unions are absent unless they are set.";
    DefaultType = "E0311", "a default of another type than its field",
        "The default of a field is a constant of the field's type: an integer, a float, `true`, the name of an enum's value, a \
         string, or `null` for a scalar that may be absent.";
    DefaultOutOfRange = "E0312", "a default that does not fit the type of its field",
        "The default fits the type of the field.";
    DefaultNotInEnum = "E0313", "a default that is no value of the enum",
        "The default of a field is a value of its enum. A field without a default has the default 0, which not every enum has: \
         name another one, or write `= null`.";
    UnknownEnumValue = "E0314", "a value that the enum does not have",
        "A default names a value of the field's enum: `= Red`. Flags are given in a string, `= \"Red Blue\"`, and a field that \
         is an integer names the enum too, `= \"Color.Red\"`, in a string as well.";
    UnknownFunction = "E0315", "a function that does not exist",
        "The functions of defaults are deg, rad, sin, cos, tan, asin, acos and atan, for float and double, without a sign \
         before them.";
    ArrayInTable = "E0316", "an array of fixed length in a table",
        "Arrays of a fixed length are for structs. In a table, use a vector, or a struct that has the array.";
    DeprecatedInStruct = "E0317", "a deprecated field in a struct",
        "The fields of a struct are always present and cannot be deprecated.";
    RequiredNotSupported = "E0318", "a field that cannot be required",
        "`required` is for the fields of tables that may be absent: strings, vectors, tables, structs and unions. Scalars \
         always have a value, or are meant to be absent with `= null`; the fields of structs are always present.";
    KeyType = "E0319", "a field that cannot be a key",
        "A key is a scalar that cannot be absent, a string, a struct, or an array of scalars.";
    KeyTwice = "E0320", "two keys",
        "Vectors of a table are sorted by one field.";
    NullConflict = "E0321", "`null` is also a value of the enum",
        "`= null` says that a field may be absent. An enum with a value `null` makes it ambiguous.";
    FieldIdMissing = "E0322", "some fields have ids and others don't",
        "Either all fields of a table have an `id` or none.";
    FieldIdInvalid = "E0323", "an id that is none",
        "An id is an integer from 0 on. A union takes two ids: its own and the one before it, for its tag.";
    FieldIdSequence = "E0324", "ids with gaps",
        "The ids of a table's fields are consecutive from 0, each is used once, and a union takes two. To leave a field out, \
         mark it deprecated.";
    TooManyFields = "E0325", "too many fields",
        "A table has at most 32766 fields, a union counting twice: the places of the others could not be told.";
    HashInvalid = "E0326", "a hash that does not exist for this type",
        "`hash` is for integers of 16, 32 or 64 bits and names one of fnv1_16, fnv1a_16, fnv1_32, fnv1a_32, fnv1_64 and \
         fnv1a_64, of the field's own width.";
    NestedFlatbufferInvalid = "E0327", "`nested_flatbuffer` on something else than bytes",
        "`nested_flatbuffer` is for a vector of ubyte and names the table in it: `(nested_flatbuffer: \"T\")`.";
    FlexbufferInvalid = "E0328", "`flexbuffer` on something else than bytes",
        "`flexbuffer` is for a vector of ubyte.";
    Offset64Invalid = "E0329", "a 64-bit offset where there can be none",
        "`offset64` is for strings and vectors, `vector64` for vectors, and the vectors hold scalars or structs that are \
         declared before.";
    ForceAlignInvalid = "E0330", "an impossible alignment",
        "`force_align` of a struct is a power of two from the alignment that the struct has anyway to 32. Enums have none.";
    AttributeMisplaced = "E0331", "an attribute that does not belong there",
        "`shared` is for strings, `native_inline` for structs and vectors of tables or structs, `native_custom_alloc` for \
         tables and structs, `cpp_type` for fields with `hash`.";
    RootNotTable = "E0332", "a root that is not a table",
        "The root type is a table. flatc misses the error when the struct is declared behind `root_type`.";
    StructTooLarge = "E0333", "a struct that is too large",
        "The offset of each field of a struct is stored in 16 bits of a binary schema, and the size in 31 bits. flatc accepts \
         larger ones and then stores wrong offsets.";
    UnionBitFlags = "E0334", "`bit_flags` on a union",
        "The tag of a union says which one member there is, so that it cannot be a set. flatc accepts the attribute, and its \
         generators fail.";

    RpcTypeNotTable = "E0401", "a method that takes or returns something else than a table",
        "The request and the response of a method are tables. flatc misses the error when the struct is declared behind the \
         service.";
    ServiceEmpty = "E0402", "a service without methods",
        "A service has at least one method.";

    // E0501 (unions without members), E0502 (arrays of more than sixteen elements) and E0503 (bit flags that flags of WIT
    // cannot hold) are retired: these are translated.
    RecursionEndless = "E0504", "tables that require themselves",
        "Every value of the table holds another value of it, directly or through others, because each field on the way is \
         `(required)`: no value has an end, so that nobody can write one. Leave `required` out once, or hold a vector, which may \
         be empty. Other tables may hold themselves.";
    // E0505 (`key` on structs), E0506 (`hash`), E0507 (`nested_flatbuffer`) and E0508 (`flexbuffer`) are retired: these are
    // translated.
    Offset64Unsupported = "E0509", "64-bit offsets are not supported",
        "`offset64` is for buffers over 2 GiB. A message crosses the memory of a plugin, which is far smaller.";
    Vector64Unsupported = "E0510", "64-bit vectors are not supported",
        "`vector64` is for vectors over 2 GiB. A message crosses the memory of a plugin, which is far smaller.";
    StreamingUnsupported = "E0511", "streaming methods are not supported",
        "Every method takes one message and answers with one. Answer with a vector, or call once for each item.";
    ForceAlignImpossible = "E0512", "an alignment that vectors cannot have",
        "`force_align` on a vector asks for elements that start at a multiple of some number of bytes: a power of two from 1 to \
         32. flatc reads a schema with another number, and refuses every value of the field.";
    OptionalMisplaced = "E0513", "the optional attribute has no meaning here",
        "`hookr_optional` (or the name given with --optional-attribute) marks methods of the plugin service that a plugin may \
         leave out, and strings and vectors whose absence differs from an empty value. Tables are optional unless they are \
         `(required)`; a number is made optional with `= null`.";
    TypesTooDeep = "E0514", "types nest too deeply",
        "A type of the component model has a hundred levels at most, and each table takes up to three of them. Tables that hold \
         themselves stand side by side in lists and take two tables' levels together.";
    TooManyMembers = "E0515", "a type has too many fields or values for WIT",
        "A record, an enum and a variant of the component model have 10,000 members at most. A variant needs one of them for \
         the values without a name. Tables that hold each other stand in lists, one for each of them in every record that stands \
         for one elsewhere; of such lists a contract has 100,000 at most.";
    TooManyDeclarations = "E0516", "the contract is too large",
        "Types, fields, values and methods are counted together, and 500,000 of them are a gigabyte of Rust, which no compiler \
         gets through. A schema of any size is read, and JSON of it converted; a contract has to be smaller.";

    NoPluginService = "E0601", "the contract has no plugin service",
        "The methods that a host calls on a plugin are those of one `rpc_service`. It is called `Plugin` unless \
         --plugin-service says otherwise; every other service is one that the host offers to plugins.";
    AmbiguousPluginService = "E0602", "more than one service could be the plugin service",
        "Services in several namespaces have the name of the plugin service, and none of them is in the namespace of the \
         contract. Name one with its namespace: --plugin-service My.Space.Plugin.";
    MethodIdCollision = "E0603", "two methods have the same ID",
        "A method is called by a number: FNV-1a 32 over `Service:Method`. Two names can have one number, though they rarely do, \
         and services of one name in two namespaces share theirs. Rename one of the two.";

    JsonSyntax = "E0701", "this is not JSON",
        "The text is neither JSON nor what flatc reads as JSON: a bracket, a comma, a colon or a value is missing, or \
         something follows the value. Names may stand without quotes and commas may end a list, but in strict JSON.";
    JsonTooDeep = "E0702", "the JSON is nested too deeply",
        "More objects and arrays are open at once than the limit allows, 64 by default as in flatc. The limit keeps a \
         small text from exhausting the stack.";
    JsonType = "E0703", "a JSON value is of another kind than its field",
        "A string stands where the schema has a number, an object where it has an array, and so on. Numbers and bools may \
         stand in strings; `null` may stand for what may be absent, which a scalar with a default may not.";
    JsonRange = "E0704", "a number in the JSON does not fit its type",
        "The number is below the least or above the greatest value of its type. It is never cut off: give the field a \
         wider type, or the JSON another number. A `float` or `double` that becomes infinite is too large, too.";
    JsonUnknownField = "E0705", "the JSON sets a field that the schema does not have",
        "The table or struct has no field with this name. Names are compared exactly; the tag of a union `x` is `x_type`.";
    JsonDuplicateField = "E0706", "the JSON sets a field more than once",
        "A name occurs twice in one object, so that it is not clear which value counts. Remove one.";
    JsonMissingField = "E0707", "the JSON lacks a field that has to be there",
        "The schema marks the field as `(required)`, or it is in a struct, whose fields are all there.";
    JsonEnum = "E0708", "the JSON names a value that the enum does not have",
        "An enum is written as the name of a value or as a number; bit flags also as several names with blanks between \
         them. The name is not among the values, or several stand where there can be one.";
    JsonUnion = "E0709", "the tag and the value of a union do not go together",
        "A union `x` is two fields in JSON: `x_type` names the member, `x` holds it. A vector of unions is two arrays of \
         one length. Either both are there, or neither is; `NONE` has no value.";
    JsonLength = "E0710", "an array in the JSON has another length than its type",
        "A fixed array of the schema has exactly as many elements as it says. An array that stands for a table or struct \
         has no more elements than that has fields.";
    JsonDeprecatedField = "E0711", "the JSON sets a field that is deprecated",
        "A deprecated field keeps its slot and nothing else: no call carries it, so that what the JSON says would be lost.";
    JsonFlexbuffer = "E0712", "the JSON has what a FlexBuffer cannot hold",
        "A field with `(flexbuffer)` takes any JSON. The keys of its objects end at a zero byte, so that none may have one \
         in it.";
    JsonTooLarge = "E0713", "a nested FlatBuffer cannot be built from the JSON",
        "The object of a field with `(nested_flatbuffer)` is larger than a FlatBuffer may be.";

    FixtureUnknown = "E0750", "a host fixture names no callback of the contract",
        "The keys of a host fixture are `Service.Method`, with the names as the contract spells them. The methods of the \
         plugin's own service are not callbacks.";
    FixtureInvalid = "E0751", "a host fixture does not have the form of one",
        "A fixture is an object. The value of each key is `{\"response\": …}`, `{\"responses\": […]}`, an array of responses, \
         a response by itself, or `{\"error\": {\"code\": \"not-found\", \"message\": \"…\"}}`. Of a sequence the last one repeats. \
         Beside `response`, `responses` or `error` may stand `\"when\"`, what the request has to look like, `\"delay\": \"50ms\"`, and \
         `\"times\": 2`; of an array of such answers, the first counts that is for the request and is not used up.";
    CaseInvalid = "E0752", "a case does not have the form of one",
        "A case of `hookr test` is an object with `method`, `request` (or `request_file`), `callbacks` and `expect`, or with \
         `steps`, an array of such objects, for several calls on one instance. `expect` has `response`, `error` or `failure`. \
         docs/src/reference/cases.md in Hookr's repository has all of it.";
    MatcherInvalid = "E0753", "a matcher is not one",
        "An object with a name that starts with `$` stands in the place of a value that is not known exactly: \
         `{\"$regex\": \"^node-\"}` and `{\"$contains\": \"node\"}` for text, `{\"$near\": 0.5, \"tolerance\": 0.01}` for numbers, and \
         `{\"$any\": true}` for whatever there is. There are no others.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_explained() {
        let mut seen = BTreeSet::new();
        for code in Code::ALL {
            let written = code.as_str();
            assert!(seen.insert(written), "{written} is used twice");
            let digits = written.strip_prefix('E').filter(|digits| digits.len() == 4);
            assert!(digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())), "{written}");
            assert!(!code.title().is_empty() && !code.title().ends_with('.'), "{written}: {}", code.title());
            assert!(code.explanation().ends_with('.'), "{written}: {}", code.explanation());
            assert!(!code.explanation().contains('\n'), "{written} has a line break");
        }
    }
}
