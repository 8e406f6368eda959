//! What happens to a plugin that loses its instances: by a trap, a deadline, a limit, or an answer that cannot be read.
//!
//! The instance is discarded, and the next call runs on a fresh one, which is made in microseconds. A plugin that goes on
//! losing instances without answering any call in between gets them ever later, and can be stopped altogether, or be replaced by
//! a version of it that is known to work: [`Supervision`] says so. Calls that come meanwhile fail at once, with
//! [`CallError::Unavailable`](crate::CallError::Unavailable). An [`Event`] tells whoever wants to know, and [`Health`] whoever
//! asks.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

mod event;
mod health;

pub use event::{Event, Happening};
pub use health::{Health, State};

pub(crate) use event::Listener;

/// What becomes of a plugin that loses its instances.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Supervision {
    /// The policy. [`OnLoss::Restart`].
    pub on_loss: OnLoss,
    /// So many losses in a row, without an answered call in between, have no consequence but a fresh instance. 3. A call that
    /// somebody cancels is none of them: it says something of whoever has cancelled it, not of the plugin.
    pub grace: u32,
    /// How long the plugin then rests before it gets the next instance; twice as long after each further loss. 10
    /// milliseconds.
    pub backoff: Duration,
    /// How long it rests at the most. 10 seconds.
    pub max_backoff: Duration,
    /// A circuit breaker, which counts losses whether calls are answered in between or not. None.
    pub breaker: Option<Breaker>,
}

impl Default for Supervision {
    fn default() -> Self {
        Supervision {
            on_loss: OnLoss::Restart,
            grace: 3,
            backoff: Duration::from_millis(10),
            max_backoff: Duration::from_secs(10),
            breaker: None,
        }
    }
}

/// Each sets the field of its name.
impl Supervision {
    /// The policy.
    #[must_use]
    pub fn on_loss(mut self, policy: OnLoss) -> Self {
        self.on_loss = policy;
        self
    }

    /// Losses in a row without consequence.
    #[must_use]
    pub fn grace(mut self, losses: u32) -> Self {
        self.grace = losses;
        self
    }

    /// The first rest, and the longest.
    #[must_use]
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        (self.backoff, self.max_backoff) = (first, longest);
        self
    }

    /// The circuit breaker.
    #[must_use]
    pub fn breaker(mut self, breaker: impl Into<Option<Breaker>>) -> Self {
        self.breaker = breaker.into();
        self
    }
}

/// The policy for a plugin that has lost its instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnLoss {
    /// It is not called again until somebody revives it, also after a call that was cancelled: for plugins whose state cannot
    /// be lost unnoticed.
    FailFast,
    /// The next call runs on a fresh instance.
    #[default]
    Restart,
    /// The same; and after more than [`Supervision::grace`] losses in a row, calls run on the [version that is known to
    /// work](crate::Builder::last_good), until somebody revives the plugin.
    LastGood,
}

/// Opens the circuit of a plugin that loses too many instances: it rests, and then one call is let through to see whether it
/// works again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Breaker {
    /// So many losses,
    pub losses: u32,
    /// within this time, open it,
    pub within: Duration,
    /// for this long.
    pub rest: Duration,
}

impl Breaker {
    /// So many losses within a time open the circuit, for as long as it rests.
    #[must_use]
    pub fn new(losses: u32, within: Duration, rest: Duration) -> Self {
        Breaker { losses: losses.max(1), within, rest }
    }
}

/// A century: a rest without end, as far as the clock is concerned.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// What may be done when a fresh instance is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// To make one.
    Start,
    /// To make one of the version that is known to work.
    FallBack,
    /// Nothing, for so long; `None` until somebody revives the plugin.
    Refused(Option<Duration>),
}

/// What follows from a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Consequence {
    /// How long the plugin rests.
    pub(crate) rest: Option<Duration>,
    /// Whether the circuit has just been opened.
    pub(crate) opened: bool,
}

/// What is remembered of losses.
#[derive(Debug, Default)]
pub(crate) struct Supervisor {
    /// In a row.
    losses: u32,
    /// How many calls there had been when the last instance was made.
    calls: u64,
    /// When the plugin has rested.
    rested: Option<Instant>,
    /// The last losses, as many as the breaker counts.
    recent: VecDeque<Instant>,
    /// Whether the breaker has opened and not seen an answered call since.
    is_open: bool,
    is_stopped: bool,
    pub(crate) last: String,
}

impl Supervisor {
    /// Whether there may be a fresh instance; `calls` is how many there have been so far.
    pub(crate) fn admit(&mut self, policy: &Supervision, has_fallback: bool, calls: u64, now: Instant) -> Admission {
        if self.is_stopped {
            return Admission::Refused(None);
        }
        if policy.on_loss == OnLoss::LastGood && has_fallback && self.losses > policy.grace {
            *self = Supervisor { calls, last: std::mem::take(&mut self.last), ..Supervisor::default() };
            return Admission::FallBack;
        }
        if let Some(left) = self.rest(now) {
            return Admission::Refused(Some(left));
        }
        self.calls = calls;
        Admission::Start
    }

    /// An instance is lost, or could not be made; `calls` counts the one that has lost it.
    pub(crate) fn lost(&mut self, policy: &Supervision, last: String, calls: u64, now: Instant) -> Consequence {
        let has_answered = calls > self.calls.saturating_add(1);
        self.last = last;
        self.losses = if has_answered { 1 } else { self.losses.saturating_add(1) };
        if policy.on_loss == OnLoss::FailFast {
            self.is_stopped = true;
            return Consequence { rest: None, opened: false };
        }
        let backoff = self.losses.checked_sub(policy.grace.saturating_add(1)).map(|more| {
            let times = 1u32.checked_shl(more).unwrap_or(u32::MAX);
            policy.backoff.saturating_mul(times).min(policy.max_backoff)
        });
        let opened = policy.breaker.is_some_and(|breaker| self.breaks(&breaker, has_answered, now));
        let rest = if opened { policy.breaker.map(|breaker| breaker.rest).max(backoff) } else { backoff };
        self.rested = rest.and_then(|rest| now.checked_add(rest.min(LONGEST)));
        Consequence { rest, opened }
    }

    fn breaks(&mut self, breaker: &Breaker, has_answered: bool, now: Instant) -> bool {
        if self.is_open && !has_answered {
            // The call that was to show that it works again has not.
            return true;
        }
        self.is_open = false;
        self.recent.retain(|loss| now.saturating_duration_since(*loss) <= breaker.within);
        self.recent.push_back(now);
        if self.recent.len() < breaker.losses as usize {
            return false;
        }
        self.recent.clear();
        self.is_open = true;
        true
    }

    fn rest(&self, now: Instant) -> Option<Duration> {
        let left = self.rested?.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    /// Whether the plugin is not called until somebody revives it.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// What is to be said of it.
    pub(crate) fn state(&self, now: Instant) -> State {
        match self.rest(now) {
            _ if self.is_stopped => State::Stopped,
            Some(retry_in) => State::Resting { retry_in },
            None => State::Ready,
        }
    }
}

#[cfg(test)]
mod tests;
