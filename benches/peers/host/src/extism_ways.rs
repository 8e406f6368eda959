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

/// One plugin for each way: a call needs it exclusively, and it keeps state.
pub(crate) struct Plugins {
    echo: Plugin,
    filter: [Plugin; 2],
    tick: [Plugin; 2],
}

impl Plugins {
    /// Opens the plugins in a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        Ok(Plugins {
            echo: open(folder, "echo")?,
            filter: [open(folder, "filter")?, open(folder, "filter")?],
            tick: [open(folder, "tick")?, open(folder, "tick")?],
        })
    }

    /// The ways of this file.
    pub(crate) fn ways<'a>(&'a mut self, requests: &'a Requests) -> Vec<Way<'a>> {
        let echo = &mut self.echo;
        let echo = way(Workload::Echo, "bytes", || Ok(answer::echo(echo.call("echo", &requests.echo[..])?)));
        let mut ways = vec![echo];
        ways.extend(filter_ways(&mut self.filter, &requests.filter));
        ways.extend(tick_ways(&mut self.tick, requests));
        ways
    }
}

fn filter_ways<'a>(plugins: &'a mut [Plugin; 2], request: &'a textfilter::FilterRequest) -> [Way<'a>; 2] {
    let [plugin, json_plugin] = plugins;
    let mut builder = FlatBufferBuilder::new();
    [
        way(Workload::Filter, "FlatBuffers", move || {
            builder.reset();
            let root = write_filter(&mut builder, request);
            builder.finish(root, textfilter::FilterRequest::IDENTIFIER);
            let response: &[u8] = plugin.call("filter", builder.finished_data())?;
            Ok(answer::filter_read(textfilter::FilterResponse::read(response)?))
        }),
        way(Workload::Filter, "JSON", || {
            let request = json::FilterRequest::from(request.clone());
            let Json(response): Json<json::FilterResponse> = json_plugin.call("filter_json", Json(request))?;
            Ok(answer::filtered(&response.into()))
        }),
    ]
}

fn tick_ways<'a>(plugins: &'a mut [Plugin; 2], requests: &'a Requests) -> [Way<'a>; 2] {
    let [plugin, json_plugin] = plugins;
    let (mut steps, mut json_steps) = (requests.steps(), requests.steps());
    let mut builder = FlatBufferBuilder::new();
    [
        way(Workload::Tick, "FlatBuffers", move || {
            builder.reset();
            let root = write_tick(&mut builder, steps.next());
            builder.finish(root, tickloop::TickRequest::IDENTIFIER);
            let response: &[u8] = plugin.call("tick", builder.finished_data())?;
            let response = tickloop::TickResponse::read(response)?;
            steps.reached(response.next_state_hash());
            Ok(answer::tick_read(response))
        }),
        way(Workload::Tick, "JSON", move || {
            let request = json::TickRequest::from(json_steps.next().clone());
            let Json(response): Json<json::TickResponse> = json_plugin.call("tick_json", Json(request))?;
            json_steps.reached(response.next_state_hash);
            Ok(answer::ticked(&response.into()))
        }),
    ]
}

fn way<'a>(workload: Workload, name: &'static str, call: impl FnMut() -> Result<u64> + 'a) -> Way<'a> {
    Way::new(workload, System::Extism, name, call)
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
