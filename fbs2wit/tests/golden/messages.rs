//! Messages, which `create` writes in one piece: flatc and the verifier take them for what is written field by field.

use flatbuffers::{FlatBufferBuilder, WIPOffset};

use super::codec::round_trip;
use super::expected::messages::fb;
use super::expected::messages::types::{Both, Many, Names, Numbers, Shapes, Texts};

#[test]
fn messages_agree_with_flatc() {
    for json in [
        r#"{"must": {"left": 1, "right": 2}}"#,
        r#"{"must": {"left": 1, "right": 2}, "maybe": 0, "maybe_flag": false, "maybe_level": "Low"}"#,
        r#"{"must": {"left": 1, "right": 2}, "flag": false, "tiny": 1, "big": 18446744073709551615, "ratio": -1.5,
            "exact": 1e-300, "level": "High", "marks": "Second", "maybe": -2, "maybe_flag": true,
            "maybe_level": "Middle", "pair": {"left": 3, "right": 4}, "cell": {"x": 2.5, "level": "High"}}"#,
    ] {
        round_trip::<Numbers>("messages", "Test.Messages.Numbers", json);
    }
    for json in [
        r#"{"title": "", "must": []}"#,
        r#"{"title": "t", "must": ["a", "", "b"], "blob": []}"#,
        r#"{"title": "title", "note": "n", "greeting": "", "blob": [1, 2, 3], "numbers": [1, 18446744073709551615],
            "flags": [true, false], "levels": ["High"], "pairs": [{"left": 1, "right": 2}],
            "cells": [{"x": 1, "level": "Middle"}, {"x": 2, "level": "Low"}], "names": ["", "ä"], "must": [""],
            "aligned": [9], "count": 65535}"#,
    ] {
        round_trip::<Texts>("messages", "Test.Messages.Texts", json);
    }
    for json in [
        r#"{"must": {}}"#,
        r#"{"must": {"name": "m"}, "shape_type": "Text", "shape": "t", "shapes_type": ["Cell", "Leaf"],
            "shapes": [{"x": 1, "level": "Low"}, {"size": 2}], "leaf": {"size": 4}, "leaves": [{}, {"name": "l"}],
            "level": "High"}"#,
    ] {
        round_trip::<Shapes>("messages", "Test.Messages.Shapes", json);
    }
    for json in [r#"{}"#, r#"{"x": -1, "maybe": 0}"#, r#"{"x": 1, "note": "n"}"#] {
        round_trip::<Both>("messages", "Test.Messages.Both", json);
        let many = format!(r#"{{"first": {json}, "others": [{json}, {{"x": 2}}, {json}]}}"#);
        round_trip::<Many>("messages", "Test.Messages.Many", &many);
    }
    round_trip::<Names>("messages", "Test.Messages.Names", r#"{"names": [{"name": "a"}, {"name": "b", "x": 1}]}"#);
}

/// A buffer that ends in a string of some length, so that what is before it starts at any distance from the end.
pub(super) fn behind<T>(length: usize, write: impl FnOnce(&mut FlatBufferBuilder<'static>) -> WIPOffset<T>) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    builder.create_string(&"x".repeat(length));
    let root = write(&mut builder);
    builder.finish(root, None);
    builder.finished_data().to_vec()
}

/// Writes numbers of which those are absent whose bit is not in `there`.
pub(super) fn numbers(builder: &mut FlatBufferBuilder<'static>, there: usize) -> WIPOffset<fb::Numbers<'static>> {
    let (pair, must, cell) = (fb::Pair::new(1, 2), fb::Pair::new(3, 4), fb::Cell::new(0.25, fb::Level(2)));
    let args = fb::NumbersArgs {
        ratio: -0.0,
        exact: f64::NAN,
        marks: fb::Marks(3),
        maybe: (there & 1 != 0).then_some(5),
        maybe_flag: (there & 2 != 0).then_some(true),
        maybe_level: (there & 4 != 0).then_some(fb::Level(0)),
        pair: (there & 8 != 0).then_some(&pair),
        cell: (there & 16 != 0).then_some(&cell),
        must: Some(&must),
        ..Default::default()
    };
    fb::Numbers::create(builder, &args)
}

#[test]
fn what_stands_in_a_table_is_where_the_verifier_and_readers_look() {
    for (there, length) in (0..32).flat_map(|there| (0..20).map(move |length| (there, length))) {
        let buffer = behind(length, |builder| numbers(builder, there));
        let read = fb::root_as_numbers(&buffer).unwrap();
        assert_eq!((read.flag(), read.tiny(), read.big(), read.level()), (true, -5, 7, fb::Level(1)));
        assert_eq!((read.ratio().to_bits(), read.exact().is_nan()), ((-0.0_f32).to_bits(), true));
        assert_eq!((read.marks().0, read.must().left(), read.must().right()), (3, 3, 4));
        assert_eq!(read.maybe(), (there & 1 != 0).then_some(5));
        assert_eq!(read.maybe_flag(), (there & 2 != 0).then_some(true));
        assert_eq!(read.maybe_level(), (there & 4 != 0).then_some(fb::Level(0)));
        assert_eq!(read.pair().map(|pair| (pair.left(), pair.right())), (there & 8 != 0).then_some((1, 2)));
        let cell = read.cell();
        assert_eq!(cell.map(|cell| (cell.x(), cell.level())), (there & 16 != 0).then_some((0.25, fb::Level(2))));
        // The verifier does not ask how structs are aligned.
        assert!(cell.is_none_or(|cell| (std::ptr::from_ref(cell).addr() - buffer.as_ptr().addr()).is_multiple_of(16)));
    }
}

/// Writes texts of which those are absent whose bit is not in `there`.
pub(super) fn texts(builder: &mut FlatBufferBuilder<'static>, there: usize) -> WIPOffset<fb::Texts<'static>> {
    let is_there = |bit: usize| there & 1 << bit != 0;
    let title = builder.create_string("title");
    let must = ["", "must"].map(|text| builder.create_string(text));
    let must = builder.create_vector(&must);
    let args = fb::TextsArgs {
        title: Some(title),
        note: is_there(0).then(|| builder.create_string("")),
        greeting: is_there(1).then(|| builder.create_string("greeting")),
        blob: is_there(2).then(|| builder.create_vector::<u8>(&[1, 2, 3])),
        numbers: is_there(3).then(|| builder.create_vector::<u64>(&[4])),
        flags: is_there(4).then(|| builder.create_vector(&[true])),
        levels: is_there(5).then(|| builder.create_vector(&[fb::Level(1), fb::Level(2), fb::Level(0)])),
        pairs: is_there(6).then(|| builder.create_vector(&[fb::Pair::new(5, 6)])),
        cells: is_there(7).then(|| builder.create_vector(&[fb::Cell::new(7.0, fb::Level(0))])),
        names: is_there(8).then(|| {
            let names = ["näme"; 3].map(|name| builder.create_string(name));
            builder.create_vector(&names)
        }),
        must: Some(must),
        aligned: is_there(9).then(|| fb::create_aligned_vector::<32, u8, _>(builder, vec![8; 8])),
        count: 9,
    };
    fb::Texts::create(builder, &args)
}

#[test]
fn offsets_lead_to_what_they_are_of() {
    for there in 0..1 << 10 {
        let buffer = behind(there % 7, |builder| texts(builder, there));
        let read = fb::root_as_texts(&buffer).unwrap();
        let is_there = |bit: usize| there & 1 << bit != 0;
        assert_eq!((read.title(), read.count()), ("title", 9));
        assert_eq!(read.must().iter().collect::<Vec<_>>(), ["", "must"]);
        assert_eq!(read.note(), is_there(0).then_some(""));
        assert_eq!(read.greeting(), if is_there(1) { "greeting" } else { "hello" });
        assert_eq!(read.blob().map(|vector| vector.bytes().to_vec()), is_there(2).then(|| vec![1, 2, 3]));
        assert_eq!(read.numbers().map(|vector| vector.iter().collect()), is_there(3).then(|| vec![4]));
        assert_eq!(read.flags().map(|vector| vector.iter().collect()), is_there(4).then(|| vec![true]));
        assert_eq!(read.levels().map(|vector| vector.get(1)), is_there(5).then_some(fb::Level(2)));
        assert_eq!(read.pairs().map(|vector| vector.get(0).right()), is_there(6).then_some(6));
        assert_eq!(read.cells().map(|vector| vector.get(0).x()), is_there(7).then_some(7.0));
        assert_eq!(read.names().map(|vector| vector.iter().collect()), is_there(8).then(|| vec!["näme"; 3]));
        assert_eq!(read.aligned().map(|vector| vector.bytes().to_vec()), is_there(9).then(|| vec![8; 8]));
    }
}

#[test]
fn a_table_that_stands_elsewhere_too_is_one_piece_only_as_the_first() {
    let mut builder = FlatBufferBuilder::new();
    let args = fb::BothArgs { maybe: Some(1), ..Default::default() };
    fb::Both::create(&mut builder, &args);
    assert_eq!(builder.num_written_vtables(), 0, "its vtable is part of it");
    for _ in 0..3 {
        fb::Both::create(&mut builder, &args);
    }
    assert_eq!(builder.num_written_vtables(), 1, "the others share theirs");
}

#[test]
#[should_panic(expected = "missing required field must")]
fn what_is_required_cannot_be_left_out() {
    fb::Numbers::create(&mut FlatBufferBuilder::new(), &fb::NumbersArgs::default());
}
