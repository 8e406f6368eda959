//! What is hoped for, of two ways in one run.

use serde::Serialize;

use crate::groups::names::{
    BARE, BATCH, BORROWED, BY_HAND, BY_HAND_BATCH, BY_HAND_IN_PLACE, CACHED, CORE, CORE_CALLBACK, HASHED, IN_PLACE,
    LARGE, RAW, TYPED,
};
use crate::measure::Row;

/// A bound on the time of a way, given by that of another way in the same group.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What is hoped for, in words.
    pub what: &'static str,
    group: &'static str,
    way: &'static str,
    base: &'static str,
    bound: Bound,
}

/// How the time of a way is bound by that of the base.
#[derive(Clone, Copy, Debug)]
enum Bound {
    /// It is at most so often as long.
    Ratio(f64),
    /// It is at most so often as long, and so many nanoseconds more.
    Sum(f64, f64),
    /// It is at most so many nanoseconds longer, turn by turn.
    More(f64),
}

/// What became of a target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// What was hoped for.
    pub target: &'static str,
    /// The bound: a ratio, or nanoseconds.
    pub bound: f64,
    /// What was measured, in the same unit.
    pub measured: f64,
    /// The unit.
    pub unit: Unit,
    /// Whether the target is met.
    pub met: bool,
}

/// What a bound is given in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// How often the time of the other way.
    Ratio,
    /// Nanoseconds a call.
    Nanoseconds,
}

/// All targets: those of plugins in Rust, and then the same bounds for what the host has in its own hands.
pub const TARGETS: &[Target] = &[
    Target {
        what: "echo of 64 B over the lane: at most 1.5 x a core function in place",
        group: "echo, 64 B",
        way: BORROWED,
        base: CORE,
        bound: Bound::Ratio(1.5),
    },
    Target {
        what: "tick over the lane, end to end: at most 5 x a core function in place",
        group: "tick, without its callback",
        way: BORROWED,
        base: CORE,
        bound: Bound::Ratio(5.0),
    },
    Target {
        what: "tick with its callback over the lane: at most 5 x a core function and func_wrap in place",
        group: "tick, with its callback",
        way: BORROWED,
        base: CORE_CALLBACK,
        bound: Bound::Ratio(5.0),
    },
    Target {
        what: "typed call of textfilter: at most 1 x a raw bindgen! call",
        group: "textfilter",
        way: TYPED,
        base: RAW,
        bound: Bound::Ratio(1.0),
    },
    Target {
        what: "callback in place: at most 2 x func_wrap in place + 40 ns",
        group: "callback, 64 B, one of 64 in a call",
        way: IN_PLACE,
        base: CORE_CALLBACK,
        bound: Bound::Sum(2.0, 40.0),
    },
    Target {
        what: "batch of 16: at most 0.7 x a single call over the lane, for each message",
        group: "echo, 64 B",
        way: BATCH,
        base: BORROWED,
        bound: Bound::Ratio(0.7),
    },
    Target {
        what: "echo of 64 B, plugin by hand, bare bytes: at most 1.5 x a core function in place",
        group: "echo, 64 B",
        way: BARE,
        base: CORE,
        bound: Bound::Ratio(1.5),
    },
    Target {
        what: "echo of 64 B, plugin by hand, built and verified: at most 1.5 x a core function in place",
        group: "echo, 64 B",
        way: BY_HAND,
        base: CORE,
        bound: Bound::Ratio(1.5),
    },
    Target {
        what: "callback in place, plugin by hand: at most 2 x func_wrap in place + 40 ns",
        group: "callback, 64 B, one of 64 in a call",
        way: BY_HAND_IN_PLACE,
        base: CORE_CALLBACK,
        bound: Bound::Sum(2.0, 40.0),
    },
    Target {
        what: "batch of 16, plugin by hand: at most 0.7 x a single call over the lane, for each message",
        group: "echo, 64 B",
        way: BY_HAND_BATCH,
        base: BY_HAND,
        bound: Bound::Ratio(0.7),
    },
    Target {
        what: "open of 1.3 MB from the cache: at most 0.5 ms more than to read and hash the file",
        group: LARGE,
        way: CACHED,
        base: HASHED,
        bound: Bound::More(500_000.0),
    },
];

impl Target {
    /// What became of it; nothing, if one of the ways was not measured.
    pub fn outcome(&self, groups: &[(String, Vec<Row>)]) -> Option<Outcome> {
        let (_, rows) = groups.iter().find(|(name, _)| name == self.group)?;
        let row = |way| rows.iter().find(|row| row.way == way);
        let (way, base) = (row(self.way)?, row(self.base)?);
        let (bound, measured, unit) = match self.bound {
            Bound::Ratio(ratio) => (ratio, way.ratio_to(base), Unit::Ratio),
            Bound::Sum(factor, plus) => (factor * base.spread().median + plus, way.spread().median, Unit::Nanoseconds),
            Bound::More(more) => (more, way.beyond(base), Unit::Nanoseconds),
        };
        Some(Outcome { target: self.what, bound, measured, unit, met: measured <= bound })
    }

    /// The group and the two ways that it is about.
    pub fn ways(&self) -> (&'static str, [&'static str; 2]) {
        (self.group, [self.way, self.base])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATIO: Target = Target { what: "", group: "g", way: "way", base: "base", bound: Bound::Ratio(1.5) };

    fn groups(way: f64, base: f64) -> Vec<(String, Vec<Row>)> {
        let row = |way, time| Row { way, times: vec![time], calls: 1 };
        vec![("g".to_owned(), vec![row("way", way), row("base", base)])]
    }

    #[test]
    fn a_ratio_is_met_up_to_its_bound() {
        let outcome = RATIO.outcome(&groups(30.0, 20.0)).unwrap();
        assert_eq!((outcome.measured, outcome.bound, outcome.met), (1.5, 1.5, true));
        assert!(!RATIO.outcome(&groups(31.0, 20.0)).unwrap().met);
    }

    #[test]
    fn a_sum_is_given_in_nanoseconds() {
        let target = Target { bound: Bound::Sum(2.0, 40.0), ..RATIO };
        let outcome = target.outcome(&groups(81.0, 20.0)).unwrap();
        assert_eq!((outcome.measured, outcome.bound, outcome.unit), (81.0, 80.0, Unit::Nanoseconds));
        assert!(!outcome.met);
    }

    #[test]
    fn a_difference_is_that_of_the_turns() {
        let target = Target { bound: Bound::More(10.0), ..RATIO };
        let outcome = target.outcome(&groups(30.0, 20.0)).unwrap();
        assert_eq!((outcome.measured, outcome.bound, outcome.met), (10.0, 10.0, true));
        assert!(!target.outcome(&groups(31.0, 20.0)).unwrap().met);
    }

    #[test]
    fn what_was_not_measured_has_no_outcome() {
        assert_eq!(Target { base: "other", ..RATIO }.outcome(&groups(1.0, 1.0)), None);
        assert_eq!(RATIO.outcome(&[]), None);
    }
}
