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

hookr_abi::__wire_error!(ErrorCode, Error);
