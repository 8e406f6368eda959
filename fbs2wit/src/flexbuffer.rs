//! FlexBuffers: values that say themselves what they are, as the bytes of fields with `(flexbuffer)`.
//!
//! [`encode`] writes them as flatc does: maps sorted by key, every number as narrow as it fits. [`decode`] takes bytes that
//! nobody should trust: every offset, length and text is checked, and the limits bound what a small buffer whose parts are
//! shared, or hold themselves, can grow to.

mod read;
mod write;

pub use read::decode;
pub use write::encode;

use std::collections::BTreeMap;

/// A value that says itself what it is.
///
/// What has one meaning has one form: vectors of one type are like others, and so are numbers that stand elsewhere than
/// where they belong.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A bool.
    Bool(bool),
    /// An integer with a sign.
    Int(i64),
    /// An integer without one.
    UInt(u64),
    /// A number that need not be whole; 32 bits are enough for it, or 64 bits hold it.
    Float(f64),
    /// Text.
    String(String),
    /// Bytes.
    Blob(Vec<u8>),
    /// Values in a row.
    Vector(Vec<Value>),
    /// Values by name.
    Map(BTreeMap<String, Value>),
}

/// How deeply vectors and maps may be nested in what is encoded: writing recurses.
const MAX_NESTING: u32 = 256;

/// Why a value cannot be a FlexBuffer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A key of a map has a zero byte in it, which ends keys.
    #[error("the key {key:?} has a zero byte in it, which ends a key")]
    ZeroInKey {
        /// The key.
        key: String,
    },
    /// Vectors and maps are nested more deeply than anyone reads.
    #[error("nested too deeply")]
    TooDeep,
}

/// Why bytes are no FlexBuffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// An offset or a length reaches beyond the bytes.
    #[error("it reaches beyond the end of the buffer")]
    OutOfBounds,
    /// There is no such type.
    #[error("there is no type {0}")]
    UnknownType(u8),
    /// Something is as wide as nothing can be.
    #[error("a width of {0} bytes cannot be")]
    Width(u64),
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    Utf8,
    /// A map has other than one key for each value, or one key twice.
    #[error("the keys of a map do not go with its values")]
    Keys,
    /// Vectors and maps are nested more deeply than the limit.
    #[error("nested too deeply")]
    TooDeep,
    /// The value takes more memory than the limit.
    #[error("too large when decoded")]
    TooLarge,
}

/// The types, as they stand before the two bits of the width.
mod kind {
    pub(super) const NULL: u8 = 0;
    pub(super) const INT: u8 = 1;
    pub(super) const UINT: u8 = 2;
    pub(super) const FLOAT: u8 = 3;
    pub(super) const KEY: u8 = 4;
    pub(super) const STRING: u8 = 5;
    pub(super) const INDIRECT_INT: u8 = 6;
    pub(super) const INDIRECT_UINT: u8 = 7;
    pub(super) const INDIRECT_FLOAT: u8 = 8;
    pub(super) const MAP: u8 = 9;
    pub(super) const VECTOR: u8 = 10;
    /// The first of the vectors whose elements are of one type: of int, uint, float and key.
    pub(super) const VECTOR_INT: u8 = 11;
    pub(super) const VECTOR_KEY: u8 = 14;
    /// Deprecated: its elements are read as keys, for nobody knows how wide their lengths are.
    pub(super) const VECTOR_STRING: u8 = 15;
    /// The first of the vectors of two, three and four int, uint and float.
    pub(super) const VECTOR_INT2: u8 = 16;
    pub(super) const VECTOR_FLOAT4: u8 = 24;
    pub(super) const BLOB: u8 = 25;
    pub(super) const BOOL: u8 = 26;
    pub(super) const VECTOR_BOOL: u8 = 36;
}

#[cfg(test)]
mod tests;
