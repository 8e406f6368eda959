//! How much later than its deadline a call ends.

use std::time::{Duration, Instant};

use echo::{ForwardRequest, Numbers, PluginHandle};
use hookr::{CallError, CallOptions};
use wasmtime::{Result, bail};

use crate::by_hand;
use crate::measure::{Group, Pace, Turn, Way};
use crate::plugins::{self, Plugins};

const DEADLINE: Duration = Duration::from_millis(5);

/// A plugin that asks its host without end.
const FOR_EVER: ForwardRequest = ForwardRequest { times: u32::MAX, bytes: Vec::new() };

/// Writes all of the memory but its first pages.
const FILL: &str = "(memory.fill (i32.const 0x1000000) (i32.const 1) (i32.const 0xf000000))";

pub(super) fn group(plugins: &Plugins) -> Group<'_> {
    const BASE: &str = "a thread that sleeps for as long";
    let group = Group::new("time beyond a deadline of 5 ms", BASE, Pace::LATE).way(Way::timed(BASE, |runs| {
        late(runs, || {
            std::thread::sleep(DEADLINE);
            Ok(())
        })
    }));
    let callbacks =
        [("callbacks over the lane", &plugins.echo.hookr), ("callbacks, never over the lane", &plugins.echo.component)];
    let group = callbacks.into_iter().fold(group, |group, (name, handle)| {
        let hasty = handle.with(&CallOptions::default().deadline(DEADLINE));
        group.way(Way::timed(name, move |runs| {
            // One that answers nothing but late would get no other instance for a while.
            handle.step(&Numbers::default())?;
            late(runs, || stopped(&hasty))
        }))
    });
    group.way(endless("a loop without anything in it", "")).way(endless("a loop that fills 240 MiB at once", FILL))
}

/// A plugin by hand that is stopped in its own code.
fn endless(name: &'static str, instructions: &'static str) -> Way<'static> {
    let mut opened: Option<PluginHandle> = None;
    Way::timed(name, move |runs| {
        let plugin = match &mut opened {
            Some(plugin) => plugin,
            None => opened.insert(plugins::echo().open_bytes(by_hand::endless(instructions)?)?),
        };
        let hasty = plugin.with(&CallOptions::default().deadline(DEADLINE));
        // As above; a plugin by hand answers echoes.
        plugin.lane()?.echo(|builder| echo::fb::Bytes::create(builder, &echo::fb::BytesArgs::default()))?;
        late(runs, || stopped(&hasty))
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
