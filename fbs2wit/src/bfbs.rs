//! Binary schemas: FlatBuffers' own `reflection.fbs`, the format of `flatc --schema --binary`.
//!
//! [`write()`] gives what flatc gives with `--bfbs-builtins` and `--bfbs-comments`, apart from the names of files: objects,
//! enums, services and fields are sorted by name, `declaration_file` is empty. The bytes depend on the schema alone.
//!
//! The standard form loses three things: the namespace in force at the end of the root file, default texts of strings,
//! and defaults that do not fit `default_integer` and `default_real` (`ulong` from 2⁶³, negative zero). Where a schema
//! has something to lose, `write` adds it to the root table in a slot far behind those that reflection.fbs uses, which
//! every other reader skips; `read` takes it from there. The namespace counts as lost only where it is not the one that
//! a reader derives: that of the service called `Plugin`, else of the first service by name, else of the root table.
//!
//! What neither form keeps: the order of declarations, spans, and whether an attribute was written as `(name)` or
//! `(name: 0)` (flatc stores both as `0`; they are read as the former, but for those that always carry a number). Beside
//! `cpp_type` there is `cpp_ptr_type` afterwards, as flatc adds it. [`print`](crate::print()) writes what is left as text.
//!
//! Two things that flatc writes are not in our model, and so not here: digits of a `float`'s default that no `float` has,
//! and that a field which is required has a default all the same.

mod layout;
mod lost;
mod read;
mod write;

pub use read::read;
pub use write::{WriteOptions, write};

use hookr_abi::Printable;

/// Why bytes could not be read as a schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BfbsError {
    /// They are no FlatBuffer of `reflection.fbs`: an offset points nowhere, a text is not UTF-8, it is too deep or large.
    #[error("not a binary schema: {}", Printable(.0))]
    Malformed(String),
    /// They do not carry the file identifier `BFBS`.
    #[error("not a binary schema: the file identifier \"BFBS\" is missing")]
    Identifier,
    /// They are a FlatBuffer, but what it says is no schema: a type without its definition, a name that is none.
    #[error("invalid binary schema: {}: {problem}", Printable(place))]
    Invalid {
        /// Which declaration.
        place: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The schema uses what this crate does not translate.
    #[error("{}: {feature} is not supported", Printable(place))]
    Unsupported {
        /// Which declaration.
        place: String,
        /// What it uses.
        feature: &'static str,
    },
    /// A string has a default text, which the standard form does not hold: compile the schema's source instead.
    #[error("{}: the default text of this string is not in the binary schema; read the .fbs instead", Printable(place))]
    LostDefault {
        /// Which field.
        place: String,
    },
}

/// The slot of the root table that holds [what the standard form loses](lost::Lost), and its vtable offset.
const LOST_SLOT: flatbuffers::VOffsetT = 4 + 2 * 63;
