//! Values ↔ FlatBuffers, for code that knows the schema only at run time.
//!
//! [`encode`] writes what flatc's decoder reads; scalars that equal their default are left out, vectors of types with a
//! key are sorted by it. [`decode`] verifies while it reads: every offset, length, alignment and text is checked, and the
//! [`Limits`] bound what a small buffer with shared parts can grow to.

mod decode;
mod encode;

pub use decode::{decode, decode_file};
pub(crate) use encode::inline_layout;
pub use encode::{encode, encode_file};

use hookr_abi::Printable;

/// Why a value could not be encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A required field is absent.
    #[error("{}: the required field is missing", Printable(path))]
    Missing {
        /// Where it should be, as in JSON: `$.nodes[2].name`.
        path: String,
    },
    /// A value is of another kind than the schema's type, or does not fit it.
    #[error("{}: the value is not of the type that the schema says", Printable(path))]
    Mismatch {
        /// Where it is.
        path: String,
    },
    /// Tables are nested more deeply than [`Limits::nesting`] allows by default.
    #[error("{}: nested too deeply", Printable(path))]
    TooDeep {
        /// Where it is.
        path: String,
    },
    /// A field uses 64-bit offsets.
    #[error("{}: 64-bit offsets are not supported (E0509, E0510)", Printable(path))]
    Offset64 {
        /// Which one.
        path: String,
    },
    /// A table's own fields take more than 64 KiB, or the buffer more than 2 GiB.
    #[error("{}: too large for a FlatBuffer", Printable(path))]
    TooLarge {
        /// Where it is.
        path: String,
    },
}

/// Why bytes could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", Printable(path))]
pub struct DecodeError {
    /// Where the problem is, as in JSON: `$.nodes[2].name`.
    pub path: String,
    /// What it is.
    pub problem: Problem,
}

/// What is wrong with a FlatBuffer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// An offset, a length or a table reaches beyond the buffer.
    #[error("it reaches beyond the end of the buffer")]
    OutOfBounds,
    /// A value is not where its alignment allows it to be.
    #[error("it is not aligned")]
    Unaligned,
    /// A vtable is no vtable: its length is odd, too small, or larger than what follows.
    #[error("its vtable is damaged")]
    Vtable,
    /// A string has no zero byte behind it.
    #[error("the string has no zero byte at its end")]
    Unterminated,
    /// A string is not UTF-8.
    #[error("the string is not UTF-8")]
    Utf8,
    /// A required field is absent.
    #[error("the required field is missing")]
    Missing,
    /// A union has a tag without a value, or a value without a tag; or a vector has more of the one.
    #[error("the union's tag and value do not go together")]
    Union,
    /// Tables are nested more deeply than the limit.
    #[error("nested too deeply")]
    TooDeep,
    /// The value takes more memory than the limit.
    #[error("too large when decoded")]
    TooLarge,
    /// The field uses 64-bit offsets.
    #[error("64-bit offsets are not supported (E0509, E0510)")]
    Offset64,
    /// The buffer is of another kind of file.
    #[error("the file identifier is {found:?}, expected {expected:?}")]
    Identifier {
        /// The schema's.
        expected: String,
        /// The buffer's.
        found: String,
    },
}

/// What decoding may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How deeply tables may be nested, up to 256: reading recurses. Default: [`hookr_abi::MAX_NESTING`], 64.
    pub nesting: u32,
    /// About how many bytes the value may take, counted as often as a part is read: parts of a buffer may be shared, and
    /// a value takes more than its bytes. Default: 256 MiB.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { nesting: hookr_abi::MAX_NESTING, memory: 256 << 20 }
    }
}

impl Limits {
    /// Sets how deeply tables may be nested.
    #[must_use]
    pub fn nesting(mut self, nesting: u32) -> Self {
        self.nesting = nesting.min(256);
        self
    }

    /// Sets about how many bytes the value may take.
    #[must_use]
    pub fn memory(mut self, memory: u64) -> Self {
        self.memory = memory;
        self
    }
}

#[cfg(test)]
mod tests;
