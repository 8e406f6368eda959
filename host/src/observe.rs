//! What a host can see of its plugins: spans, statistics, metrics.
//!
//! # Spans
//!
//! With the feature `tracing`, which is on by default, these are spans of the crate `tracing`:
//!
//! | name | target | level | what it is |
//! |---|---|---|---|
//! | `open` | `hookr::open` | info | a plugin is opened |
//! | `reload` | `hookr::reload` | info | another version of it is to be put in service |
//! | `call` | `hookr::call` | debug | a typed call, one by name, or one of a plugin's state, whichever way it takes |
//! | `call` | `hookr::call` | trace | a call over a lane that the application has locked, or a batch of them |
//! | `callback` | `hookr::callback` | trace | the plugin calls the host |
//!
//! A span is entered while the plugin runs: what the plugin [logs](crate::log), and what the host's callbacks do, is inside of
//! it. So are the waiting for an instance and the making of a fresh one, but for a lane, which waits when it is locked. Calls
//! that are futures run on other threads; their spans are inside of the span, and belong to the subscriber, of whoever polls
//! the future first. What callbacks that are futures do is inside of the callback's span.
//!
//! The fields, as far as they are known:
//!
//! | field | of | what it says |
//! |---|---|---|
//! | `plugin` | all | the name by which the host knows the plugin |
//! | `contract` | all | the WIT package of its contract |
//! | `method` | `call`, `callback` | `Service:Method` |
//! | `way` | `call`, `callback` | `component`, `lane` or `state` |
//! | `batch` | `call` | how many requests a batch has |
//! | `request_bytes`, `response_bytes` | `call`, `callback` | see below |
//! | `sha256`, `size`, `origin` | `open` | the hash and the size of the file, and where its code came from |
//! | `cause`, `from`, `to`, `sha256` | `reload` | `changed`, `asked` or `rolled_back`; the generations, and the hash of the new file |
//! | `outcome` | all | `ok`, or what went wrong: `CallError::kind` and the like; `unchanged` of a reload that has found nothing new |
//! | `code` | `call`, `callback` | the gRPC code of what went wrong |
//! | `duration_ns` | all | how long it took, in nanoseconds |
//!
//! The sizes are those of the FlatBuffers where a call takes the lane; of a batch, of all its requests, and of no response.
//! Through the Component Model there are no buffers: `request_bytes` is what the request takes as a value of the host, and
//! `response_bytes` is missing. Callbacks that come that way have neither. A callback whose request cannot be read has the
//! outcome `unreadable`, and whatever ends in a panic has `panicked`.
//!
//! A reload also makes events, with the target `hookr::reload`: that another version is in service (info, with the time that
//! it took to prepare it, and for which calls were held up), that no call runs on the old one any more (info), and that watching
//! was paused or resumed (debug). Texts of plugins are escaped, as [`Printable`](crate::Printable) does it.
//!
//! Where nobody is interested, a call reads one number that says so, and a callback another time; no clock is read, and no
//! memory taken. Where a subscriber is interested in that level, and not in these targets, it is two numbers.
//!
//! # Statistics
//!
//! `stats()` of a handle gives [`Stats`]. It is put together when it is asked for: calls count for their instance alone, so that
//! they do not wait for each other's memory. Every number is that of a moment shortly before, and not all of the same moment.
//!
//! * A call counts once it has come to the plugin, a batch as one. What the host refuses before (a request that is too large, a
//!   call that waits too long, a plugin that rests) does not.
//! * A call has failed that the plugin has answered with an error; a batch, if one answer is one. What costs the instance is
//!   counted as [lost](crate::supervise::Health).
//! * A wait counts when a call finds no instance, however it ends.
//! * What the hook of a reload does to a candidate counts once the candidate is in service.
//!
//! [`Builder::timings`](crate::Builder::timings) has every call timed, which costs two looks at the clock. Then everything
//! counts that would be a span, refused calls included, and waiting counts.
//!
//! # Metrics
//!
//! With the feature `metrics`, which is off by default, plugins count with the crate `metrics`, and each call is timed. The
//! recorder has to be installed before plugins are opened, for each plugin asks it for what it needs when it is opened.
//!
//! | name | kind | labels | what it is |
//! |---|---|---|---|
//! | `hookr_calls_total` | counter | `plugin`, `method`, `way`, `outcome` | calls, refused ones included; a batch is one |
//! | `hookr_call_seconds` | histogram | `plugin`, `method`, `way` | how long they took, waiting included |
//! | `hookr_calls_active` | gauge | `plugin` | calls that run or wait |
//! | `hookr_wait_seconds` | histogram | `plugin` | how long calls have waited that found no instance |
//! | `hookr_instances` | gauge | `plugin` | instances that there are |
//! | `hookr_instances_lost_total` | counter | `plugin`, `reason` | instances that were lost, or not made (`not_started`) |
//! | `hookr_reloads_total` | counter | `plugin`, `outcome` | reloads, but for those that found nothing new |
//!
//! `outcome` and `way` are as in spans; `reason` is one of the fields of [`Health`](crate::supervise::Health). `plugin` is the
//! name by which the host knows the plugin, and `method` a name of the contract, escaped: where that is any contract, the
//! plugin's. A call that no thread has come to make, of those that are futures, has the way `component`.

mod call;
mod callback;
mod carry;
mod histogram;
#[cfg(feature = "metrics")]
mod metered;
#[cfg(not(feature = "metrics"))]
#[path = "observe/unmetered.rs"]
mod metered;
mod observer;
mod opening;
mod reloading;
#[cfg(feature = "tracing")]
mod span;
#[cfg(not(feature = "tracing"))]
#[path = "observe/no_span.rs"]
mod span;
mod stats;

pub(crate) use call::Observed;
pub use call::{TypedCall, Way};
pub(crate) use carry::Carried;
#[cfg(feature = "async")]
pub(crate) use carry::follow;
pub(crate) use metered::Present;
pub(crate) use observer::Observer;
pub(crate) use opening::Opening;
pub(crate) use reloading::{Reloading, tell_news};
pub use stats::{MethodStats, Stats, Timings};
