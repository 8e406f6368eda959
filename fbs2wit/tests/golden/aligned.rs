//! Generated codecs of vectors with `force_align`: flatc reads them, and their elements are where they should be.

use super::codec::round_trip;
use super::expected::aligned::codec::finish;
use super::expected::aligned::types::{Any, Cell, Item, Kind, Small, Tensor};
use super::expected::aligned::{FlatBuffer, fb};

#[test]
fn aligned_vectors_agree_with_flatc() {
    for json in [
        r#"{"must": []}"#,
        r#"{"shape": [1], "data": [1, 2, 3], "less": [18446744073709551615], "must": [0.5, -1], "maybe": [],
            "kinds": ["B", "A"], "bits": [5, 4294967295], "smalls": [{"x": 1}, {"x": 2}], "cells": [{"x": 1}, {"x": 2}],
            "names": ["", "n"], "items": [{"name": "b"}, {"name": "a"}], "anys_type": ["Text", "Small", "Item"],
            "anys": ["t", {"x": 3}, {"name": "i"}], "plain": "p", "inner": {"must": [1]}, "wide": {"x": 2.5},
            "narrow": {"x": 7}}"#,
    ] {
        round_trip::<Tensor>("aligned", "Test.Aligned.Tensor", json);
    }
}

/// The offset of what a reader has found in a buffer.
fn offset<T>(buffer: &[u8], found: &[T]) -> usize {
    found.as_ptr().addr() - buffer.as_ptr().addr()
}

#[test]
fn elements_start_where_the_schema_says() {
    // Whatever stands around them.
    for n in 0..40 {
        let tensor = Tensor {
            shape: vec![1; n % 7],
            data: vec![1; n],
            less: vec![2; n],
            must: vec![0.5; n],
            maybe: Some(vec![3; n]),
            kinds: vec![Kind::B; n],
            bits: vec![4; n],
            bit: 7,
            smalls: vec![Small { x: 5 }; n],
            cells: vec![Cell { x: 6.0 }; n],
            names: vec!["n".repeat(n % 5); n],
            items: (0..n).map(|i| Item { name: format!("{i:02}") }).collect(),
            anys: vec![Any::Text("t".repeat(n % 3)), Any::Small(Small { x: 7 })],
            plain: "p".repeat(n),
            inner: vec![8; n],
            wide: vec![9; n],
            narrow: vec![10; n],
            loose: vec![11; n],
        };
        let mut builder = flatbuffers::FlatBufferBuilder::new();
        let root = tensor.encode(&mut builder);
        finish::<Tensor, _>(&mut builder, root);
        for buffer in [&*tensor.to_flatbuffer(), builder.unfinished_data()] {
            assert_eq!(Tensor::from_flatbuffer(buffer).as_ref(), Ok(&tensor));
            elements_are_aligned(buffer, n);
        }
    }
}

fn elements_are_aligned(buffer: &[u8], n: usize) {
    let reader = Tensor::read(buffer).unwrap();
    for (name, vector, align) in [
        ("data", reader.data().map(|vector| vector.bytes()), 16),
        ("less", reader.less().map(|vector| vector.bytes()), 8),
        ("must", Some(reader.must().bytes()), 32),
        ("maybe", reader.maybe().map(|vector| vector.bytes()), 8),
        ("kinds", reader.kinds().map(|vector| vector.bytes()), 16),
        ("bits", reader.bits().map(|vector| vector.bytes()), 16),
        ("smalls", reader.smalls().map(|vector| vector.bytes()), 32),
        ("cells", reader.cells().map(|vector| vector.bytes()), 16),
        ("names", reader.names().map(|vector| vector.bytes()), 16),
        ("items", reader.items().map(|vector| vector.bytes()), 16),
        // As the table wants to be in it, and the doubles of the other one.
        ("inner", reader.inner().map(|vector| vector.bytes()), 32),
        ("wide", reader.wide().map(|vector| vector.bytes()), 8),
        ("narrow", reader.narrow().map(|vector| vector.bytes()), 4),
        ("loose", reader.loose().map(|vector| vector.bytes()), 8),
    ] {
        let offset = vector.map_or(0, |bytes| offset(buffer, bytes));
        assert!(offset.is_multiple_of(align), "{name} of {n} at {offset}");
    }
}

#[test]
fn a_struct_in_a_union_is_aligned_in_a_message() {
    use super::expected::wide_struct::codec::finish;
    use super::expected::wide_struct::types::{Any, Big, Holder};
    use super::expected::wide_struct::{FlatBuffer, fb};

    for (n, m) in [(0, 0), (1, 0), (1, 2)] {
        let holder = Holder { any: Any::Big(Big { x: 1.5, y: 2.5 }), n, m };
        let mut builder = flatbuffers::FlatBufferBuilder::new();
        let root = holder.encode(&mut builder);
        finish::<Holder, _>(&mut builder, root);
        let buffer = builder.unfinished_data();
        let big = Holder::read(buffer).unwrap().any_as_big().unwrap();
        assert!((&raw const *big).addr().wrapping_sub(buffer.as_ptr().addr()).is_multiple_of(8));
        assert_eq!(Holder::from_flatbuffer(buffer), Ok(holder));
    }
    round_trip::<Holder>("wide_struct", "Test.Wide.Holder", r#"{"any_type": "Big", "any": {"x": 1, "y": 2}, "n": 3}"#);
}

#[test]
fn a_builder_by_hand_writes_them_too() {
    let mut builder = flatbuffers::FlatBufferBuilder::new();
    for n in 0..20_usize {
        builder.reset();
        builder.create_string(&"x".repeat(n));
        let must = fb::create_aligned_vector::<32, _, _>(&mut builder, vec![1.5_f32; n]);
        let root = fb::Tensor::create(&mut builder, &fb::TensorArgs { must: Some(must), ..Default::default() });
        builder.finish(root, None);
        let buffer = builder.finished_data();
        let reader = Tensor::read(buffer).unwrap();
        assert_eq!(reader.must().iter().collect::<Vec<_>>(), vec![1.5; n]);
        assert!(offset(buffer, reader.must().bytes()).is_multiple_of(32));
    }
}
