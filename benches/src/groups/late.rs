//! How much later than its deadline a call ends.

use std::time::{Duration, Instant};

use echo::{ForwardRequest, Numbers, PluginHandle};
use hookr::{CallError, CallOptions};
use wasmtime::{Result, bail};

use crate::measure::{Group, Pace, Turn, Way};
use crate::plugins::Plugins;

const DEADLINE: Duration = Duration::from_millis(5);

/// A plugin that asks its host without end.
const FOR_EVER: ForwardRequest = ForwardRequest { times: u32::MAX, bytes: Vec::new() };

pub(super) fn group(plugins: &Plugins) -> Group<'_> {
    const BASE: &str = "a thread that sleeps for as long";
    let ways = [("hookr lane", &plugins.echo.hookr), ("hookr typed, never over the lane", &plugins.echo.component)];
    let group = Group::new("time beyond a deadline of 5 ms", BASE, Pace::LATE).way(Way::timed(BASE, |runs| {
        late(runs, || {
            std::thread::sleep(DEADLINE);
            Ok(())
        })
    }));
    ways.into_iter().fold(group, |group, (name, handle)| {
        let hasty = handle.with(&CallOptions::default().deadline(DEADLINE));
        group.way(Way::timed(name, move |runs| {
            // One that answers nothing but late would get no other instance for a while.
            handle.step(&Numbers::default())?;
            late(runs, || stopped(&hasty))
        }))
    })
}

fn stopped(plugin: &PluginHandle) -> Result<()> {
    match plugin.forward(&FOR_EVER) {
        Err(CallError::DeadlineExceeded { .. }) => Ok(()),
        other => bail!("the plugin was to be stopped, and answered {other:?}"),
    }
}

/// By how much the runs took longer than the deadline.
fn late(runs: u32, mut run: impl FnMut() -> Result<()>) -> Result<Turn> {
    let mut time = Duration::ZERO;
    for _ in 0..runs {
        let start = Instant::now();
        run()?;
        time += start.elapsed().saturating_sub(DEADLINE);
    }
    Ok(Turn { time, answer: 0 })
}
