//! Calls from several threads at once.

use echo::fb::{self, BytesArgs};
use echo::{Bytes, PluginHandle};
use wasmtime::Result;

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

pub(crate) fn typed(plugin: &PluginHandle, runs: u32) -> Result<Turn> {
    let request = Bytes { bytes: vec![7; 64] };
    time(runs, || Ok(look(&plugin.echo(&request)?.bytes)))
}

pub(crate) fn lane(plugin: &PluginHandle, runs: u32) -> Result<Turn> {
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
    let call = plugins.map(|plugin| move || calls(plugin, runs));
    crate::together::together(call.each_ref().map(|call| call as _))
}
