//! Runs a game loop through a plugin, and runs it again to see that it ends in the same state.
#![forbid(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use examples_shared::{Arguments, Failure, Random, remark, run};
use hookr::Printable;
use tickloop::{
    CallbackContext, Callbacks, Empty, Error, PluginHandle, Rng, RngIntRequest, RngIntResponse, TickRequest,
    WarmupRequest,
};

const TICKS: u32 = 100_000;
/// Sixty ticks a second, in microseconds.
const DT_MICROS: u32 = 16_667;
const START: u64 = 0x0123_4567_89ab_cdef;

struct Dice(Random);

impl Rng for Dice {
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
    let each = time.as_nanos() / u128::from((*tick).max(1));
    writeln!(out, "\nfinal state: tick {tick}, state hash {hash:016x}, {actions} actions")?;
    writeln!(out, "time: {each} ns a tick, with a call and a callback in each ({} ms)", time.as_millis())?;

    // Another instance, the same random numbers, without a warm-up: that must not matter.
    let (again, _) = play(&open(arguments)?, &mut std::io::sink())?;
    if again != state {
        return Err(format!("a second run ends elsewhere: {again:x?}").into());
    }
    writeln!(out, "a second run, on another instance, ends in the same state")?;
    Ok(())
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
