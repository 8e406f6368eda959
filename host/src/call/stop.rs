use std::error::Error;
use std::time::Duration;

use hookr_abi::Printable;
use wasmtime::component::ResourceTableError;
use wasmtime::{Trap, WasmBacktrace};

use super::Meter;
use crate::Source;
use crate::limits::{Exceeded, Limit, Limits, MAX_OPEN};

/// Why the host ends a call. It travels through wasmtime as an error of its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    #[error("the time is over: {after:?}")]
    Deadline { after: Duration },
    #[error("the call was cancelled")]
    Cancelled,
    /// Another version of the plugin is in service, and the time to finish on this one is over.
    #[error("the version of the plugin was replaced, and the call did not end in time")]
    Replaced,
    #[error("{0}")]
    Exceeded(Exceeded),
    /// The plugin wants to end.
    #[cfg_attr(not(feature = "wasi"), allow(dead_code))]
    #[error("the plugin has ended itself, with the exit code {code}")]
    Exited { code: u8 },
    /// A function that cannot say that it is denied.
    #[cfg_attr(not(feature = "wasi"), allow(dead_code))]
    #[error("the function `{function}` is not granted")]
    Denied { function: String },
}

/// What an error of wasmtime's means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Stopped(Stop),
    Trapped,
    /// What the plugin says cannot be.
    Unreadable,
}

/// How wasmtime words what it has no type for. A test makes it say so.
const HOST_MEMORY: &str = "fuel allocated for hostcalls has been exhausted";
const HANDLES: &str = "store handle limit exceeded";

/// Reads an error of wasmtime's, and what the limits have refused during the call.
pub(crate) fn ending(error: &wasmtime::Error, meter: &Meter, limits: &Limits, fuel: u64) -> Ending {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return Ending::Stopped(match (stop, meter.refused()) {
            // A plugin that gets no memory may end itself; why it did not get any says more.
            (Stop::Exited { .. }, Some(exceeded)) => Stop::Exceeded(exceeded),
            _ => stop.clone(),
        });
    }
    let exceeded = |limit, allowed: u64| Ending::Stopped(Stop::Exceeded(Exceeded::new(limit, None, allowed)));
    let trap = error.downcast_ref::<Trap>();
    match trap {
        Some(Trap::StackOverflow) => return exceeded(Limit::Stack, meter.stack()),
        Some(Trap::OutOfFuel) => return exceeded(Limit::Fuel, fuel),
        _ => {}
    }
    let said = root(error).to_string();
    if said.contains(HOST_MEMORY) {
        let (limit, allowed) = limits.message();
        return exceeded(limit, allowed as u64);
    }
    if said.contains(HANDLES) {
        return exceeded(Limit::Handles, limits.handles as u64);
    }
    match error.downcast_ref::<ResourceTableError>() {
        // Of open files, sockets and the like.
        Some(ResourceTableError::Full) => return exceeded(Limit::Handles, limits.handles.min(MAX_OPEN) as u64),
        Some(_) => return Ending::Trapped,
        None => {}
    }
    match (meter.refused(), trap) {
        // A plugin that gets no memory traps, or exits; what it does then is of no interest.
        (Some(exceeded), _) => Ending::Stopped(Stop::Exceeded(exceeded)),
        (None, Some(_)) => Ending::Trapped,
        (None, None) => Ending::Unreadable,
    }
}

/// What a person is told of an error of wasmtime's: a trap, or its text with those of its causes, escaped, for there may be
/// names in it that the plugin chose. The backtrace is not among them; it is [`Crash`](crate::crash::Crash)'s to tell.
pub(crate) fn cause(error: wasmtime::Error) -> Source {
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return Box::new(*trap);
    }
    let mut text = String::new();
    let mut next: Option<&(dyn Error + 'static)> = Some(error.as_ref());
    if error.downcast_ref::<WasmBacktrace>().is_some() {
        next = Some(root(&error));
    }
    while let Some(cause) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&Printable(&cause.to_string()).to_string());
        next = cause.source();
    }
    text.into()
}

/// The innermost cause; those around it may be backtraces, whose text is as long as the plugin's names.
fn root(error: &wasmtime::Error) -> &(dyn Error + 'static) {
    let mut cause: &(dyn Error + 'static) = error.as_ref();
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause
}
