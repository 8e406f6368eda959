//! How many more calls two threads make than one: `cargo xtask bench scaling`.
//!
//! A turn of one thread is followed by one of two threads, and their ratio is taken before the median is. A loop that calls
//! nothing shows what the machine has for a second thread at the moment: nothing does better than that.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write;

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
const TURN_NANOS: u64 = 2_000_000;

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
        Way::new("a loop that calls nothing", |_, runs| time(runs, || Ok(spin()))),
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
    let one = |way: &Way<'_>, runs| together([&|| (way.calls)(0, runs)]);
    let two = |way: &Way<'_>, runs| together([&|| (way.calls)(0, runs), &|| (way.calls)(1, runs)]);
    let mut runs = Vec::new();
    for way in ways {
        const TRIAL: u32 = 100;
        one(way, TRIAL)?;
        let nanos = one(way, TRIAL)?.time.as_nanos() / u128::from(TRIAL);
        runs.push(u32::try_from(u128::from(TURN_NANOS) / nanos.max(1)).unwrap_or(u32::MAX).max(1));
    }
    let mut times = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for ((way, &runs), times) in ways.iter().zip(&runs).zip(&mut times) {
            let each = |turn: Turn| turn.time.as_nanos() as f64 / f64::from(runs);
            times.push((each(one(way, runs)?), each(two(way, runs)?)));
        }
    }
    let rows = ways.iter().zip(&times).map(|(way, times)| Row {
        name: way.name,
        one_ns: median(times.iter().map(|(one, _)| *one)),
        two_ns: median(times.iter().map(|(_, two)| *two)),
        ratio: median(times.iter().map(|(one, two)| 2.0 * one / two)),
    });
    Ok(rows.collect())
}

/// The results as a table for people.
pub fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<50} {:>12} {:>12} {:>14} {:>8}\n",
        "calls of one thread and of two", "1 thread", "each of 2", "calls/s of 2", "2 : 1"
    );
    for Row { name, one_ns, two_ns, ratio } in rows {
        let per_second = 2e9 / two_ns;
        let [one, two] = [*one_ns, *two_ns].map(shown);
        let _ = writeln!(text, "   {name:<47} {one:>12} {two:>12} {per_second:>14.0} {ratio:>8.2}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn two_threads_that_take_twice_as_long_are_no_better_than_one() {
        let slow = |_, runs| Ok(Turn { time: Duration::from_nanos(100) * runs, answer: 0 });
        let rows = measure(&[Way::new("slow", slow)], 2).unwrap();
        assert_eq!((rows.len(), rows[0].name), (1, "slow"));
        let rows = [Row { name: "slow", one_ns: 100.0, two_ns: 200.0, ratio: 1.0 }];
        let text = table(&rows);
        let line = text.lines().nth(1).unwrap();
        assert!(line.contains("100.0 ns") && line.contains("10000000") && line.ends_with("1.00"), "{text}");
    }
}
