use std::time::Instant;

use gameloop::{PluginHandle, TickRequest, fb};

const TICKS: u32 = 100_000;

/// Sixty ticks are a second.
const SECONDS: f64 = 1.0 / 60.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    by_the_handle(&open()?)?;
    // Another plugin of the same file: with an instance, and a ball, of its own.
    over_the_lane(&open()?)
}

fn open() -> Result<PluginHandle, hookr::OpenError> {
    PluginHandle::builder()
        .allow_unsigned()
        .open("gameloop.wasm")
}

fn by_the_handle(plugin: &PluginHandle) -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let mut bounces = 0;
    for _ in 0..TICKS {
        let response = plugin.tick(&TickRequest { seconds: SECONDS })?;
        bounces = response.bounces;
    }
    let each = started.elapsed() / TICKS;
    println!("by the handle: {bounces} bounces, {each:?} a tick");
    Ok(())
}

fn over_the_lane(plugin: &PluginHandle) -> Result<(), Box<dyn std::error::Error>> {
    // The plugin is this thread's until the guard is dropped.
    let mut lane = plugin.lane()?;
    let started = Instant::now();
    let mut bounces = 0;
    for _ in 0..TICKS {
        let request = fb::TickRequestArgs { seconds: SECONDS };
        let response = lane.tick(|builder| fb::TickRequest::create(builder, &request))?;
        bounces = response.bounces();
    }
    let each = started.elapsed() / TICKS;
    println!("over the lane: {bounces} bounces, {each:?} a tick");
    Ok(())
}
