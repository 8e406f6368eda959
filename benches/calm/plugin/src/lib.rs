//! A plugin for the contract `tickloop` that does as the example does, but for its callback: every tick has the same
//! jitter. What a call costs shows when nothing else is in it.
#![forbid(unsafe_code)]

// The example's own file: a plugin cannot depend on another one, since both would export the same functions.
#[path = "../../../../examples/tickloop/plugin/src/run.rs"]
#[allow(dead_code, unreachable_pub)]
mod run;

use std::cell::Cell;

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use tickloop::fb::{self, TickResponseArgs};
use tickloop::in_place;
use tickloop::{Empty, Error, Plugin, PluginContext, PluginInfo, TickRequest, TickResponse};

use run::Run;

/// The jitter of every tick.
const JITTER: i32 = 1;

#[derive(Default)]
struct Calm {
    run: Cell<Run>,
}

impl Plugin for Calm {
    fn get_info(&self, _: &PluginContext<'_>, _: Empty) -> Result<PluginInfo, Error> {
        Ok(PluginInfo {
            name: "calm".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description: "Moves a game on, without a callback.".into(),
        })
    }

    // ANCHOR: owned
    fn tick(&self, _: &PluginContext<'_>, request: TickRequest) -> Result<TickResponse, Error> {
        self.next(&request)
    }
    // ANCHOR_END: owned
}

// ANCHOR: in_place
impl in_place::Tick for Calm {
    fn tick_in_place<'b>(
        &self,
        _: &PluginContext<'_>,
        request: fb::TickRequest<'_>,
        response: &mut FlatBufferBuilder<'b>,
    ) -> Result<WIPOffset<fb::TickResponse<'b>>, Error> {
        let TickResponse { next_state_hash, continue_run, actions, jitter_bucket, note } = self.next(&TickRequest {
            tick: request.tick(),
            dt_micros: request.dt_micros(),
            state_hash: request.state_hash(),
            events: request.events(),
        })?;
        // Nothing is written for the note of most ticks, which is empty.
        let note = (!note.is_empty()).then(|| response.create_string(&note));
        let args = TickResponseArgs { next_state_hash, continue_run, actions, jitter_bucket, note };
        Ok(fb::TickResponse::create(response, &args))
    }
}
// ANCHOR_END: in_place

impl Calm {
    fn next(&self, request: &TickRequest) -> Result<TickResponse, Error> {
        let (run, response) = self.run.get().tick(request, JITTER)?;
        self.run.set(run);
        Ok(response)
    }
}

tickloop::export!(Calm = Calm::default());
