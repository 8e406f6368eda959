//! Bytes, and the same bytes back.

use echo::Bytes;
use echo::fb::{self, BytesArgs};
use flatbuffers::WIPOffset;
use hookr::lane::RequestBuilder;
use wasmtime::Result;

use super::names::{
    BARE, BATCH, BORROWED, BY_HAND, BY_HAND_BATCH, COMPONENT, CORE, ENCODED, NATIVE, OWNED, PORTABLE, RAW, TYPED,
};
use super::{BATCH_SIZE, add, lane, native, size_of};
use crate::floor::Core;
use crate::look;
use crate::measure::{Group, Pace, Way};
use crate::plugins::Plugins;
use crate::raw::Raw;
use crate::raw::echo::{Echo, exports::hookr_bench::echo::plugin as bindings};
use crate::requests::Request;

pub(super) fn group<'a>(plugins: &'a Plugins, request: &'a Request<Bytes>) -> Result<Group<'a>> {
    let (handle, component) = (&plugins.echo.hookr, &plugins.echo.component);
    let guard = || handle.lane();
    let portable = || plugins.echo.portable.lane();
    let by_hand = || plugins.by_hand.lane();
    let Request { value, message } = request;
    let bytes = value.bytes.as_slice();

    let call = native(|request: &Bytes| Ok(request.clone()));
    let mut core = Core::new(&plugins.engine)?;
    let mut raw = Raw::<Echo>::new(&plugins.echo.raw)?;
    let raw_request = bindings::Bytes { bytes: bytes.to_vec() };
    let name = format!("echo, {}", size_of(bytes.len()));
    Ok(Group::new(name, CORE, Pace::CALLS)
        .way(Way::new(NATIVE, move || Ok(look(&call(value)?.bytes))))
        .way(Way::new(CORE, move || core.call(bytes)))
        .way(Way::new(RAW, move || {
            let Raw { store, world } = &mut raw;
            Ok(look(&world.hookr_bench_echo_plugin().call_echo(store, &raw_request)??.bytes))
        }))
        .way(Way::new(COMPONENT, move || Ok(look(&component.echo(value)?.bytes))))
        .way(Way::new(TYPED, move || Ok(look(&handle.echo(value)?.bytes))))
        .way(lane(BORROWED, guard, move |lane| borrowed(lane, bytes)))
        .way(lane(OWNED, guard, move |lane| Ok(look(&lane.echo_owned(value)?.bytes))))
        .way(lane(ENCODED, guard, move |lane| Ok(read(lane.echo_encoded(message)?))))
        .way(lane(BATCH, guard, move |lane| batch(lane, bytes)).batch(BATCH_SIZE as u32))
        .way(lane(PORTABLE, portable, move |lane| borrowed(lane, bytes)))
        .way(lane(BARE, || plugins.bare.lane(), move |lane| Ok(look(lane.echo(bytes)?))))
        .way(lane(BY_HAND, by_hand, move |lane| borrowed(lane, bytes)))
        .way(lane(BY_HAND_BATCH, by_hand, move |lane| batch(lane, bytes)).batch(BATCH_SIZE as u32)))
}

// Each row has a loop of its own.
#[inline(always)]
fn borrowed(lane: &mut echo::PluginLane<'_>, bytes: &[u8]) -> Result<u64> {
    Ok(read(lane.echo(|builder| write(builder, bytes))?))
}

fn batch(lane: &mut echo::PluginLane<'_>, bytes: &[u8]) -> Result<u64> {
    let mut sum = Ok(0);
    lane.echo_batch(BATCH_SIZE, |_, builder| write(builder, bytes), |_, answer| add(&mut sum, answer.map(read)))?;
    Ok(sum?)
}

fn write<'b>(builder: &mut RequestBuilder<'b>, bytes: &[u8]) -> WIPOffset<fb::Bytes<'b>> {
    let bytes = fb::create_bytes(builder, bytes);
    fb::Bytes::create(builder, &BytesArgs { bytes: Some(bytes) })
}

/// As [`look`] does with bytes that are owned.
pub(super) fn read(response: fb::Bytes<'_>) -> u64 {
    look(response.bytes().unwrap_or_default().bytes())
}
