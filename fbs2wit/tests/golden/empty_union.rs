//! Generated codecs of a union without members.

use super::codec::round_trip;
use super::expected::empty_union::types::{Drawer, Impossible, Nothing, Shelf, Thing};
use super::expected::empty_union::{DecodeError, EncodeError, FlatBuffer, fb};

#[test]
fn nothing_agrees_with_flatc() {
    for json in [
        "{}",
        r#"{"drawers": [{"after": 1}, {"nothing_type": "NONE"}],
            "thing_type": "Drawer", "thing": {"nothing_type": 0, "after": 2}}"#,
    ] {
        round_trip::<Shelf>("empty_union", "Test.Void.Shelf", json);
    }
}

#[test]
fn its_only_value_is_none() {
    let holder = Drawer { nothing: Nothing::None, nothings: vec![Nothing::None; 3], after: 5 };
    let shelf = Shelf { thing: Thing::Drawer(holder.clone()), drawers: vec![holder] };
    let bytes = shelf.to_flatbuffer().unwrap();
    assert_eq!(Shelf::from_flatbuffer(&bytes), Ok(shelf));
    let reader = Shelf::read(&bytes).unwrap();
    let nothings = reader.drawers().unwrap().get(0).nothings().unwrap();
    assert_eq!(nothings.iter().collect::<Vec<_>>(), [fb::NothingValue::None; 3]);
    assert_eq!(reader.thing_as_drawer().map(|value| value.after()), Some(5));
}

#[test]
fn a_tag_is_an_error() {
    let mut builder = flatbuffers::FlatBufferBuilder::new();
    let value = builder.create_string("x").as_union_value();
    let args = fb::DrawerArgs { nothing_type: fb::Nothing(1), nothing: Some(value), ..Default::default() };
    let root = fb::Drawer::create(&mut builder, &args);
    builder.finish(root, None);
    let error = Drawer::from_flatbuffer(builder.finished_data()).unwrap_err();
    assert_eq!(error, DecodeError::UnknownUnionMember { field: "Drawer.nothing", tag: 1 });
}

#[test]
fn where_it_is_required_there_is_no_buffer() {
    let error = Impossible::default().to_flatbuffer().unwrap_err();
    assert_eq!(error, EncodeError::RequiredUnion { field: "Impossible.nothing" });
}
