//! Scalars in, scalars out.

use echo::Numbers;
use echo::fb::{self, NumbersArgs};
use wasmtime::Result;

use super::names::{BATCH, BORROWED, COMPONENT, CORE, ENCODED, NATIVE, OWNED, PORTABLE, RAW, TYPED};
use super::{BATCH_SIZE, add, lane, native};
use crate::floor::Core;
use crate::measure::{Group, Pace, Way};
use crate::plugins::Plugins;
use crate::raw::Raw;
use crate::raw::echo::{Echo, exports::hookr_bench::echo::plugin as bindings};
use crate::requests::Request;

pub(super) fn group<'a>(plugins: &'a Plugins, request: &'a Request<Numbers>) -> Result<Group<'a>> {
    let (handle, component) = (&plugins.echo.hookr, &plugins.echo.component);
    let guard = || handle.lane();
    let portable = || plugins.echo.portable.lane();
    let Request { value, message } = request;
    let Numbers { tick, dt_micros, state_hash, events } = *value;

    let call = native(|request: &Numbers| Ok(echo_plugin::step(request)));
    let mut core = Core::new(&plugins.engine)?;
    let mut raw = Raw::<Echo>::new(&plugins.echo.raw)?;
    let raw_request = bindings::Numbers { tick, dt_micros, state_hash, events };
    let args = NumbersArgs { tick, dt_micros, state_hash, events };
    Ok(Group::new("step, scalars only", CORE, Pace::CALLS)
        .way(Way::new(NATIVE, move || Ok(sum(&call(value)?))))
        .way(Way::new(CORE, move || core.call(message)).other())
        .way(Way::new(RAW, move || {
            let Raw { store, world } = &mut raw;
            let response = world.hookr_bench_echo_plugin().call_step(store, raw_request)??;
            let bindings::Numbers { tick, dt_micros, state_hash, events } = response;
            Ok(sum(&Numbers { tick, dt_micros, state_hash, events }))
        }))
        .way(Way::new(COMPONENT, move || Ok(sum(&component.step(value)?))))
        .way(Way::new(TYPED, move || Ok(sum(&handle.step(value)?))))
        .way(lane(BORROWED, guard, move |lane| borrowed(lane, value)))
        .way(lane(OWNED, guard, move |lane| Ok(sum(&lane.step_owned(value)?))))
        .way(lane(ENCODED, guard, move |lane| Ok(read(lane.step_encoded(message)?))))
        .way(
            lane(BATCH, guard, move |lane| {
                let mut total = Ok(0);
                lane.step_batch(
                    BATCH_SIZE,
                    |_, builder| fb::Numbers::create(builder, &args),
                    |_, answer| add(&mut total, answer.map(read)),
                )?;
                Ok(total?)
            })
            .batch(BATCH_SIZE as u32),
        )
        .way(lane(PORTABLE, portable, move |lane| borrowed(lane, value))))
}

// Each row has a loop of its own.
#[inline(always)]
fn borrowed(lane: &mut echo::PluginLane<'_>, request: &Numbers) -> Result<u64> {
    let Numbers { tick, dt_micros, state_hash, events } = *request;
    let args = NumbersArgs { tick, dt_micros, state_hash, events };
    Ok(read(lane.step(|builder| fb::Numbers::create(builder, &args))?))
}

fn read(numbers: fb::Numbers<'_>) -> u64 {
    let (tick, dt_micros) = (numbers.tick(), numbers.dt_micros());
    sum(&Numbers { tick, dt_micros, state_hash: numbers.state_hash(), events: numbers.events() })
}

/// Takes all of the numbers in.
fn sum(numbers: &Numbers) -> u64 {
    let Numbers { tick, dt_micros, state_hash, events } = *numbers;
    [tick, dt_micros.into(), events.into()].into_iter().fold(state_hash, u64::wrapping_add)
}
