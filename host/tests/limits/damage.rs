//! What is damaged inside of a component is an error, and never a panic.

use hookr::{OpenError, Shape};

use crate::support::{component, shape_of};

/// Something of everything that is read.
fn rich() -> Vec<u8> {
    component(
        r#"(component
            (import "hookr:abi/types@0.1.0" (instance $t (type (list u8))))
            (core module $m
                (memory (export "memory") 1) (table 3 funcref) (global (mut i32) (i32.const 1)) (data (i32.const 8) "text")
                (elem (i32.const 0) func 0 1)
                (func (export "a") (param i32) (result i32) (local i64 f32)
                    (block (loop (br_if 1 (local.get 0)) (br_table 0 1 (local.get 0))))
                    (if (result i32) (local.get 0) (then (i32.load (i32.const 0))) (else (call 0 (i32.const 1)))))
                (func (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
                    (v128.const i64x2 1 2) (v128.const i64x2 3 4)))))
            (core instance $i (instantiate $m))
            (component $c
                (alias outer 1 $m (core module $m)) (core instance $i (instantiate $m))
                (import "f" (func $f)) (core func (canon lower (func $f)))
                (export "g" (func $f)))
            (type (instance (export "x" (func)) (type (record (field "a" u8)))))
            (func $f (param "x" s32) (result s32) (canon lift (core func $i "a"))))"#,
    )
}

/// Looks at bytes that may be anything; says whether they can be read.
#[track_caller]
fn look(bytes: &[u8]) -> Option<Shape> {
    match shape_of(bytes) {
        Ok(shape) => Some(shape),
        Err(OpenError::Malformed { offset, size, .. }) => {
            assert!(offset <= size && size == bytes.len() as u64, "byte {offset} of {size}");
            None
        }
        Err(OpenError::LimitExceeded(_) | OpenError::ComponentAsValue { .. } | OpenError::NotWasm { .. }) => None,
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn every_byte_may_be_another() {
    let whole = rich();
    assert!(look(&whole).is_some());
    let (mut good, mut bad) = (0, 0);
    for place in 8..whole.len() {
        for value in [0, 1, 2, 0x0b, 0x40, 0x7f, 0x80, 0xff, whole[place] ^ 1, whole[place] ^ 0x80] {
            let mut bytes = whole.clone();
            bytes[place] = value;
            *(if look(&bytes).is_some() { &mut good } else { &mut bad }) += 1;
        }
    }
    assert!(good > 500 && bad > 500, "{good} can be read, {bad} cannot");
}

#[test]
fn a_cut_is_an_error_or_a_smaller_component() {
    let whole = rich();
    let shape = look(&whole).unwrap();
    let cuts = (1..whole.len()).filter_map(|length| look(&whole[..length]));
    let smaller: Vec<Shape> = cuts.inspect(|cut| assert!(cut.entries <= shape.entries)).collect();
    assert!(!smaller.is_empty() && smaller.len() < whole.len() / 4, "{}", smaller.len());
}

#[test]
fn a_component_where_a_module_belongs_is_malformed() {
    let mut bytes = component("(component (core module (func)))");
    let inner = bytes.windows(8).rposition(|found| found == b"\0asm\x01\0\0\0").unwrap();
    bytes[inner + 4..inner + 8].copy_from_slice(&[0x0d, 0, 1, 0]);
    assert!(matches!(shape_of(&bytes), Err(OpenError::Malformed { .. })));
}

#[test]
fn a_module_is_named_as_such() {
    assert!(matches!(shape_of(&wat::parse_str("(module)").unwrap()), Err(OpenError::CoreModule)));
}

/// An index of something that is not there is found here, or by wasmtime.
#[test]
fn indices_of_nothing_are_malformed() {
    for section in [
        // An instance of module 9.
        [2, 4, 1, 0, 9, 0],
        // An instance of component 9.
        [5, 4, 1, 0, 9, 0],
        // An alias of module 9 of the component around, where there is none.
        [6, 4, 1, 0, 0x11, 2],
    ] {
        let mut bytes = wat::parse_str("(component)").unwrap();
        bytes.extend(section);
        assert!(matches!(shape_of(&bytes), Err(OpenError::Malformed { .. })), "{section:?}");
    }
}

/// wasmtime copies the name of a function for each frame of a backtrace.
#[test]
fn names_of_functions_are_only_so_long() {
    let named = |length| {
        let name = "n".repeat(length);
        component(&format!("(component (core module (func $short) (func ${name})))"))
    };
    assert!(shape_of(&named(100_000)).is_ok());
    let Err(OpenError::Malformed { message, .. }) = shape_of(&named(100_001)) else { panic!("it is too long") };
    assert_eq!(message, "the name of function 1 has 100001 bytes, 100000 at the most");
}
