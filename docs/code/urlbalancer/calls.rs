use balancer::mock::Host;
use balancer::{BelowRequest, BelowResponse, Code, Error, PickRequest, Plugin};
use balancer_plugin::Balancer;

fn request(url: &str) -> PickRequest {
    PickRequest {
        url: url.into(),
        nodes: vec!["a".into(), "b".into(), "c".into()],
    }
}

#[test]
fn the_number_of_the_host_picks_the_node() {
    let host = Host::new();
    host.rng()
        .below()
        .with_request(BelowRequest { limit: 3 })
        .returns(BelowResponse { value: 1 })
        .times(1);
    let response = host.call(|ctx| Balancer.pick(ctx, request("https://example.com")));
    assert_eq!(response.unwrap().node, "b");
    // The plugin has called what is expected, as often as that, and nothing else.
    host.verify();
}

#[test]
fn an_error_of_the_host_is_passed_on() {
    let host = Host::new();
    let no_entropy = Error::unavailable("no entropy");
    host.rng().below().fails(no_entropy.clone());
    let response = host.call(|ctx| Balancer.pick(ctx, request("https://example.com")));
    assert_eq!(response.unwrap_err(), no_entropy);
}

#[test]
fn a_text_that_is_no_url_costs_no_number() {
    let host = Host::new();
    let response = host.call(|ctx| Balancer.pick(ctx, request("example.com")));
    assert_eq!(response.unwrap_err().code, Code::InvalidArgument);
    assert!(host.calls().is_empty());
}
