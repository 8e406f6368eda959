//! A plugin for Extism: the work of the example `textfilter`, with its FlatBuffers or with JSON.
#![cfg(target_family = "wasm")]
#![allow(missing_docs, reason = "the macro of the kit makes public items without documentation")]

use extism_pdk::{FnResult, Json, plugin_fn};
use peers_work::json;
use textfilter::{FilterRequest, FlatBuffer};

#[plugin_fn]
pub fn filter(request: Vec<u8>) -> FnResult<Vec<u8>> {
    let response = peers_work::filter(&FilterRequest::from_flatbuffer(&request)?)?;
    Ok(response.to_flatbuffer())
}

#[plugin_fn]
pub fn filter_json(Json(request): Json<json::FilterRequest>) -> FnResult<Json<json::FilterResponse>> {
    let response = peers_work::filter(&request.into())?;
    Ok(Json(response.into()))
}
