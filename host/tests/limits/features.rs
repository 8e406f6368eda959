//! Parts of WebAssembly that no contract needs, and that could block or hurt a host, are off.

use std::fmt::Write as _;

use hookr::{Limits, OpenError};

use crate::support::{component, open};

/// It cannot be compiled, and what wasmtime says has this in it.
#[track_caller]
fn refused(text: &str, because: &str) {
    let source = match open(&component(text), Limits::default()) {
        Err(OpenError::Compile { source }) => source,
        other => panic!("{other:?}: {text}"),
    };
    let mut said = String::new();
    let mut error: Option<&dyn std::error::Error> = Some(source.as_ref());
    while let Some(cause) = error {
        let _ = write!(said, "{cause}; ");
        error = cause.source();
    }
    assert!(said.contains(because), "{text}: {said}");
}

#[test]
fn memories_that_threads_share() {
    refused("(component (core module (memory 1 1 shared)))", "threads");
    let wait = "(component (core module (memory 1)
        (func (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))))";
    refused(wait, "threads");
    refused("(component (core module (table shared 1 (ref null (shared func)))))", "shared");
}

#[test]
fn garbage_collection_and_what_builds_on_it() {
    refused("(component (core module (type (struct (field i32)))))", "gc");
    refused("(component (core module (tag) (func throw 0)))", "exceptions");
    refused("(component (core module (func (try_table))))", "exceptions");
}

#[test]
fn other_stacks() {
    refused("(component (core module (type $f (func)) (type (cont $f))))", "stack switching");
}

#[test]
fn memories_of_other_pages_and_addresses() {
    refused("(component (core module (memory 1 (pagesize 1))))", "custom page sizes");
    refused("(component (core module (memory i64 1)))", "memory64");
    refused("(component (core module (table i64 1 funcref)))", "memory64");
}

#[test]
fn instructions_that_are_not_standardised() {
    let wide = "(component (core module (func (param i64) (result i64 i64)
        (i64.mul_wide_u (local.get 0) (local.get 0)))))";
    refused(wide, "wide arithmetic");
    refused("(component (core module (func try end)))", "legacy_exceptions");
}

#[test]
fn components_that_are_asynchronous() {
    let lift = "(component (core module $m (func (export \"f\") (result i32) i32.const 0)) (core instance $i (instantiate $m))
        (core module $n (func (export \"c\") (param i32 i32 i32) (result i32) i32.const 0)) (core instance $j (instantiate $n))
        (func async (canon lift (core func $i \"f\") async (callback (core func $j \"c\")))))";
    refused(lift, "async");
    refused("(component (type (future u8)))", "async");
    refused("(component (type (stream u8)))", "async");
    refused("(component (core func (canon task.cancel)))", "async");
}

#[test]
fn types_that_contracts_do_not_have() {
    refused("(component (type error-context))", "error-context");
    refused("(component (type (list u8 4)))", "fixed");
    refused("(component (type (map string u8)))", "map");
}

/// What compilers emit today is on.
#[test]
fn what_plugins_use_is_on() {
    let modules = "(component
        (core module (memory 1) (func (v128.store (i32.const 0) (v128.const i64x2 1 2))))
        (core module (func (param v128 v128 v128) (result v128)
            (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2))))
        (core module (func (result i32 i32) (i32.const 1) (i32.const 2)))
        (core module (func $f (return_call $f)))
        (core module (memory 1) (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 9))))
        (core module (table 1 funcref) (func (result funcref) (table.get (i32.const 0))))
        (core module (global i32 (i32.add (i32.const 1) (i32.const 2))))
        (core module (func (param f32) (result i32) (i32.extend8_s (i32.trunc_sat_f32_s (local.get 0))))))";
    if let Err(error) = open(&component(modules), Limits::default()) {
        panic!("{error}");
    }
}
