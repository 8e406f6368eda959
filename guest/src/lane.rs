//! The plugin's side of the lane: requests are read where the host wrote them, responses are written where the host reads
//! them.
//!
//! Code that `hookr gen` writes uses this: it hands the [exports] a function that finds the method by its number,
//! and calls back through [`call_back`]. After the first few calls nothing is allocated.

mod buffer;
mod callbacks;
#[doc(hidden)]
pub mod exports;
mod regions;

use std::cell::Cell;

pub use callbacks::{call_back, may_call_back, read_answer};

/// What a response is written with, and the request of a callback.
///
/// A table that is started in it is to be ended: what is left of one gets into the next, also into that of another message.
pub type MessageBuilder = flatbuffers::FlatBufferBuilder<'static>;

/// Answers a request: finds the method by its number, reads the request, writes and finishes the response.
///
/// The error of a method that is not there is [`Code::Unimplemented`](crate::Code::Unimplemented).
pub type Dispatch = fn(method: u32, request: &[u8], response: &mut MessageBuilder) -> Result<(), crate::Error>;

thread_local! {
    static ACTIVE: Cell<bool> = const { Cell::new(false) };
}

/// Whether the plugin is answering a request that came over the lane. Then callbacks may take it too; a host that calls
/// by other ways need not answer there.
#[inline]
pub fn is_active() -> bool {
    ACTIVE.get()
}

/// What becomes true while a request is answered.
#[inline]
fn activate<R>(answer: impl FnOnce() -> R) -> R {
    ACTIVE.set(true);
    let result = answer();
    ACTIVE.set(false);
    result
}
