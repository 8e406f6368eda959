//! What the [pool](crate::pool) is synchronised with. The model checker has this module of its own.

use std::time::{Duration, Instant};

pub(crate) use parking_lot::Mutex;

/// Nobody panics with the mutex held, and a panic would not poison it.
#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> parking_lot::MutexGuard<'_, T> {
    mutex.lock()
}

/// When somebody began to wait.
#[derive(Clone, Copy)]
pub(crate) struct Moment(Instant);

impl Moment {
    pub(crate) fn now() -> Self {
        Moment(Instant::now())
    }

    /// Whether that is longer ago than anybody should be overtaken for.
    pub(crate) fn is_long_ago(self) -> bool {
        self.0.elapsed() >= Duration::from_micros(500)
    }
}
