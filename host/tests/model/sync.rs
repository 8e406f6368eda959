//! What the pool is synchronised with, as the model checker knows it.

use std::cell::Cell;

use shuttle::rand::Rng;
pub(crate) use shuttle::sync::Mutex;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> shuttle::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

thread_local! {
    /// Whether all of a test have waited for long. The checker runs the threads of a test on one of the system's.
    pub(crate) static ALWAYS_LONG_AGO: Cell<bool> = const { Cell::new(false) };
}

/// When somebody began to wait: whether that is long ago is a matter of chance, so that both are looked at.
#[derive(Clone, Copy)]
pub(crate) struct Moment;

impl Moment {
    pub(crate) fn now() -> Self {
        Moment
    }

    pub(crate) fn is_long_ago(self) -> bool {
        if ALWAYS_LONG_AGO.get() {
            return true;
        }
        shuttle::rand::thread_rng().gen_bool(0.5)
    }
}
