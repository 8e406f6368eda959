//! What is listened to. The host is asked once in each call, when there is something to say.

use std::sync::atomic::{AtomicU8, Ordering};

use hookr_abi::log::Level;

use super::host;

/// The host's last answer in this call.
static VERBOSITY: AtomicU8 = AtomicU8::new(UNKNOWN);

/// Nobody has asked.
const UNKNOWN: u8 = u8::MAX;

/// A call begins: the host may listen to something else than in the last one.
#[inline(always)]
pub(crate) fn begin_call() {
    #[cfg(feature = "log")]
    super::facade::install();
    VERBOSITY.store(UNKNOWN, Ordering::Relaxed);
}

#[inline]
pub(super) fn is_enabled(level: Level) -> bool {
    let known = VERBOSITY.load(Ordering::Relaxed);
    let verbosity = if known == UNKNOWN { ask() } else { known };
    level.verbosity() <= verbosity
}

#[cold]
fn ask() -> u8 {
    let verbosity = host::enabled();
    VERBOSITY.store(verbosity, Ordering::Relaxed);
    verbosity
}
