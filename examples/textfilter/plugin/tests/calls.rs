//! The plugin as its host calls it, natively. The contract has no callbacks, so the host has nothing to answer.
#![allow(missing_docs)]

use textfilter::mock::Host;
use textfilter::{Code, Empty, FilterRequest, Plugin as _};
use textfilter_plugin::Filter;

#[test]
fn blocked_terms_are_replaced() {
    let host = Host::new();
    let request = FilterRequest {
        input: "Buy SPAM, now".into(),
        blocked_terms: vec!["spam".into()],
        replacement: "…".into(),
        ..FilterRequest::default()
    };
    let response = host.call(|ctx| Filter.filter(ctx, request)).unwrap();
    assert_eq!((response.output.as_str(), response.replacements), ("Buy …, now", 1));
}

#[test]
fn an_empty_term_is_an_error() {
    let request = FilterRequest { blocked_terms: vec![String::new()], ..FilterRequest::default() };
    let error = Host::new().call(|ctx| Filter.filter(ctx, request)).unwrap_err();
    assert_eq!(error.code, Code::InvalidArgument);
}

#[test]
fn the_plugin_says_who_it_is() {
    let host = Host::new();
    assert_eq!(Filter.get_info(&host.context(), Empty {}).unwrap().name, "textfilter");
}
