//! Honest plugins called beside hostile ones, by several threads, for a while.
//!
//! Each of the examples' plugins has a thread that calls it, typed and over the lane, and compares every answer with
//! what it has to be. Other threads call plugins that loop, trap, take memory and lie, with deadlines and cancellations
//! at random. All of them share an engine, and so a clock. What is random comes from one seed; which thread gets how
//! far does not.

mod honest;
mod hostile;
mod random;
mod tally;

use std::fmt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::memory;
use random::Random;
use tally::Curve;

pub use tally::Tally;

/// How many threads call hostile plugins.
const ATTACKERS: u64 = 3;

/// How much more memory the process may have at the end than it had after the beginning. It goes up and down by more
/// than that all the time, since hostile plugins take what they may have; the medians are compared.
const GROWTH: u64 = 24 << 20;

/// How long it takes at the most until a call is over behind its deadline. The machine may be busy otherwise.
const OVERSHOOT: Duration = Duration::from_secs(3);

/// What came of it.
#[derive(Debug)]
pub struct Summary {
    /// The calls of honest plugins.
    pub honest: Tally,
    /// The calls of hostile ones.
    pub hostile: Tally,
    /// Mebibytes of memory, at equal distances.
    pub memory: Vec<u64>,
    /// What is not as it should be. Nothing, if all is well.
    pub problems: Vec<String>,
}

/// Runs it. The plugins of the examples are in this folder.
///
/// # Errors
///
/// One of them cannot be opened.
pub fn run(plugins: &Path, time: Duration, seed: u64) -> Result<Summary, String> {
    let honest = honest::open(plugins)?;
    let (good, bad) = (Mutex::new(Tally::default()), Mutex::new(Tally::default()));
    let over = AtomicBool::new(false);
    let cancellations = hostile::Cancellations::default();
    let mut curve = Curve::default();
    thread::scope(|scope| {
        for (i, mut plugin) in (1..).zip(honest) {
            let (good, over) = (&good, &over);
            scope.spawn(move || {
                let mut random = Random::new(seed.wrapping_add(i));
                let mut tally = Tally::default();
                while !over.load(Ordering::Relaxed) {
                    let started = Instant::now();
                    let result = plugin.call(&mut random);
                    tally.add(plugin.name, started.elapsed(), result);
                    // Whoever serves many requests does not do so all the time.
                    thread::sleep(Duration::from_micros(random.below(1000)));
                }
                tally::lock(good).merge(tally);
            });
        }
        for i in 0..ATTACKERS {
            let (bad, over, cancellations) = (&bad, &over, &cancellations);
            scope.spawn(move || {
                let mut random = Random::new(seed.wrapping_add(1000 + i));
                let mut tally = Tally::default();
                let mut attacks = hostile::all();
                while !over.load(Ordering::Relaxed) {
                    hostile::strike(&mut attacks, &mut random, cancellations, &mut tally);
                }
                tally::lock(bad).merge(tally);
            });
        }
        scope.spawn(|| cancellations.serve(&over));
        curve.record(time);
        over.store(true, Ordering::Relaxed);
    });
    let [honest, hostile] =
        [good, bad].map(|tally| tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner));
    let problems = problems(&honest, &hostile, &curve);
    Ok(Summary { honest, hostile, memory: curve.summary(), problems })
}

fn problems(honest: &Tally, hostile: &Tally, curve: &Curve) -> Vec<String> {
    let mut problems = Vec::new();
    problems.extend(honest.failures().map(|(kind, count)| format!("{count} honest calls failed: {kind}")));
    problems.extend(
        hostile.wrong().map(|(kind, count)| format!("{count} hostile calls came to what they must not: {kind}")),
    );
    for (name, calls) in [("honest", honest.calls()), ("hostile", hostile.calls())] {
        if calls == 0 {
            problems.push(format!("there were no {name} calls"));
        }
    }
    if hostile.overshoot() > OVERSHOOT {
        problems.push(format!("a call ended {} ms after its deadline", hostile.overshoot().as_millis()));
    }
    match curve.medians() {
        Some((before, after)) if after > before + GROWTH => {
            problems.push(format!("the memory grew from {} MiB to {} MiB", before >> 20, after >> 20));
        }
        None if memory::IS_MEASURED => problems.push("the memory was not measured".to_owned()),
        _ => {}
    }
    problems
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "honest plugins:\n{}", self.honest)?;
        writeln!(f, "hostile plugins:\n{}", self.hostile)?;
        let memory: Vec<String> = self.memory.iter().map(u64::to_string).collect();
        match memory.as_slice() {
            [] => writeln!(f, "memory was not measured")?,
            memory => writeln!(f, "memory in MiB: {}", memory.join(" "))?,
        }
        match self.problems.as_slice() {
            [] => write!(f, "all is well"),
            problems => write!(f, "problems:\n  {}", problems.join("\n  ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_measured_is_a_problem_where_it_can_be() {
        let mut called = Tally::default();
        called.add("a", Duration::ZERO, Ok(()));
        assert_eq!(problems(&called, &called, &Curve::of(vec![1 << 20; 100])), [""; 0]);
        assert_eq!(problems(&called, &called, &Curve::default()).is_empty(), !memory::IS_MEASURED);
        assert!(
            !problems(&called, &called, &Curve::of((0..100).map(|mebibytes| mebibytes << 20).collect())).is_empty()
        );
    }
}
