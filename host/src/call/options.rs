use std::time::Duration;

use super::CancelToken;
use crate::Limits;
use crate::engine::nanos;

/// How calls differ from what the [`Limits`] of their plugin say.
///
/// ```
/// use std::time::Duration;
/// use hookr::{CallOptions, CancelToken};
///
/// let token = CancelToken::new();
/// let options = CallOptions::default().deadline(Duration::from_millis(5)).cancel(&token);
/// // let careful = plugin.with(&options); careful.tick(&request)?;
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    deadline: Option<Option<Duration>>,
    fuel: Option<Option<u64>>,
    cancel: Option<CancelToken>,
}

impl CallOptions {
    /// How long a call may take, in place of [`Limits::deadline`]; `None` for as long as it likes.
    #[must_use]
    pub fn deadline(mut self, deadline: impl Into<Option<Duration>>) -> Self {
        self.deadline = Some(deadline.into());
        self
    }

    /// How many instructions a call may take, in place of [`Limits::fuel`]. The engine has to count them: where neither the
    /// limits nor the [settings](crate::Settings::fuel) of the engine say so, this does nothing, and the deadline is what ends
    /// calls.
    #[must_use]
    pub fn fuel(mut self, fuel: impl Into<Option<u64>>) -> Self {
        self.fuel = Some(fuel.into());
        self
    }

    /// Ends calls when the token says so.
    #[must_use]
    pub fn cancel(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.clone());
        self
    }
}

/// What calls of one handle are made with.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// Nanoseconds; the largest number is for ever.
    pub(crate) budget: u64,
    pub(crate) fuel: u64,
    /// Bytes that the host allocates for a message.
    pub(crate) host_memory: usize,
    pub(crate) cancel: Option<CancelToken>,
}

impl Terms {
    pub(crate) fn new(limits: &Limits) -> Self {
        let budget = limits.deadline.map_or(u64::MAX, nanos);
        Terms { budget, fuel: limits.fuel.unwrap_or(u64::MAX), host_memory: limits.host_memory, cancel: None }
    }

    pub(crate) fn with(&self, options: &CallOptions) -> Self {
        Terms {
            budget: options.deadline.map_or(self.budget, |deadline| deadline.map_or(u64::MAX, nanos)),
            fuel: options.fuel.map_or(self.fuel, |fuel| fuel.unwrap_or(u64::MAX)),
            host_memory: self.host_memory,
            cancel: CancelToken::of_call(self.cancel.as_ref(), options.cancel.as_ref()),
        }
    }
}
