//! The time of day, and sleeping.

use std::time::{SystemTime, UNIX_EPOCH};

use hookr::Grants;
use hookr_tests::hosts::count;

use crate::{READS_THE_TIME, WALL_CLOCK, open};

#[test]
fn the_wall_clock_is_that_of_the_host() {
    let seconds = || u32::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let plugin = open(Grants::base().wall_clock(), WALL_CLOCK, &[READS_THE_TIME]);
    let before = seconds();
    let found = count(&plugin);
    assert!((before..=seconds()).contains(&found), "{found}");
}

#[test]
fn sleeping_takes_its_time() {
    let imports = "wasi:clocks/monotonic-clock subscribe-duration (param i64) (result i32)
        wasi:clocks/monotonic-clock now (result i64)
        wasi:io/poll [method]pollable.block (param i32)";
    let body = (
        "plugin#count",
        "(local $start i64) (local.set $start (call $now))
        (call $block (call $subscribe-duration (i64.const 20000000)))
        (call $number (i32.wrap_i64 (i64.div_u (i64.sub (call $now) (local.get $start)) (i64.const 1000000))))",
    );
    let slept = count(&open(Grants::base().monotonic_clock(), imports, &[body]));
    assert!((20..10_000).contains(&slept), "{slept} ms");
}
