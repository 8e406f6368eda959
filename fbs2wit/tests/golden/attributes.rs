//! Generated codecs of fields with attributes against flatc.

use super::codec::round_trip;
use super::expected::attributes::types::{Grade, Note, Person, Rank, Register, Slot, Weight};
use super::expected::attributes::{FlatBuffer, fb};

#[test]
fn attributes_agree_with_flatc() {
    for json in [
        r#"{"grades": []}"#,
        r#"{"people": [{"name": "b", "age": 1}, {"name": "a"}, {"name": "ab"}, {"name": ""}],
            "grades": [{"rank": "High"}, {"rank": "Low", "text": "x"}, {}, {"rank": 3}],
            "weights": [{"grams": 2.5}, {}, {"grams": -1}],
            "slots": [{"filler": 1, "number": 4294967295}, {"filler": 2, "number": 7}, {"filler": 3, "number": 0}],
            "inner": {"text": "nested"}, "anything": [1, 2, 3], "named": 5, "long_named": -5,
            "native": [{"text": "n"}, {"text": "m"}]}"#,
        r#"{"grades": [], "named": "some text", "long_named": "some text"}"#,
    ] {
        round_trip::<Register>("attributes", "Test.Attributes.Register", json);
    }
}

#[test]
fn vectors_with_a_key_are_written_sorted_and_can_be_searched() {
    let person = |name: &str, age| Person { name: name.into(), age };
    let register = Register {
        people: vec![person("c", 1), person("a", 2), person("b", 3), person("a", 4)],
        grades: [Rank::High, Rank::Low, Rank::from(2)].map(|rank| Grade { rank, ..Default::default() }).into(),
        weights: [2.0, f64::NAN, -0.5].map(|grams| Weight { grams }).into(),
        slots: [9, 3, 6].map(|number| Slot { filler: 0, number }).into(),
        ..Default::default()
    };
    let bytes = register.to_flatbuffer();
    let reader = Register::read(&bytes).unwrap();
    let people = reader.people().unwrap();
    let names: Vec<_> = people.iter().map(|person| (person.name(), person.age())).collect();
    // Those of one key keep their order.
    assert_eq!(names, [("a", 2), ("a", 4), ("b", 3), ("c", 1)]);
    let find = |name: &str| people.lookup_by_key(name, |person, name| person.key_compare_with_value(name));
    assert_eq!((find("b").map(|person| person.age()), find("d").is_none()), (Some(3), true));
    let grades = reader.grades();
    let found = grades.lookup_by_key(fb::Rank::High, |grade, rank| grade.key_compare_with_value(*rank));
    assert_eq!(found.map(|grade| grade.rank()), Some(fb::Rank::High));
    let slots = reader.slots().unwrap();
    assert!(slots.get(0).key_compare_less_than(slots.get(1)));
    assert_eq!(slots.iter().map(|slot| slot.number()).collect::<Vec<_>>(), [3, 6, 9]);
    let weights: Vec<_> = reader.weights().unwrap().iter().map(|weight| weight.grams()).collect();
    assert_eq!(weights[..2], [-0.5, 2.0]);
}

#[test]
fn nested_buffers_are_bytes() {
    let note = Note { text: "inside".into() };
    let register = Register { inner: note.to_flatbuffer(), ..Default::default() };
    let read = Register::from_flatbuffer(&register.to_flatbuffer()).unwrap();
    assert_eq!(Note::from_flatbuffer(&read.inner), Ok(note));
}
