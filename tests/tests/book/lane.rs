//! The code of `docs/src/how-to/lane.md`.

// ANCHOR: loop
use hookr::CallError;
use tickloop::{PluginHandle, fb};

/// Runs a game for so many ticks, and gives its last state.
fn play(plugin: &PluginHandle, ticks: u64, mut state_hash: u64) -> Result<u64, CallError> {
    let mut lane = plugin.lane()?;
    for tick in 0..ticks {
        let request = fb::TickRequestArgs { tick, dt_micros: 16_667, state_hash, events: 0 };
        // Borrows from the plugin's memory until the next call.
        let response = lane.tick(|builder| fb::TickRequest::create(builder, &request))?;
        state_hash = response.next_state_hash();
        if !response.continue_run() {
            break;
        }
    }
    Ok(state_hash)
}
// ANCHOR_END: loop

// ANCHOR: owned
use tickloop::{TickRequest, TickResponse};

fn play_owned(plugin: &PluginHandle, ticks: u64, mut state_hash: u64) -> Result<u64, CallError> {
    let mut lane = plugin.lane()?;
    for tick in 0..ticks {
        let request = TickRequest { tick, dt_micros: 16_667, state_hash, events: 0 };
        let TickResponse { next_state_hash, continue_run, .. } = lane.tick_owned(&request)?;
        state_hash = next_state_hash;
        if !continue_run {
            break;
        }
    }
    Ok(state_hash)
}
// ANCHOR_END: owned

// ANCHOR: encoded
/// Plays what was recorded: each request is a FlatBuffer, from a file or a network.
fn replay(plugin: &PluginHandle, requests: &[Vec<u8>]) -> Result<u32, CallError> {
    let mut lane = plugin.lane()?;
    let mut actions = 0;
    for request in requests {
        // It is verified before it is sent.
        actions += lane.tick_encoded(request)?.actions();
    }
    Ok(actions)
}
// ANCHOR_END: encoded

// ANCHOR: batch
/// Several ticks in one crossing. They do not depend on each other's responses.
fn actions(plugin: &PluginHandle, ticks: &[TickRequest]) -> Result<Vec<Option<u32>>, CallError> {
    let mut lane = plugin.lane()?;
    let mut actions = vec![None; ticks.len()];
    lane.tick_batch(
        ticks.len(),
        |i, builder| {
            let TickRequest { tick, dt_micros, state_hash, events } = ticks[i];
            fb::TickRequest::create(builder, &fb::TickRequestArgs { tick, dt_micros, state_hash, events })
        },
        // Each answer is a response, or the plugin's error.
        |i, answer| actions[i] = answer.ok().map(|response| response.actions()),
    )?;
    Ok(actions)
}
// ANCHOR_END: batch

// ANCHOR: without
/// Plays over the lane if the plugin has one, else by calls of the handle.
fn play_anyhow(plugin: &PluginHandle, ticks: u64, state_hash: u64) -> Result<u64, CallError> {
    match play(plugin, ticks, state_hash) {
        Err(CallError::NoLane { state }) => {
            eprintln!("without a lane: {state}");
            (0..ticks).try_fold(state_hash, |state_hash, tick| {
                let request = TickRequest { tick, dt_micros: 16_667, state_hash, events: 0 };
                plugin.tick(&request).map(|response| response.next_state_hash)
            })
        }
        result => result,
    }
}
// ANCHOR_END: without

// ANCHOR: ways
use hookr::Builder;
use hookr::CallWay;
use hookr::lane::LaneChoice;

/// Calls of the handle never take the lane; whoever locks it gets the portable one.
fn slower(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    builder.typed_calls(CallWay::Component).lane(LaneChoice::Portable)
}
// ANCHOR_END: ways

mod runs {
    use std::sync::Arc;

    use hookr::lane::LaneState;
    use hookr_tests::hosts::{Journal, Numbers};
    use hookr_tests::plugin;
    use tickloop::FlatBuffer as _;

    use super::*;

    fn builder() -> Builder<PluginHandle> {
        let rng = Arc::new(Numbers { int: Ok(2), float: Ok(0.5), journal: Journal::default() });
        PluginHandle::builder(tickloop::Callbacks { rng }).allow_unsigned()
    }

    fn open() -> PluginHandle {
        builder().open(plugin("tickloop")).unwrap()
    }

    fn ticks(count: u64) -> Vec<TickRequest> {
        (0..count).map(|tick| TickRequest { tick, dt_micros: 16_667, state_hash: 7, events: tick as u32 }).collect()
    }

    #[test]
    fn every_form_of_the_loop_ends_in_the_same_state() {
        let expected = play(&open(), 100, 7).unwrap();
        assert_eq!(play_owned(&open(), 100, 7).unwrap(), expected);
        let slow = slower(builder()).open(plugin("tickloop")).unwrap();
        assert_eq!(slow.metadata().lane(), &LaneState::Portable);
        assert_eq!(play(&slow, 100, 7).unwrap(), expected);
        let none = builder().lane(LaneChoice::Off).open(plugin("tickloop")).unwrap();
        assert!(matches!(play(&none, 100, 7), Err(CallError::NoLane { state: LaneState::Off })));
        assert_eq!(play_anyhow(&none, 100, 7).unwrap(), expected);
        assert_eq!(play_anyhow(&open(), 100, 7).unwrap(), expected);
    }

    #[test]
    fn recorded_requests_and_batches_are_answered() {
        let requests = ticks(5);
        let encoded: Vec<Vec<u8>> = requests.iter().map(|request| request.to_flatbuffer()).collect();
        // Each event is an action, and the jitter of 2 is two more.
        assert_eq!(replay(&open(), &encoded).unwrap(), 20);
        assert!(matches!(replay(&open(), &[b"nonsense".to_vec()]), Err(CallError::InvalidRequest { .. })));
        assert_eq!(actions(&open(), &requests).unwrap(), [2, 3, 4, 5, 6].map(Some));
    }

    #[test]
    fn a_thread_that_holds_the_lane_cannot_call_otherwise_and_others_wait() {
        let plugin = open();
        let lane = plugin.lane().unwrap();
        let error = plugin.tick(&TickRequest::default()).unwrap_err();
        assert!(matches!(error, CallError::Reentrant { .. }), "{error:?}");
        let other = plugin.clone();
        let waiting = std::thread::spawn(move || other.tick(&TickRequest::default()));
        while plugin.stats().waiting == 0 {
            std::thread::yield_now();
        }
        drop(lane);
        waiting.join().unwrap().unwrap();
    }
}
