//! The examples' own requests, and what their plugins make of them.

use std::sync::{Arc, Mutex, PoisonError};

use hookr::{CallbackContext, Error};
use textfilter::{FilterResponse, FlatBuffer as _};
use tickloop::{FlatBuffer as _, RngIntRequest, TickRequest, TickResponse};
use tickloop_plugin::{MAX_JITTER, Run};
use urlbalancer::{BalanceRequest, BalanceResponse, FlatBuffer as _};
use urlbalancer_plugin::{Url, pick};
use wasmtime::Result;

use super::names::{CORE, CORE_CALLBACK, NATIVE, RAW, TYPED};
use super::native;
use crate::floor::Core;
use crate::host::{Host, INT};
use crate::measure::{Group, Pace, Way};
use crate::plugins::{Both, Plugins};
use crate::raw::Raw;
use crate::{look, raw, requests};

/// A tick without a callback.
pub(super) fn calm(plugins: &Plugins) -> Result<Group<'_>> {
    // The plugin has this jitter in every tick; it is what the host answers too.
    let native_tick = |run: Run, request: &TickRequest| run.tick(request, INT);
    ticks("tick, without its callback", plugins, &plugins.calm, CORE, native_tick)
}

/// A tick with its callback.
pub(super) fn tick(plugins: &Plugins) -> Result<Group<'_>> {
    let rng: Arc<dyn tickloop::Rng> = Arc::new(Host);
    let native_tick = move |run: Run, request: &TickRequest| {
        let question = RngIntRequest { min: -MAX_JITTER, max: MAX_JITTER };
        run.tick(request, rng.int(&CallbackContext::new("tickloop"), question)?.value)
    };
    ticks("tick, with its callback", plugins, &plugins.tickloop, CORE_CALLBACK, native_tick)
}

fn ticks<'a>(
    name: &'static str,
    plugins: &'a Plugins,
    plugin: &'a Both<tickloop::PluginHandle>,
    base: &'static str,
    native_tick: impl Fn(Run, &TickRequest) -> Result<(Run, TickResponse), Error> + 'a,
) -> Result<Group<'a>> {
    use raw::tickloop::exports::hookr_test::tick_loop::plugin as exported;

    let request = requests::tick()?;
    let handle = &plugin.hookr;

    let run = Mutex::new(Run::default());
    let call = native(move |request: &TickRequest| {
        let mut run = run.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, response) = native_tick(*run, request)?;
        *run = next;
        Ok(response)
    });
    let native_request = request.clone();
    let (mut core, mut core_callback) = (Core::new(&plugins.engine)?, Core::new(&plugins.engine)?);
    let message = request.to_flatbuffer();
    let callback_message = message.clone();
    let mut raw = Raw::<raw::tickloop::TickLoop>::new(&plugin.raw)?;
    let TickRequest { tick, dt_micros, state_hash, events } = request;
    let raw_request = exported::TickRequest { tick, dt_micros, state_hash, events };
    let read = |response: &TickResponse| {
        let TickResponse { next_state_hash, continue_run, actions, jitter_bucket, note } = response;
        sum_of_tick(*next_state_hash, *continue_run, *actions, *jitter_bucket, note)
    };
    let group = Group::new(name, base, Pace::CALLS)
        .way(Way::new(NATIVE, move || Ok(read(&call(&native_request)?))))
        .way(Way::new(CORE, move || core.call(&message)).other());
    let group = if base == CORE_CALLBACK {
        group.way(Way::new(CORE_CALLBACK, move || core_callback.forward(&callback_message, 1)).other())
    } else {
        group
    };
    Ok(group
        .way(Way::new(RAW, move || {
            let Raw { store, world } = &mut raw;
            let response = world.hookr_test_tick_loop_plugin().call_tick(store, raw_request)??;
            let exported::TickResponse { next_state_hash, continue_run, actions, jitter_bucket, note } = response;
            Ok(sum_of_tick(next_state_hash, continue_run, actions, jitter_bucket, &note))
        }))
        .way(Way::new(TYPED, move || Ok(read(&handle.tick(&request)?)))))
}

/// A text that is filtered.
pub(super) fn filter(plugins: &Plugins) -> Result<Group<'_>> {
    use raw::textfilter::exports::hookr_test::text_filter::plugin as exported;

    let request = requests::filter()?;
    let handle = &plugins.textfilter.hookr;

    let call = native(textfilter_plugin::filter);
    let native_request = request.clone();
    let mut core = Core::new(&plugins.engine)?;
    let message = request.to_flatbuffer();
    let mut raw = Raw::<raw::textfilter::TextFilter>::new(&plugins.textfilter.raw)?;
    let raw_request = exported::FilterRequest {
        input: request.input.clone(),
        blocked_terms: request.blocked_terms.clone(),
        replacement: request.replacement.clone(),
        case_sensitive: request.case_sensitive,
        max_replacements: request.max_replacements,
    };
    let read = |response: &FilterResponse| {
        let FilterResponse { output, changed, replacements, blocked, reason } = response;
        sum_of_filter(output, *changed, *replacements, *blocked, reason)
    };
    Ok(Group::new("textfilter", CORE, Pace::CALLS)
        .way(Way::new(NATIVE, move || Ok(read(&call(&native_request)?))))
        .way(Way::new(CORE, move || core.call(&message)).other())
        .way(Way::new(RAW, move || {
            let Raw { store, world } = &mut raw;
            let response = world.hookr_test_text_filter_plugin().call_filter(store, &raw_request)??;
            let exported::FilterResponse { output, changed, replacements, blocked, reason } = response;
            Ok(sum_of_filter(&output, changed, replacements, blocked, &reason))
        }))
        .way(Way::new(TYPED, move || Ok(read(&handle.filter(&request)?)))))
}

/// A URL and nodes, one of which is chosen by two callbacks.
pub(super) fn balance(plugins: &Plugins) -> Result<Group<'_>> {
    use raw::urlbalancer::exports::hookr_test::url_balancer::plugin as exported;

    let request = requests::balance()?;
    let handle = &plugins.urlbalancer.hookr;

    let rng: Arc<dyn urlbalancer::Rng> = Arc::new(Host);
    let call = native(move |request: &BalanceRequest| {
        let context = CallbackContext::new("urlbalancer");
        let max = pick::last_index(&request.nodes)?;
        let url = match Url::parse(&request.url) {
            Ok(url) => url,
            Err(error) => return Ok(pick::invalid(&error)),
        };
        let index = rng.int(&context, urlbalancer::RngIntRequest { min: 0, max })?;
        let jitter = rng.float(&context, urlbalancer::RngFloatRequest {})?;
        pick::node(url, &request.nodes, index.value, jitter.value)
    });
    let native_request = request.clone();
    let (mut core, mut core_callback) = (Core::new(&plugins.engine)?, Core::new(&plugins.engine)?);
    let message = request.to_flatbuffer();
    let callback_message = message.clone();
    let mut raw = Raw::<raw::urlbalancer::UrlBalancer>::new(&plugins.urlbalancer.raw)?;
    let raw_request = exported::BalanceRequest { url: request.url.clone(), nodes: request.nodes.clone() };
    let read = |response: &BalanceResponse| {
        let texts =
            [&response.normalized_url, &response.scheme, &response.host, &response.selected_node, &response.error];
        let numbers = (response.valid, response.selected_index, response.rng_int, response.rng_float);
        sum_of_balance(texts.map(String::as_str), numbers)
    };
    Ok(Group::new("urlbalancer, two callbacks", CORE, Pace::CALLS)
        .way(Way::new(NATIVE, move || Ok(read(&call(&native_request)?))))
        .way(Way::new(CORE, move || core.call(&message)).other())
        .way(Way::new(CORE_CALLBACK, move || core_callback.forward(&callback_message, 2)).other())
        .way(Way::new(RAW, move || {
            let Raw { store, world } = &mut raw;
            let response = world.hookr_test_url_balancer_plugin().call_balance(store, &raw_request)??;
            let texts =
                [&response.normalized_url, &response.scheme, &response.host, &response.selected_node, &response.error];
            let numbers = (response.valid, response.selected_index, response.rng_int, response.rng_float);
            Ok(sum_of_balance(texts.map(String::as_str), numbers))
        }))
        .way(Way::new(TYPED, move || Ok(read(&handle.balance(&request)?)))))
}

fn sum_of_tick(next_state_hash: u64, continue_run: bool, actions: u32, jitter_bucket: i32, note: &str) -> u64 {
    let numbers = [continue_run.into(), actions.into(), jitter_bucket.unsigned_abs().into(), look(note.as_bytes())];
    numbers.into_iter().fold(next_state_hash, u64::wrapping_add)
}

fn sum_of_filter(output: &str, changed: bool, replacements: u32, blocked: bool, reason: &str) -> u64 {
    let numbers = [changed.into(), replacements.into(), blocked.into(), look(reason.as_bytes())];
    numbers.into_iter().fold(look(output.as_bytes()), u64::wrapping_add)
}

fn sum_of_balance(texts: [&str; 5], (valid, index, int, float): (bool, u32, i32, f32)) -> u64 {
    let numbers = [valid.into(), index.into(), int.unsigned_abs().into(), float.to_bits().into()];
    let texts = texts.into_iter().map(|text| look(text.as_bytes()));
    texts.chain(numbers).fold(0, u64::wrapping_add)
}
