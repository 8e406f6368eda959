//! The types of `hookr:abi/types` as wit-bindgen lifts and lowers them; `generate!` in generated code refers to them.

/// `error-code`, in the order of `hookr_abi::Code::ALL`: the discriminant is the one of the Component Model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ErrorCode {
    Cancelled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
}

impl ErrorCode {
    /// The code with this discriminant. The host has checked it; a number out of range reads as `unknown`.
    #[doc(hidden)]
    pub fn _lift(discriminant: u8) -> Self {
        let code = discriminant.checked_add(1).and_then(hookr_abi::Code::from_number);
        code.unwrap_or(hookr_abi::Code::Unknown).into()
    }
}

/// `error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub code: ErrorCode,
    pub message: String,
}

macro_rules! codes {
    ($($name:ident)*) => {
        impl From<hookr_abi::Code> for ErrorCode {
            fn from(code: hookr_abi::Code) -> Self {
                match code { $(hookr_abi::Code::$name => ErrorCode::$name,)* }
            }
        }

        impl From<ErrorCode> for hookr_abi::Code {
            fn from(code: ErrorCode) -> Self {
                match code { $(ErrorCode::$name => hookr_abi::Code::$name,)* }
            }
        }
    };
}

codes! {
    Cancelled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied ResourceExhausted
    FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable DataLoss Unauthenticated
}

impl From<hookr_abi::Error> for Error {
    fn from(error: hookr_abi::Error) -> Self {
        Error { code: error.code.into(), message: error.message }
    }
}

impl From<Error> for hookr_abi::Error {
    fn from(error: Error) -> Self {
        hookr_abi::Error::new(error.code.into(), error.message)
    }
}
