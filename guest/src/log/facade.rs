//! The crate `log`, whose messages come from libraries.

use std::sync::Once;

use ::log::{Log, Metadata, Record};

use super::{Level, is_enabled, write};

struct Facade;

/// Makes this module the logger, unless there is one.
#[inline]
pub(super) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        if ::log::set_logger(&Facade).is_ok() {
            // The host is asked for each message, since what it listens to may change.
            ::log::set_max_level(::log::LevelFilter::Trace);
        }
    });
}

impl Log for Facade {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_enabled(level(metadata.level()))
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            write(level(record.level()), record.target(), *record.args());
        }
    }

    fn flush(&self) {}
}

fn level(level: ::log::Level) -> Level {
    match level {
        ::log::Level::Error => Level::Error,
        ::log::Level::Warn => Level::Warn,
        ::log::Level::Info => Level::Info,
        ::log::Level::Debug => Level::Debug,
        ::log::Level::Trace => Level::Trace,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_the_names_of_the_facade() {
        for ours in Level::ALL {
            let theirs: ::log::Level = ours.name().parse().unwrap();
            assert_eq!(level(theirs), ours);
        }
    }
}
