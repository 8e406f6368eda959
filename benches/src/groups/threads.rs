//! Calls from several threads at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use echo::fb::{self, BytesArgs};
use echo::{Bytes, PluginHandle};
use wasmtime::{Result, format_err};

use super::echo::read;
use crate::look;
use crate::measure::{Group, Pace, Turn, Way, time};
use crate::plugins::Plugins;

/// The time is that of the clock on the wall, for each of the calls of all threads: half of it, with two threads, means
/// twice as many calls.
pub(super) fn group(plugins: &Plugins) -> Group<'_> {
    const BASE: &str = "hookr typed, 1 thread";
    let (one, other) = (&plugins.echo.hookr, &plugins.echo_again);
    Group::new("echo, 64 B, from several threads", BASE, Pace::THREADS)
        .way(Way::timed(BASE, |runs| together([one], runs, typed)))
        .way(Way::timed("hookr typed, 2 threads, a plugin each", |runs| together([one, other], runs, typed)).counts(2))
        .way(Way::timed("hookr typed, 2 threads, one plugin", |runs| together([one, one], runs, typed)).counts(2))
        .way(Way::timed("hookr lane, 1 thread", |runs| together([one], runs, lane)))
        .way(Way::timed("hookr lane, 2 threads, a plugin each", |runs| together([one, other], runs, lane)).counts(2))
}

fn typed(plugin: &PluginHandle, runs: u32) -> Result<Turn> {
    let request = Bytes { bytes: vec![7; 64] };
    time(runs, || Ok(look(&plugin.echo(&request)?.bytes)))
}

fn lane(plugin: &PluginHandle, runs: u32) -> Result<Turn> {
    let bytes = [7_u8; 64];
    let mut lane = plugin.lane()?;
    time(runs, || {
        let response = lane.echo(|builder| {
            let bytes = Some(fb::create_bytes(builder, &bytes));
            fb::Bytes::create(builder, &BytesArgs { bytes })
        })?;
        Ok(read(response))
    })
}

/// Calls plugins, each from a thread of its own, beginning at the same moment.
fn together<const N: usize>(
    plugins: [&PluginHandle; N],
    runs: u32,
    calls: fn(&PluginHandle, u32) -> Result<Turn>,
) -> Result<Turn> {
    let ready = AtomicUsize::new(0);
    let call = |plugin: &PluginHandle| -> Result<(Instant, Instant, u64)> {
        ready.fetch_add(1, Ordering::AcqRel);
        while ready.load(Ordering::Acquire) < N {
            thread::yield_now();
        }
        let start = Instant::now();
        let turn = calls(plugin, runs)?;
        Ok((start, Instant::now(), turn.answer))
    };
    let turns = thread::scope(|scope| {
        let threads = plugins.map(|plugin| scope.spawn(move || call(plugin)));
        threads.map(|thread| thread.join().map_err(|_| format_err!("a thread panicked"))?)
    });
    let turns = turns.into_iter().collect::<Result<Vec<_>>>()?;
    let start = turns.iter().map(|(start, ..)| *start).min();
    let end = turns.iter().map(|(_, end, _)| *end).max();
    let (start, end) = start.zip(end).ok_or_else(|| format_err!("no thread"))?;
    let answer = turns.last().map_or(0, |(.., answer)| *answer);
    Ok(Turn { time: end - start, answer })
}
