//! The ways through Hookr.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use examples_shared::Random;
use tickloop::{CallbackContext, Callbacks, Error, Rng, RngIntRequest, RngIntResponse};

use crate::answer;
use crate::measure::{System, Way, Workload};
use crate::requests::{Requests, random};

/// One plugin for each way: they keep state.
pub(crate) struct Plugins {
    filter_typed: textfilter::PluginHandle,
    tick_typed: tickloop::PluginHandle,
}

impl Plugins {
    /// Opens the plugins in a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        Ok(Plugins {
            filter_typed: textfilter::PluginHandle::builder().allow_unsigned().open(folder.join("textfilter.wasm"))?,
            tick_typed: tickloop::PluginHandle::builder(callbacks())
                .allow_unsigned()
                .open(folder.join("tickloop.wasm"))?,
        })
    }

    /// The ways of this file.
    pub(crate) fn ways<'a>(&'a self, requests: &'a Requests) -> Result<Vec<Way<'a>>> {
        let way =
            |workload, name, call: Box<dyn FnMut() -> Result<u64> + 'a>| Way::new(workload, System::Hookr, name, call);
        let mut typed_steps = requests.steps();
        Ok(vec![
            way(
                Workload::Filter,
                "typed call",
                Box::new(|| Ok(answer::filtered(&self.filter_typed.filter(&requests.filter)?))),
            ),
            way(
                Workload::Tick,
                "typed call",
                Box::new(move || {
                    let response = self.tick_typed.tick(typed_steps.next())?;
                    typed_steps.reached(response.next_state_hash);
                    Ok(answer::ticked(&response))
                }),
            ),
        ])
    }
}

fn callbacks() -> Callbacks {
    Callbacks { rng: Arc::new(Dice(random())) }
}

struct Dice(Random);

impl Rng for Dice {
    fn int(&self, _: &CallbackContext<'_>, request: RngIntRequest) -> Result<RngIntResponse, Error> {
        let value = self.0.integer(request.min, request.max);
        let value = value.ok_or_else(|| Error::invalid_argument("min is greater than max"))?;
        Ok(RngIntResponse { value })
    }
}
