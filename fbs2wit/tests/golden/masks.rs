//! Generated codecs of bit flags that are integers against flatc.

use super::codec::round_trip;
use super::expected::masks::types::{Any, Entry, Grant, Marks, Nameless, Permissions, Sorted, marks, permissions};
use super::expected::masks::{FlatBuffer, fb};

#[test]
fn integers_agree_with_flatc() {
    for json in [
        r#"{"must": []}"#,
        r#"{"permissions": "Read p31 Everything", "usual": 0, "nameless": 3, "marks": "Low High", "maybe": 0,
            "entry": {"permissions": 18446744073709551615, "marks": ["High", -128]},
            "all": ["p32", 4611686018427387904, "Read Everything"], "must": [0, 65535], "some": [1, -1],
            "sorted": [{"marks": 5}, {"marks": -5}, {"marks": "High"}, {}], "any_type": "Entry",
            "any": {"permissions": "Write", "marks": [2, "Low"]}, "number": 0, "gen": "type Type_"}"#,
    ] {
        round_trip::<Grant>("masks", "Test.Rights.Grant", json);
    }
}

#[test]
fn bits_without_a_name_are_kept() {
    let grant = Grant {
        permissions: permissions::READ | permissions::P32 | 1 << 62,
        nameless: 1 << 15,
        marks: i8::MIN,
        maybe: Some(0),
        entry: Some(Entry { permissions: u64::MAX, marks: [marks::HIGH, 2] }),
        all: vec![permissions::EVERYTHING, 1 << 40],
        must: vec![0, 77],
        some: Some(vec![-1]),
        sorted: vec![Sorted { marks: 9 }, Sorted { marks: -9 }],
        any: Any::Entry(Entry { permissions: 5, marks: [0, 1] }),
        ..Default::default()
    };
    let read = Grant::from_flatbuffer(&grant.to_flatbuffer()).unwrap();
    assert_eq!(read.sorted, [Sorted { marks: -9 }, Sorted { marks: 9 }]);
    assert_eq!(Grant { sorted: grant.sorted.clone(), ..read }, grant);
}

#[test]
fn they_are_plain_integers_with_the_schemas_defaults() {
    let (all, none, few): (Permissions, Nameless, Marks) = (u64::MAX, 0, -1);
    let grant = Grant { permissions: all, ..Default::default() };
    assert_eq!((grant.permissions, grant.usual), (all, permissions::READ | permissions::WRITE));
    assert_eq!((grant.nameless, grant.marks, grant.number, none), (32768, few, u32::MAX, 0));
    assert_eq!((permissions::EVERYTHING, marks::HIGH), (1 << 63, 64));
    assert_eq!(format!("{:?} {:?}", fb::Permissions::Read, fb::Permissions(6)), "Read 0b110");
}
