//! How many more calls two threads make than one: `cargo xtask bench scaling`.
//!
//! A turn of one thread is followed by one of two threads, and their ratio is taken before the median is. Before and after the
//! two, a loop that calls nothing does the same: it shows what the machine has for a second thread at that moment, and nothing
//! does better than that. Where a second processor is not free, two threads are no faster than one, whatever they do; such
//! turns are left out, as long as there are others.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write;
use std::ops::RangeInclusive;

use hookr::Instances;
use serde::Serialize;
use textfilter::FilterRequest;
use wasmtime::Result;

use crate::groups::threads::{lane, typed};
use crate::measure::{Turn, time};
use crate::plugins::{Folder, echo, textfilter};
use crate::report::shown;
use crate::statistics::median;
use crate::together::together;

/// How often everything is measured.
pub const ROUNDS: usize = 200;

/// How often, to see that everything works.
pub const QUICK: usize = 2;

/// How long a turn takes: long enough for two threads to meet.
const TURN_NANOS: u64 = 1_000_000;

/// The same of the loop that calls nothing.
const FLOOR_NANOS: u64 = 200_000;

/// What the loop has to gain by a second thread for a turn to count. Where it gains more, its only thread was interrupted.
const FREE: RangeInclusive<f64> = 1.8..=2.2;

/// What was measured of a way to call.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The way.
    pub name: &'static str,
    /// Nanoseconds between two calls of the only thread.
    pub one_ns: f64,
    /// Nanoseconds between two calls of either of two threads.
    pub two_ns: f64,
    /// How many calls two threads make in the time in which one thread makes one.
    pub ratio: f64,
    /// The same of a loop that calls nothing, at the same time.
    pub floor: f64,
    /// How many turns count.
    pub turns: usize,
}

/// A turn of one thread and of two: nanoseconds of a call of either, and what the loop that calls nothing gained before and
/// after.
#[derive(Clone, Copy)]
struct Pair {
    one: f64,
    two: f64,
    floor: [f64; 2],
}

/// Calls, by the first thread or the second.
type Calls<'a> = Box<dyn Fn(usize, u32) -> Result<Turn> + Sync + 'a>;

struct Way<'a> {
    name: &'static str,
    calls: Calls<'a>,
}

impl<'a> Way<'a> {
    fn new(name: &'static str, calls: impl Fn(usize, u32) -> Result<Turn> + Sync + 'a) -> Self {
        Way { name, calls: Box::new(calls) }
    }
}

/// Measures all ways, in turns.
///
/// # Errors
///
/// A plugin cannot be opened, or a call fails.
pub fn run(folder: &Folder, rounds: usize, request: &FilterRequest, out: &mut dyn Write) -> Result<Vec<Row>> {
    let two = Instances::pool(2).warm(2);
    let echo_file = folder.file("echo");
    let (echo_of_one, echo_of_two) = (echo().open(&echo_file)?, echo().instances(two).open(&echo_file)?);
    let echoes = [echo().open(&echo_file)?, echo().open(&echo_file)?];
    let filter_file = folder.file("textfilter");
    let filter_of_two = textfilter().instances(two).open(&filter_file)?;
    let filters = [textfilter().open(&filter_file)?, textfilter().open(&filter_file)?];
    let filter =
        |plugin: &textfilter::PluginHandle, runs| time(runs, || Ok(plugin.filter(request)?.output.len() as u64));

    let ways = [
        Way::new("echo, 64 B, typed, a plugin each", |who, runs| typed(of(&echoes, who), runs)),
        Way::new("echo, 64 B, typed, one plugin, two instances", |_, runs| typed(&echo_of_two, runs)),
        Way::new("echo, 64 B, typed, one plugin, one instance", |_, runs| typed(&echo_of_one, runs)),
        Way::new("echo, 64 B, guards held, a plugin each", |who, runs| lane(of(&echoes, who), runs)),
        Way::new("echo, 64 B, guards held, one plugin", |_, runs| lane(&echo_of_two, runs)),
        Way::new("textfilter, typed, a plugin each", |who, runs| filter(of(&filters, who), runs)),
        Way::new("textfilter, typed, one plugin, two instances", |_, runs| filter(&filter_of_two, runs)),
    ];
    let rows = measure(&ways, rounds)?;
    write!(out, "{}", table(&rows))?;
    Ok(rows)
}

fn of<H>(pair: &[H; 2], who: usize) -> &H {
    let [first, second] = pair;
    if who == 0 { first } else { second }
}

/// About as long as a call, with nothing but the processor.
fn spin() -> u64 {
    (0..64).fold(black_box(1_u64), |hash, step| (hash ^ step).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn measure(ways: &[Way<'_>], rounds: usize) -> Result<Vec<Row>> {
    let floor = Way::new("", |_, runs| time(runs, || Ok(spin())));
    let floor_runs = runs_of(&floor, FLOOR_NANOS)?;
    let gain = || -> Result<f64> { Ok(2.0 * one(&floor, floor_runs)? / two(&floor, floor_runs)?) };
    let runs = ways.iter().map(|way| runs_of(way, TURN_NANOS)).collect::<Result<Vec<_>>>()?;
    let mut pairs = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for ((way, &runs), pairs) in ways.iter().zip(&runs).zip(&mut pairs) {
            let before = gain()?;
            let (one, two) = (one(way, runs)?, two(way, runs)?);
            pairs.push(Pair { one, two, floor: [before, gain()?] });
        }
    }
    Ok(ways.iter().zip(&pairs).map(|(way, pairs)| row(way.name, pairs)).collect())
}

/// Nanoseconds of a call.
fn one(way: &Way<'_>, runs: u32) -> Result<f64> {
    Ok(each(together([&|| (way.calls)(0, runs)])?, runs))
}

/// The same while another thread calls.
fn two(way: &Way<'_>, runs: u32) -> Result<f64> {
    Ok(each(together([&|| (way.calls)(0, runs), &|| (way.calls)(1, runs)])?, runs))
}

fn each(turn: Turn, runs: u32) -> f64 {
    turn.time.as_nanos() as f64 / f64::from(runs)
}

/// How many runs take so long.
fn runs_of(way: &Way<'_>, nanos: u64) -> Result<u32> {
    const TRIAL: u32 = 200;
    one(way, TRIAL)?;
    let runs = nanos as f64 / one(way, TRIAL)?.max(1.0);
    Ok((runs as u32).max(1))
}

fn row(name: &'static str, pairs: &[Pair]) -> Row {
    let is_free = |pair: &&Pair| pair.floor.iter().all(|floor| FREE.contains(floor));
    let mut counted: Vec<&Pair> = pairs.iter().filter(is_free).collect();
    if counted.is_empty() {
        counted = pairs.iter().collect();
    }
    Row {
        name,
        one_ns: median(counted.iter().map(|pair| pair.one)),
        two_ns: median(counted.iter().map(|pair| pair.two)),
        ratio: median(counted.iter().map(|pair| 2.0 * pair.one / pair.two)),
        floor: median(counted.iter().flat_map(|pair| pair.floor)),
        turns: counted.len(),
    }
}

/// The results as a table for people.
pub fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<50} {:>10} {:>10} {:>13} {:>6} {:>6} {:>6}\n",
        "calls of one thread and of two", "1 thread", "each of 2", "calls/s of 2", "2 : 1", "floor", "turns"
    );
    for Row { name, one_ns, two_ns, ratio, floor, turns } in rows {
        let per_second = 2e9 / two_ns;
        let [one, two] = [*one_ns, *two_ns].map(shown);
        let _ =
            writeln!(text, "   {name:<47} {one:>10} {two:>10} {per_second:>13.0} {ratio:>6.2} {floor:>6.2} {turns:>6}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_way_gets_its_turns() {
        let slow = |_, runs| Ok(Turn { time: Duration::from_nanos(100) * runs, answer: 0 });
        let rows = measure(&[Way::new("slow", slow), Way::new("too", slow)], 2).unwrap();
        assert_eq!(rows.iter().map(|row| row.name).collect::<Vec<_>>(), ["slow", "too"]);
        assert!(rows.iter().all(|row| (1..=2).contains(&row.turns)));
    }

    #[test]
    fn turns_of_a_busy_machine_are_left_out_if_there_are_others() {
        let free = Pair { one: 100.0, two: 125.0, floor: [2.0, 1.9] };
        let busy = Pair { one: 100.0, two: 200.0, floor: [2.0, 1.0] };
        let row_of = |pairs: &[Pair]| row("echo", pairs);
        let found = row_of(&[busy, free, busy]);
        assert_eq!((found.one_ns, found.two_ns, found.ratio, found.turns), (100.0, 125.0, 1.6, 1));
        assert_eq!((row_of(&[busy, busy]).ratio, row_of(&[busy, busy]).turns), (1.0, 2));
        let text = table(&[found]);
        let line = text.lines().nth(1).unwrap();
        assert!(line.contains("100.0 ns") && line.contains(" 16000000 ") && line.ends_with("1"), "{text}");
    }
}
