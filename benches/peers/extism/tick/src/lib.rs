//! A plugin for Extism: the work of the example `tickloop`, with its FlatBuffers or with JSON.
#![cfg(target_family = "wasm")]
#![allow(missing_docs, reason = "the macro of the kit makes public items without documentation")]

use std::cell::Cell;

use extism_pdk::{FnResult, Json, host_fn, plugin_fn};
use peers_work::{MAX_JITTER, Run, json};
use tickloop::{FlatBuffer, RngIntRequest, RngIntResponse, TickRequest};

thread_local! {
    /// How far the run has come: what the plugin keeps from one call to the next.
    static RUN: Cell<Run> = Cell::default();
}

const QUESTION: RngIntRequest = RngIntRequest { min: -MAX_JITTER, max: MAX_JITTER };

#[host_fn]
extern "ExtismHost" {
    fn rng_int(request: Vec<u8>) -> Vec<u8>;
    fn rng_int_json(request: Json<json::RngIntRequest>) -> Json<json::RngIntResponse>;
}

#[plugin_fn]
pub fn tick(request: Vec<u8>) -> FnResult<Vec<u8>> {
    let request = TickRequest::from_flatbuffer(&request)?;
    // SAFETY: the kit makes every import an unsafe function; the host that has it keeps to its signature.
    let answer = unsafe { rng_int(QUESTION.to_flatbuffer())? };
    let jitter = RngIntResponse::from_flatbuffer(&answer)?.value;
    let (run, response) = RUN.get().tick(&request, jitter)?;
    RUN.set(run);
    Ok(response.to_flatbuffer())
}

#[plugin_fn]
pub fn tick_json(Json(request): Json<json::TickRequest>) -> FnResult<Json<json::TickResponse>> {
    // SAFETY: as above.
    let Json(answer) = unsafe { rng_int_json(Json(QUESTION.into()))? };
    let (run, response) = RUN.get().tick(&request.into(), answer.value)?;
    RUN.set(run);
    Ok(Json(response.into()))
}
