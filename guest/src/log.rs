//! What a plugin says to the people who run it.
//!
//! ```
//! use hookr_guest::log;
//!
//! # let (rules, slow) = (3, "a.*b");
//! log::info!("{rules} rules");
//! log::warn!(target: "rules", "{slow:?} is slow");
//! ```
//!
//! A message has a [`Level`], a target, which is the path of the module if nothing else is said, and a text, which is not
//! made where nobody listens. The host gives it to its own log, or to whom it likes; what a call may log is limited. On a
//! native build, that of unit tests for instance, messages go to standard error, and to the mock of a host that makes the call.
//!
//! With the feature `log` of this crate, what libraries say through the crate `log` is heard, too: this module becomes its
//! logger, before the first method of the plugin is called, unless there is one.

mod ask;
#[cfg(feature = "log")]
mod facade;
#[cfg(target_arch = "wasm32")]
mod host;
#[cfg(not(target_arch = "wasm32"))]
#[path = "log/native.rs"]
mod host;
mod macros;

use std::fmt;

pub use hookr_abi::log::Level;

#[doc(inline)]
pub use crate::{
    __log as log, __log_debug as debug, __log_error as error, __log_info as info, __log_trace as trace,
    __log_warn as warn,
};

pub(crate) use ask::begin_call;

/// Whether somebody listens to messages of this level. The macros ask by themselves; this is for what is done for the sake
/// of a message.
#[inline]
pub fn is_enabled(level: Level) -> bool {
    ask::is_enabled(level)
}

/// Logs a message, whoever listens; the macros call this.
#[cold]
pub fn write(level: Level, target: &str, message: fmt::Arguments<'_>) {
    match message.as_str() {
        Some(message) => host::log(level, target, message),
        None => host::log(level, target, &message.to_string()),
    }
}
