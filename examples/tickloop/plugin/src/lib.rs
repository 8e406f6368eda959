//! A plugin for the contract `tickloop`: moves a game on, tick by tick.
//!
//! The plugin keeps state between calls: how far the run has come. What a tick does is in [`Run`], which knows nothing of
//! plugins. Ticks come by the thousand, so they are also answered in place, without a copy of anything.
#![forbid(unsafe_code)]

mod run;

use std::cell::Cell;

use tickloop::flatbuffers::{FlatBufferBuilder, WIPOffset};
use tickloop::{
    Empty, Error, Plugin, PluginContext, PluginInfo, RngIntRequest, TickRequest, TickResponse, Warmup, WarmupRequest,
    WarmupResponse, fb, in_place,
};

pub use run::{MAX_JITTER, Run};

/// The plugin. It lives as long as its instance; one call runs at a time, so that a cell is enough for its state.
#[derive(Default)]
pub struct Loop {
    run: Cell<Run>,
}

impl Plugin for Loop {
    fn get_info(&self, _: &PluginContext<'_>, _: Empty) -> Result<PluginInfo, Error> {
        Ok(PluginInfo {
            name: "tickloop".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description: "Moves a game on, tick by tick.".into(),
        })
    }

    fn tick(&self, ctx: &PluginContext<'_>, request: TickRequest) -> Result<TickResponse, Error> {
        let jitter = ctx.rng().int(&RngIntRequest { min: -MAX_JITTER, max: MAX_JITTER })?.value;
        let (run, response) = self.run.get().tick(&request, jitter)?;
        self.run.set(run);
        Ok(response)
    }
}

// An optional method is a trait of its own. Without this implementation, hosts see that the plugin has no `Warmup`.
impl Warmup for Loop {
    fn warmup(&self, _: &PluginContext<'_>, request: WarmupRequest) -> Result<WarmupResponse, Error> {
        let run = Run::of(request.target_ticks);
        self.run.set(run);
        Ok(WarmupResponse { ready: request.target_ticks > 0, recommended_batch: run.batch() })
    }
}

// A method that is called in a tight loop can have a second form, which reads the request and writes the response where they
// are. Hosts that use the lane get this one.
impl in_place::Tick for Loop {
    fn tick_in_place<'b>(
        &self,
        ctx: &PluginContext<'_>,
        request: fb::TickRequest<'_>,
        response: &mut FlatBufferBuilder<'b>,
    ) -> Result<WIPOffset<fb::TickResponse<'b>>, Error> {
        let range = fb::RngIntRequestArgs { min: -MAX_JITTER, max: MAX_JITTER };
        let jitter = ctx.rng().int_in_place(|b| fb::RngIntRequest::create(b, &range), |answer| answer.value())?;
        let tick = TickRequest {
            tick: request.tick(),
            dt_micros: request.dt_micros(),
            state_hash: request.state_hash(),
            events: request.events(),
        };
        let (run, answer) = self.run.get().tick(&tick, jitter)?;
        self.run.set(run);
        let note = if answer.note.is_empty() { None } else { Some(response.create_string(&answer.note)) };
        let answer = fb::TickResponseArgs {
            next_state_hash: answer.next_state_hash,
            continue_run: answer.continue_run,
            actions: answer.actions,
            jitter_bucket: answer.jitter_bucket,
            note,
        };
        Ok(fb::TickResponse::create(response, &answer))
    }
}

tickloop::export!(Loop = Loop::default());
