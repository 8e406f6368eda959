//! A host that is none, for tests that run natively: what the module `mock` of generated crates is made of.
//!
//! A generated crate with the feature `mock` has a `mock::Host`, with a [`Callback`] for each method that a plugin may call
//! on its host. A test tells them what to answer, hands the host to the plugin, and looks at what it was asked:
//!
//! ```text
//! let host = urlbalancer::mock::Host::new();
//! host.rng().int().with(|request| request.max == 2).returns(RngIntResponse { value: 1 }).times(1);
//! host.rng().float().answers(|_| Ok(RngFloatResponse { value: 0.5 }));
//! let response = host.call(|ctx| Balancer.balance(ctx, request))?;
//! assert_eq!(host.rng().int().requests(), [RngIntRequest { min: 0, max: 2 }]);
//! host.verify();
//! ```
//!
//! What a test has not told anything of is no call to expect: the plugin gets the error `unimplemented`, and `verify` or
//! the end of the host fails the test. Expectations are tried in the order in which they were made, and the first that takes
//! a request answers it. One that has been called as often as it may takes no more, and the next one is tried; one that is
//! never to be called fails the test.

mod answers;
mod callback;
mod expectation;
mod journal;
mod listening;
mod reading;
mod shown;
mod times;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use callback::{Callback, Matching};
pub use expectation::Expectation;
pub use journal::{Call, Log, Recorder};
pub use times::Times;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use listening::heard;
#[doc(hidden)]
pub use reading::{may_call_back, read_answer};

/// A closure of a test may have panicked; what it leaves is to be looked at all the same.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
