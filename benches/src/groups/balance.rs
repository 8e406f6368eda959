//! A URL and nodes, one of which is chosen with two callbacks.

use std::sync::Arc;

use flatbuffers::WIPOffset;
use hookr::lane::RequestBuilder;
use hookr::{CallbackContext, Error};
use urlbalancer::fb::{self, BalanceRequestArgs};
use urlbalancer::{BalanceRequest, BalanceResponse, Rng, RngFloatRequest, RngIntRequest};
use urlbalancer_plugin::{Url, pick};
use wasmtime::Result;

use super::names::{BORROWED, COMPONENT, CORE_CALLBACK, ENCODED, NATIVE, OWNED, PORTABLE, RAW, TYPED};
use super::{lane, native};
use crate::floor::Core;
use crate::host::Host;
use crate::look;
use crate::measure::{Group, Pace, Way};
use crate::plugins::Plugins;
use crate::raw::Raw;
use crate::raw::urlbalancer::{UrlBalancer, exports::hookr_test::url_balancer::plugin as bindings};
use crate::requests::Request;

/// How often the plugin calls back.
const CALLBACKS: u32 = 2;

pub(super) fn group<'a>(plugins: &'a Plugins, request: &'a Request<BalanceRequest>) -> Result<Group<'a>> {
    let (handle, component) = (&plugins.urlbalancer.hookr, &plugins.urlbalancer.component);
    let guard = || handle.lane();
    let portable = || plugins.urlbalancer.portable.lane();
    let Request { value, message } = request;

    let rng: Arc<dyn Rng> = Arc::new(Host);
    let call = native(move |request: &BalanceRequest| balance(request, &*rng));
    let mut core = Core::new(&plugins.engine)?;
    let mut raw = Raw::<UrlBalancer>::new(&plugins.urlbalancer.raw)?;
    let BalanceRequest { url, nodes } = value.clone();
    let raw_request = bindings::BalanceRequest { url, nodes };
    Ok(Group::new("urlbalancer, with its two callbacks", CORE_CALLBACK, Pace::CALLS)
        .way(Way::new(NATIVE, move || Ok(sum(&call(value)?))))
        .way(Way::new(CORE_CALLBACK, move || core.forward(message, CALLBACKS)).other())
        .way(Way::new(RAW, move || {
            let Raw { store, world } = &mut raw;
            let response = world.hookr_test_url_balancer_plugin().call_balance(store, &raw_request)??;
            Ok(sum_of(
                [&response.normalized_url, &response.scheme, &response.host, &response.selected_node, &response.error]
                    .map(String::as_str),
                (response.valid, response.selected_index, response.rng_int, response.rng_float),
            ))
        }))
        .way(Way::new(COMPONENT, move || Ok(sum(&component.balance(value)?))))
        .way(Way::new(TYPED, move || Ok(sum(&handle.balance(value)?))))
        .way(lane(BORROWED, guard, move |lane| Ok(read(lane.balance(|builder| write(builder, value))?))))
        .way(lane(OWNED, guard, move |lane| Ok(sum(&lane.balance_owned(value)?))))
        .way(lane(ENCODED, guard, move |lane| Ok(read(lane.balance_encoded(message)?))))
        .way(lane(PORTABLE, portable, move |lane| Ok(read(lane.balance(|builder| write(builder, value))?)))))
}

/// As the plugin does it.
fn balance(request: &BalanceRequest, rng: &dyn Rng) -> Result<BalanceResponse, Error> {
    let context = CallbackContext::new("urlbalancer");
    let max = pick::last_index(&request.nodes)?;
    let url = match Url::parse(&request.url) {
        Ok(url) => url,
        Err(error) => return Ok(pick::invalid(&error)),
    };
    let index = rng.int(&context, RngIntRequest { min: 0, max })?;
    let jitter = rng.float(&context, RngFloatRequest {})?;
    pick::node(url, &request.nodes, index.value, jitter.value)
}

fn write<'b>(builder: &mut RequestBuilder<'b>, request: &BalanceRequest) -> WIPOffset<fb::BalanceRequest<'b>> {
    let nodes: Vec<_> = request.nodes.iter().map(|node| builder.create_string(node)).collect();
    let nodes = Some(builder.create_vector(&nodes));
    let url = Some(builder.create_string(&request.url));
    fb::BalanceRequest::create(builder, &BalanceRequestArgs { url, nodes })
}

fn read(response: fb::BalanceResponse<'_>) -> u64 {
    let texts =
        [response.normalized_url(), response.scheme(), response.host(), response.selected_node(), response.error()];
    let numbers = (response.valid(), response.selected_index(), response.rng_int(), response.rng_float());
    sum_of(texts.map(Option::unwrap_or_default), numbers)
}

fn sum(response: &BalanceResponse) -> u64 {
    let BalanceResponse { normalized_url, scheme, host, selected_node, error, .. } = response;
    let numbers = (response.valid, response.selected_index, response.rng_int, response.rng_float);
    sum_of([normalized_url, scheme, host, selected_node, error].map(String::as_str), numbers)
}

/// Takes all of a response in.
fn sum_of(texts: [&str; 5], (valid, index, int, float): (bool, u32, i32, f32)) -> u64 {
    let numbers = [valid.into(), index.into(), int.unsigned_abs().into(), float.to_bits().into()];
    let texts = texts.into_iter().map(|text| look(text.as_bytes()));
    texts.chain(numbers).fold(0, u64::wrapping_add)
}
