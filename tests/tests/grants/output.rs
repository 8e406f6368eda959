//! What plugins write.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use chaos::PluginHandle;
use hookr::{CallError, Grants, Limits, LogSource};
use hookr_tests::hosts::chaos_builder;
use hookr_tests::wasi::wasi_plugin;

use crate::{ask, asked, open};

const IMPORTS: &str = "wasi:cli/stdout get-stdout (result i32)
    wasi:cli/stderr get-stderr (result i32)
    wasi:io/streams [method]output-stream.write (param i32 i32 i32 i32)
    wasi:io/streams [method]output-stream.blocking-write-and-flush (param i32 i32 i32 i32)";
/// Writes the question so many times.
const WRITES: (&str, &str) = (
    "plugin#ask",
    "(local $out i32)
    (local.set $out (call $get-stdout))
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get 2)))
      (call $blocking-write-and-flush (local.get $out) (local.get 0) (local.get 1) (i32.const 32))
      (if (i32.load8_u (i32.const 32)) (then (unreachable)))
      (local.set 2 (i32.sub (local.get 2) (i32.const 1)))
      (br $next)))
    (call $text (i32.const 0) (i32.const 0))",
);
/// Writes so many bytes at once.
const WRITES_AT_ONCE: (&str, &str) = (
    "plugin#ask",
    "(drop (memory.grow (i32.const 2)))
    (call $write (call $get-stdout) (i32.const 65536) (local.get 2) (i32.const 32))
    (if (i32.load8_u (i32.const 32)) (then (unreachable)))
    (call $text (i32.const 0) (i32.const 0))",
);
/// Writes `oops`, without the end of a line, and traps.
const TRAPS: (&str, &str) = (
    "plugin#recurse",
    "(i32.store (i32.const 100) (i32.const 0x73706f6f))
    (call $blocking-write-and-flush (call $get-stderr) (i32.const 100) (i32.const 4) (i32.const 32))
    (unreachable)",
);

type Records = Arc<Mutex<Vec<(String, LogSource, String)>>>;

fn opened(grants: Grants, limits: Limits) -> (PluginHandle, Records) {
    let records = Records::default();
    let sink = records.clone();
    let builder = chaos_builder().name("talker").grants(grants).limits(limits).log(move |record| {
        sink.lock().unwrap().push((record.plugin.to_owned(), record.source, record.text.to_owned()));
    });
    (builder.open_bytes(wasi_plugin(IMPORTS, &[WRITES, TRAPS])).unwrap(), records)
}

#[test]
fn lines_become_records_before_the_call_returns() {
    let (plugin, records) = opened(Grants::base().output(), Limits::default());
    asked(&plugin, "one\ntwo", 2);
    let line = |text: &str| ("talker".to_owned(), LogSource::Stdout, text.to_owned());
    assert_eq!(*records.lock().unwrap(), [line("one"), line("twoone"), line("two")]);
}

#[test]
fn last_words_before_a_trap_are_kept() {
    let (plugin, records) = opened(Grants::base().output(), Limits::default());
    plugin.recurse(&chaos::Empty {}).unwrap_err();
    assert_eq!(*records.lock().unwrap(), [("talker".to_owned(), LogSource::Stderr, "oops".to_owned())]);
}

#[test]
fn a_flood_is_cut_off_and_counted_call_by_call() {
    let (plugin, records) = opened(Grants::base().output(), Limits::default().log(1000));
    let line = "x".repeat(99) + "\n";
    for _ in 0..2 {
        asked(&plugin, &line, 10_000);
        let records = std::mem::take(&mut *records.lock().unwrap());
        assert_eq!(records.len(), 11);
        assert!(records[..10].iter().all(|(_, source, text)| *source == LogSource::Stdout && text.len() == 99));
        let (_, source, text) = &records[10];
        assert_eq!(*source, LogSource::Host);
        assert_eq!(text, "999000 bytes were dropped: a call may write 1000 bytes (limit `log`)");
    }
}

/// That is the same for all streams. One of a file would keep what it is given until the disk has it.
#[test]
fn not_more_is_written_at_once_than_streams_allow() {
    for grants in [Grants::base(), Grants::base().output()] {
        let plugin = open(grants, IMPORTS, &[WRITES_AT_ONCE]);
        asked(&plugin, "", 64 << 10);
        let error = ask(&plugin, "", (64 << 10) + 1).unwrap_err();
        assert!(matches!(&error, CallError::Trapped { .. }), "{error:?}");
    }
}

#[test]
fn output_goes_nowhere_without_the_grant_and_nobody_notices() {
    let (plugin, records) = opened(Grants::base(), Limits::default());
    asked(&plugin, "unheard\n", 100);
    plugin.recurse(&chaos::Empty {}).unwrap_err();
    assert!(records.lock().unwrap().is_empty());
    // The grant without a sink.
    asked(&open(Grants::base().output(), IMPORTS, &[WRITES]), "unheard\n", 100_000);
}

#[test]
fn a_panic_in_the_sink_reaches_the_caller_and_the_next_call_is_served() {
    let armed = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let sink = armed.clone();
    let builder = chaos_builder().grants(Grants::base().output()).log(move |_| {
        assert!(!sink.load(std::sync::atomic::Ordering::Relaxed), "the sink is full");
    });
    let plugin = builder.open_bytes(wasi_plugin(IMPORTS, &[WRITES])).unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| ask(&plugin, "a\n", 1))).unwrap_err();
    assert!(panic.downcast_ref::<&str>().is_some_and(|text| text.contains("the sink is full")));
    armed.store(false, std::sync::atomic::Ordering::Relaxed);
    asked(&plugin, "a\n", 1);
}
