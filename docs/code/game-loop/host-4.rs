use std::thread;
use std::time::Duration;

use gameloop::{PluginHandle, fb};
use hookr::reload::{News, Reload};
use hookr::{CallError, Causes, Limits, StateLimits};

/// Sixty ticks are a second.
const SECONDS: f64 = 1.0 / 60.0;

/// A tick that takes longer is given up.
const DEADLINE: Duration = Duration::from_millis(100);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ticks: u32 = std::env::args().nth(1).ok_or("how many ticks?")?.parse()?;
    let plugin = PluginHandle::builder()
        .allow_unsigned()
        .limits(Limits::default().deadline(DEADLINE))
        .reload(Reload::watch().state(StateLimits::default()))
        .open("gameloop.wasm")?;

    let events = plugin.reloader().events();
    thread::spawn(move || events.for_each(tell));

    let mut lane = plugin.lane()?;
    let mut bounces = 0;
    for tick in 1..=ticks {
        thread::sleep(Duration::from_secs_f64(SECONDS));
        let request = fb::TickRequestArgs { seconds: SECONDS };
        match lane.tick(|builder| fb::TickRequest::create(builder, &request)) {
            Ok(response) => {
                if response.bounces() > bounces {
                    println!("tick {tick}: bounce {}", response.bounces());
                }
                bounces = response.bounces();
                if response.over() {
                    println!("tick {tick}: the ball lies still");
                    break;
                }
            }
            // The next tick runs on a fresh instance.
            Err(error @ CallError::DeadlineExceeded { .. }) => println!("tick {tick}: {error}"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn tell(news: News) {
    match news {
        News::Reloaded { event, state, .. } => {
            let (version, bytes) = (event.to.generation, state.unwrap_or(0));
            println!("version {version} of the plugin, with {bytes} bytes of state");
        }
        News::Failed { error, .. } => {
            println!("the old version stays: {}", Causes(&*error));
        }
        _ => {}
    }
}
