//! The ways through Hookr.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use echo::FlatBuffer as _;
use examples_shared::Random;
use textfilter::FlatBuffer as _;
use tickloop::{CallbackContext, Error, Rng, RngIntRequest, RngIntResponse};

use crate::answer;
use crate::measure::{System, Way, Workload};
use crate::requests::{Requests, random, write_echo, write_filter, write_tick};

/// A handle for each way: a lane is used by one at a time, and a plugin keeps state.
pub(crate) struct Plugins {
    echo: [echo::PluginHandle; 3],
    filter: [textfilter::PluginHandle; 3],
    tick: [tickloop::PluginHandle; 2],
}

const BORROWED: &str = "lane, borrowed";
const ENCODED: &str = "lane, encoded";
const TYPED: &str = "typed";

impl Plugins {
    /// Opens the plugins in a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let echo = || echo::PluginHandle::builder(mirror()).allow_unsigned().open(folder.join("echo.wasm"));
        let filter = || textfilter::PluginHandle::builder().allow_unsigned().open(folder.join("textfilter.wasm"));
        let tick = || tickloop::PluginHandle::builder(dice()).allow_unsigned().open(folder.join("tickloop.wasm"));
        Ok(Plugins {
            echo: [echo()?, echo()?, echo()?],
            filter: [filter()?, filter()?, filter()?],
            tick: [tick()?, tick()?],
        })
    }

    /// The ways of this file. The first of each workload is what everything else is compared with.
    pub(crate) fn ways<'a>(&'a self, requests: &'a Requests) -> Result<Vec<Way<'a>>> {
        let mut ways = Vec::from(self.echo_ways(requests)?);
        ways.extend(self.filter_ways(requests)?);
        ways.extend(self.tick_ways(requests)?);
        Ok(ways)
    }

    fn echo_ways<'a>(&'a self, requests: &'a Requests) -> Result<[Way<'a>; 3]> {
        let [borrowed, encoded, typed] = &self.echo;
        let payload = &requests.echo[..];
        let request = echo::Bytes { bytes: payload.to_vec() };
        let buffer = request.to_flatbuffer();
        let (mut borrowed, mut encoded) = (borrowed.lane()?, encoded.lane()?);
        let bytes = |response: echo::fb::Bytes<'_>| answer::echo(response.bytes().map_or(&[], |bytes| bytes.bytes()));
        Ok([
            way(Workload::Echo, BORROWED, move || Ok(bytes(borrowed.echo(|builder| write_echo(builder, payload))?))),
            way(Workload::Echo, ENCODED, move || Ok(bytes(encoded.echo_encoded(&buffer)?))),
            way(Workload::Echo, TYPED, move || Ok(answer::echo(&typed.echo(&request)?.bytes))),
        ])
    }

    fn filter_ways<'a>(&'a self, requests: &'a Requests) -> Result<[Way<'a>; 3]> {
        let [borrowed, encoded, typed] = &self.filter;
        let request = &requests.filter;
        let buffer = request.to_flatbuffer();
        let (mut borrowed, mut encoded) = (borrowed.lane()?, encoded.lane()?);
        Ok([
            way(Workload::Filter, BORROWED, move || {
                Ok(answer::filter_read(borrowed.filter(|builder| write_filter(builder, request))?))
            }),
            way(Workload::Filter, ENCODED, move || Ok(answer::filter_read(encoded.filter_encoded(&buffer)?))),
            way(Workload::Filter, TYPED, move || Ok(answer::filtered(&typed.filter(request)?))),
        ])
    }

    fn tick_ways<'a>(&'a self, requests: &'a Requests) -> Result<[Way<'a>; 2]> {
        let [borrowed, typed] = &self.tick;
        let mut borrowed = borrowed.lane()?;
        let (mut steps, mut typed_steps) = (requests.steps(), requests.steps());
        Ok([
            way(Workload::Tick, BORROWED, move || {
                let response = borrowed.tick(|builder| write_tick(builder, steps.next()))?;
                steps.reached(response.next_state_hash());
                Ok(answer::tick_read(response))
            }),
            way(Workload::Tick, TYPED, move || {
                let response = typed.tick(typed_steps.next())?;
                typed_steps.reached(response.next_state_hash);
                Ok(answer::ticked(&response))
            }),
        ])
    }
}

fn way<'a>(workload: Workload, name: &'static str, call: impl FnMut() -> Result<u64> + 'a) -> Way<'a> {
    Way::new(workload, System::Hookr, name, call)
}

/// The callback of the echo's contract, which `Echo` does not use.
fn mirror() -> echo::Callbacks {
    echo::Callbacks { mirror: Arc::new(Mirror) }
}

struct Mirror;

impl echo::Mirror for Mirror {
    fn reflect(&self, _: &echo::CallbackContext<'_>, request: echo::Bytes) -> Result<echo::Bytes, echo::Error> {
        Ok(request)
    }
}

/// The host's random numbers.
fn dice() -> tickloop::Callbacks {
    tickloop::Callbacks { rng: Arc::new(Dice(random())) }
}

struct Dice(Random);

impl Rng for Dice {
    fn int(&self, _: &CallbackContext<'_>, request: RngIntRequest) -> Result<RngIntResponse, Error> {
        let value = self.0.integer(request.min, request.max);
        let value = value.ok_or_else(|| Error::invalid_argument("min is greater than max"))?;
        Ok(RngIntResponse { value })
    }
}
