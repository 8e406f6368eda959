use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use crate::{Error, MAX_NESTING, Printable};

/// A value that breaks a rule of its contract that WIT's types do not state: of a tree whose nodes stand in lists, or of
/// an array whose length is fixed.
///
/// A host finds it as the source of `CallError::InvalidRequest` and `CallError::InvalidResponse`; a plugin, or a callback,
/// gets its text as the message of an [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidValue {
    /// An index is beyond the end of its list.
    NoSuchNode {
        /// The table whose nodes stand in the list.
        table: Cow<'static, str>,
        /// The index.
        index: u32,
        /// How many nodes the list has.
        nodes: usize,
    },
    /// A node is referred to more than once: it is shared, or holds itself, so that this is no tree.
    SharedNode {
        /// The node's table.
        table: Cow<'static, str>,
        /// The node's index.
        index: u32,
    },
    /// Nothing refers to a node.
    UnusedNode {
        /// The node's table.
        table: Cow<'static, str>,
        /// The node's index; the first one, if there are several.
        index: usize,
    },
    /// Tables nest more deeply than [`MAX_NESTING`].
    TooDeep,
    /// A union that has to be there is none.
    RequiredUnion {
        /// The table and its field, `Scene.shape` for instance.
        field: Cow<'static, str>,
    },
    /// There are more nodes of a table than indices.
    TooManyNodes {
        /// The table.
        table: Cow<'static, str>,
    },
    /// An array has another length than its type says.
    ArrayLength {
        /// The struct and its field, `Grid.cells` for instance.
        field: Cow<'static, str>,
        /// The length that the contract says.
        expected: usize,
        /// The length that the value has.
        found: usize,
    },
}

impl InvalidValue {
    /// What the caller of a method is told whose request is such a value: [`Code::InvalidArgument`](crate::Code).
    pub fn in_request(self) -> Error {
        Error::invalid_argument(format!("the request is not what the contract says: {self}"))
    }

    /// What the caller of a method is told whose response is such a value: [`Code::Internal`](crate::Code).
    pub fn in_response(self) -> Error {
        Error::internal(format!("the response is not what the contract says: {self}"))
    }

    /// The elements of a list as an array of the length that the contract says.
    #[doc(hidden)]
    pub fn array<T, const N: usize>(field: &'static str, items: Vec<T>) -> Result<[T; N], Self> {
        let wrong_length =
            |items: Vec<T>| InvalidValue::ArrayLength { field: field.into(), expected: N, found: items.len() };
        items.try_into().map_err(wrong_length)
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidValue::NoSuchNode { table, index, nodes } => {
                write!(f, "there is no node {index} of `{}` among {nodes}", Printable(table))
            }
            InvalidValue::SharedNode { table, index } => {
                write!(f, "the node {index} of `{}` is referred to more than once", Printable(table))
            }
            InvalidValue::UnusedNode { table, index } => {
                write!(f, "nothing refers to the node {index} of `{}`", Printable(table))
            }
            InvalidValue::TooDeep => write!(f, "tables nest more than {MAX_NESTING} deep"),
            InvalidValue::RequiredUnion { field } => {
                write!(f, "`{}` is required, and holds nothing", Printable(field))
            }
            InvalidValue::TooManyNodes { table } => {
                write!(f, "there are more nodes of `{}` than indices", Printable(table))
            }
            InvalidValue::ArrayLength { field, expected, found } => {
                write!(f, "`{}` has {found} elements, expected {expected}", Printable(field))
            }
        }
    }
}

impl core::error::Error for InvalidValue {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;

    #[test]
    fn an_array_has_the_length_that_the_contract_says() {
        assert_eq!(InvalidValue::array::<u8, 3>("S.a", vec![1, 2, 3]), Ok([1, 2, 3]));
        let error = InvalidValue::array::<u8, 3>("S.a", vec![1, 2]).unwrap_err();
        assert_eq!(error, InvalidValue::ArrayLength { field: "S.a".into(), expected: 3, found: 2 });
        assert_eq!(error.to_string(), "`S.a` has 2 elements, expected 3");
    }

    #[test]
    fn each_side_is_told_whose_value_it_is() {
        let request = InvalidValue::TooDeep.in_request();
        assert_eq!(request.code, crate::Code::InvalidArgument);
        assert_eq!(request.message, "the request is not what the contract says: tables nest more than 64 deep");
        assert_eq!(InvalidValue::TooDeep.in_response().code, crate::Code::Internal);
    }

    #[test]
    fn names_cannot_drive_a_terminal() {
        let error = InvalidValue::SharedNode { table: "\x1b[31m".into(), index: 1 };
        assert_eq!(error.to_string(), "the node 1 of `\\u{1b}[31m` is referred to more than once");
    }
}
