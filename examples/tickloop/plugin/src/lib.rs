//! A plugin for the contract `tickloop`: moves a game on, tick by tick.
//!
//! The plugin keeps state between calls: how far the run has come. What a tick does is in [`Run`], which knows nothing of
//! plugins.
#![forbid(unsafe_code)]

mod run;

use std::cell::Cell;

use tickloop::{
    Empty, Error, Plugin, PluginContext, PluginInfo, RngIntRequest, TickRequest, TickResponse, Warmup, WarmupRequest,
    WarmupResponse,
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

tickloop::export!(Loop = Loop::default());
