//! Plugins that wait for longer than they may.

use hookr::Grants;
use hookr_tests::wasi::wasi;

use crate::case::{ANSWERED, Case};

const LATE: &str = "CallError::DeadlineExceeded";

const IMPORTS: &str = "wasi:clocks/monotonic-clock subscribe-duration (param i64) (result i32)
    wasi:io/poll poll (param i32 i32 i32)
    wasi:io/poll [method]pollable.block (param i32)
    wasi:io/poll [method]pollable.ready (param i32) (result i32)
    as $forget wasi:io/poll [resource-drop]pollable (param i32)";

/// Something that is ready in an hour.
const HOUR: &str = "(call $subscribe-duration (i64.const 3600000000000))";

/// Fills the memory from 0x10000 on with so many handles of it.
fn handles(count: u32) -> String {
    format!(
        "(local $i i32) (local $hour i32) (drop (memory.grow (i32.const 200)))
         (local.set $hour {HOUR})
         (loop $more
           (i32.store (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 2))) (local.get $hour))
           (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {count}))))
         (call $poll (i32.const 0x10000) (i32.const {count}) (i32.const 32)) (call $number (i32.const 1))"
    )
}

pub(super) fn cases() -> Vec<Case> {
    let case = |name: &str, about, body: &str, expected| {
        super::counting(name, about, Grants::base().monotonic_clock(), IMPORTS, body, expected)
    };
    let start = |name: &str, about, body: &'static str, expected| {
        let plugin = move || {
            let field = format!("(func $start {body}) (start $start)");
            wasi(IMPORTS).field(&field).body("plugin#count", "(call $number (i32.const 1))")
        };
        super::granted(name, about, Grants::base().monotonic_clock(), plugin, expected)
    };
    vec![
        case("sleeps", "sleeps for an hour", &format!("(call $block {HOUR}) (call $number (i32.const 1))"), LATE),
        case(
            "sleeps-for-all-time",
            "sleeps for as long as there are numbers",
            "(call $block (call $subscribe-duration (i64.const -1))) (call $number (i32.const 1))",
            LATE,
        ),
        case("polls", "waits for one of several, of which none is ready within an hour", &handles(1), LATE),
        case("polls-one-often", "waits for one thing a thousand times at once", &handles(1000), LATE),
        case(
            "polls-one-too-often",
            "waits for one thing three million times at once",
            &handles(3_000_000),
            "CallError::LimitExceeded(response)",
        ),
        case(
            "polls-one-very-often",
            "waits for one thing half a million times at once",
            &handles(500_000),
            "CallError::LimitExceeded(handles)",
        ),
        case("polls-one-very-often-allowed", "the same where so many handles are allowed", &handles(500_000), LATE)
            .limits(|limits| limits.handles(1_000_000)),
        case(
            "polls-nothing",
            "waits for nothing at all, which would never come",
            "(call $poll (i32.const 0) (i32.const 0) (i32.const 32)) (call $number (i32.const 1))",
            "CallError::Trapped(UnreachableCodeReached)",
        ),
        case(
            "polls-what-is-not-there",
            "waits for a handle that it does not have",
            "(call $block (i32.const 77)) (call $number (i32.const 1))",
            "CallError::InvalidResponse",
        ),
        case(
            "asks-whether-ready",
            "asks again and again whether the hour is over",
            &format!(
                "(local $hour i32) (local.set $hour {HOUR})
                 (loop $more (br_if $more (i32.eqz (call $ready (local.get $hour))))) unreachable"
            ),
            LATE,
        ),
        case(
            "sleeps-shortly",
            "sleeps for no time at all, again and again",
            "(local $now i32)
             (loop $more
               (local.set $now (call $subscribe-duration (i64.const 0)))
               (call $block (local.get $now)) (call $forget (local.get $now)) (br $more)) unreachable",
            LATE,
        ),
        start("sleeps-at-the-start", "sleeps while the instance is made", SLEEPS, "OpenError::DeadlineExceeded"),
        start("sleeps-shortly-at-the-start", "sleeps for a moment while the instance is made", NAPS, ANSWERED),
    ]
}

const SLEEPS: &str = "(call $block (call $subscribe-duration (i64.const 3600000000000)))";
const NAPS: &str = "(call $block (call $subscribe-duration (i64.const 1000000)))";
