//! The plugin natively: values that no message can hold do not pass a mock of its host either.

use shapes::mock::Host;
use shapes::{Chain, Code, Everything, Order, Plugin as _};

use super::Echo;

fn chain(length: u32) -> Chain {
    (1..length).fold(Chain::default(), |next, value| Chain { value: value as i32, next: Some(next.into()) })
}

#[test]
fn a_request_that_is_too_deep_does_not_reach_the_host() {
    let host = Host::new();
    let make = |length| host.call(|ctx| Echo.make(ctx, Order { length, through_host: true }));
    assert_eq!(make(1000).unwrap_err().code, Code::InvalidArgument);
    assert!(host.calls().is_empty());
    host.mirror().follow().answers(|chain| Ok(chain.clone())).times(1);
    assert_eq!(make(10), Ok(chain(10)));
}

#[test]
fn an_answer_that_is_too_deep_does_not_reach_the_plugin() {
    let host = Host::new();
    host.mirror().follow().returns(chain(1000));
    let error = host.call(|ctx| Echo.follow(ctx, chain(1))).unwrap_err();
    assert_eq!(error.code, Code::Internal);
}

#[test]
fn what_is_sent_out_is_what_the_host_is_asked() {
    let host = Host::new();
    host.mirror().reflect().answers(|request| Ok(request.clone()));
    let response = host.call(|ctx| Echo.echo(ctx, Everything::default())).unwrap();
    assert_eq!([response], host.mirror().reflect().requests()[..]);
}
