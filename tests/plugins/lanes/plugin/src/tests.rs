//! The plugin natively: what works in place does so with a mock of its host, both ways.

use std::sync::Arc;

use lanes::in_place::{Echo as _, Fail as _, Forward as _, Hold as _, Nest as _};
use lanes::mock::Host;
use lanes::{Block, CallbackContext, Code, Desk, Error, Message, Plugin as _};

use super::Lanes;

fn message(text: &str) -> Message {
    Message { text: text.into(), bytes: vec![1, 2, 3], words: vec!["a".into(), String::new()], number: 0.5 }
}

#[test]
fn a_request_in_place_comes_back_as_values() {
    let host = Host::new();
    let echo = host.call(|ctx| Lanes::default().echo_owned(ctx, &message("hello")));
    assert_eq!(echo, Ok(message("hello")));
    let block = Block { bytes: vec![7; 100] };
    assert_eq!(host.call(|ctx| Lanes::default().hold_owned(ctx, &block)), Ok(block));
    let error = host.call(|ctx| Lanes::default().fail_owned(ctx, &message("closed"))).unwrap_err();
    assert_eq!(error, Error::unavailable("closed"));
}

#[test]
fn a_callback_in_place_is_one_as_any_other() {
    let host = Host::new();
    host.desk().relay().with_request(message("there")).returns(message("back")).times(1);
    host.desk().relay().fails(Error::unavailable("closed"));
    let forward = |text| host.call(|ctx| Lanes::default().forward_owned(ctx, &message(text)));
    assert_eq!(forward("there"), Ok(message("back")));
    assert_eq!(forward("elsewhere"), Err(Error::unavailable("closed")));
    assert_eq!(host.call(|ctx| Lanes::default().owned(ctx, message("again"))), Err(Error::unavailable("closed")));
    assert_eq!(host.desk().relay().requests(), ["there", "elsewhere", "again"].map(message));
}

#[test]
#[should_panic(expected = "Desk.Relay(Message { text: \"hello\"")]
fn a_callback_in_place_that_is_not_expected_fails_the_test() {
    let host = Host::new();
    let error = host.call(|ctx| Lanes::default().forward_owned(ctx, &message("hello"))).unwrap_err();
    assert_eq!(error.code, Code::Unimplemented);
    host.verify();
}

#[test]
fn there_is_no_callback_out_of_the_reading_of_another() {
    let host = Host::new();
    host.desk().relay().returns(message("answer")).times(1);
    let error = host.call(|ctx| Lanes::default().nest_owned(ctx, &message("hello"))).unwrap_err();
    assert_eq!(error.code, Code::FailedPrecondition);
}

#[test]
fn the_mock_is_the_service_for_hosts_as_well() {
    let host = Arc::new(Host::new());
    host.desk().relay().answers(|request| Ok(request.clone())).times(1);
    let desk: Arc<dyn Desk> = host.clone();
    let answer = desk.relay(&CallbackContext::new("test"), message("hello"));
    assert_eq!(answer, Ok(message("hello")));
    assert_eq!(host.called(), ["Desk.Relay"]);
}
