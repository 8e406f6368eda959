//! How often a call is expected.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

/// How often an expectation may take a call, and how often it has to: a number, or a range as `1..` or `..=3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    pub(super) min: usize,
    /// `None` for as often as the plugin likes.
    pub(super) max: Option<usize>,
}

impl Times {
    pub(super) const ANY: Times = Times { min: 0, max: None };
    pub(super) const NEVER: Times = Times { min: 0, max: Some(0) };

    /// Whether no number is among them.
    pub(super) fn is_empty(self) -> bool {
        self.max.is_some_and(|max| max < self.min)
    }

    /// What excludes its end: there is nothing before 0.
    fn below(min: usize, end: usize) -> Self {
        match end.checked_sub(1) {
            Some(max) => Times { min, max: Some(max) },
            None => Times { min: 1, max: Some(0) },
        }
    }
}

impl From<usize> for Times {
    fn from(times: usize) -> Self {
        Times { min: times, max: Some(times) }
    }
}

impl From<Range<usize>> for Times {
    fn from(range: Range<usize>) -> Self {
        Times::below(range.start, range.end)
    }
}

impl From<RangeInclusive<usize>> for Times {
    fn from(range: RangeInclusive<usize>) -> Self {
        Times { min: *range.start(), max: Some(*range.end()) }
    }
}

impl From<RangeFrom<usize>> for Times {
    fn from(range: RangeFrom<usize>) -> Self {
        Times { min: range.start, max: None }
    }
}

impl From<RangeTo<usize>> for Times {
    fn from(range: RangeTo<usize>) -> Self {
        Times::below(0, range.end)
    }
}

impl From<RangeToInclusive<usize>> for Times {
    fn from(range: RangeToInclusive<usize>) -> Self {
        Times { min: 0, max: Some(range.end) }
    }
}

impl From<RangeFull> for Times {
    fn from(_: RangeFull) -> Self {
        Times::ANY
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (_, Some(0)) => f.write_str("never"),
            (0, None) => f.write_str("any number of times"),
            (min, None) => write!(f, "at least {}", Count(min)),
            (0, Some(max)) => write!(f, "at most {}", Count(max)),
            (min, Some(max)) if min == max => write!(f, "exactly {}", Count(min)),
            (min, Some(max)) => write!(f, "{min} to {}", Count(max)),
        }
    }
}

/// So many times, in words.
pub(super) struct Count(pub(super) usize);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { "time" } else { "times" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_say_what_they_mean() {
        for (times, text) in [
            (Times::from(0), "never"),
            (Times::from(1), "exactly 1 time"),
            (Times::from(2), "exactly 2 times"),
            (Times::from(1..), "at least 1 time"),
            (Times::from(..3), "at most 2 times"),
            (Times::from(..=3), "at most 3 times"),
            (Times::from(1..3), "1 to 2 times"),
            (Times::from(1..=3), "1 to 3 times"),
            (Times::from(..), "any number of times"),
        ] {
            assert_eq!(times.to_string(), text);
            assert!(!times.is_empty(), "{text}");
        }
    }

    #[test]
    #[allow(clippy::reversed_empty_ranges)]
    fn a_range_without_a_number_is_noticed() {
        for times in [Times::from(..0), Times::from(0..0), Times::from(2..2), Times::from(3..1), Times::from(2..=1)] {
            assert!(times.is_empty(), "{times:?}");
        }
    }
}
