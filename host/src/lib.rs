//! Load WebAssembly component plugins safely, and call them.
//!
//! This crate is the host side of Hookr. An application rarely names most of it: `hookr gen` writes a crate for each
//! contract, whose `PluginHandle` opens plugins through the [`Builder`] of this crate and has one typed method for each
//! method of the contract.
//!
//! ```no_run
//! # use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
//! # struct None;
//! # impl Callbacks for None {
//! #     fn call(&self, _: &hookr::CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, hookr::Error> {
//! #         Err(hookr::Error::unimplemented("there are no callbacks"))
//! #     }
//! # }
//! # mod textfilter {
//! #     pub struct PluginHandle;
//! #     impl PluginHandle {
//! #         pub fn builder() -> hookr::Builder<super::DynamicPlugin> { super::DynamicPlugin::builder(super::None) }
//! #     }
//! # }
//! # fn main() -> Result<(), hookr::OpenError> {
//! let plugin = textfilter::PluginHandle::builder()
//!     .sha256("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
//!     .open("textfilter.wasm")?;
//! # Ok(())
//! # }
//! ```
//!
//! # What happens to a file
//!
//! It is read once. Those bytes are hashed, and the [trust decision](trust) is made on the hash, or on the signatures
//! over those bytes; without a decision nothing is opened. Then the custom section is read and compared with the
//! contract, what the component is made of is compared with the [limits], the same bytes are compiled, or were [compiled
//! before](cache), every import is checked against what the contract grants, and one instance is made. Each step has its
//! own variant of [`OpenError`]. No plugin gets a capability that its contract does not name: there is no WASI, unless the
//! host grants parts of it with the `grants` method of [`Builder`].
//!
//! # Features
//!
//! `wasi`, which is on by default, is what can be granted, and the crates of WASI that it takes. Without it, a plugin that
//! imports WASI is refused whatever happens.
//!
//! `tracing`, which is on by default, makes spans of openings, calls, callbacks and reloads, and an event of what a plugin
//! [logs](log), for the subscribers of the crate `tracing`: [`observe`].
//!
//! `metrics`, which is off by default, counts and times calls with the crate `metrics`.
//!
//! `async`, which is off by default, is calls and callbacks that are futures (module `asynchronous`).
//!
//! `sign`, which is off by default, is private keys and signing, for tools. Verifying takes no feature.
//!
//! # Calls
//!
//! A handle is `Send`, `Sync` and `Clone`; its methods take `&self`. There is one instance behind it: callers wait for
//! each other, and the plugin keeps its state between calls. A plugin that traps, that returns what cannot be read, that
//! wants more than its [`Limits`], or that is not over in time, loses its instance: that call fails with
//! [`CallError::Trapped`], [`CallError::InvalidResponse`], [`CallError::LimitExceeded`] or [`CallError::DeadlineExceeded`],
//! the instance is never used again, and the next call runs on a fresh one, without the state of the old. [`supervise`] says
//! what becomes of a plugin that does so again and again.
//!
//! A callback runs on the thread of the call that led to it. If it calls its own plugin, it gets
//! [`CallError::Reentrant`], and the outer call goes on; if it waits for another thread that calls its plugin, that one
//! gets [`CallError::DeadlineExceeded`] when its time is over. A panic in a callback passes through the plugin to whoever called it, and costs the plugin its instance as a
//! trap does.
#![deny(unsafe_code)]

mod artifact;
#[cfg(feature = "async")]
pub mod asynchronous;
mod builder;
pub mod cache;
mod call;
mod compile;
pub mod crash;
pub mod dynamic;
mod engine;
mod error;
#[cfg(feature = "wasi")]
pub mod grants;
mod instance;
mod instances;
pub mod lane;
pub mod limits;
pub mod lock;
pub mod log;
mod metadata;
mod needs;
pub mod observe;
mod open;
mod panic;
mod parse;
mod place;
mod plugin;
mod pool;
pub mod registry;
mod regular;
pub mod reload;
mod scan;
mod shape;
mod state;
pub mod supervise;
mod sync;
pub mod trust;
pub mod units;

pub use artifact::Artifact;
#[cfg(feature = "async")]
pub use asynchronous::{AsyncCallbackContext, FromAsync, from_async};
pub use builder::Builder;
pub use cache::Cache;
pub use call::{CallOptions, CancelToken};
pub use engine::{Engine, Settings, WASMTIME_VERSION};
pub use error::{CallError, Causes, ContractSummary, OpenError, Source};
#[cfg(feature = "wasi")]
pub use grants::{GrantError, Grants, GrantsFileError};
pub use hookr_abi::{
    CallbackContext, Code, ContractId, Error, InvalidValue, MAX_NESTING, MethodId, OutOfRoom, Printable, Room,
};
pub use instances::Instances;
pub use lane::CallWay;
pub use limits::{Exceeded, Limit, Limits};
pub use lock::{LockError, LockFile, LockedPlugin};
pub use log::{Level, LogRecord, LogSource};
pub use metadata::{Metadata, MethodInfo};
pub use needs::Need;
pub use observe::Stats;
pub use place::Place;
pub use registry::{Registry, RegistryError};
pub use shape::Shape;
pub use state::StateLimits;
pub use trust::{Digest, TrustStore, Verifier};

/// What generated code needs. It may change with any release; use it through code of the same release's `hookr gen`.
#[doc(hidden)]
pub mod __private {
    pub mod abi;
    pub mod flags;
    pub mod types_only;

    pub use crate::__flags as flags;

    #[cfg(feature = "async")]
    pub use crate::asynchronous::answer;
    pub use crate::builder::Opened;
    pub use crate::instance::{Bindings, StoreData};
    pub use crate::lane::{Lane, Refusal};
    pub use crate::metadata::{Contract, MethodSpec};
    pub use crate::observe::TypedCall;
    pub use crate::plugin::{Plugin, invalid_request};
    pub use wasmtime;
}
