//! What plugins log: a real plugin through the macros of its SDK, and components made of text.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use hookr::lane::LaneChoice;
use hookr::{Builder, CallWay, Level, Limits, LogSource};
use hookr_tests::hostile::{Hostile, section_for};
use hookr_tests::hosts::chaos_builder;
use hookr_tests::versions::{version, versions_builder};
use hookr_tests::{plugin_bytes, plugin_with, wasip2_plugin};
use versions::{LogRequest, PluginHandle};

/// What a test looks at of a record.
#[derive(Debug, PartialEq, Eq)]
struct Heard {
    plugin: String,
    source: LogSource,
    level: Level,
    target: String,
    text: String,
}

type Records = Arc<Mutex<Vec<Heard>>>;

fn listen(builder: Builder<PluginHandle>) -> (Builder<PluginHandle>, Records) {
    let records = Records::default();
    let sink = records.clone();
    let builder = builder.name("talker").log(move |record| {
        sink.lock().unwrap().push(Heard {
            plugin: record.plugin.to_owned(),
            source: record.source,
            level: record.level,
            target: record.target.to_owned(),
            text: record.text.to_owned(),
        });
    });
    (builder, records)
}

fn take(records: &Records) -> Vec<Heard> {
    std::mem::take(&mut *records.lock().unwrap())
}

fn message(level: versions::Level, target: &str, message: &str, times: u32) -> LogRequest {
    LogRequest { level, target: target.to_owned(), message: message.to_owned(), times }
}

fn heard(level: Level, target: &str, text: &str) -> Heard {
    let (plugin, source) = ("talker".to_owned(), LogSource::Log);
    Heard { plugin, source, level, target: target.to_owned(), text: text.to_owned() }
}

#[test]
fn messages_become_records_before_the_call_returns_whatever_its_way() {
    for way in [CallWay::Component, CallWay::Lane] {
        let (builder, records) = listen(versions_builder().typed_calls(way));
        let plugin = builder.open(version(1)).unwrap();
        let levels = [
            (versions::Level::Trace, Level::Trace),
            (versions::Level::Debug, Level::Debug),
            (versions::Level::Info, Level::Info),
            (versions::Level::Warn, Level::Warn),
            (versions::Level::Error, Level::Error),
        ];
        plugin.log(&message(versions::Level::Info, "", "first", 1)).unwrap();
        let first = [
            heard(Level::Debug, "versions_plugin", "version 1 is made"),
            heard(Level::Info, "versions_plugin", "first"),
        ];
        assert_eq!(take(&records), first);
        for (sent, level) in levels {
            plugin.log(&message(sent, "some::part", "two\nlines \x1b", 2)).unwrap();
            let expected = || heard(level, "some::part", "two\nlines \x1b");
            assert_eq!(take(&records), [expected(), expected()]);
        }
    }
}

#[test]
fn a_plugin_is_told_what_is_listened_to() {
    let (builder, records) = listen(versions_builder().log_level(Level::Warn));
    let plugin = builder.open(version(2)).unwrap();
    plugin.log(&message(versions::Level::Info, "", "quiet", 1)).unwrap();
    plugin.log(&message(versions::Level::Warn, "", "loud", 1)).unwrap();
    assert_eq!(take(&records), [heard(Level::Warn, "versions_plugin", "loud")]);
}

#[test]
fn libraries_that_log_are_heard() {
    let (builder, records) = listen(versions_builder().log_level(Level::Info));
    let plugin = builder.open(plugin_with("versions", &["facade"])).unwrap();
    for (sent, level) in [(versions::Level::Debug, None), (versions::Level::Error, Some(Level::Error))] {
        plugin.log(&message(sent, "a::library", "hello", 1)).unwrap();
        let expected = level.map(|level| heard(level, "a::library", "by way of `log`: hello"));
        assert_eq!(take(&records), Vec::from_iter(expected));
    }
}

/// What `enabled` of the host answers, as the answer of `Count`.
#[test]
fn the_least_level_is_what_the_host_says_is_enabled() {
    let verbosity = |builder: Builder<chaos::PluginHandle>| {
        let guest = Hostile::with_abi("chaos", &["log-plugin"])
            .field(r#"(import "hookr:abi/log@0.1.0" "enabled" (func $enabled (result i32)))"#)
            .body("plugin#count", "(i32.store (i32.const 1028) (call $enabled)) (i32.const 1024)");
        let plugin = builder.open_bytes(guest.with_section(&section_for("chaos"))).unwrap();
        plugin.count(&chaos::Empty {}).unwrap().calls
    };
    assert_eq!(verbosity(chaos_builder()), 0);
    assert_eq!(verbosity(chaos_builder().log(|_| {})), 5);
    assert_eq!(verbosity(chaos_builder().log(|_| {}).log_level(Level::Error)), 1);
    assert_eq!(verbosity(chaos_builder().log_level(Level::Error)), 0);
}

#[test]
fn a_flood_is_cut_off_and_counted_call_by_call() {
    let (builder, records) = listen(versions_builder().log_level(Level::Info));
    let plugin = builder.limits(Limits::default().log(1000)).open(version(1)).unwrap();
    for _ in 0..2 {
        // A hundred bytes each, with the target and the end.
        plugin.log(&message(versions::Level::Info, "flood", &"x".repeat(94), 10_000)).unwrap();
        let records = take(&records);
        assert_eq!(records.len(), 11);
        assert!(records[..10].iter().all(|record| record.source == LogSource::Log && record.text.len() == 94));
        let text = "999000 bytes were dropped: a call may write 1000 bytes (limit `log`)".to_owned();
        let [.., last] = records.as_slice() else { panic!("there are records") };
        let expected = Heard { source: LogSource::Host, text, ..heard(Level::Warn, "", "") };
        assert_eq!(*last, expected);
    }
}

/// What a component does while it is being made: here, when the host asks for its lane.
#[test]
fn an_instance_that_is_being_made_is_heard() {
    let texts = Arc::new(Mutex::new(Vec::new()));
    let sink = texts.clone();
    let guest = Hostile::with_abi("chaos", &["lane-plugin", "log-plugin"])
        .field(r#"(import "hookr:abi/log@0.1.0" "log" (func $log (param i32 i32 i32 i32 i32)))"#)
        .data(64, b"hello")
        .body(
            "lane@0.1.0#open",
            "(call $log (i32.const 3) (i32.const 64) (i32.const 2) (i32.const 64) (i32.const 5)) (i32.const 0)",
        );
    let builder = chaos_builder().name("early").lane(LaneChoice::Portable);
    let builder = builder.log(move |record| sink.lock().unwrap().push(record.to_string()));
    builder.open_bytes(guest.with_section(&section_for("chaos"))).unwrap();
    assert_eq!(*texts.lock().unwrap(), ["early warn he: hello"]);
}

#[test]
fn a_panic_in_the_sink_reaches_the_caller_and_the_next_call_is_served() {
    let armed = Arc::new(AtomicBool::new(true));
    let sink = armed.clone();
    let builder = versions_builder().log(move |_| assert!(!sink.load(Ordering::Relaxed), "the sink is full"));
    let plugin = builder.open(version(1)).unwrap();
    let request = message(versions::Level::Info, "", "a", 1);
    let panic = catch_unwind(AssertUnwindSafe(|| plugin.log(&request))).unwrap_err();
    assert!(panic.downcast_ref::<&str>().is_some_and(|text| text.contains("the sink is full")));
    assert_eq!(plugin.health().panicked, 1);
    armed.store(false, Ordering::Relaxed);
    plugin.log(&request).unwrap();
}

#[test]
fn a_plugin_that_logs_nothing_does_not_import_the_interface() {
    let imports = |bytes: &[u8]| {
        let name = hookr_abi::log::INTERFACE.as_bytes();
        bytes.windows(name.len()).any(|window| window == name)
    };
    assert!(imports(&std::fs::read(version(1)).unwrap()));
    assert!(imports(&std::fs::read(wasip2_plugin("versions")).unwrap()));
    assert!(!imports(&plugin_bytes("chaos")));
    assert!(!imports(&plugin_bytes("tickloop")));
}
