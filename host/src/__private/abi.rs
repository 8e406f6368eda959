//! The types of `hookr:abi/types` as wasmtime lifts and lowers them; `bindgen!` in generated code refers to them.

use wasmtime::component::{ComponentType, HasData, Lift, Linker, Lower};

pub use super::types_only::{Host, HostWithStore};

pub fn add_to_linker<T: 'static, D: HasData>(
    linker: &mut Linker<T>,
    _: fn(&mut T) -> D::Data<'_>,
) -> wasmtime::Result<()> {
    super::types_only::link(linker, "hookr:abi/types@0.1.0")
}

/// `error-code`, in the order of `hookr_abi::Code::ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum ErrorCode {
    #[component(name = "cancelled")]
    Cancelled,
    #[component(name = "unknown")]
    Unknown,
    #[component(name = "invalid-argument")]
    InvalidArgument,
    #[component(name = "deadline-exceeded")]
    DeadlineExceeded,
    #[component(name = "not-found")]
    NotFound,
    #[component(name = "already-exists")]
    AlreadyExists,
    #[component(name = "permission-denied")]
    PermissionDenied,
    #[component(name = "resource-exhausted")]
    ResourceExhausted,
    #[component(name = "failed-precondition")]
    FailedPrecondition,
    #[component(name = "aborted")]
    Aborted,
    #[component(name = "out-of-range")]
    OutOfRange,
    #[component(name = "unimplemented")]
    Unimplemented,
    #[component(name = "internal")]
    Internal,
    #[component(name = "unavailable")]
    Unavailable,
    #[component(name = "data-loss")]
    DataLoss,
    #[component(name = "unauthenticated")]
    Unauthenticated,
}

/// `error`.
#[derive(Clone, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Error {
    #[component(name = "code")]
    pub code: ErrorCode,
    #[component(name = "message")]
    pub message: String,
}

hookr_abi::__wire_error!(ErrorCode, Error);
