//! Runs a game loop through a plugin: once by calls of the handle, and once over its lane, which is for loops like this.
//! Both end in the same state.
#![forbid(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use examples_shared::{Arguments, Failure, Random, remark, run};
use hookr::{CallError, Printable};
use tickloop::{
    CallbackContext, Callbacks, Empty, Error, PluginHandle, PluginLane, Rng, RngIntRequest, RngIntResponse,
    TickRequest, WarmupRequest, fb,
};

const TICKS: u32 = 100_000;
/// Sixty ticks a second, in microseconds.
const DT_MICROS: u32 = 16_667;
const START: u64 = 0x0123_4567_89ab_cdef;

struct Dice(Random);

impl Rng for Dice {
    // Over the lane, this reads its request and writes its answer in place too: there is no text in them. A callback with
    // lists or text can implement `int_in_place` beside `int`.
    fn int(&self, _: &CallbackContext<'_>, request: RngIntRequest) -> Result<RngIntResponse, Error> {
        let value = self.0.integer(request.min, request.max);
        let value = value.ok_or_else(|| Error::invalid_argument("min is greater than max"))?;
        Ok(RngIntResponse { value })
    }
}

/// Where a run has come to.
#[derive(Debug, Default, PartialEq, Eq)]
struct State {
    tick: u64,
    hash: u64,
    actions: u64,
}

fn main() -> ExitCode {
    run(game)
}

fn game(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    if arguments.sha256.is_none() {
        remark("no --sha256 given: running the plugin whatever it is");
    }
    let plugin = open(arguments)?;
    let info = plugin.get_info(&Empty {})?;
    writeln!(out, "{} {}: {}", Printable(&info.name), Printable(&info.version), Printable(&info.description))?;
    // A plugin may leave out an optional method. The handle knows without a call.
    if plugin.supports_warmup() {
        let warm = plugin.warmup(&WarmupRequest { target_ticks: TICKS })?;
        writeln!(out, "warmed up: ready = {}, batches of {} ticks", warm.ready, warm.recommended_batch)?;
    } else {
        writeln!(out, "the plugin has no warm-up")?;
    }

    let (state, time) = play(&plugin, out)?;
    let State { tick, hash, actions } = &state;
    writeln!(out, "\nfinal state: tick {tick}, state hash {hash:016x}, {actions} actions")?;
    writeln!(out, "by calls of the handle: {} ns a tick, with a callback in each", each(time, &state))?;

    // Another instance, the same random numbers, without a warm-up: that must not matter.
    let plugin = open(arguments)?;
    let (again, time) = match plugin.lane() {
        Ok(lane) => play_on_lane(lane)?,
        // Plugins of other languages may have none.
        Err(error @ CallError::NoLane { .. }) => {
            writeln!(out, "{}", Printable(&error.to_string()))?;
            play(&plugin, &mut std::io::sink())?
        }
        Err(error) => return Err(error.into()),
    };
    if again != state {
        return Err(format!("a second run ends elsewhere: {again:x?}").into());
    }
    writeln!(out, "over the lane: {} ns a tick, on another instance, to the same state", each(time, &again))?;
    Ok(())
}

fn each(time: Duration, state: &State) -> u128 {
    time.as_nanos() / u128::from(state.tick.max(1))
}

fn open(arguments: &Arguments) -> Result<PluginHandle, Failure> {
    let builder = PluginHandle::builder(Callbacks { rng: Arc::new(Dice(Random::new(2026))) });
    let builder = match &arguments.sha256 {
        Some(hash) => builder.sha256(hash),
        None => builder.allow_unsigned(),
    };
    Ok(builder.open(&arguments.plugin)?)
}

fn play(plugin: &PluginHandle, out: &mut dyn Write) -> Result<(State, Duration), Failure> {
    let started = Instant::now();
    let mut state = State { hash: START, ..State::default() };
    while state.tick < u64::from(TICKS) {
        let State { tick, hash, .. } = state;
        let events = u32::from(tick.is_multiple_of(60));
        let response = plugin.tick(&TickRequest { tick, dt_micros: DT_MICROS, state_hash: hash, events })?;
        state.tick += 1;
        state.hash = response.next_state_hash;
        state.actions += u64::from(response.actions);
        if !response.note.is_empty() {
            writeln!(out, "  {:>20}: state {:016x}", Printable(&response.note).to_string(), state.hash)?;
        }
        if !response.continue_run {
            break;
        }
    }
    Ok((state, started.elapsed()))
}

/// The same over the lane: requests are written into the plugin's memory and responses read there, so that a tick allocates
/// nothing. Other threads wait for as long as the lane is held.
fn play_on_lane(mut lane: PluginLane<'_>) -> Result<(State, Duration), Failure> {
    let started = Instant::now();
    let mut state = State { hash: START, ..State::default() };
    while state.tick < u64::from(TICKS) {
        let events = u32::from(state.tick.is_multiple_of(60));
        let request = fb::TickRequestArgs { tick: state.tick, dt_micros: DT_MICROS, state_hash: state.hash, events };
        let response = lane.tick(|builder| fb::TickRequest::create(builder, &request))?;
        state.tick += 1;
        state.hash = response.next_state_hash();
        state.actions += u64::from(response.actions());
        if !response.continue_run() {
            break;
        }
    }
    Ok((state, started.elapsed()))
}
