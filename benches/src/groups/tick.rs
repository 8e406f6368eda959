//! The tick of a game, as the example has it, and without its callback.

use std::cell::Cell;
use std::sync::Arc;

use hookr::{CallbackContext, Error};
use tickloop::fb::{self, TickRequestArgs};
use tickloop::{PluginHandle, PluginLane, Rng, RngIntRequest, TickRequest, TickResponse};
use tickloop_plugin::{MAX_JITTER, Run};
use wasmtime::Result;

use super::names::{BATCH, BORROWED, COMPONENT, CORE, CORE_CALLBACK, ENCODED, NATIVE, OWNED, PORTABLE, RAW, TYPED};
use super::{BATCH_SIZE, add, lane, native};
use crate::floor::Core;
use crate::host::{Host, INT};
use crate::look;
use crate::measure::{Group, Pace, Way};
use crate::plugins::{Plugin, Plugins};
use crate::raw::Raw;
use crate::raw::tickloop::{TickLoop, exports::hookr_test::tick_loop::plugin as bindings};
use crate::requests::Request;

/// Without its callback: the plugin has the jitter in every tick that the host answers elsewhere.
pub(super) fn calm<'a>(plugins: &'a Plugins, request: &'a Request<TickRequest>) -> Result<Group<'a>> {
    let mut core = Core::new(&plugins.engine)?;
    let message = request.message.as_slice();
    let group = Group::new("tick, without its callback", CORE, Pace::CALLS)
        .way(Way::new(CORE, move || core.call(message)).other());
    ticks(group, &plugins.calm, request, |run, request| run.tick(request, INT))
}

/// With its callback.
pub(super) fn with_callback<'a>(plugins: &'a Plugins, request: &'a Request<TickRequest>) -> Result<Group<'a>> {
    let mut core = Core::new(&plugins.engine)?;
    let message = request.message.as_slice();
    let group = Group::new("tick, with its callback", CORE_CALLBACK, Pace::CALLS)
        .way(Way::new(CORE_CALLBACK, move || core.forward(message, 1)).other());
    let rng: Arc<dyn Rng> = Arc::new(Host);
    ticks(group, &plugins.tickloop, request, move |run, request| {
        let question = RngIntRequest { min: -MAX_JITTER, max: MAX_JITTER };
        run.tick(request, rng.int(&CallbackContext::new("tickloop"), question)?.value)
    })
}

fn ticks<'a>(
    group: Group<'a>,
    plugin: &'a Plugin<PluginHandle>,
    request: &'a Request<TickRequest>,
    tick_natively: impl Fn(Run, &TickRequest) -> Result<(Run, TickResponse), Error> + 'a,
) -> Result<Group<'a>> {
    let (handle, component) = (&plugin.hookr, &plugin.component);
    let guard = || handle.lane();
    let portable = || plugin.portable.lane();
    let Request { value, message } = request;
    let TickRequest { tick, dt_micros, state_hash, events } = *value;

    let run = Cell::new(Run::default());
    let call = native(move |request: &TickRequest| {
        let (next, response) = tick_natively(run.get(), request)?;
        run.set(next);
        Ok(response)
    });
    let mut raw = Raw::<TickLoop>::new(&plugin.raw)?;
    let raw_request = bindings::TickRequest { tick, dt_micros, state_hash, events };
    let args = TickRequestArgs { tick, dt_micros, state_hash, events };
    Ok(group
        .way(Way::new(NATIVE, move || Ok(sum(&call(value)?))))
        .way(Way::new(RAW, move || {
            let Raw { store, world } = &mut raw;
            let response = world.hookr_test_tick_loop_plugin().call_tick(store, raw_request)??;
            let bindings::TickResponse { next_state_hash, continue_run, actions, jitter_bucket, note } = response;
            Ok(sum_of(next_state_hash, continue_run, actions, jitter_bucket, &note))
        }))
        .way(Way::new(COMPONENT, move || Ok(sum(&component.tick(value)?))))
        .way(Way::new(TYPED, move || Ok(sum(&handle.tick(value)?))))
        .way(lane(BORROWED, guard, move |lane| borrowed(lane, value)))
        .way(lane(OWNED, guard, move |lane| Ok(sum(&lane.tick_owned(value)?))))
        .way(lane(ENCODED, guard, move |lane| Ok(read(lane.tick_encoded(message)?))))
        .way(
            lane(BATCH, guard, move |lane| {
                let mut total = Ok(0);
                lane.tick_batch(
                    BATCH_SIZE,
                    |_, builder| fb::TickRequest::create(builder, &args),
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
fn borrowed(lane: &mut PluginLane<'_>, request: &TickRequest) -> Result<u64> {
    let TickRequest { tick, dt_micros, state_hash, events } = *request;
    let args = TickRequestArgs { tick, dt_micros, state_hash, events };
    Ok(read(lane.tick(|builder| fb::TickRequest::create(builder, &args))?))
}

fn read(response: fb::TickResponse<'_>) -> u64 {
    let (next_state_hash, continue_run) = (response.next_state_hash(), response.continue_run());
    let note = response.note().unwrap_or_default();
    sum_of(next_state_hash, continue_run, response.actions(), response.jitter_bucket(), note)
}

fn sum(response: &TickResponse) -> u64 {
    let TickResponse { next_state_hash, continue_run, actions, jitter_bucket, note } = response;
    sum_of(*next_state_hash, *continue_run, *actions, *jitter_bucket, note)
}

/// Takes all of a response in.
fn sum_of(next_state_hash: u64, continue_run: bool, actions: u32, jitter_bucket: i32, note: &str) -> u64 {
    let numbers = [continue_run.into(), actions.into(), jitter_bucket.unsigned_abs().into(), look(note.as_bytes())];
    numbers.into_iter().fold(next_state_hash, u64::wrapping_add)
}
