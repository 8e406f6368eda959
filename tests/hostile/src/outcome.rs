//! What became of a plugin, in a few words that can be compared.

use std::error::Error;

use hookr::__private::wasmtime::Trap;
use hookr::{CallError, Exceeded, OpenError};
use hookr_tests::hosts::chain;

/// Why a plugin did not answer.
#[derive(Debug)]
pub enum Failure {
    /// It could not be opened.
    Open(OpenError),
    /// It was, and a call failed.
    Call(CallError),
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Failure::Open(error)
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Failure::Call(error)
    }
}

impl Failure {
    /// The type of the error, its variant, and in parentheses what matters most of its fields:
    /// `CallError::LimitExceeded(memory)`.
    pub fn outcome(&self) -> String {
        match self {
            Failure::Open(error) => named("OpenError", error, detail_of_open(error)),
            Failure::Call(error) => named("CallError", error, detail_of_call(error)),
        }
    }

    /// The error and all its causes, and where the plugin was.
    pub fn text(&self) -> String {
        let chain = chain(self.error());
        match self {
            Failure::Call(error) => error.backtrace().map_or(chain.clone(), |trace| format!("{chain}\n{trace}")),
            Failure::Open(_) => chain,
        }
    }

    fn error(&self) -> &(dyn Error + 'static) {
        match self {
            Failure::Open(error) => error,
            Failure::Call(error) => error,
        }
    }
}

fn named(kind: &str, error: &impl std::fmt::Debug, detail: Option<String>) -> String {
    // The name of a variant is how its `Debug` starts: there may be variants that this crate does not know.
    let text = format!("{error:?}");
    let variant = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    match detail {
        Some(detail) => format!("{kind}::{variant}({detail})"),
        None => format!("{kind}::{variant}"),
    }
}

fn detail_of_open(error: &OpenError) -> Option<String> {
    match error {
        OpenError::DuplicateContract { found } => Some(found.to_string()),
        OpenError::LimitExceeded(exceeded) => Some(limit(exceeded)),
        OpenError::Instantiate { source, .. } => trap(source.as_ref()),
        _ => None,
    }
}

fn detail_of_call(error: &CallError) -> Option<String> {
    match error {
        CallError::Failed { error, .. } => Some(error.code.to_string()),
        CallError::LimitExceeded { exceeded, .. } => Some(limit(exceeded)),
        CallError::Trapped { source, .. } | CallError::Instantiate { source, .. } => trap(source.as_ref()),
        _ => None,
    }
}

fn limit(exceeded: &Exceeded) -> String {
    exceeded.limit.name().0.to_owned()
}

/// The name of the trap that is the cause, if one is.
fn trap(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return Some(format!("{trap:?}"));
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_apart_by_variant_and_field() {
        let failure = Failure::Open(OpenError::DuplicateContract { found: 2 });
        assert_eq!(failure.outcome(), "OpenError::DuplicateContract(2)");
        assert_eq!(Failure::Open(OpenError::CoreModule).outcome(), "OpenError::CoreModule");
        let trapped = CallError::Trapped {
            method: "Plugin:Count".into(),
            crash: Box::default(),
            source: hookr::__private::wasmtime::Error::from(Trap::IntegerOverflow).into(),
        };
        assert_eq!(Failure::Call(trapped).outcome(), "CallError::Trapped(IntegerOverflow)");
    }
}
