use alloc::string::String;
use core::fmt;

/// Why a call failed: the canonical codes of gRPC, with gRPC's numbers, without `OK` (0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Code {
    /// The caller gave up.
    Cancelled = 1,
    /// Nothing better is known.
    Unknown = 2,
    /// The request can never succeed as it is.
    InvalidArgument = 3,
    /// Time ran out before the answer.
    DeadlineExceeded = 4,
    /// What was asked for does not exist.
    NotFound = 5,
    /// What was to be created exists.
    AlreadyExists = 6,
    /// The caller is known and may not do this.
    PermissionDenied = 7,
    /// A quota or a limit is used up.
    ResourceExhausted = 8,
    /// The system is in the wrong state for this call.
    FailedPrecondition = 9,
    /// A conflict: try again at a higher level.
    Aborted = 10,
    /// Past the valid range.
    OutOfRange = 11,
    /// The method is not there.
    Unimplemented = 12,
    /// An invariant is broken.
    Internal = 13,
    /// Not now: try again with back-off.
    Unavailable = 14,
    /// Data is lost or damaged.
    DataLoss = 15,
    /// The caller is not known.
    Unauthenticated = 16,
}

impl Code {
    /// Every code, in the order of its numbers; the position is the discriminant of `error-code` in WIT.
    pub const ALL: [Code; 16] = [
        Code::Cancelled,
        Code::Unknown,
        Code::InvalidArgument,
        Code::DeadlineExceeded,
        Code::NotFound,
        Code::AlreadyExists,
        Code::PermissionDenied,
        Code::ResourceExhausted,
        Code::FailedPrecondition,
        Code::Aborted,
        Code::OutOfRange,
        Code::Unimplemented,
        Code::Internal,
        Code::Unavailable,
        Code::DataLoss,
        Code::Unauthenticated,
    ];

    /// The gRPC number, 1 to 16.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The code with this gRPC number; `None` for 0 (`OK`) and for numbers that gRPC does not define.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The name as WIT spells it, `invalid-argument` for instance.
    pub const fn name(self) -> &'static str {
        match self {
            Code::Cancelled => "cancelled",
            Code::Unknown => "unknown",
            Code::InvalidArgument => "invalid-argument",
            Code::DeadlineExceeded => "deadline-exceeded",
            Code::NotFound => "not-found",
            Code::AlreadyExists => "already-exists",
            Code::PermissionDenied => "permission-denied",
            Code::ResourceExhausted => "resource-exhausted",
            Code::FailedPrecondition => "failed-precondition",
            Code::Aborted => "aborted",
            Code::OutOfRange => "out-of-range",
            Code::Unimplemented => "unimplemented",
            Code::Internal => "internal",
            Code::Unavailable => "unavailable",
            Code::DataLoss => "data-loss",
            Code::Unauthenticated => "unauthenticated",
        }
    }

    /// The code with this WIT name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A call that the other side answered with an error: a code for programs, a message for people.
///
/// The same type travels both ways: a plugin returns it to its host, a callback returns it to the plugin. The message
/// comes from the other side of a trust boundary: [`Display`](fmt::Display) escapes its control characters, the field
/// is as it was sent.
///
/// ```
/// use hookr_abi::{Code, Error};
/// let error = Error::invalid_argument("the list of nodes is empty");
/// assert_eq!(error.code, Code::InvalidArgument);
/// assert_eq!(error.to_string(), "invalid-argument: the list of nodes is empty");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    /// What kind of failure it is.
    pub code: Code,
    /// What happened, for people.
    pub message: String,
}

impl Error {
    /// An error with a code and a message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Error { code, message: message.into() }
    }
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $code:ident,)*) => {
        impl Error {
            $($(#[$doc])* pub fn $name(message: impl Into<String>) -> Self {
                Error::new(Code::$code, message)
            })*
        }
    };
}

constructors! {
    /// The request can never succeed as it is.
    invalid_argument => InvalidArgument,
    /// What was asked for does not exist.
    not_found => NotFound,
    /// The caller is known and may not do this.
    permission_denied => PermissionDenied,
    /// A quota or a limit is used up.
    resource_exhausted => ResourceExhausted,
    /// The system is in the wrong state for this call.
    failed_precondition => FailedPrecondition,
    /// Past the valid range.
    out_of_range => OutOfRange,
    /// The method is not there.
    unimplemented => Unimplemented,
    /// An invariant is broken.
    internal => Internal,
    /// Not now: try again with back-off.
    unavailable => Unavailable,
    /// Data is lost or damaged.
    data_loss => DataLoss,
}

/// Converts between [`Code`] and [`Error`] and the types that bindings use for `error-code` and `error`.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_error {
    ($code:ident, $error:ident) => {
        $crate::__wire_error! {
            @codes $code
            Cancelled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied
            ResourceExhausted FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable DataLoss
            Unauthenticated
        }

        impl From<$crate::Error> for $error {
            fn from(error: $crate::Error) -> Self {
                $error { code: error.code.into(), message: error.message }
            }
        }

        impl From<$error> for $crate::Error {
            fn from(error: $error) -> Self {
                $crate::Error::new(error.code.into(), error.message)
            }
        }
    };
    (@codes $code:ident $($name:ident)*) => {
        impl From<$crate::Code> for $code {
            fn from(code: $crate::Code) -> Self {
                match code { $($crate::Code::$name => $code::$name,)* }
            }
        }

        impl From<$code> for $crate::Code {
            fn from(code: $code) -> Self {
                match code { $($code::$name => $crate::Code::$name,)* }
            }
        }
    };
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, crate::Printable(&self.message))
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn numbers_are_those_of_grpc() {
        for (i, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(code.number()), i + 1);
            assert_eq!(Code::from_number(code.number()), Some(code));
            assert_eq!(Code::from_name(code.name()), Some(code));
        }
        assert_eq!(Code::from_number(0), None);
        assert_eq!(Code::from_number(17), None);
    }

    #[test]
    fn wit_declares_the_codes_in_this_order() {
        let body = crate::TYPES_WIT.split_once("enum error-code {").unwrap().1;
        let body = body.split_once('}').unwrap().0;
        let names = body.lines().map(|l| l.trim().trim_end_matches(','));
        let names = names.filter(|l| !l.is_empty() && !l.starts_with("///"));
        assert!(names.eq(Code::ALL.iter().map(|c| c.name())));
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        let error = Error::internal("\x1b[31mred");
        assert_eq!(error.to_string(), "internal: \\u{1b}[31mred");
    }
}
