//! The lane as generated code has it: every form of every method, on both engines, against a plugin that is compiled.

use std::sync::{Arc, OnceLock};

use hookr::lane::{AnswerBuilder, LaneChoice, LaneState};
use hookr::{CallError, CallWay, CallbackContext, Code, Error};
use hookr_tests::plugin;
use lanes::flatbuffers::WIPOffset;
use lanes::{Block, Callbacks, Desk, Empty, FlatBuffer, Message, PluginHandle, fb};

/// Answers with the request; fails for the text `fail`.
struct Relay;

impl Desk for Relay {
    fn relay(&self, _: &CallbackContext<'_>, request: Message) -> Result<Message, Error> {
        if request.text == "fail" {
            return Err(Error::not_found("no relay"));
        }
        Ok(request)
    }
}

/// The same, in place where there is one.
struct InPlace;

impl Desk for InPlace {
    fn relay(&self, ctx: &CallbackContext<'_>, request: Message) -> Result<Message, Error> {
        Relay.relay(ctx, request)
    }

    fn relay_in_place<'b>(
        &self,
        _: &CallbackContext<'_>,
        request: fb::Message<'_>,
        answer: &mut AnswerBuilder<'b>,
    ) -> Result<WIPOffset<fb::Message<'b>>, Error> {
        let text = answer.create_string(request.text().unwrap_or_default());
        if request.text() == Some("fail") {
            return Err(Error::not_found("no relay"));
        }
        let bytes = request.bytes().map(|bytes| answer.create_vector(bytes.bytes()));
        let words: Vec<_> = request.words().iter().flatten().map(|word| answer.create_string(word)).collect();
        let words = request.words().map(|_| answer.create_vector(&words));
        Ok(fb::Message::create(answer, &fb::MessageArgs { text: Some(text), bytes, words, number: request.number() }))
    }
}

fn message(text: &str, len: usize) -> Message {
    Message {
        text: text.to_owned(),
        bytes: (0..len).map(|i| (i * 7) as u8).collect(),
        words: (0..len.min(300)).map(|i| format!("word {i} é")).collect(),
        number: -0.5 * len as f64,
    }
}

fn open(choice: LaneChoice, host: impl Desk) -> PluginHandle {
    let builder = PluginHandle::builder(Callbacks { desk: Arc::new(host) }).allow_unsigned().lane(choice);
    let handle = builder.open(plugin("lanes")).unwrap();
    let expected = if choice == LaneChoice::Portable { LaneState::Portable } else { LaneState::Direct };
    assert_eq!(handle.metadata().lane(), &expected);
    handle
}

#[track_caller]
fn failed<T: std::fmt::Debug>(result: Result<T, CallError>) -> (Code, String) {
    match result.unwrap_err() {
        CallError::Failed { error, .. } => (error.code, error.message),
        error => panic!("{error:?}"),
    }
}

const CHOICES: [LaneChoice; 2] = [LaneChoice::Auto, LaneChoice::Portable];

#[test]
fn every_form_of_a_method_gives_the_same() {
    for choice in CHOICES {
        let handle = open(choice, InPlace);
        let mut lane = handle.lane().unwrap();
        for len in [0, 1, 17, 1000, 200_000, 3] {
            let request = message("text", len);
            let answer = lane.echo(|builder| request.encode(builder)).unwrap();
            assert_eq!((answer.text(), answer.number()), (Some("text"), request.number));
            assert!(answer.bytes().map(|bytes| bytes.bytes()).unwrap_or_default() == request.bytes);
            assert!(lane.echo_owned(&request).unwrap() == request);
            let bytes = request.to_flatbuffer();
            assert!(Message::decode(lane.echo_encoded(&bytes).unwrap()).unwrap() == request);
            assert!(Message::decode(lane.forward(|builder| request.encode(builder)).unwrap()).unwrap() == request);
            assert!(lane.forward_owned(&request).unwrap() == request);
            assert!(lane.owned_owned(&request).unwrap() == request);
            let requests: Vec<Message> = (0..5).map(|i| message("batch", len / 5 + i)).collect();
            let mut answers = Vec::new();
            lane.forward_batch(
                requests.len(),
                |i, builder| requests[i].encode(builder),
                |_, answer| answers.push(Message::decode(answer.unwrap()).unwrap()),
            )
            .unwrap();
            assert!(answers == requests);
        }
    }
}

#[test]
fn optional_methods_are_there_in_place_by_owned_values_or_not_at_all() {
    for choice in CHOICES {
        let handle = open(choice, Relay);
        assert!(handle.supports_here() && handle.supports_there() && !handle.supports_nowhere());
        let request = message("optional", 3);
        let mut lane = handle.lane().unwrap();
        assert_eq!(lane.here_owned(&request).unwrap(), request);
        assert_eq!(lane.there_owned(&request).unwrap(), request);
        assert_eq!(Message::decode(lane.here(|builder| request.encode(builder)).unwrap()).unwrap(), request);
        let error = lane.nowhere(|builder| request.encode(builder)).unwrap_err();
        assert!(matches!(&error, CallError::Unimplemented { method } if method == "Plugin:Nowhere"), "{error:?}");
        let error = lane.nowhere_encoded(&request.to_flatbuffer()).unwrap_err();
        assert!(matches!(&error, CallError::Unimplemented { .. }), "{error:?}");
        let error = lane.nowhere_batch(1, |_, builder| request.encode(builder), |_, _| ()).unwrap_err();
        assert!(matches!(&error, CallError::Unimplemented { .. }), "{error:?}");
    }
}

#[test]
fn errors_of_either_side_arrive_and_cost_nothing() {
    for choice in CHOICES {
        let handle = open(choice, InPlace);
        let mut lane = handle.lane().unwrap();
        for _ in 0..3 {
            let request = message("gave up é", 10);
            assert_eq!(failed(lane.fail_owned(&request)), (Code::Unavailable, "gave up é".into()));
            let request = message("fail", 10);
            assert_eq!(failed(lane.forward_owned(&request)), (Code::NotFound, "no relay".into()));
            assert_eq!(failed(lane.owned_owned(&request)), (Code::NotFound, "no relay".into()));
            let request = message("fine", 10);
            assert_eq!(lane.forward_owned(&request).unwrap(), request);
        }
        let mut answers = Vec::new();
        let texts = ["fine", "fail", "fine"];
        lane.forward_batch(
            3,
            |i, builder| message(texts[i], i).encode(builder),
            |_, answer| answers.push(answer.map(|answer| answer.number()).map_err(|error| error.code)),
        )
        .unwrap();
        assert_eq!(answers, [Ok(0.0), Err(Code::NotFound), Ok(-1.0)]);
    }
}

#[test]
fn bytes_that_are_no_request_are_refused_before_the_plugin_sees_them() {
    let handle = open(LaneChoice::Auto, Relay);
    let mut lane = handle.lane().unwrap();
    let valid = message("x", 100).to_flatbuffer();
    for bytes in [&valid[..valid.len() - 8], &[][..], &[0xff; 64]] {
        let error = lane.echo_encoded(bytes).unwrap_err();
        assert!(matches!(&error, CallError::InvalidRequest { .. }), "{error:?}");
        assert!(!error.lost_instance());
    }
    lane.echo_encoded(&valid).unwrap();
}

/// The plugin cannot tell the ways from each other by what it may do.
#[test]
fn a_callback_out_of_the_reading_of_another_is_refused_whatever_the_way() {
    let refused = (Code::FailedPrecondition, "the answer of another callback is being read".to_owned());
    for choice in CHOICES {
        let handle = open(choice, Relay);
        assert_eq!(failed(handle.lane().unwrap().nest_owned(&message("x", 1))), refused);
    }
    let builder = PluginHandle::builder(Callbacks { desk: Arc::new(Relay) }).allow_unsigned();
    let handle = builder.typed_calls(CallWay::Component).open(plugin("lanes")).unwrap();
    assert_eq!(handle.metadata().typed_calls(), CallWay::Component);
    assert_eq!(failed(handle.nest(&message("x", 1))), refused);
    assert_eq!(handle.forward(&message("fine", 5)).unwrap(), message("fine", 5));
}

/// Calls its own plugin, by the handle and by the lane.
struct Again(Arc<OnceLock<PluginHandle>>);

impl Desk for Again {
    fn relay(&self, _: &CallbackContext<'_>, request: Message) -> Result<Message, Error> {
        let handle = self.0.get().unwrap();
        assert!(matches!(handle.lane().map(drop), Err(CallError::Reentrant { .. })));
        let error = handle.echo(&request).unwrap_err();
        Err(Error::unavailable(error.to_string()))
    }
}

#[test]
fn a_callback_that_calls_its_plugin_is_refused_whatever_the_way() {
    for choice in CHOICES {
        let own = Arc::default();
        let handle = open(choice, Again(Arc::clone(&own)));
        own.set(handle.clone()).unwrap();
        for _ in 0..2 {
            let (code, text) = failed(handle.forward(&message("x", 1)));
            assert_eq!(code, Code::Unavailable);
            assert!(text.contains("Plugin:Echo"), "{text}");
            let mut lane = handle.lane().unwrap();
            assert_eq!(failed(lane.forward_owned(&message("x", 1))).0, Code::Unavailable);
            assert_eq!(lane.echo_owned(&message("on", 2)).unwrap(), message("on", 2));
        }
    }
}

#[test]
fn the_handle_waits_for_the_lane_of_another_thread() {
    let handle = open(LaneChoice::Auto, Relay);
    let mut lane = handle.lane().unwrap();
    let other = handle.clone();
    let waiting = std::thread::spawn(move || other.echo(&message("there", 1)).unwrap());
    for i in 0..1000 {
        assert_eq!(lane.echo_owned(&message("here", i)).unwrap().bytes.len(), i);
    }
    assert!(matches!(handle.echo(&message("same thread", 1)), Err(CallError::Reentrant { .. })));
    drop(lane);
    assert_eq!(waiting.join().unwrap(), message("there", 1));
}

/// A call of the handle takes what does not fit into the lane the other way.
#[test]
fn the_handle_takes_what_is_too_large_for_the_lane() {
    let handle = open(LaneChoice::Auto, Relay);
    let large = Message { bytes: vec![1; 17 << 20], ..Message::default() };
    assert_eq!(handle.metadata().typed_calls(), CallWay::Lane);
    let error = handle.lane().unwrap().there_owned(&large).unwrap_err();
    assert!(matches!(error, CallError::RequestTooLarge { .. }), "{error:?}");
    assert!(handle.there(&large).unwrap() == large);
}

#[test]
fn a_plugin_takes_no_memory_for_a_call_that_it_answers_in_place() {
    for choice in CHOICES {
        let handle = open(choice, InPlace);
        let request = message("steady", 100);
        let bytes = request.to_flatbuffer();
        let mut lane = handle.lane().unwrap();
        let mut allocations = |rounds: usize, forward: bool| {
            for _ in 0..rounds {
                let answer = if forward { lane.forward_encoded(&bytes) } else { lane.echo_encoded(&bytes) };
                answer.unwrap();
            }
            lane.count_owned(&Empty {}).unwrap().allocations
        };
        // The portable engine passes a request as a list, which the plugin allocates; counting is such a call, too.
        let of_request = if choice == LaneChoice::Portable { 1 } else { 0 };
        for forward in [false, true] {
            let before = allocations(10, forward);
            let after = allocations(100, forward);
            // It also gets the answers of callbacks as lists.
            let of_answer = if forward { of_request } else { 0 };
            let expected = 101 * of_request + 100 * of_answer;
            assert_eq!(after - before, expected, "{choice:?}, forward: {forward}");
        }
    }
}

#[test]
fn typed_calls_that_carry_many_numbers_do_without_the_lane_for_a_while() {
    let (small, large) = (Block { bytes: vec![1; 10] }, Block { bytes: vec![2; 20_000] });
    for (way, does_without) in [(CallWay::Auto, true), (CallWay::Lane, false)] {
        let callbacks = Callbacks { desk: Arc::new(Relay) };
        let builder = PluginHandle::builder(callbacks).allow_unsigned().typed_calls(way);
        let handle = builder.open(plugin("lanes")).unwrap();
        // Over the lane, the plugin answers in place and allocates nothing; the other way it has to.
        let allocates = |call: &dyn Fn()| {
            let count = || handle.count(&Empty {}).unwrap().allocations;
            let [before, between] = [count(), count()];
            call();
            count() - between > between - before
        };
        let hold = || assert_eq!(handle.hold(&small).unwrap(), small);
        assert!((0..3).any(|_| !allocates(&hold)), "once it is warm");
        assert_eq!(handle.hold(&large).unwrap(), large);
        assert!((0..255).all(|_| allocates(&hold) == does_without), "{way:?}");
        assert!((0..3).any(|_| !allocates(&hold)) && !allocates(&hold), "and then the lane again");
        assert_eq!(handle.metadata().typed_calls(), CallWay::Lane);
        // What has a vector of strings in it is not weighed.
        let (small, large) = (message("small", 10), message("large", 20_000));
        let echo = || assert_eq!(handle.echo(&small).unwrap(), small);
        assert_eq!(handle.echo(&large).unwrap(), large);
        assert!((0..3).any(|_| !allocates(&echo)) && !allocates(&echo), "{way:?}");
    }
}
