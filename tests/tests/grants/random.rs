//! Random numbers.

use chaos::PluginHandle;
use hookr::limits::Limit;
use hookr::{CallError, Grants, Limits};
use hookr_tests::hosts::{chaos_builder, count};
use hookr_tests::wasi::wasi_plugin;

use crate::{ask, open};

const IMPORTS: &str = "wasi:random/random get-random-u64 (result i64)
    wasi:random/random get-random-bytes (param i64 i32)";
const NUMBER: (&str, &str) = ("plugin#count", "(call $number (i32.wrap_i64 (call $get-random-u64)))");
/// Asks for so many mebibytes.
const BYTES: (&str, &str) = (
    "plugin#ask",
    "(call $get-random-bytes (i64.shl (i64.extend_i32_u (local.get 2)) (i64.const 20)) (i32.const 32))
    (call $text (i32.const 0) (i32.const 0))",
);

#[test]
fn seeded_numbers_are_the_same_in_each_instance() {
    let numbers = |plugin: &PluginHandle| [count(plugin), count(plugin), count(plugin)];
    let grants = Grants::base().seeded_random(1_234_567);
    let bodies = [NUMBER, ("plugin#recurse", "(unreachable)")];
    let plugin = open(grants.clone(), IMPORTS, &bodies);
    let first = numbers(&plugin);
    // SplitMix64, and what it gives is published.
    assert_eq!(
        first,
        [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423].map(|n| n as u32)
    );
    assert_ne!(numbers(&plugin), first);
    plugin.recurse(&chaos::Empty {}).unwrap_err();
    assert_eq!(numbers(&plugin), first, "a fresh instance starts again");
    assert_eq!(numbers(&open(grants, IMPORTS, &bodies)), first);
    assert_ne!(numbers(&open(Grants::base().seeded_random(2), IMPORTS, &bodies)), first);
}

#[test]
fn secure_numbers_differ() {
    let open = || open(Grants::base().random(), IMPORTS, &[NUMBER]);
    let (one, other) = (open(), open());
    let numbers = |plugin: &PluginHandle| [count(plugin), count(plugin), count(plugin), count(plugin)];
    assert_ne!(numbers(&one), numbers(&other));
    assert_ne!(numbers(&one), numbers(&one));
}

#[test]
fn the_host_makes_no_more_bytes_than_it_may() {
    let bytes = wasi_plugin(IMPORTS, &[BYTES]);
    let limits = Limits::default().host_memory(1 << 20);
    let plugin = chaos_builder().grants(Grants::base().random()).limits(limits).open_bytes(bytes).unwrap();
    let error = ask(&plugin, "", 2).unwrap_err();
    let CallError::LimitExceeded { exceeded, .. } = &error else { panic!("{error:?}") };
    assert_eq!((exceeded.limit, exceeded.asked, exceeded.allowed), (Limit::HostMemory, Some(2 << 20), 1 << 20));
}
