//! Callbacks in place: while an answer is being read, there is no other callback, as with a real host.

use std::cell::Cell;

use crate::Error;

thread_local! {
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Refuses a callback out of the reading of another one's answer.
///
/// # Errors
///
/// [`FailedPrecondition`](crate::Code::FailedPrecondition).
#[doc(hidden)]
pub fn may_call_back() -> Result<(), Error> {
    if READING.get() {
        return Err(Error::failed_precondition("the answer of another callback is being read"));
    }
    Ok(())
}

/// Reads an answer; no other callback is possible meanwhile.
#[doc(hidden)]
pub fn read_answer<R>(read: impl FnOnce() -> R) -> R {
    /// The next test on this thread may come after a panic.
    struct Read;

    impl Drop for Read {
        fn drop(&mut self) {
            READING.set(false);
        }
    }

    READING.set(true);
    let _read = Read;
    read()
}
