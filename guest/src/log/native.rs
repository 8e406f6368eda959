//! There is no host here: plugins are compiled for other machines in tests only.

use hookr_abi::log::Level;

pub(super) fn log(level: Level, target: &str, message: &str) {
    // As a macro, so that test programs capture it.
    eprintln!("{level} {target}: {message}");
    #[cfg(feature = "mock")]
    crate::mock::heard(level, target, message);
}

pub(super) fn enabled() -> u8 {
    Level::Trace.verbosity()
}
