//! Every way to wait ends with the call. What the plugins wait for never comes.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use chaos::PluginHandle;
use hookr::{CallError, Grants};
use hookr::{CallOptions, CancelToken};
use hookr_tests::hosts::chain;

use crate::{ask, asked, folders, http, network, open};

const SLEEP: &str = "wasi:clocks/monotonic-clock subscribe-duration (param i64) (result i32)
    wasi:io/poll poll (param i32 i32 i32)
    wasi:io/poll [method]pollable.block (param i32)";
/// Waits for an hour, by `block` (0) or by `poll` (1).
const SLEEPS: (&str, &str) = (
    "plugin#ask",
    "(local $hour i32) (local.set $hour (call $subscribe-duration (i64.const 3600000000000)))
    (if (local.get 2)
      (then
        (i32.store (i32.const 64) (local.get $hour))
        (call $poll (i32.const 64) (i32.const 1) (i32.const 32)))
      (else (call $block (local.get $hour))))
    (call $text (i32.const 0) (i32.const 0))",
);

/// The call ends by its deadline, and not by the patience of the one who tests.
#[track_caller]
fn ends(plugin: &PluginHandle, question: &str, times: u32) {
    let began = Instant::now();
    let error = ask(plugin, question, times).unwrap_err();
    assert!(matches!(&error, CallError::DeadlineExceeded { .. }), "{}", chain(&error));
    assert!(error.lost_instance());
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

fn hurried(grants: Grants, imports: &str, bodies: &[(&str, &str)]) -> PluginHandle {
    let plugin = open(grants, imports, bodies);
    plugin.with(&CallOptions::default().deadline(Duration::from_millis(50)))
}

#[test]
fn for_a_clock() {
    for how in [0, 1] {
        ends(&hurried(Grants::base().monotonic_clock(), SLEEP, &[SLEEPS]), "", how);
    }
}

#[test]
fn for_a_clock_until_somebody_cancels() {
    let plugin = open(Grants::base().monotonic_clock(), SLEEP, &[SLEEPS]);
    let token = CancelToken::new();
    let patient = plugin.with(&CallOptions::default().deadline(Duration::from_secs(3600)).cancel(&token));
    let began = Instant::now();
    let error = std::thread::scope(|scope| {
        let call = scope.spawn(|| ask(&patient, "", 0).unwrap_err());
        std::thread::sleep(Duration::from_millis(50));
        token.cancel();
        call.join().unwrap()
    });
    assert!(matches!(error, CallError::Cancelled { .. }), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

#[test]
fn for_a_server_that_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let grants = Grants::base().tcp("127.0.0.1:*").http("http://127.0.0.1:*");
    ends(&hurried(grants.clone(), network::IMPORTS, &[network::CONNECTS]), "", port.into());
    ends(&hurried(grants, http::IMPORTS, &[http::SENDS]), &format!("127.0.0.1:{port}"), http::HTTP);
}

/// Nobody opens the other end of the pipe.
#[cfg(unix)]
#[test]
fn for_a_pipe_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    hookr_tests::run(hookr_tests::command("mkfifo").arg(folder.path().join("pipe"))).success();
    let grants = Grants::base().read_folder(folder.path(), "/data");
    let plugin = hurried(grants, folders::IMPORTS, &[folders::OPENS]);
    ends(&plugin, "pipe", folders::READ);
    // A thread of the host still waits. Let it go, so that the test ends.
    drop(std::fs::OpenOptions::new().read(true).write(true).open(folder.path().join("pipe")).unwrap());
}

/// The runtime of the host has no timers, and its thread must not wait.
#[test]
fn inside_of_an_asynchronous_host() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hello.txt"), "hello").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        ends(&hurried(Grants::base().monotonic_clock(), SLEEP, &[SLEEPS]), "", 0);
        let grants = Grants::base().read_folder(folder.path(), "/data");
        let plugin = open(grants, folders::IMPORTS, &[folders::OPENS]);
        assert_eq!(asked(&plugin, "hello.txt", folders::READ), "hello");
    });
}
