//! The plugin as its host calls it, natively: a mock answers in the host's place.
#![allow(missing_docs)]

// ANCHOR: mock
use urlbalancer::mock::Host;
use urlbalancer::{
    BalanceRequest, Code, Empty, Error, Plugin as _, RngFloatRequest, RngFloatResponse, RngIntRequest, RngIntResponse,
};
use urlbalancer_plugin::Balancer;

fn request(url: &str) -> BalanceRequest {
    BalanceRequest { url: url.into(), nodes: ["a", "b", "c"].map(String::from).into() }
}

#[test]
fn the_number_of_the_host_chooses_the_node() {
    let host = Host::new();
    host.rng().int().with_request(RngIntRequest { min: 0, max: 2 }).returns(RngIntResponse { value: 1 }).times(1);
    host.rng().float().returns(RngFloatResponse { value: 0.5 }).times(1);

    let response = host.call(|ctx| Balancer.balance(ctx, request("https://example.com"))).unwrap();

    assert_eq!((response.selected_node.as_str(), response.rng_float), ("b", 0.5));
    assert_eq!(host.called(), ["Rng.Int", "Rng.Float"]);
    host.verify();
}
// ANCHOR_END: mock

#[test]
fn every_node_is_chosen_by_its_number() {
    let host = Host::new();
    host.rng().int().returns_each((0..3).map(|value| RngIntResponse { value }));
    host.rng().float().answers(|RngFloatRequest {}| Ok(RngFloatResponse { value: 0.25 }));
    let chosen = ["a", "b", "c"].map(|_| {
        let response = host.call(|ctx| Balancer.balance(ctx, request("http://example.com")));
        response.unwrap().selected_node
    });
    assert_eq!(chosen, ["a", "b", "c"]);
    assert_eq!(host.rng().int().count(), 3);
}

#[test]
fn an_invalid_url_costs_no_random_numbers() {
    let host = Host::new();
    let response = host.call(|ctx| Balancer.balance(ctx, request("example.com"))).unwrap();
    assert!(!response.valid);
    assert!(host.calls().is_empty());
}

#[test]
fn what_the_host_says_is_passed_on() {
    let host = Host::new();
    host.rng().int().fails(Error::unavailable("no entropy")).times(1);
    let error = host.call(|ctx| Balancer.balance(ctx, request("http://example.com"))).unwrap_err();
    assert_eq!(error, Error::unavailable("no entropy"));
}

#[test]
fn a_number_beyond_the_last_node_is_refused() {
    let host = Host::new();
    host.rng().int().answers(|request| Ok(RngIntResponse { value: request.max + 1 }));
    host.rng().float().returns(RngFloatResponse { value: 0.5 });
    let error = host.call(|ctx| Balancer.balance(ctx, request("http://example.com"))).unwrap_err();
    assert_eq!(error.code, Code::OutOfRange);
}

#[test]
fn the_plugin_says_who_it_is_without_the_host() {
    let host = Host::new();
    let info = host.call(|ctx| Balancer.get_info(ctx, Empty {})).unwrap();
    assert_eq!(info.name, "urlbalancer");
}
