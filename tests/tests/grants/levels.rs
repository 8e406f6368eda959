//! Which plugins are opened, and what those get that nobody grants.

use hookr::{CallError, GrantError, Grants, OpenError};
use hookr_tests::hosts::count;

use crate::{READS_THE_TIME, WALL_CLOCK, open, refused};

#[test]
fn without_grants_a_plugin_is_refused_with_what_it_asks_for() {
    let stdout = "wasi:cli/stdout get-stdout (result i32)";
    let body = ("plugin#count", "(drop (call $get-stdout)) (call $now (i32.const 32)) (call $number (i32.const 1))");
    let error = refused(Grants::none(), &format!("{stdout}\n{WALL_CLOCK}"), &[body]);
    let OpenError::Imports { found, granted } = &error else { panic!("{error:?}") };
    // The streams are there for their handles alone, but those are more than a name.
    assert_eq!(found.as_slice(), ["wasi:io/streams@0.2.0", "wasi:cli/stdout@0.2.0", "wasi:clocks/wall-clock@0.2.0"]);
    assert_eq!(granted.as_slice(), ["hookr-test:chaos/oracle"]);
    let text = error.to_string();
    assert!(text.contains("of WASI it asks for: standard streams, streams and waiting, wall clock."), "{text}");
    assert!(text.contains("Grants::base().wall_clock()") && text.contains("Grants::stubs()"), "{text}");
}

#[test]
fn the_base_has_no_clocks_and_no_random_numbers() {
    let error = refused(Grants::base(), WALL_CLOCK, &[READS_THE_TIME]);
    assert!(
        matches!(&error, OpenError::Imports { found, .. } if found == &["wasi:clocks/wall-clock@0.2.0"]),
        "{error:?}"
    );
    let random = "wasi:random/random get-random-u64 (result i64)";
    let body = ("plugin#count", "(call $number (i32.wrap_i64 (call $get-random-u64)))");
    for grants in [Grants::base(), Grants::base().wall_clock().monotonic_clock().output().http("https://a.example")] {
        assert!(matches!(refused(grants, random, &[body]), OpenError::Imports { .. }));
    }
    // One clock is not the other.
    assert!(matches!(
        refused(Grants::base().monotonic_clock(), WALL_CLOCK, &[READS_THE_TIME]),
        OpenError::Imports { .. }
    ));
}

#[test]
fn what_nobody_knows_is_refused_unless_there_are_stubs() {
    let (import, body) = ("wasi:unheard/of ask (result i32)", ("plugin#count", "(call $number (call $ask))"));
    let all = Grants::base().wall_clock().monotonic_clock().random().output();
    assert!(matches!(refused(all.clone(), import, &[body]), OpenError::Imports { .. }));
    let plugin = open(all.and_stubs(), import, &[body]);
    let error = plugin.count(&chaos::Empty {}).unwrap_err();
    assert!(matches!(&error, CallError::Denied { function, .. } if function == "wasi:unheard/of#ask"), "{error:?}");
}

#[test]
fn a_stub_ends_the_call_and_names_the_function() {
    let counter = ("plugin#rest", "(unreachable)");
    let plugin = open(Grants::stubs(), WALL_CLOCK, &[READS_THE_TIME, counter]);
    for _ in 0..2 {
        let error = plugin.count(&chaos::Empty {}).unwrap_err();
        let CallError::Denied { method, function, .. } = &error else { panic!("{error:?}") };
        assert_eq!((method.as_str(), function.as_str()), ("Plugin:Count", "wasi:clocks/wall-clock#now"));
        assert!(error.lost_instance());
        assert_eq!(error.code(), hookr::Code::PermissionDenied);
    }
    let random = "wasi:random/insecure-seed insecure-seed (param i32)";
    let body = ("plugin#count", "(call $insecure-seed (i32.const 32)) (call $number (i32.const 0))");
    let error = open(Grants::stubs(), random, &[body]).count(&chaos::Empty {}).unwrap_err();
    assert!(
        matches!(&error, CallError::Denied { function, .. } if function == "wasi:random/insecure-seed#insecure-seed"),
        "{error:?}"
    );
}

/// A monotonic clock gives handles of another interface, which the stub must name alike.
#[test]
fn stubs_and_real_functions_fit_together() {
    let imports = "wasi:clocks/monotonic-clock subscribe-duration (param i64) (result i32)
        wasi:io/poll [method]pollable.block (param i32)";
    let body = ("plugin#count", "(call $block (call $subscribe-duration (i64.const 0))) (call $number (i32.const 1))");
    assert_eq!(count(&open(Grants::base().monotonic_clock(), imports, &[body])), 1);
    let error = open(Grants::stubs(), imports, &[body]).count(&chaos::Empty {}).unwrap_err();
    assert!(matches!(error, CallError::Denied { .. }), "{error:?}");
}

#[test]
fn a_plugin_without_wasi_is_opened_with_any_grants() {
    let body = ("plugin#count", "(call $number (i32.const 7))");
    for grants in [Grants::none(), Grants::base(), Grants::stubs()] {
        assert_eq!(count(&open(grants, "", &[body])), 7);
    }
}

#[test]
fn grants_that_cannot_be_given_are_said_when_a_plugin_is_opened() {
    let error = |grants| match refused(grants, "", &[]) {
        OpenError::Grant { source } => source,
        error => panic!("{error:?}"),
    };
    assert!(matches!(error(Grants::base().tcp("example.org")), GrantError::Host { grant: "tcp", .. }));
    assert!(matches!(error(Grants::base().http("ftp://a")), GrantError::Host { grant: "http", .. }));
    assert!(matches!(error(Grants::base().env("A=B", "")), GrantError::Variable { .. }));
    assert!(matches!(error(Grants::base().read_folder("no/such/folder", "/a")), GrantError::Folder { .. }));
    assert!(matches!(error(Grants::base().read_folder("Cargo.toml", "/a")), GrantError::Folder { .. }));
    let twice = Grants::base().read_folder(".", "/a").read_folder("..", "/a/");
    assert!(matches!(error(twice), GrantError::GuestPath { .. }));
}
