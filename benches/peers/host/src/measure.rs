//! Measures ways to do the same work, in turns.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;

use crate::interrupt::interrupted;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Workload {
    /// 64 bytes go there and come back.
    Echo,
    /// A blocked term is replaced in a line of text: the example textfilter.
    #[value(name = "textfilter")]
    Filter,
    /// A step of a game with a callback: the example tickloop.
    #[value(name = "tickloop")]
    Tick,
}

impl Workload {
    /// Its name, in a word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Workload::Echo => "echo",
            Workload::Filter => "textfilter",
            Workload::Tick => "tickloop",
        }
    }

    /// What it is called and what it consists of, in a line.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Workload::Echo => "echo: 64 bytes there and back",
            Workload::Filter => "textfilter: a blocked term in a line of text, from values to values",
            Workload::Tick => "tickloop: a step with a callback, from values to values",
        }
    }
}

/// What carries the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Hookr,
    Extism,
    Grpc,
    /// Nothing: the work alone, in the host's own process.
    Native,
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            System::Hookr => "Hookr",
            System::Extism => "Extism",
            System::Grpc => "gRPC",
            System::Native => "native",
        })
    }
}

/// A way to do the work of a workload.
pub(crate) struct Way<'a> {
    pub(crate) workload: Workload,
    pub(crate) system: System,
    /// What it is, beside the system.
    pub(crate) name: &'static str,
    /// Makes so many calls, one after the other, and folds the answers into a number with [`fold`].
    pub(crate) run: Box<dyn FnMut(u64) -> Result<u64> + 'a>,
}

impl<'a> Way<'a> {
    /// A way out of a single call, which gives the number of its answer.
    pub(crate) fn new(
        workload: Workload,
        system: System,
        name: &'static str,
        mut call: impl FnMut() -> Result<u64> + 'a,
    ) -> Self {
        let run = move |calls| {
            let mut answers = 0;
            for _ in 0..calls {
                answers = fold(answers, call()?);
            }
            Ok(answers)
        };
        Way { workload, system, name, run: Box::new(run) }
    }

    fn run(&mut self, calls: u64) -> Result<u64> {
        (self.run)(calls).with_context(|| format!("{} ({})", self.system, self.name))
    }
}

/// Adds an answer to those before it.
pub(crate) fn fold(answers: u64, answer: u64) -> u64 {
    answers.rotate_left(1) ^ answer
}

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// How many turns every way gets.
    pub(crate) turns: u32,
    /// How long a turn is, about.
    pub(crate) turn: Duration,
}

/// What was measured of a workload.
pub(crate) struct Measured {
    pub(crate) workload: Workload,
    /// In the order in which they were given; the first is what the others are compared with.
    pub(crate) figures: Vec<Figures>,
}

/// What was measured of a way.
pub(crate) struct Figures {
    pub(crate) system: System,
    pub(crate) name: &'static str,
    /// How many calls a turn had.
    pub(crate) calls: u64,
    /// The time of a call in nanoseconds: the lower quartile, the median and the upper quartile of the turns.
    pub(crate) quartiles: [f64; 3],
    /// How often the time of the workload's first way it takes: the median of the ratios, turn by turn.
    pub(crate) ratio: f64,
}

impl Figures {
    /// The time of a call in nanoseconds.
    pub(crate) fn median(&self) -> f64 {
        self.quartiles[1]
    }
}

/// The lower quartile, the median and the upper quartile.
fn quartiles(values: impl IntoIterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    [last / 4, last / 2, last - last / 4].map(|at| values.get(at).copied().unwrap_or(f64::NAN))
}

/// So many calls of every way are compared before anything is measured.
const COMPARED: u64 = 50;

/// How often each number of calls is tried out.
const TRIES: u32 = 5;

/// Measures the ways, workload by workload.
///
/// # Errors
///
/// A call fails, ways of the same workload give different answers, or the program is to end.
pub(crate) fn in_turns(ways: Vec<Way<'_>>, settings: &Settings) -> Result<Vec<Measured>> {
    let mut ways = ways;
    let mut measured = Vec::new();
    for &workload in Workload::value_variants() {
        let (mut these, others): (Vec<_>, Vec<_>) = ways.into_iter().partition(|way| way.workload == workload);
        ways = others;
        if !these.is_empty() {
            compare(&mut these)?;
            measured.push(Measured { workload, figures: take_turns(&mut these, settings)? });
        }
    }
    Ok(measured)
}

/// Makes sure that all ways give the same answers.
fn compare(ways: &mut [Way<'_>]) -> Result<()> {
    let mut expected = None;
    for way in ways {
        let answers = way.run(COMPARED)?;
        let (first, expected) = *expected.get_or_insert((way.name, answers));
        ensure!(answers == expected, "{} ({}) gives other answers than `{first}`", way.system, way.name);
    }
    Ok(())
}

fn take_turns(ways: &mut [Way<'_>], settings: &Settings) -> Result<Vec<Figures>> {
    let calls = ways.iter_mut().map(|way| calls_in(way, settings.turn)).collect::<Result<Vec<_>>>()?;
    let mut times = vec![Vec::new(); ways.len()];
    for _ in 0..settings.turns {
        for ((way, &calls), times) in ways.iter_mut().zip(&calls).zip(&mut times) {
            times.push(time(way, calls)?.as_secs_f64() * 1e9 / calls as f64);
        }
    }
    let first = times.first().cloned().unwrap_or_default();
    let figures = ways.iter().zip(calls).zip(times).map(|((way, calls), times)| {
        let [_, ratio, _] = quartiles(times.iter().zip(&first).map(|(time, first)| time / first));
        Figures { system: way.system, name: way.name, calls, quartiles: quartiles(times), ratio }
    });
    Ok(figures.collect())
}

/// How many calls take about so long. Warms the way up.
fn calls_in(way: &mut Way<'_>, turn: Duration) -> Result<u64> {
    let mut calls = 1;
    loop {
        // The shortest of a few: another program may have run during the others.
        let mut took = Duration::MAX;
        for _ in 0..TRIES {
            took = took.min(time(way, calls)?);
        }
        if took * 2 >= turn {
            let share = turn.as_secs_f64() / took.as_secs_f64();
            return Ok(((calls as f64 * share) as u64).max(1));
        }
        calls *= 2;
    }
}

fn time(way: &mut Way<'_>, calls: u64) -> Result<Duration> {
    if interrupted() {
        bail!("interrupted");
    }
    let start = Instant::now();
    let answers = way.run(calls)?;
    let time = start.elapsed();
    black_box(answers);
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Settings = Settings { turns: 3, turn: Duration::from_micros(10) };

    #[test]
    fn every_way_gets_its_turns() {
        let way = |name| Way::new(Workload::Echo, System::Native, name, || Ok(black_box(7)));
        let measured = in_turns(vec![way("a"), way("b")], &SETTINGS).unwrap();
        let [Measured { workload: Workload::Echo, figures }] = measured.as_slice() else { panic!("one workload") };
        assert_eq!(figures.iter().map(|way| way.name).collect::<Vec<_>>(), ["a", "b"]);
        assert!(figures.iter().all(|way| way.calls > 0 && way.median() > 0.0));
        assert_eq!(figures[0].ratio, 1.0);
    }

    #[test]
    fn other_answers_are_refused() {
        let way = |name, answer| Way::new(Workload::Tick, System::Native, name, move || Ok(answer));
        let error = in_turns(vec![way("a", 1), way("b", 2)], &SETTINGS).err().unwrap();
        assert_eq!(error.to_string(), "native (b) gives other answers than `a`");
    }

    #[test]
    fn a_failure_names_its_way() {
        let way = Way::new(Workload::Filter, System::Grpc, "unary", || bail!("no answer"));
        let error = in_turns(vec![way], &SETTINGS).err().unwrap();
        assert_eq!(format!("{error:#}"), "gRPC (unary): no answer");
    }

    #[test]
    fn quartiles_are_values_that_were_measured() {
        assert_eq!(quartiles([50.0, 2.0, 4.0, 1.0, 3.0]), [2.0, 3.0, 4.0]);
        assert_eq!(quartiles([7.0]), [7.0; 3]);
    }
}
