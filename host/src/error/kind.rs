//! Names of errors, for metrics and spans.

use super::{CallError, OpenError};
use crate::reload::ReloadError;

impl CallError {
    /// The name of its kind: that of the variant, as `deadline_exceeded` is. Spans and metrics have it.
    pub fn kind(&self) -> &'static str {
        match self {
            CallError::Failed { .. } => "failed",
            CallError::Unimplemented { .. } => "unimplemented",
            CallError::Trapped { .. } => "trapped",
            CallError::InvalidResponse { .. } => "invalid_response",
            CallError::LimitExceeded { .. } => "limit_exceeded",
            CallError::DeadlineExceeded { .. } => "deadline_exceeded",
            CallError::Cancelled { .. } => "cancelled",
            CallError::Exited { .. } => "exited",
            CallError::Denied { .. } => "denied",
            CallError::Unavailable { .. } => "unavailable",
            CallError::Panicked { .. } => "panicked",
            CallError::Instantiate { .. } => "instantiate",
            CallError::Busy { .. } => "busy",
            CallError::Replaced { .. } => "replaced",
            CallError::Closed { .. } => "closed",
            CallError::Reentrant { .. } => "reentrant",
            CallError::NoLane { .. } => "no_lane",
            CallError::RequestTooLarge { .. } => "request_too_large",
            CallError::BatchTooLarge { .. } => "batch_too_large",
            CallError::StateTooLarge { .. } => "state_too_large",
            CallError::NoSuchMethod { .. } => "no_such_method",
            CallError::InvalidRequest { .. } => "invalid_request",
        }
    }
}

impl OpenError {
    /// The name of its kind: that of the variant, as `contract_mismatch` is. Spans have it.
    pub fn kind(&self) -> &'static str {
        match self {
            OpenError::Read { .. } => "read",
            OpenError::Directory { .. } => "directory",
            OpenError::NotAFile { .. } => "not_a_file",
            OpenError::Empty { .. } => "empty",
            OpenError::TooLarge { .. } => "too_large",
            OpenError::NoTrustDecision { .. } => "no_trust_decision",
            OpenError::InvalidPin(_) => "invalid_pin",
            OpenError::Untrusted { .. } => "untrusted",
            OpenError::LockFile { .. } => "lock_file",
            OpenError::NotLocked { .. } => "not_locked",
            OpenError::LockedHash { .. } => "locked_hash",
            OpenError::LockEdited { .. } => "lock_edited",
            OpenError::LockedSigners { .. } => "locked_signers",
            OpenError::TrustStore { .. } => "trust_store",
            OpenError::DetachedSignature { .. } => "detached_signature",
            OpenError::Signature { .. } => "signature",
            OpenError::Revoked { .. } => "revoked",
            OpenError::Rejected { .. } => "rejected",
            OpenError::NotWasm { .. } => "not_wasm",
            OpenError::CoreModule => "core_module",
            OpenError::Malformed { .. } => "malformed",
            OpenError::NoContract { .. } => "no_contract",
            OpenError::DuplicateContract { .. } => "duplicate_contract",
            OpenError::InvalidContract { .. } => "invalid_contract",
            OpenError::ContractMismatch { .. } => "contract_mismatch",
            OpenError::Engine { .. } => "engine",
            OpenError::ComponentAsValue { .. } => "component_as_value",
            OpenError::CompilerBusy { .. } => "compiler_busy",
            OpenError::Compile { .. } => "compile",
            OpenError::LimitExceeded(_) => "limit_exceeded",
            OpenError::Imports { .. } => "imports",
            OpenError::EngineSettings(_) => "engine_settings",
            #[cfg(feature = "wasi")]
            OpenError::Grant { .. } => "grant",
            OpenError::World { .. } => "world",
            OpenError::DeadlineExceeded { .. } => "deadline_exceeded",
            OpenError::Watch { .. } => "watch",
            OpenError::StateOfMany => "state_of_many",
            OpenError::LastGood { .. } => "last_good",
            OpenError::Instantiate { .. } => "instantiate",
        }
    }
}

impl ReloadError {
    /// The name of its kind: that of the variant, as `hook_panicked` is; where the new version cannot be opened, that of the
    /// [`OpenError`]. Spans and metrics have it.
    pub fn kind(&self) -> &'static str {
        match self {
            ReloadError::NotSetUp => "not_set_up",
            ReloadError::NoFile => "no_file",
            ReloadError::NothingBefore => "nothing_before",
            ReloadError::Reentrant => "reentrant",
            ReloadError::Open(error) => error.kind(),
            ReloadError::Hook(_) => "hook",
            ReloadError::HookPanicked { .. } => "hook_panicked",
            ReloadError::Panicked { .. } => "panicked",
            ReloadError::Lost { .. } => "lost",
            ReloadError::Stateless => "stateless",
            ReloadError::InUse(_) => "in_use",
            ReloadError::Snapshot(_) => "snapshot",
            ReloadError::Restore(_) => "restore",
        }
    }
}
