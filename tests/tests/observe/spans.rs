//! Spans of `tracing`.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
use hookr::lane::LaneChoice;
use hookr::reload::{Outcome, Reload};
use hookr::{CallError, CallWay, CallbackContext, Error, StateLimits};
use hookr_tests::installed::Installed;
use hookr_tests::lane::methods::{ECHO, FAIL};
use hookr_tests::lane::{LaneGuest, write};
use hookr_tests::versions::{Fault, faulty, version, versions_builder, versions_builder_with};
use tracing::level_filters::LevelFilter;
use tracing::{Level, info};
use versions::{Answer, AskRequest, Empty, LogRequest, PanicRequest, PluginHandle};

use super::collector::{Collector, Seen};

const PACKAGE: &str = "hookr-test:versions";

fn question() -> AskRequest {
    AskRequest { question: "?".to_owned() }
}

/// What is heard of some work, but for events.
fn spans<R>(work: impl FnOnce() -> R) -> (R, Vec<Seen>) {
    let (result, seen) = Collector::listen(LevelFilter::TRACE, work);
    let seen: Vec<_> = seen.into_iter().filter(|seen| seen.name != "event").collect();
    for span in &seen {
        assert!(span.is_over, "{span:?}");
        assert!(span.target.starts_with("hookr::"), "{span:?}");
        // Nobody can tell how long it takes, but that it takes some time.
        assert!(span.number("duration_ns") > 0, "{span:?}");
    }
    (result, seen)
}

#[track_caller]
fn only(mut seen: Vec<Seen>) -> Seen {
    assert_eq!(seen.len(), 1, "{seen:?}");
    seen.remove(0)
}

fn way_of(plugin: &PluginHandle) -> &'static str {
    match plugin.metadata().typed_calls() {
        CallWay::Lane => "lane",
        _ => "component",
    }
}

#[test]
fn an_opening_is_a_span_that_says_what_was_opened() {
    let (plugin, seen) = spans(|| versions_builder().name("a\x1b").open(version(1)).unwrap());
    let open = only(seen);
    assert_eq!((open.name, open.target, open.level), ("open", "hookr::open", Level::INFO));
    assert_eq!((open.get("plugin"), open.get("outcome")), ("a\\u{1b}", "ok"));
    assert_eq!(open.get("contract"), plugin.metadata().package());
    assert_eq!(open.get("sha256"), plugin.metadata().sha256().to_string());
    assert_eq!(open.number("size"), plugin.metadata().size() as u64);
    assert!(["compiled", "stored", "cached", "shared"].contains(&open.get("origin")), "{open:?}");

    let (result, seen) = spans(|| versions_builder().open("no/such-plugin.wasm"));
    let open = only(seen);
    assert_eq!((open.get("plugin"), open.get("outcome")), ("such-plugin", result.unwrap_err().kind()));
    assert_eq!((open.get("outcome"), open.get("sha256")), ("read", ""));
}

#[test]
fn a_typed_call_is_one_span_whichever_way_it_takes() {
    for way in [CallWay::Component, CallWay::Lane] {
        let plugin = versions_builder().name("p").typed_calls(way).open(version(1)).unwrap();
        let (_, seen) = spans(|| plugin.count(&Empty {}).unwrap());
        let call = only(seen);
        assert_eq!((call.name, call.target, call.level), ("call", "hookr::call", Level::DEBUG));
        assert_eq!((call.get("plugin"), call.get("contract")), ("p", plugin.metadata().package()));
        assert_eq!((call.get("method"), call.get("outcome"), call.get("code")), ("Plugin:Count", "ok", ""));
        assert_eq!(call.get("way"), way_of(&plugin));
        call.number("request_bytes");
        if way_of(&plugin) == "lane" {
            assert!(call.number("request_bytes") > 0 && call.number("response_bytes") > 0);
        } else {
            assert_eq!(call.get("response_bytes"), "", "it is not known");
        }
    }
}

#[test]
fn a_call_that_fails_says_how() {
    let plugin = versions_builder().open(version(1)).unwrap();
    // The oracle of this host is closed, and the plugin passes that on.
    let (error, seen) = spans(|| plugin.ask(&question()).unwrap_err());
    let call = seen.iter().find(|seen| seen.name == "call").unwrap();
    assert_eq!((call.get("outcome"), call.get("code")), (error.kind(), error.code().name()));
    assert_eq!((call.get("outcome"), call.get("code")), ("failed", "unavailable"));
    let callback = seen.iter().find(|seen| seen.name == "callback").unwrap();
    assert_eq!((callback.get("outcome"), callback.get("code")), ("failed", "unavailable"));

    let (error, seen) = spans(|| plugin.panic(&PanicRequest { message: "oh".to_owned() }).unwrap_err());
    assert!(matches!(error, CallError::Trapped { .. }));
    let call = only(seen);
    assert_eq!((call.get("outcome"), call.get("code")), ("trapped", "internal"));
}

#[test]
fn calls_over_a_lane_and_batches_are_of_the_level_trace() {
    let echo = |_, _: &[u8], _: &mut hookr::lane::AnswerBuilder<'_>| Ok(());
    let plugin = LaneGuest::default().open(LaneChoice::Auto, echo).unwrap();
    let mut lane = plugin.lane().unwrap();
    let (_, seen) = spans(|| lane.call(&ECHO, &[7; 100]).unwrap().len());
    let call = only(seen);
    assert_eq!((call.name, call.level, call.get("way")), ("call", Level::TRACE, "lane"));
    assert_eq!((call.get("method"), call.get("outcome")), (ECHO.name, "ok"));
    assert_eq!(call.number("request_bytes"), call.number("response_bytes"));
    assert!(call.number("request_bytes") > 100);

    let (_, seen) = spans(|| lane.call(&FAIL, b"no").unwrap_err());
    assert_eq!((only(seen.clone()).get("outcome"), only(seen).get("code")), ("failed", "not-found"));

    let batch = || {
        let read = |_, answer: Result<&[u8], Error>| answer.map(|_| ());
        lane.lane.batch(&ECHO, 3, |_, builder| write(builder, &[1; 10]), read).unwrap();
    };
    let ((), seen) = spans(batch);
    let call = only(seen);
    assert_eq!((call.number("batch"), call.get("outcome"), call.get("response_bytes")), (3, "ok", ""));
    assert!(call.number("request_bytes") > 30);

    // Who listens to less does not hear of them.
    let (_, seen) = Collector::listen(LevelFilter::DEBUG, || lane.call(&ECHO, &[]).unwrap().len());
    assert!(seen.is_empty(), "{seen:?}");
}

#[test]
fn what_a_plugin_logs_and_a_callback_does_is_inside_of_the_call() {
    for way in [CallWay::Component, CallWay::Lane] {
        let builder = versions_builder_with(|_, request| {
            info!(target: "the_host", "asked");
            Ok(Answer { text: request.question })
        });
        let plugin = builder.typed_calls(way).open(version(1)).unwrap();
        let log = LogRequest { message: "red \x1b[31m".to_owned(), times: 1, ..LogRequest::default() };
        let (_, seen) = Collector::listen(LevelFilter::TRACE, || {
            plugin.log(&log).unwrap();
            plugin.ask(&question()).unwrap();
        });
        let event =
            seen.iter().find(|seen| seen.target == "hookr::plugin" && seen.get("message").contains("red")).unwrap();
        assert_eq!(event.inside, ["call"]);
        assert_eq!(event.get("message"), "red \\u{1b}[31m");
        let callback = seen.iter().find(|seen| seen.name == "callback").unwrap();
        assert_eq!((callback.target, callback.level), ("hookr::callback", Level::TRACE));
        assert_eq!((callback.get("method"), callback.get("outcome")), ("Oracle:Ask", "ok"));
        assert_eq!((callback.get("way"), callback.get("contract")), (way_of(&plugin), plugin.metadata().package()));
        assert_eq!(callback.inside, ["call"]);
        assert_eq!(callback.get("request_bytes").is_empty(), way_of(&plugin) == "component");
        let event = seen.iter().find(|seen| seen.target == "the_host").unwrap();
        assert_eq!(event.inside, ["call", "callback"]);
    }
}

#[test]
fn a_panic_of_a_callback_ends_its_spans() {
    let plugin = versions_builder_with(|_, _| panic!("the host is upset")).open(version(1)).unwrap();
    let ask = || catch_unwind(AssertUnwindSafe(|| plugin.ask(&question()))).is_err();
    let (panicked, seen) = spans(ask);
    assert!(panicked);
    let outcomes: Vec<_> = seen.iter().map(|seen| (seen.name, seen.get("outcome"))).collect();
    assert_eq!(outcomes, [("call", "panicked"), ("callback", "panicked")]);
}

#[test]
fn a_reload_is_a_span_and_the_swap_an_event_of_it() {
    let file = Installed::new(fs::read(version(1)).unwrap());
    let plugin = versions_builder().name("p").reload(Reload::manual()).open(file.path()).unwrap();
    let reloader = plugin.reloader();
    let (_, seen) = spans(|| assert!(matches!(reloader.reload(), Ok(Outcome::Unchanged))));
    assert_eq!(only(seen).get("outcome"), "unchanged");

    file.install(fs::read(version(2)).unwrap());
    let (_, seen) = Collector::listen(LevelFilter::INFO, || reloader.reload().unwrap());
    let reload = seen.iter().find(|seen| seen.name == "reload").unwrap();
    assert_eq!((reload.target, reload.level), ("hookr::reload", Level::INFO));
    assert_eq!((reload.get("plugin"), reload.get("outcome"), reload.get("cause")), ("p", "ok", "asked"));
    assert_eq!((reload.number("from"), reload.number("to")), (1, 2));
    assert_eq!(reload.get("sha256"), plugin.metadata().sha256().to_string());
    assert_eq!(reload.get("contract"), PACKAGE);
    let swap = seen.iter().find(|seen| seen.get("message") == "another version is in service").unwrap();
    assert_eq!((swap.target, swap.inside.as_slice()), ("hookr::reload", ["reload"].as_slice()));
    assert_eq!(swap.number("generation"), 2);
    assert!(swap.number("swapped_ns") > 0 && swap.number("prepared_ns") > 0);

    file.install(fs::read(hookr_tests::plugin("chaos")).unwrap());
    let (error, seen) = Collector::listen(LevelFilter::INFO, || reloader.reload().unwrap_err());
    let reload = seen.iter().find(|seen| seen.name == "reload").unwrap();
    assert_eq!((reload.get("outcome"), reload.get("to")), (error.kind(), ""));
    assert_eq!(reload.get("outcome"), "contract_mismatch");
    let event = seen.iter().find(|seen| seen.level == Level::WARN).unwrap();
    assert!(event.get("error").contains("another contract"), "{event:?}");
}

#[test]
fn the_making_of_a_fresh_instance_is_inside_of_the_call() {
    let plugin = versions_builder().open(faulty(1, Fault::Broken)).unwrap();
    plugin.get_version(&Empty {}).unwrap_err();
    let (_, seen) = spans(|| plugin.count(&Empty {}).unwrap());
    assert_eq!(only(seen).get("outcome"), "ok");
}

struct Nothing;

impl Callbacks for Nothing {
    fn call(&self, _: &CallbackContext<'_>, service: &str, method: &str, _: Value) -> Result<Value, Error> {
        Err(Error::unavailable(format!("{service}:{method} is closed")))
    }
}

#[test]
fn calls_by_name_and_those_of_the_state_are_spans_too() {
    let plugin = DynamicPlugin::builder(Nothing).allow_unsigned().open(version(1)).unwrap();
    let request = || Value::Record(vec![("question".to_owned(), Value::String("?".to_owned()))]);
    let (_, seen) = spans(|| plugin.call("Ask", request()).unwrap_err());
    let names: Vec<_> = seen.iter().map(|seen| (seen.name, seen.get("method"), seen.get("outcome"))).collect();
    assert_eq!(names.first(), Some(&("call", "Plugin:Ask", "failed")), "{seen:?}");
    assert_eq!(names.get(1), Some(&("callback", "Oracle:Ask", "failed")), "{seen:?}");

    let (state, seen) = spans(|| plugin.snapshot(&StateLimits::default()).unwrap());
    let call = only(seen);
    assert_eq!((call.get("method"), call.get("way")), ("state:snapshot", "state"));
    assert_eq!(call.number("response_bytes"), state.len() as u64);
    let (_, seen) = spans(|| plugin.restore(&state, &StateLimits::default()).unwrap());
    assert_eq!(only(seen).number("request_bytes"), state.len() as u64);
}
