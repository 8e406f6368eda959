//! Calls that are futures, and callbacks that are futures: the feature `async`.
//!
//! A plugin runs on a thread that is made for work that takes long (those of the crate [`blocking`]), never on one of the
//! executor, and it does not matter which executor that is. The future of the call polls the callbacks that are futures, so
//! that they run where the application runs its own, and find what they need there: timers, sockets, tasks.
//!
//! The generated handle has `tick_async` beside each `tick`, and `call_async` for what is more than one call. A service whose
//! methods are `async` becomes one of the contract by [`from_async`]:
//!
//! ```no_run
//! # mod tickloop {
//! #     use std::future::Future;
//! #     pub use hookr::Error;
//! #     use hookr::{AsyncCallbackContext, Builder, CallError, FromAsync, OpenError};
//! #     pub struct TickRequest { pub tick: u64 }
//! #     pub struct TickResponse { pub actions: u32 }
//! #     pub struct RngIntRequest { pub min: i32, pub max: i32 }
//! #     pub struct RngIntResponse { pub value: i32 }
//! #     pub trait Rng: Send + Sync + 'static {}
//! #     pub trait AsyncRng: Send + Sync + 'static {
//! #         fn int(
//! #             &self, ctx: &AsyncCallbackContext, request: RngIntRequest,
//! #         ) -> impl Future<Output = Result<RngIntResponse, Error>> + Send;
//! #     }
//! #     impl<S: AsyncRng> Rng for FromAsync<S> {}
//! #     pub struct Callbacks { pub rng: std::sync::Arc<dyn Rng> }
//! #     pub struct PluginHandle;
//! #     pub struct Opening;
//! #     impl PluginHandle {
//! #         pub fn builder(_: Callbacks) -> Opening { Opening }
//! #         pub async fn tick_async(&self, _: TickRequest) -> Result<TickResponse, CallError> { unreachable!() }
//! #     }
//! #     impl Opening {
//! #         pub fn sha256(self, _: &str) -> Self { self }
//! #         pub async fn open_async(self, _: &str) -> Result<PluginHandle, OpenError> { unreachable!() }
//! #     }
//! # }
//! use hookr::{AsyncCallbackContext, Error, from_async};
//! use tickloop::{AsyncRng, Callbacks, PluginHandle, RngIntRequest, RngIntResponse, TickRequest};
//!
//! struct Remote;
//!
//! impl AsyncRng for Remote {
//!     async fn int(&self, ctx: &AsyncCallbackContext, request: RngIntRequest) -> Result<RngIntResponse, Error> {
//!         ask_the_server(ctx.plugin(), request.min, request.max).await
//!     }
//! }
//! # async fn ask_the_server(_: &str, min: i32, _: i32) -> Result<RngIntResponse, Error> {
//! #     Ok(RngIntResponse { value: min })
//! # }
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let callbacks = Callbacks { rng: from_async(Remote) };
//! let plugin = PluginHandle::builder(callbacks)
//!     .sha256("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
//!     .open_async("game.wasm")
//!     .await?;
//! let response = plugin.tick_async(TickRequest { tick: 1 }).await?;
//! # let _ = response.actions;
//! # Ok(())
//! # }
//! ```
//!
//! # Time
//!
//! The time of a call begins when its future is polled for the first time. To wait for the plugin counts, and so does to wait
//! for a thread, and a callback that is pending: when the time is over, the future of the callback is dropped, the plugin gets
//! an error for it, and ends as any late call does.
//!
//! # Cancellation
//!
//! To drop the future of a call cancels it, as a [`CancelToken`](crate::CancelToken) does: the future of a callback is dropped
//! at once, and a plugin that runs is stopped at the next tick of its engine and loses its instance. Other calls wait until that
//! has happened. To drop the future of an opening does not end the opening, which has deadlines of its own; what it opens is
//! dropped.
//!
//! # Panics
//!
//! A panic in a callback that is a future passes through the plugin, to whoever polls the future of the call, and costs the
//! plugin its instance, as that of another callback does. So does a panic in a closure that was given to `call_async`, but for
//! the instance.
//!
//! # Other ways to call
//!
//! A plugin whose callbacks are futures may be called without `async`, too: the thread of the call then polls them itself, and
//! waits in between, until the time of the call is over. Such a future has no executor around it. One that needs one, tokio's
//! timers for instance, has to take it along: `tokio::runtime::Handle::spawn`.
//!
//! A callback must not call its own plugin, which waits for it: a future of such a call that is polled by the callback gets
//! [`CallError::Reentrant`](crate::CallError::Reentrant). If the callback waits for another task that calls its plugin, that one gets
//! [`CallError::DeadlineExceeded`](crate::CallError::DeadlineExceeded) when its time is over. Calls that are no futures do not
//! belong into a callback that is one, for they hold up the executor.
//!
//! # Threads
//!
//! As many threads are busy as plugins are called at once, up to the 500 that [`blocking`] has unless it is told otherwise
//! (`BLOCKING_MAX_THREADS`); further calls wait for a thread, which holds up nobody. Calls of one plugin wait for each other
//! without a thread.

mod alone;
mod bridge;
mod callback;
mod inside;
mod open;
mod patience;
mod work;

pub use callback::{AsyncCallbackContext, FromAsync, answer, from_async};

pub(crate) use inside::is_inside;
pub(crate) use patience::{Impatience, Patience};
pub(crate) use work::Work;
