use std::collections::BTreeMap;

use super::{DecodeError, EncodeError, Value, decode, encode};
use crate::codec::Limits;

fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn round_trip(value: &Value) {
    let bytes = encode(value).unwrap();
    let read = decode(&bytes, &Limits::default()).unwrap();
    // NaN equals nothing.
    assert_eq!(format!("{read:?}"), format!("{value:?}"), "{bytes:?}");
}

#[test]
fn what_is_encoded_is_decoded() {
    let mut values = vec![Value::Null, Value::Bool(true), Value::Bool(false), text(""), text("é\0x"), map(&[])];
    for bits in [0, 7, 8, 15, 16, 31, 32, 62, 63] {
        let power = 1_u64 << bits;
        values.extend([power - 1, power, power + 1].map(Value::UInt));
        let power = power.cast_signed();
        values.extend([power, power.wrapping_sub(1), power.wrapping_neg(), !power].map(Value::Int));
    }
    values.extend([0.0, -0.0, 0.5, 0.1, f64::MAX, f64::MIN_POSITIVE, f64::INFINITY, f64::NAN].map(Value::Float));
    values.extend([255, 256, 70_000].map(|len| text(&"x".repeat(len))));
    values.push(Value::Blob(vec![0, 255]));
    for value in &values {
        round_trip(value);
    }
    // Of every width, beside each other, and so many that offsets take two bytes, and four.
    round_trip(&Value::Vector(values.clone()));
    round_trip(&Value::Vector(vec![
        Value::Vector(values.clone()),
        map(&[("b", Value::Vector(values.clone())), ("a", text("x"))]),
    ]));
    round_trip(&Value::Vector((0..300).map(|i| text(&i.to_string())).collect()));
    let entries: BTreeMap<String, Value> =
        (0..2000).map(|i| (format!("key {i}"), Value::Vector(vec![Value::Int(i)]))).collect();
    round_trip(&Value::Map(entries));
}

#[test]
fn these_are_the_bytes_that_flatc_writes() {
    let cases: [(Value, &[u8]); 7] = [
        (Value::Int(5), &[5, 4, 1]),
        (Value::Int(i64::MAX), &[255, 255, 255, 255, 255, 255, 255, 127, 7, 8]),
        (Value::Float(0.1), &[0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f, 15, 8]),
        (Value::Float(0.5), &[0, 0, 0, 63, 14, 4]),
        (Value::Vector([1, 2, 3].map(Value::Int).into()), &[3, 1, 2, 3, 4, 4, 4, 6, 40, 1]),
        (Value::Vector(["a", "b"].map(text).into()), &[1, b'a', 0, 1, b'b', 0, 2, 6, 4, 20, 20, 4, 40, 1]),
        (
            map(&[("b", Value::Null), ("a", Value::Bool(true))]),
            &[b'a', 0, b'b', 0, 2, 5, 4, 2, 1, 2, 1, 0, 104, 0, 4, 36, 1],
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(encode(&value).unwrap(), expected, "{value:?}");
    }
}

/// A vector of a type whose elements are of one: `elements`, then an offset to the first.
fn typed(kind: u8, before: &[u8], elements: &[u8]) -> Result<Value, DecodeError> {
    let root = [elements.len() as u8, kind << 2, 1];
    decode(&[before, elements, &root].concat(), &Limits::default())
}

#[test]
fn what_flatc_does_not_write_is_read_too() {
    let vector = |values: &[i64]| Ok(Value::Vector(values.iter().copied().map(Value::Int).collect()));
    assert_eq!(typed(11, &[3], &[1, 2, 255]), vector(&[1, 2, -1]));
    assert_eq!(typed(12, &[1], &[255]), Ok(Value::Vector(vec![Value::UInt(255)])));
    assert_eq!(typed(36, &[2], &[0, 7]), Ok(Value::Vector(vec![Value::Bool(false), Value::Bool(true)])));
    assert_eq!(typed(16, &[], &[1, 2]), vector(&[1, 2]));
    assert_eq!(typed(19, &[], &[1, 2, 3]), vector(&[1, 2, 3]));
    assert_eq!(typed(23, &[], &[1, 2, 3, 4]), Ok(Value::Vector((1..5).map(Value::UInt).collect())));
    for kind in [14, 15] {
        let keys = typed(kind, &[b'a', 0, b'b', 0, 2], &[5, 4]);
        assert_eq!(keys, Ok(Value::Vector(vec![text("a"), text("b")])));
    }
    // Numbers behind an offset, a key, a vector of two floats.
    assert_eq!(decode(&[255, 255, 2, 6 << 2 | 1, 1], &Limits::default()), Ok(Value::Int(-1)));
    assert_eq!(decode(&[255, 255, 2, 7 << 2 | 1, 1], &Limits::default()), Ok(Value::UInt(65535)));
    assert_eq!(decode(&[0, 0, 0, 63, 4, 8 << 2 | 2, 1], &Limits::default()), Ok(Value::Float(0.5)));
    assert_eq!(decode(&[b'k', 0, 2, 4 << 2, 1], &Limits::default()), Ok(text("k")));
    let floats = [0.5_f32.to_le_bytes(), 2.0_f32.to_le_bytes()].concat();
    let floats = decode(&[&floats[..], &[8, 18 << 2 | 2, 1]].concat(), &Limits::default());
    assert_eq!(floats, Ok(Value::Vector(vec![Value::Float(0.5), Value::Float(2.0)])));
}

#[test]
fn what_is_none_is_an_error() {
    let limits = Limits::default();
    for (bytes, error) in [
        (&[][..], DecodeError::OutOfBounds),
        (&[4, 1], DecodeError::OutOfBounds),
        (&[5, 4, 3], DecodeError::Width(3)),
        (&[5, 4, 2], DecodeError::OutOfBounds),
        (&[5, 27 << 2, 1], DecodeError::UnknownType(27)),
        // A float of one byte; a string before the start, and one that is too long, and no text.
        (&[5, 3 << 2, 1], DecodeError::Width(1)),
        (&[1, 20, 1], DecodeError::OutOfBounds),
        (&[9, b'x', 0, 2, 20, 1], DecodeError::OutOfBounds),
        (&[1, 0xff, 0, 2, 20, 1], DecodeError::Utf8),
        // A key without an end.
        (&[b'k', 1, 16, 1], DecodeError::OutOfBounds),
    ] {
        assert_eq!(decode(bytes, &limits), Err(error), "{bytes:?}");
    }
    let mut twice = encode(&map(&[("a", Value::Int(1)), ("b", Value::Int(2))])).unwrap();
    twice[2] = b'a';
    assert_eq!(decode(&twice, &limits), Err(DecodeError::Keys));
    assert_eq!(encode(&map(&[("a\0b", Value::Null)])), Err(EncodeError::ZeroInKey { key: "a\0b".to_owned() }));
}

#[test]
fn nesting_and_growth_are_limited() {
    let nested = |depth: usize| (0..depth).fold(Value::Null, |value, _| Value::Vector(vec![value]));
    let limits = Limits::default();
    assert!(decode(&encode(&nested(64)).unwrap(), &limits).is_ok());
    assert_eq!(decode(&encode(&nested(65)).unwrap(), &limits), Err(DecodeError::TooDeep));
    assert!(decode(&encode(&nested(256)).unwrap(), &limits.nesting(256)).is_ok());
    assert_eq!(encode(&nested(257)), Err(EncodeError::TooDeep));
    // A vector that holds itself, and one that does so twice.
    assert_eq!(decode(&[1, 0, 40, 2, 40, 1], &limits), Err(DecodeError::TooDeep));
    assert_eq!(decode(&[2, 0, 1, 40, 40, 4, 40, 1], &limits), Err(DecodeError::TooDeep));
    // Ten levels of 200 offsets to the level below.
    let mut bomb = vec![0, 0];
    let mut below = 1;
    for _ in 0..10 {
        bomb.resize(bomb.len().next_multiple_of(4), 0);
        bomb.extend(200_u32.to_le_bytes());
        let at = bomb.len();
        for i in 0..200 {
            bomb.extend(((at + 4 * i - below) as u32).to_le_bytes());
        }
        let kind = if below == 1 { 0 } else { 10 << 2 | 2 };
        bomb.extend([kind; 200]);
        below = at;
    }
    bomb.resize(bomb.len().next_multiple_of(4), 0);
    let offset = (bomb.len() - below) as u32;
    bomb.extend(offset.to_le_bytes());
    bomb.extend([10 << 2 | 2, 4]);
    assert_eq!(decode(&bomb, &limits), Err(DecodeError::TooLarge));
}

#[test]
fn damaged_bytes_are_an_error_or_a_value() {
    let value = map(&[
        ("list", Value::Vector(vec![Value::Int(-5), Value::Float(0.1), text("text"), Value::Null])),
        ("blob", Value::Blob(vec![1, 2, 3])),
        ("map", map(&[("a", Value::UInt(u64::MAX)), ("b", Value::Bool(true))])),
    ]);
    let bytes = encode(&value).unwrap();
    let mut refused = 0;
    for at in 0..bytes.len() {
        for other in 0..=255 {
            let mut damaged = bytes.clone();
            damaged[at] = other;
            match decode(&damaged, &Limits::default()) {
                Ok(value) => round_trip(&value),
                Err(_) => refused += 1,
            }
        }
        let _ = decode(&bytes[at..], &Limits::default());
        let _ = decode(&bytes[..at], &Limits::default());
    }
    assert!(refused > 1000, "{refused}");
}
