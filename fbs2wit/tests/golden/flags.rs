//! Generated codecs of bit flags against flatc and against buffers that nobody should trust.

use super::codec::round_trip;
use super::expected::flags::types::{Door, Locks, Many, Rooms, Wide};
use super::expected::flags::{DecodeError, FlatBuffer, fb};

#[test]
fn flags_agree_with_flatc() {
    for json in [
        r#"{"wides": []}"#,
        r#"{"locks": "Top Bottom", "shut": "Middle", "rooms": "Hall Attic", "single": "All",
            "wide": "First Last", "many": "f0 f31", "maybe": "Top", "handle": {"locks": "Bottom", "wide": "Ninth Last"},
            "all": ["Top", "Top Middle Bottom"], "wides": ["Last"], "manys": [4294967295]}"#,
        r#"{"locks": 0, "shut": 0, "rooms": 0, "maybe": 0, "handle": {"locks": 0, "wide": 0}, "all": [0], "wides": [0]}"#,
    ] {
        round_trip::<Door>("flags", "Test.Doors.Door", json);
    }
}

#[test]
fn sets_have_the_numbers_of_the_schema() {
    let door = Door::default();
    assert_eq!((door.locks, door.shut, door.rooms), (Locks::empty(), Locks::TOP | Locks::BOTTOM, Rooms::ATTIC));
    assert_eq!(Locks::all().value(), 0b1000_1001);
    assert_eq!((Locks::TOP | Locks::MIDDLE).value(), 9);
    assert_eq!(Locks::from_value(0x88), Some(Locks::MIDDLE | Locks::BOTTOM));
    assert_eq!(Locks::from_value(2), None);
    assert_eq!(Wide::from_value(1 << 63 | 1), Some(Wide::LAST | Wide::FIRST));
    assert_eq!((Many::all().value(), Many::F31.value()), (u32::MAX, 1 << 31));
    assert_eq!(!Locks::TOP, Locks::MIDDLE | Locks::BOTTOM);
    assert_eq!((Locks::all() & Locks::TOP) ^ Locks::BOTTOM, Locks::TOP | Locks::BOTTOM);
    assert!(Locks::all().contains(Locks::TOP) && !Locks::TOP.contains(Locks::all()));
    assert_eq!(format!("{:?}", Locks::TOP | Locks::BOTTOM), r#"{"Top", "Bottom"}"#);
    // What crosses the component boundary are the flags in their order, without gaps.
    assert_eq!((Locks::BOTTOM.bits(), Locks::from_bits_retain(0xff)), (4, Locks::all()));
}

#[test]
fn bits_without_a_name_are_an_error() {
    let mut builder = flatbuffers::FlatBufferBuilder::new();
    let wides = builder.create_vector(&[fb::Wide::Last]);
    let args = fb::DoorArgs { locks: fb::Locks(3), wides: Some(wides), ..Default::default() };
    let root = fb::Door::create(&mut builder, &args);
    builder.finish(root, None);
    let error = Door::from_flatbuffer(builder.finished_data()).unwrap_err();
    assert_eq!(error, DecodeError::UnknownFlags { field: "Door.locks", value: 3 });
    assert_eq!(error.to_string(), "`Door.locks` has bits without a name: 0b11");
}
