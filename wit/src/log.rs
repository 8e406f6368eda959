//! What plugins log: the interface, and how much a message matters.

use core::fmt;

/// The imported interface, as a component names it.
pub const INTERFACE: &str = "hookr:abi/log@0.1.0";

/// How much a message matters. The order is that of importance: `Trace` is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// Every step, for somebody who looks for an error.
    Trace,
    /// What helps somebody who works on the plugin.
    Debug,
    /// What happens.
    Info,
    /// What should not be as it is.
    Warn,
    /// What has gone wrong.
    Error,
}

impl Level {
    /// Every level, in their order.
    pub const ALL: [Level; 5] = [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error];

    /// The word for it, as WIT has it: `warn`.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }

    /// The discriminant of WIT's `level`.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The discriminant of WIT's `verbosity` that listens to this level and those that matter more; 0 is that of nothing.
    pub const fn verbosity(self) -> u8 {
        Level::ALL.len() as u8 - self.number()
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_wit() {
        assert!(Level::ALL.is_sorted());
        let [levels, verbosities] =
            ["enum level {", "enum verbosity {"].map(|head| crate::LOG_WIT.split_once(head).unwrap().1);
        let names = |text: &'static str| {
            let lines = text.lines().map(str::trim).take_while(|line| *line != "}");
            lines.filter_map(|line| line.strip_suffix(',')).collect::<alloc::vec::Vec<_>>()
        };
        let (levels, verbosities) = (names(levels), names(verbosities));
        assert_eq!(levels.len(), Level::ALL.len());
        assert_eq!(verbosities.len(), Level::ALL.len() + 1);
        assert_eq!(verbosities[0], "off");
        for level in Level::ALL {
            assert_eq!(levels[usize::from(level.number())], level.name());
            assert_eq!(verbosities[usize::from(level.verbosity())], level.name());
        }
    }
}
