use std::error::Error;
use std::time::Duration;

use wasmtime::Trap;

use super::Meter;
use crate::limits::{Exceeded, Limit, Limits};

/// Why the host ends a call. It travels through wasmtime as an error of its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    #[error("the time is over: {after:?}")]
    Deadline { after: Duration },
    #[error("the call was cancelled")]
    Cancelled,
    #[error("{0}")]
    Exceeded(Exceeded),
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
        return Ending::Stopped(stop.clone());
    }
    let exceeded = |limit, allowed: u64| Ending::Stopped(Stop::Exceeded(Exceeded::new(limit, None, allowed)));
    let trap = error.downcast_ref::<Trap>();
    match trap {
        Some(Trap::StackOverflow) => return exceeded(Limit::Stack, meter.stack()),
        Some(Trap::OutOfFuel) => return exceeded(Limit::Fuel, fuel),
        _ => {}
    }
    if says(error, HOST_MEMORY) {
        return exceeded(Limit::HostMemory, limits.host_memory as u64);
    }
    if says(error, HANDLES) {
        return exceeded(Limit::Handles, limits.handles as u64);
    }
    match (meter.refused(), trap) {
        // A plugin that gets no memory traps, or exits; what it does then is of no interest.
        (Some(exceeded), _) => Ending::Stopped(Stop::Exceeded(exceeded)),
        (None, Some(_)) => Ending::Trapped,
        (None, None) => Ending::Unreadable,
    }
}

fn says(error: &wasmtime::Error, text: &str) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error.as_ref());
    while let Some(error) = cause {
        if error.to_string().contains(text) {
            return true;
        }
        cause = error.source();
    }
    false
}
