//! Measuring in turns.
//!
//! All ways of a group are measured in one process, one short turn each, over and over. What slows the machine down for a
//! while slows down a turn of each of them, and the ratio of two ways is taken turn by turn before its median is.

use std::hint::black_box;
use std::time::{Duration, Instant};

use wasmtime::error::Context as _;
use wasmtime::{Result, bail};

use crate::progress::Progress;
use crate::statistics::{Spread, median};

/// Ways to do the same, which are compared with each other.
pub struct Group<'a> {
    /// What is done.
    pub name: String,
    /// The ways, the one that the others are compared with among them.
    pub ways: Vec<Way<'a>>,
    /// The name of the way that the others are compared with.
    pub base: &'static str,
    /// How they are measured.
    pub pace: Pace,
}

/// A way to do something.
pub struct Way<'a> {
    /// What it is.
    pub name: &'static str,
    run: Box<Run<'a>>,
    /// How many calls a run counts as.
    each: u32,
    /// What a run returns if it does what it should; unknown for ways that do something else.
    answer: Answer,
}

type Run<'a> = dyn FnMut(u32) -> Result<Turn> + 'a;

/// What becomes of a turn.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// How long it took.
    pub time: Duration,
    /// What the last run returned.
    pub answer: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// That of all the others.
    Same,
    /// As often the sum of it.
    Times(u32),
    /// Not compared.
    Other,
}

/// How a group is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How often each way is measured.
    pub turns: u32,
    /// How long a turn is to take, so short that most of them are over before the system lets another program run.
    pub turn: Duration,
    /// How many runs make a turn at the most.
    pub runs: u32,
    /// Whether a turn starts with runs that do not count, which bring code and data into the caches.
    pub warm: bool,
}

/// What was measured of a way.
#[derive(Clone, Debug)]
pub struct Row {
    /// The way.
    pub way: &'static str,
    /// Nanoseconds a call, in each turn.
    pub times: Vec<f64>,
    /// How many calls a turn had.
    pub calls: u32,
}

impl Row {
    /// What the turns come down to.
    pub fn spread(&self) -> Spread {
        Spread::of(&self.times)
    }

    /// How often the time of another way of the same group it takes: the median of the turns' ratios.
    pub fn ratio_to(&self, base: &Row) -> f64 {
        median(self.times.iter().zip(&base.times).map(|(time, base)| time / base))
    }

    /// How many nanoseconds longer it takes than another way of the same group: the median of the turns' differences.
    pub fn beyond(&self, base: &Row) -> f64 {
        median(self.times.iter().zip(&base.times).map(|(time, base)| time - base))
    }
}

impl<'a> Way<'a> {
    /// A way whose runs are calls of a closure. It returns what it read of the answer, so that nothing of the call is left
    /// out, and so that all ways can be seen to do the same.
    pub fn new(name: &'static str, mut run: impl FnMut() -> Result<u64> + 'a) -> Self {
        Way::timed(name, move |runs| time(runs, &mut run))
    }

    /// A way that measures its turns by itself.
    pub fn timed(name: &'static str, run: impl FnMut(u32) -> Result<Turn> + 'a) -> Self {
        Way { name, run: Box::new(run), each: 1, answer: Answer::Same }
    }

    /// Says that a run is so many calls in one, and returns the sum of their answers.
    #[must_use]
    pub fn batch(self, calls: u32) -> Self {
        Way { each: calls, answer: Answer::Times(calls), ..self }
    }

    /// Says that a run counts as so many of what is measured, with one answer in the end.
    #[must_use]
    pub fn counts(self, times: u32) -> Self {
        Way { each: times, ..self }
    }

    /// Says that the answer is another one than that of the other ways.
    #[must_use]
    pub fn other(self) -> Self {
        Way { answer: Answer::Other, ..self }
    }

    fn turn(&mut self, runs: u32) -> Result<Turn> {
        (self.run)(runs).with_context(|| format!("`{}` cannot be measured", self.name))
    }
}

/// The time of so many runs of a closure.
///
/// # Errors
///
/// Those of the closure.
#[inline]
pub fn time(runs: u32, mut run: impl FnMut() -> Result<u64>) -> Result<Turn> {
    let mut answer = 0;
    let start = Instant::now();
    for _ in 0..runs {
        answer = black_box(run()?);
    }
    Ok(Turn { time: start.elapsed(), answer })
}

impl Pace {
    /// For calls.
    pub const CALLS: Pace = Pace { turns: 3000, turn: Duration::from_micros(30), runs: 400, warm: true };

    /// For what takes microseconds.
    pub const STARTS: Pace = Pace { turns: 300, turn: Duration::from_micros(200), runs: 20, warm: true };

    /// For what takes milliseconds.
    pub const SLOW: Pace = Pace { turns: 9, turn: Duration::ZERO, runs: 1, warm: false };

    /// For what takes seconds.
    pub const SLOWEST: Pace = Pace { turns: 3, ..Pace::SLOW };

    /// For what takes milliseconds, of which little is measured.
    pub const LATE: Pace = Pace { turns: 100, turn: Duration::ZERO, runs: 1, warm: false };

    /// For several threads, which need some time to meet.
    pub const THREADS: Pace = Pace { turns: 200, turn: Duration::from_millis(1), runs: 10_000, warm: true };

    /// As little as shows that everything works.
    #[must_use]
    pub fn quick(self) -> Self {
        Pace { turns: self.turns.min(2), runs: self.runs.min(2), warm: false, ..self }
    }
}

impl<'a> Group<'a> {
    /// A group without ways so far.
    pub fn new(name: impl Into<String>, base: &'static str, pace: Pace) -> Self {
        Group { name: name.into(), ways: Vec::new(), base, pace }
    }

    /// Adds a way.
    #[must_use]
    pub fn way(mut self, way: Way<'a>) -> Self {
        self.ways.push(way);
        self
    }

    /// Leaves out the ways whose name, with that of the group before it, does not have the word. The base stays, if any
    /// way does.
    pub fn filter(&mut self, word: &str) {
        let (name, base) = (self.name.as_str(), self.base);
        let chosen = |way: &Way<'_>| format!("{name}: {}", way.name).contains(word);
        if self.ways.iter().any(&chosen) {
            self.ways.retain(|way| way.name == base || chosen(way));
        } else {
            self.ways.clear();
        }
    }

    /// Runs each way once and compares the answers.
    ///
    /// # Errors
    ///
    /// A way fails, or answers otherwise than the one before it.
    pub fn check(&mut self) -> Result<()> {
        let mut expected: Option<(&str, u64)> = None;
        for way in &mut self.ways {
            let answer = way.turn(1)?.answer;
            match (way.answer, expected) {
                (Answer::Other, _) => {}
                (Answer::Same, None) => expected = Some((way.name, answer)),
                (Answer::Same, Some((_, same))) if same == answer => {}
                (Answer::Times(times), Some((_, same))) if same.wrapping_mul(times.into()) == answer => {}
                (_, other) => bail!("{}: `{}` answers {answer:#x}, and not as {other:x?}", self.name, way.name),
            }
        }
        Ok(())
    }

    /// Measures all ways, in turns.
    ///
    /// # Errors
    ///
    /// A way fails.
    pub fn measure(&mut self, progress: &mut Progress) -> Result<Vec<Row>> {
        let Pace { turns, .. } = self.pace;
        let runs = self.ways.iter_mut().map(|way| self.pace.runs_of(way)).collect::<Result<Vec<_>>>()?;
        let mut times: Vec<Vec<f64>> = self.ways.iter().map(|_| Vec::with_capacity(turns as usize)).collect();
        for turn in 0..turns {
            progress.show(&self.name, turn, turns);
            for ((way, &runs), times) in self.ways.iter_mut().zip(&runs).zip(&mut times) {
                if self.pace.warm {
                    way.turn(runs.div_ceil(8))?;
                }
                let time = way.turn(runs)?.time;
                times.push(time.as_secs_f64() * 1e9 / f64::from(runs) / f64::from(way.each));
            }
        }
        let rows = self.ways.iter().zip(&runs).zip(times);
        let rows = rows.map(|((way, &runs), times)| Row { way: way.name, times, calls: runs.saturating_mul(way.each) });
        Ok(rows.collect())
    }
}

impl Pace {
    /// How many runs of a way make a turn.
    fn runs_of(self, way: &mut Way<'_>) -> Result<u32> {
        if self.runs == 1 {
            return Ok(1);
        }
        // The first runs are slower than those that follow: the last of a few counts.
        let mut time = Duration::MAX;
        for runs in [1, 4, 8] {
            time = way.turn(runs)?.time / runs;
        }
        let runs = self.turn.as_nanos() / time.as_nanos().max(1);
        Ok(u32::try_from(runs).unwrap_or(u32::MAX).clamp(1, self.runs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group<'a>() -> Group<'a> {
        Group::new("sums", "one", Pace::CALLS.quick()).way(Way::new("one", || Ok(3)))
    }

    #[test]
    fn ways_that_answer_differently_are_not_compared() {
        let mut same = group().way(Way::new("two", || Ok(3))).way(Way::new("batch", || Ok(48)).batch(16));
        same.check().unwrap();
        let mut other = group().way(Way::new("two", || Ok(4)));
        let error = other.check().unwrap_err().to_string();
        assert!(error.contains("sums: `two` answers 0x4"), "{error}");
        let mut batch = group().way(Way::new("batch", || Ok(47)).batch(16));
        batch.check().unwrap_err();
        group().way(Way::new("floor", || Ok(0)).other()).check().unwrap();
    }

    #[test]
    fn a_filter_leaves_the_base() {
        let mut group = group().way(Way::new("two", || Ok(3))).way(Way::new("three", || Ok(3)));
        group.filter("two");
        assert_eq!(group.ways.iter().map(|way| way.name).collect::<Vec<_>>(), ["one", "two"]);
        group.filter("sums");
        assert_eq!(group.ways.len(), 2);
        group.filter("products");
        assert!(group.ways.is_empty());
    }

    #[test]
    fn a_batch_is_counted_as_its_calls() {
        let turn = |_| Ok(Turn { time: Duration::from_nanos(1600), answer: 3 });
        let mut group =
            Group::new("sums", "one", Pace::SLOW).way(Way::timed("one", turn)).way(Way::timed("batch", turn).batch(16));
        let rows = group.measure(&mut Progress::none()).unwrap();
        assert_eq!((rows[0].spread().median, rows[0].calls), (1600.0, 1));
        assert_eq!((rows[1].spread().median, rows[1].calls), (100.0, 16));
        assert_eq!(rows[1].ratio_to(&rows[0]), 0.0625);
        assert_eq!(rows[0].times.len(), Pace::SLOW.turns as usize);
    }

    #[test]
    fn a_turn_has_as_many_runs_as_fit() {
        let slow = |runs| Ok(Turn { time: Duration::from_micros(10) * runs, answer: 0 });
        assert_eq!(Pace::CALLS.runs_of(&mut Way::timed("slow", slow)).unwrap(), 3);
        let fast = |runs| Ok(Turn { time: Duration::from_nanos(10) * runs, answer: 0 });
        assert_eq!(Pace::CALLS.runs_of(&mut Way::timed("fast", fast)).unwrap(), 400);
        let stuck = |runs| Ok(Turn { time: Duration::from_secs(1) * runs, answer: 0 });
        assert_eq!(Pace::CALLS.runs_of(&mut Way::timed("stuck", stuck)).unwrap(), 1);
    }
}
