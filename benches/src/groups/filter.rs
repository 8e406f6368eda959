//! A text that is filtered.

use flatbuffers::WIPOffset;
use hookr::lane::RequestBuilder;
use textfilter::fb::{self, FilterRequestArgs};
use textfilter::{FilterRequest, FilterResponse};
use wasmtime::Result;

use super::names::{BORROWED, COMPONENT, CORE, ENCODED, NATIVE, OWNED, PORTABLE, RAW, TYPED};
use super::{lane, native};
use crate::floor::Core;
use crate::look;
use crate::measure::{Group, Pace, Way};
use crate::plugins::Plugins;
use crate::raw::Raw;
use crate::raw::textfilter::{TextFilter, exports::hookr_test::text_filter::plugin as bindings};
use crate::requests::Request;

pub(super) fn group<'a>(plugins: &'a Plugins, request: &'a Request<FilterRequest>) -> Result<Group<'a>> {
    let (handle, component) = (&plugins.textfilter.hookr, &plugins.textfilter.component);
    let guard = || handle.lane();
    let portable = || plugins.textfilter.portable.lane();
    let Request { value, message } = request;

    let call = native(textfilter_plugin::filter);
    let mut core = Core::new(&plugins.engine)?;
    let mut raw = Raw::<TextFilter>::new(&plugins.textfilter.raw)?;
    let FilterRequest { input, blocked_terms, replacement, case_sensitive, max_replacements } = value.clone();
    let raw_request = bindings::FilterRequest { input, blocked_terms, replacement, case_sensitive, max_replacements };
    Ok(Group::new("textfilter", CORE, Pace::CALLS)
        .way(Way::new(NATIVE, move || Ok(sum(&call(value)?))))
        .way(Way::new(CORE, move || core.call(message)).other())
        .way(Way::new(RAW, move || {
            let Raw { store, world } = &mut raw;
            let response = world.hookr_test_text_filter_plugin().call_filter(store, &raw_request)??;
            let bindings::FilterResponse { output, changed, replacements, blocked, reason } = response;
            Ok(sum_of(&output, changed, replacements, blocked, &reason))
        }))
        .way(Way::new(COMPONENT, move || Ok(sum(&component.filter(value)?))))
        .way(Way::new(TYPED, move || Ok(sum(&handle.filter(value)?))))
        .way(lane(BORROWED, guard, move |lane| Ok(read(lane.filter(|builder| write(builder, value))?))))
        .way(lane(OWNED, guard, move |lane| Ok(sum(&lane.filter_owned(value)?))))
        .way(lane(ENCODED, guard, move |lane| Ok(read(lane.filter_encoded(message)?))))
        .way(lane(PORTABLE, portable, move |lane| Ok(read(lane.filter(|builder| write(builder, value))?)))))
}

fn write<'b>(builder: &mut RequestBuilder<'b>, request: &FilterRequest) -> WIPOffset<fb::FilterRequest<'b>> {
    let terms: Vec<_> = request.blocked_terms.iter().map(|term| builder.create_string(term)).collect();
    let args = FilterRequestArgs {
        input: Some(builder.create_string(&request.input)),
        blocked_terms: Some(builder.create_vector(&terms)),
        replacement: Some(builder.create_string(&request.replacement)),
        case_sensitive: request.case_sensitive,
        max_replacements: request.max_replacements,
    };
    fb::FilterRequest::create(builder, &args)
}

fn read(response: fb::FilterResponse<'_>) -> u64 {
    let [output, reason] = [response.output(), response.reason()].map(Option::unwrap_or_default);
    sum_of(output, response.changed(), response.replacements(), response.blocked(), reason)
}

fn sum(response: &FilterResponse) -> u64 {
    let FilterResponse { output, changed, replacements, blocked, reason } = response;
    sum_of(output, *changed, *replacements, *blocked, reason)
}

/// Takes all of a response in.
fn sum_of(output: &str, changed: bool, replacements: u32, blocked: bool, reason: &str) -> u64 {
    let numbers = [changed.into(), replacements.into(), blocked.into(), look(reason.as_bytes())];
    numbers.into_iter().fold(look(output.as_bytes()), u64::wrapping_add)
}
