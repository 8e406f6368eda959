//! The ways through Extism's Rust SDK.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use examples_shared::Random;
use extism::convert::Json;
use extism::{Manifest, PTR, Plugin, PluginBuilder, UserData, Wasm, host_fn};
use flatbuffers::FlatBufferBuilder;
use peers_work::json;
use textfilter::FlatBuffer as _;
use tickloop::FlatBuffer as _;

use crate::answer;
use crate::measure::{System, Way, Workload};
use crate::requests::{Requests, random, write_filter, write_tick};

/// One plugin for each way.
pub(crate) struct Plugins {
    echo: Plugin,
    filter: Plugin,
    filter_json: Plugin,
    tick: Plugin,
    tick_json: Plugin,
}

impl Plugins {
    /// Opens the plugins in a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        Ok(Plugins {
            echo: open(folder, "echo")?,
            filter: open(folder, "filter")?,
            filter_json: open(folder, "filter")?,
            tick: open(folder, "tick")?,
            tick_json: open(folder, "tick")?,
        })
    }

    /// The ways of this file.
    pub(crate) fn ways<'a>(&'a mut self, requests: &'a Requests) -> Result<Vec<Way<'a>>> {
        let Plugins { echo, filter, filter_json, tick, tick_json } = self;
        let way =
            |workload, name, call: Box<dyn FnMut() -> Result<u64> + 'a>| Way::new(workload, System::Extism, name, call);

        let (mut filter_builder, mut tick_builder) = (FlatBufferBuilder::new(), FlatBufferBuilder::new());
        let (mut steps, mut json_steps) = (requests.steps(), requests.steps());
        Ok(vec![
            way(Workload::Echo, "bytes", Box::new(|| Ok(answer::echo(echo.call("echo", &requests.echo[..])?)))),
            way(
                Workload::Filter,
                "FlatBuffers",
                Box::new(move || {
                    filter_builder.reset();
                    let root = write_filter(&mut filter_builder, &requests.filter);
                    filter_builder.finish(root, textfilter::FilterRequest::IDENTIFIER);
                    let response: &[u8] = filter.call("filter", filter_builder.finished_data())?;
                    let response = textfilter::FilterResponse::read(response)?;
                    let (output, reason) =
                        (response.output().unwrap_or_default(), response.reason().unwrap_or_default());
                    Ok(answer::filter(output, response.changed(), response.replacements(), response.blocked(), reason))
                }),
            ),
            way(
                Workload::Filter,
                "JSON",
                Box::new(|| {
                    let request = json::FilterRequest::from(requests.filter.clone());
                    let Json(response): Json<json::FilterResponse> = filter_json.call("filter_json", Json(request))?;
                    Ok(answer::filtered(&response.into()))
                }),
            ),
            way(
                Workload::Tick,
                "FlatBuffers",
                Box::new(move || {
                    tick_builder.reset();
                    let root = write_tick(&mut tick_builder, steps.next());
                    tick_builder.finish(root, tickloop::TickRequest::IDENTIFIER);
                    let response: &[u8] = tick.call("tick", tick_builder.finished_data())?;
                    let response = tickloop::TickResponse::read(response)?;
                    let state = response.next_state_hash();
                    steps.reached(state);
                    let note = response.note().unwrap_or_default();
                    Ok(answer::tick(state, response.continue_run(), response.actions(), response.jitter_bucket(), note))
                }),
            ),
            way(
                Workload::Tick,
                "JSON",
                Box::new(move || {
                    let request = json::TickRequest::from(json_steps.next().clone());
                    let Json(response): Json<json::TickResponse> = tick_json.call("tick_json", Json(request))?;
                    json_steps.reached(response.next_state_hash);
                    Ok(answer::ticked(&response.into()))
                }),
            ),
        ])
    }
}

/// Opens a plugin as its users do, without WASI, which it does not need, and without a cache of compiled code, which would
/// leave files behind.
fn open(folder: &Path, name: &str) -> Result<Plugin> {
    let file = folder.join(format!("peers_extism_{name}.wasm"));
    let random = UserData::new(random());
    PluginBuilder::new(Manifest::new([Wasm::file(&file)]))
        .with_wasi(false)
        .with_cache_disabled()
        .with_function("rng_int", [PTR], [PTR], random.clone(), rng_int)
        .with_function("rng_int_json", [PTR], [PTR], random, rng_int_json)
        .build()
        .with_context(|| format!("Extism cannot open {}", file.display()))
}

host_fn!(rng_int(random: Random; request: Vec<u8>) -> Vec<u8> {
    let request = tickloop::RngIntRequest::from_flatbuffer(&request)?;
    let value = integer(&random, request.min, request.max)?;
    Ok(tickloop::RngIntResponse { value }.to_flatbuffer())
});

host_fn!(rng_int_json(random: Random; request: Json<json::RngIntRequest>) -> Json<json::RngIntResponse> {
    let Json(request) = request;
    let value = integer(&random, request.min, request.max)?;
    Ok(Json(json::RngIntResponse { value }))
});

fn integer(random: &UserData<Random>, min: i32, max: i32) -> Result<i32> {
    let random = random.get()?;
    let random = random.lock().map_err(|_| anyhow!("a callback has panicked before"))?;
    random.integer(min, max).context("min is greater than max")
}
