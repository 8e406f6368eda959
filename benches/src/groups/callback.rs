//! Callbacks: the host is asked with bytes and answers with them. What is measured is one of many in a call.

use std::sync::Arc;

use echo::fb::{self, ForwardRequestArgs};
use echo::{Bytes, ForwardRequest, Mirror};
use hookr::CallbackContext;
use wasmtime::Result;

use super::echo::read;
use super::names::{BY_HAND_IN_PLACE, COMPONENT, CORE_CALLBACK, IN_PLACE, NATIVE, PORTABLE_CALLBACK, RAW};
use super::{lane, native, size_of};
use crate::floor::Core;
use crate::host::Host;
use crate::look;
use crate::measure::{Group, Pace, Way};
use crate::plugins::Plugins;
use crate::raw::Raw;
use crate::raw::echo::{Echo, exports::hookr_bench::echo::plugin as bindings};
use crate::requests::{CALLBACKS, Request};

pub(super) fn group<'a>(plugins: &'a Plugins, request: &'a Request<ForwardRequest>) -> Result<Group<'a>> {
    let (handle, component) = (&plugins.echo.hookr, &plugins.echo.component);
    let value = &request.value;
    let (bytes, times) = (value.bytes.as_slice(), value.times);

    let mirror: Arc<dyn Mirror> = Arc::new(Host);
    let call = native(move |request: &ForwardRequest| {
        let question = Bytes { bytes: request.bytes.clone() };
        let mut answer = Bytes::default();
        for _ in 0..request.times {
            answer = mirror.reflect(&CallbackContext::new("echo"), question.clone())?;
        }
        Ok(answer)
    });
    let (mut core, mut numbers) = (Core::new(&plugins.engine)?, Core::new(&plugins.engine)?);
    let mut raw = Raw::<Echo>::new(&plugins.echo.raw)?;
    let raw_request = bindings::ForwardRequest { times, bytes: bytes.to_vec() };
    let ways = [
        Way::new(NATIVE, move || Ok(look(&call(value)?.bytes))),
        Way::new("core func_wrap, two numbers", move || numbers.ask(times)).other(),
        Way::new(CORE_CALLBACK, move || core.forward(bytes, times)),
        Way::new(RAW, move || {
            let Raw { store, world } = &mut raw;
            Ok(look(&world.hookr_bench_echo_plugin().call_forward(store, &raw_request)??.bytes))
        }),
        Way::new(COMPONENT, move || Ok(look(&component.forward(value)?.bytes))),
        lane(IN_PLACE, || handle.lane(), move |lane| forward(lane, times, bytes)),
        lane(PORTABLE_CALLBACK, || plugins.echo.portable.lane(), move |lane| forward(lane, times, bytes)),
        lane(BY_HAND_IN_PLACE, || plugins.by_hand.lane(), move |lane| forward(lane, times, bytes)),
    ];
    let name = format!("callback, {}, one of {CALLBACKS} in a call", size_of(bytes.len()));
    let group = Group::new(name, CORE_CALLBACK, Pace::CALLS);
    Ok(ways.into_iter().fold(group, |group, way| group.way(way.counts(times))))
}

fn forward(lane: &mut echo::PluginLane<'_>, times: u32, bytes: &[u8]) -> Result<u64> {
    let response = lane.forward(|builder| {
        let bytes = Some(fb::create_bytes(builder, bytes));
        fb::ForwardRequest::create(builder, &ForwardRequestArgs { times, bytes })
    })?;
    Ok(read(response))
}
