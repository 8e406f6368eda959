//! Calls from several threads that begin at the same moment.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use wasmtime::{Result, format_err};

use crate::measure::Turn;

/// Runs each on a thread of its own. The time is from when the first begins to when the last is done.
///
/// # Errors
///
/// Those of the threads.
pub fn together<'a, const N: usize>(calls: [&'a (dyn Fn() -> Result<Turn> + Sync + 'a); N]) -> Result<Turn> {
    let ready = AtomicUsize::new(0);
    let call = |call: &(dyn Fn() -> Result<Turn> + Sync)| -> Result<(Instant, Instant, u64)> {
        ready.fetch_add(1, Ordering::AcqRel);
        while ready.load(Ordering::Acquire) < N {
            thread::yield_now();
        }
        let start = Instant::now();
        let turn = call()?;
        Ok((start, Instant::now(), turn.answer))
    };
    let turns = thread::scope(|scope| {
        let threads = calls.map(|calls| scope.spawn(move || call(calls)));
        threads.map(|thread| thread.join().map_err(|_| format_err!("a thread panicked"))?)
    });
    let turns = turns.into_iter().collect::<Result<Vec<_>>>()?;
    let start = turns.iter().map(|(start, ..)| *start).min();
    let end = turns.iter().map(|(_, end, _)| *end).max();
    let (start, end) = start.zip(end).ok_or_else(|| format_err!("no thread"))?;
    let answer = turns.last().map_or(0, |(.., answer)| *answer);
    Ok(Turn { time: end - start, answer })
}
