//! What the [pool](crate::pool) is synchronised with. The model checker has this module of its own.

use std::time::{Duration, Instant};

mod brief;

use brief::Brief;

/// Every call takes it twice, for a few instructions.
pub(crate) type Mutex<T> = lock_api::Mutex<Brief, T>;

/// Nobody panics with the mutex held, and a panic would not poison it.
#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> lock_api::MutexGuard<'_, Brief, T> {
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
