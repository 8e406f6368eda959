//! Variables, arguments, and `exit`.

use hookr::{CallError, Grants};
use hookr_tests::hosts::count;

use crate::{ask, asked, open};

const IMPORTS: &str = "wasi:cli/environment get-environment (param i32)
    wasi:cli/environment get-arguments (param i32)";

/// Answers with `name=value;` for each variable, and with a `!` for each argument.
const LISTS: (&str, &str) = (
    "plugin#ask",
    "(local $at i32) (local $end i32) (local $out i32)
    (local.set $out (i32.const 1024))
    (call $get-environment (i32.const 32))
    (local.set $at (i32.load (i32.const 32)))
    (local.set $end (i32.add (local.get $at) (i32.mul (i32.load (i32.const 36)) (i32.const 16))))
    (block $done (loop $next
      (br_if $done (i32.eq (local.get $at) (local.get $end)))
      (memory.copy (local.get $out) (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)))
      (local.set $out (i32.add (local.get $out) (i32.load offset=4 (local.get $at))))
      (i32.store8 (local.get $out) (i32.const 61))
      (local.set $out (i32.add (local.get $out) (i32.const 1)))
      (memory.copy (local.get $out) (i32.load offset=8 (local.get $at)) (i32.load offset=12 (local.get $at)))
      (local.set $out (i32.add (local.get $out) (i32.load offset=12 (local.get $at))))
      (i32.store8 (local.get $out) (i32.const 59))
      (local.set $out (i32.add (local.get $out) (i32.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br $next)))
    (call $get-arguments (i32.const 40))
    (memory.fill (local.get $out) (i32.const 33) (i32.load (i32.const 44)))
    (local.set $out (i32.add (local.get $out) (i32.load (i32.const 44))))
    (call $text (i32.const 1024) (i32.sub (local.get $out) (i32.const 1024)))",
);

#[test]
fn there_are_the_variables_that_are_granted_and_no_others() {
    assert_eq!(asked(&open(Grants::base(), IMPORTS, &[LISTS]), "", 0), "");
    // There is no machine without the first, and none with the second.
    let path = std::env::var("PATH").unwrap();
    let grants = Grants::base().env("B", "2").pass_env("PATH").pass_env("HOOKR_NO_SUCH_VARIABLE").env("A", "");
    assert_eq!(asked(&open(grants, IMPORTS, &[LISTS]), "", 0), format!("A=;B=2;PATH={path};"));
}

#[test]
fn exit_ends_the_call_and_not_the_host() {
    let import = "wasi:cli/exit exit (param i32)";
    let bodies =
        [("plugin#ask", "(call $exit (local.get 2)) (unreachable)"), ("plugin#count", "(call $number (i32.const 5))")];
    let plugin = open(Grants::base(), import, &bodies);
    for status in [0, 1] {
        let error = ask(&plugin, "", status).unwrap_err();
        let CallError::Exited { method, code, .. } = &error else { panic!("{error:?}") };
        assert_eq!((method.as_str(), u32::from(*code)), ("Plugin:Ask", status));
        assert!(error.lost_instance(), "{error}");
    }
    assert_eq!(count(&plugin), 5);
}
