//! Plugins that import WASI, and misuse what they are granted of it, or what they are not.

mod folders;
mod handles;
mod log;
mod waits;

use chaos::{Empty, PluginHandle};
use hookr::Grants;
use hookr_tests::hostile::Hostile;
use hookr_tests::hosts::chaos_builder;
use hookr_tests::wasi::wasi;

use crate::case::{ANSWERED, Case};
use crate::component::chaos;
use crate::outcome::Failure;
use crate::target::Target;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = stubs();
    cases.extend(exits());
    cases.extend(random());
    cases.extend(log::cases());
    cases.extend(waits::cases());
    cases.extend(handles::cases());
    cases.extend(folders::cases());
    cases
}

/// Opens it with these grants.
fn open(target: &Target, grants: &Grants) -> Result<PluginHandle, Failure> {
    target.open(chaos_builder().grants(grants.clone()))
}

/// `Count` of a plugin with these imports of WASI is this, and may have these grants.
fn counting(
    name: &str,
    about: &'static str,
    grants: Grants,
    imports: &'static str,
    body: &str,
    expected: &'static str,
) -> Case {
    let body = body.to_owned();
    granted(name, about, grants, move || wasi(imports).body("plugin#count", &body), expected)
}

/// `Count` of this plugin, with these grants.
fn granted(
    name: &str,
    about: &'static str,
    grants: Grants,
    plugin: impl Fn() -> Hostile + Send + Sync + 'static,
    expected: &'static str,
) -> Case {
    let drive = move |target: &Target| {
        open(target, &grants)?.count(&Empty {})?;
        Ok(())
    };
    Case::new(format!("wasi/{name}"), about, move || chaos(&plugin()), drive, expected)
}

/// Every function that is there and not granted, and that has no error of WASI's to say so.
fn stubs() -> Vec<Case> {
    let denied = |name: &str, about, imports, call: &str, function| {
        let body = format!("{call} (call $number (i32.const 1))");
        counting(name, about, Grants::stubs(), imports, &body, "CallError::Denied").says(function)
    };
    vec![
        denied(
            "denied-time",
            "the time of day",
            "wasi:clocks/wall-clock now (param i32)",
            "(call $now (i32.const 32))",
            "wasi:clocks/wall-clock#now",
        ),
        denied(
            "denied-time-resolution",
            "how exact the time of day is",
            "wasi:clocks/wall-clock resolution (param i32)",
            "(call $resolution (i32.const 32))",
            "wasi:clocks/wall-clock#resolution",
        ),
        denied(
            "denied-clock",
            "a clock that never goes back",
            "wasi:clocks/monotonic-clock now (result i64)",
            "(drop (call $now))",
            "wasi:clocks/monotonic-clock#now",
        ),
        denied(
            "denied-clock-resolution",
            "how exact that clock is",
            "wasi:clocks/monotonic-clock resolution (result i64)",
            "(drop (call $resolution))",
            "wasi:clocks/monotonic-clock#resolution",
        ),
        denied(
            "denied-sleep",
            "a wait for some time",
            "wasi:clocks/monotonic-clock subscribe-duration (param i64) (result i32)",
            "(drop (call $subscribe-duration (i64.const 0)))",
            "wasi:clocks/monotonic-clock#subscribe-duration",
        ),
        denied(
            "denied-alarm",
            "a wait until some time",
            "wasi:clocks/monotonic-clock subscribe-instant (param i64) (result i32)",
            "(drop (call $subscribe-instant (i64.const 0)))",
            "wasi:clocks/monotonic-clock#subscribe-instant",
        ),
        denied(
            "denied-random-bytes",
            "random bytes",
            "wasi:random/random get-random-bytes (param i64 i32)",
            "(call $get-random-bytes (i64.const 8) (i32.const 32))",
            "wasi:random/random#get-random-bytes",
        ),
        denied(
            "denied-random-number",
            "a random number",
            "wasi:random/random get-random-u64 (result i64)",
            "(drop (call $get-random-u64))",
            "wasi:random/random#get-random-u64",
        ),
        denied(
            "denied-insecure-bytes",
            "random bytes that are no secret",
            "wasi:random/insecure get-insecure-random-bytes (param i64 i32)",
            "(call $get-insecure-random-bytes (i64.const 8) (i32.const 32))",
            "wasi:random/insecure#get-insecure-random-bytes",
        ),
        denied(
            "denied-insecure-number",
            "a random number that is no secret",
            "wasi:random/insecure get-insecure-random-u64 (result i64)",
            "(drop (call $get-insecure-random-u64))",
            "wasi:random/insecure#get-insecure-random-u64",
        ),
        denied(
            "denied-seed",
            "the seed of random numbers",
            "wasi:random/insecure-seed insecure-seed (param i32)",
            "(call $insecure-seed (i32.const 32))",
            "wasi:random/insecure-seed#insecure-seed",
        ),
        denied(
            "denied-unheard-of",
            "an interface that nobody has heard of",
            "wasi:unheard/of ask (result i32)",
            "(drop (call $ask))",
            "wasi:unheard/of#ask",
        ),
        granted(
            "denied-at-the-start",
            "a clock that is not granted, while the instance is made",
            Grants::stubs(),
            || {
                wasi("wasi:clocks/monotonic-clock now (result i64)")
                    .field("(func $start (drop (call $now))) (start $start)")
            },
            "OpenError::Instantiate",
        )
        .says("wasi:clocks/monotonic-clock#now"),
        granted(
            "denied-request",
            "an HTTP request, for which WASI has an error of its own",
            Grants::stubs(),
            || {
                let body = "(local $request i32) (local.set $request (call $outgoing-request (call $fields)))
                    (drop (call $set-scheme (local.get $request) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
                    (drop (call $set-authority (local.get $request) (i32.const 1) (i32.const 2048) (i32.const 11)))
                    (drop (call $set-path-with-query (local.get $request)
                      (i32.const 1) (i32.const 2059) (i32.const 1)))
                    (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 128))
                    (if (i32.load8_u (i32.const 128)) (then unreachable))
                    (local.set $request (i32.load (i32.const 136)))
                    (call $block (call $subscribe (local.get $request)))
                    (call $get (local.get $request) (i32.const 128))
                    (if (i32.ne (i32.load8_u (i32.const 144)) (i32.const 1)) (then unreachable))
                    (if (i32.ne (i32.load8_u (i32.const 152)) (i32.const 15)) (then unreachable))
                    (call $number (i32.const 1))";
                wasi(HTTP).data(2048, b"127.0.0.1:9/").body("plugin#count", body)
            },
            ANSWERED,
        ),
        counting(
            "denied-socket",
            "a socket, for which WASI has an error of its own",
            Grants::stubs(),
            "wasi:sockets/tcp-create-socket create-tcp-socket (param i32 i32)",
            "(call $create-tcp-socket (i32.const 0) (i32.const 64))
             (if (i32.ne (i32.load8_u (i32.const 64)) (i32.const 1)) (then unreachable))
             (call $number (i32.const 1))",
            ANSWERED,
        ),
    ]
}

const HTTP: &str = "wasi:http/types [constructor]fields (result i32)
    wasi:http/types [constructor]outgoing-request (param i32) (result i32)
    wasi:http/types [method]outgoing-request.set-scheme (param i32 i32 i32 i32 i32) (result i32)
    wasi:http/types [method]outgoing-request.set-authority (param i32 i32 i32 i32) (result i32)
    wasi:http/types [method]outgoing-request.set-path-with-query (param i32 i32 i32 i32) (result i32)
    wasi:http/types [method]future-incoming-response.subscribe (param i32) (result i32)
    wasi:http/types [method]future-incoming-response.get (param i32 i32)
    wasi:io/poll [method]pollable.block (param i32)
    wasi:http/outgoing-handler handle (param i32 i32 i32 i32)";

const EXIT: &str = "wasi:cli/exit exit (param i32)";

/// A plugin ends itself, which is not to end its host.
fn exits() -> Vec<Case> {
    let exits = |name: &str, about, plugin: fn(Hostile) -> Hostile, expected| {
        granted(name, about, Grants::base(), move || plugin(wasi(EXIT)), expected)
    };
    vec![
        exits(
            "exit",
            "ends itself, as if all were well",
            |plugin| plugin.body("plugin#count", "(call $exit (i32.const 0)) (call $number (i32.const 1))"),
            "CallError::Exited",
        )
        .says("exit code 0"),
        exits(
            "exit-with-failure",
            "ends itself with a failure",
            |plugin| plugin.body("plugin#count", "(call $exit (i32.const 1)) (call $number (i32.const 1))"),
            "CallError::Exited",
        )
        .says("exit code 1"),
        exits(
            "exit-at-the-start",
            "ends itself while the instance is made",
            |plugin| plugin.field("(func $start (call $exit (i32.const 0))) (start $start)"),
            "OpenError::Instantiate",
        ),
        exits(
            "exit-behind-the-answer",
            "ends itself behind its answer, where it must not call anybody",
            |plugin| {
                plugin.body("plugin#count", "(call $number (i32.const 1))").field(
                    r#"(func (export "cabi_post_hookr-test:chaos/plugin#count") (param i32)
                      (call $exit (i32.const 0)))"#,
                )
            },
            "CallError::Trapped(CannotLeaveComponent)",
        ),
        Case::new(
            "wasi/exit-in-realloc",
            "ends itself when it is to take memory for its request, where it must not call anybody",
            || chaos(&wasi(EXIT).realloc("(call $exit (i32.const 0)) unreachable")),
            |target| {
                let request = chaos::Sample { text: "a text".into(), ..chaos::Sample::default() };
                open(target, &Grants::base())?.echo(&request)?;
                Ok(())
            },
            "CallError::Trapped(CannotLeaveComponent)",
        ),
    ]
}

const RANDOM: &str = "wasi:random/random get-random-bytes (param i64 i32)";

fn random() -> Vec<Case> {
    let random = |name: &str, about, body: &str, expected| {
        counting(name, about, Grants::base().random(), RANDOM, body, expected)
    };
    vec![
        random(
            "random-bytes",
            "as many random bytes as there are numbers",
            "(call $get-random-bytes (i64.const -1) (i32.const 32)) (call $number (i32.const 1))",
            "CallError::LimitExceeded(host_memory)",
        ),
        random(
            "random-bytes-by-one",
            "one random byte more than the host may allocate",
            "(call $get-random-bytes (i64.const 0x1000001) (i32.const 32)) (call $number (i32.const 1))",
            "CallError::LimitExceeded(host_memory)",
        ),
        counting(
            "random-bytes-seeded",
            "the same of numbers that are the same in each run",
            Grants::base().seeded_random(1),
            RANDOM,
            "(call $get-random-bytes (i64.const -1) (i32.const 32)) (call $number (i32.const 1))",
            "CallError::LimitExceeded(host_memory)",
        ),
        random(
            "random-bytes-often",
            "eight megabytes of random bytes, again and again",
            "(drop (memory.grow (i32.const 200)))
             (loop $more
               (global.set $next (i32.const 4096))
               (call $get-random-bytes (i64.const 0x800000) (i32.const 32))
               (br $more)) unreachable",
            "CallError::DeadlineExceeded",
        ),
        random(
            "random-bytes-nowhere",
            "eight megabytes of random bytes, for which it has no room",
            "(call $get-random-bytes (i64.const 0x800000) (i32.const 32)) (call $number (i32.const 1))",
            "CallError::InvalidResponse",
        ),
    ]
}
