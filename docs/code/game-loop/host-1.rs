use std::time::Instant;

use gameloop::{PluginHandle, TickRequest};

const TICKS: u32 = 100_000;

/// Sixty ticks are a second.
const SECONDS: f64 = 1.0 / 60.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plugin = PluginHandle::builder()
        .allow_unsigned()
        .open("gameloop.wasm")?;

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
