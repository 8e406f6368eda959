//! What the pool is synchronised with, as the model checker knows it.

use shuttle::rand::Rng;
pub(crate) use shuttle::sync::Mutex;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> shuttle::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

/// When somebody began to wait: whether that is long ago is a matter of chance, so that both are looked at.
#[derive(Clone, Copy)]
pub(crate) struct Moment;

impl Moment {
    pub(crate) fn now() -> Self {
        Moment
    }

    pub(crate) fn is_long_ago(self) -> bool {
        shuttle::rand::thread_rng().gen_bool(0.5)
    }
}
