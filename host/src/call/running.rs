use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hookr_abi::CallControl;

use super::options::Terms;
use super::stop::Stop;
use crate::engine::Clock;
use crate::plugin::Stage;

/// The call that runs in a store: when it ends, and who may end it.
///
/// The beginning of a call reads the engine's clock, which is as of the last tick. When the call has to be over is found out
/// when somebody asks for the first time. If there was no tick since, it may have begun just now; else it began before the next
/// tick, [`Clock::lag`] later at the most. Either way it has at least its time, and a tick or two more at the most, as long as
/// the system lets the clock's thread run.
pub(crate) struct Running {
    clock: Arc<Clock>,
    terms: Terms,
    stage: Stage,
    /// Of the time of the next call, how much was spent in waiting for the plugin.
    waited: u64,
    /// How much time the call had when it began.
    left: u64,
    began: u64,
    /// When it has to be over; 0 as long as nobody has asked. Callbacks may ask from several threads.
    end: AtomicU64,
}

impl Running {
    pub(crate) fn new(clock: Arc<Clock>, terms: Terms, stage: Stage) -> Self {
        Running { clock, terms, stage, waited: 0, left: 0, began: 0, end: AtomicU64::new(0) }
    }

    /// Says what the next calls are made with. The first of them has waited this long, in nanoseconds.
    #[inline]
    pub(crate) fn arm(&mut self, terms: &Terms, waited: u64) {
        self.terms.budget = terms.budget;
        self.terms.fuel = terms.fuel;
        if self.terms.cancel.is_some() || terms.cancel.is_some() {
            self.terms.cancel.clone_from(&terms.cancel);
        }
        self.waited = waited;
    }

    /// A call begins.
    #[inline]
    pub(crate) fn begin(&mut self) {
        self.began = self.clock.now();
        self.left = self.terms.budget.saturating_sub(std::mem::take(&mut self.waited));
        *self.end.get_mut() = 0;
    }

    /// How much fuel each call gets.
    pub(crate) fn fuel(&self) -> u64 {
        self.terms.fuel
    }

    /// Who may end the call.
    #[cfg(feature = "wasi")]
    pub(crate) fn cancel(&self) -> Option<super::CancelToken> {
        self.terms.cancel.clone()
    }

    /// Whether its version may go on.
    #[cfg(feature = "wasi")]
    pub(crate) fn stage(&self) -> Stage {
        self.stage.clone()
    }

    /// The time that a call may take, of which nothing may be left.
    pub(crate) fn budget(&self) -> Duration {
        Duration::from_nanos(self.terms.budget)
    }

    /// Looks whether it is time to end, at every tick.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        // The one who looks keeps the clock going.
        let now = self.clock.now();
        if self.stage.is_over() {
            return Err(Stop::Replaced);
        }
        if self.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        if now < self.end() { Ok(()) } else { Err(Stop::Deadline { after: self.budget() }) }
    }

    /// When the call has to be over.
    fn end(&self) -> u64 {
        let end = self.end.load(Ordering::Relaxed);
        if end != 0 {
            return end;
        }
        // It did not begin later than now.
        let mut began = self.clock.precise();
        if self.clock.now() > self.began {
            began = began.min(self.began.saturating_add(self.clock.lag()));
        }
        let end = began.saturating_add(self.left).max(1);
        self.end.store(end, Ordering::Relaxed);
        end
    }
}

impl CallControl for Running {
    fn remaining(&self) -> Option<Duration> {
        if self.terms.budget == u64::MAX {
            return None;
        }
        // Whoever waits within a call asks for this again and again, and keeps the clock going.
        let now = self.clock.now().max(self.clock.precise());
        Some(Duration::from_nanos(self.end().saturating_sub(now).min(self.left)))
    }

    fn is_cancelled(&self) -> bool {
        self.terms.cancel.as_ref().is_some_and(super::CancelToken::is_cancelled) || self.stage.is_over()
    }

    fn host_memory(&self) -> usize {
        self.terms.host_memory
    }
}
