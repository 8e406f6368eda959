//! Generated codecs of unions against flatc and against buffers that nobody should trust.

use super::codec::round_trip;
use super::expected::unions::types::{Blank, Circle, Held, Holder, Mixed, Point, Scene, Shape, Strict};
use super::expected::unions::{DecodeError, EncodeError, FlatBuffer, fb};

#[test]
fn unions_agree_with_flatc() {
    let scene = |json: &str| round_trip::<Scene>("unions", "Test.Shapes.Scene", json);
    scene(r#"{"must_type": [], "must": []}"#);
    let point = r#"{"x": -1, "y": 2}"#;
    for (tag, value) in [
        ("Circle", r#"{"radius": 2.5, "at": {"x": 1, "y": 2}}"#),
        ("Spot", point),
        ("Label", r#""text""#),
        ("Big", "{}"),
        ("Unknown", point),
        ("None_", r#""""#),
    ] {
        scene(&format!(
            r#"{{"shape_type": "{tag}", "shape": {value}, "type_type": "{tag}", "type": {value}, "Foo_type": 3,
                "shapes_type": ["{tag}", "Label", "{tag}"], "shapes": [{value}, "between", {value}],
                "must_type": ["{tag}"], "must": [{value}], "maybe_type": [], "maybe": [],
                "foo_type": "{tag}", "foo": {value}, "after": "it"}}"#
        ));
        round_trip::<Strict>(
            "unions",
            "Test.Shapes.Strict",
            &format!(r#"{{"shape_type": "{tag}", "shape": {value}}}"#),
        );
    }
    scene(
        r#"{"must_type": [], "must": [], "mixed_type": "Blank", "mixed": {}, "mixes_type": ["Circle", "Blank"],
            "mixes": [{"radius": 1}, {}]}"#,
    );
}

fn scene() -> Scene {
    Scene {
        shape: Shape::Label("a".into()),
        shapes: vec![Shape::None, Shape::Spot(Point { x: 1, y: 2 }), Shape::None, Shape::Big(Circle::default())],
        must: vec![Shape::None],
        maybe: Some(vec![]),
        mixed: Mixed::Blank(Blank {}),
        mixes: vec![Mixed::None, Mixed::Circle(Circle { at: Some(Point { x: 3, y: 4 }), radius: 0.5 })],
        ..Scene::default()
    }
}

#[test]
fn members_stay_what_they_are() {
    let scene = scene();
    assert_eq!(Scene::from_flatbuffer(&scene.to_flatbuffer().unwrap()), Ok(scene));
    assert_eq!(Scene::default().shape, Shape::None);
    assert_eq!(Scene::from_flatbuffer(&Scene::default().to_flatbuffer().unwrap()), Ok(Scene::default()));
}

#[test]
fn tags_may_be_wider_than_a_byte() {
    use super::expected::wide_union::FlatBuffer as _;
    use super::expected::wide_union::types::{Circle, Drawing, Figure, Point};
    let rest = vec![Figure::None, Figure::Circle(Circle { radius: 2.0 }), Figure::Text("t".into())];
    let drawing = Drawing { first: Figure::Point(Point { x: 1, y: 2 }), rest };
    assert_eq!(Drawing::from_flatbuffer(&drawing.to_flatbuffer()), Ok(drawing));
}

#[test]
fn none_is_not_enough_where_a_union_is_required() {
    let error = Strict::default().to_flatbuffer().unwrap_err();
    assert_eq!(error, EncodeError::RequiredUnion { field: "Strict.shape" });
    assert_eq!(error.to_string(), "`Strict.shape` is required, and holds nothing");
    assert_eq!((Strict::default().check(), Scene::default().check()), (Err(error), Ok(())));
    // Whoever encodes without asking gets what nobody reads.
    let mut builder = flatbuffers::FlatBufferBuilder::new();
    let root = Strict::default().encode(&mut builder);
    builder.finish(root, None);
    let error = Strict::from_flatbuffer(builder.finished_data()).unwrap_err();
    assert!(error.to_string().contains("shape"), "{error}");
}

#[test]
fn a_required_union_is_missed_wherever_it_is() {
    let full = || Strict { shape: Shape::Label("s".into()) };
    let holders: [(&str, Holder); 5] = [
        ("one", Holder { one: Some(Strict::default()), ..Default::default() }),
        ("many", Holder { many: vec![full(), Strict::default()], ..Default::default() }),
        ("maybe", Holder { maybe: Some(vec![Strict::default()]), ..Default::default() }),
        ("any", Holder { any: Held::Strict(Strict::default()), ..Default::default() }),
        ("anys", Holder { anys: vec![Held::None, Held::Strict(Strict::default())], ..Default::default() }),
    ];
    for (at, holder) in holders {
        assert_eq!(holder.to_flatbuffer(), Err(EncodeError::RequiredUnion { field: "Strict.shape" }), "{at}");
    }
    let holder = Holder {
        one: Some(full()),
        many: vec![full()],
        maybe: Some(vec![full()]),
        any: Held::Strict(full()),
        anys: vec![Held::None],
    };
    assert_eq!(Holder::from_flatbuffer(&holder.to_flatbuffer().unwrap()), Ok(holder));
}

#[test]
fn readers_have_each_member_by_name() {
    let bytes = scene().to_flatbuffer().unwrap();
    let reader = Scene::read(&bytes).unwrap();
    assert_eq!((reader.shape_as_label(), reader.shape_as_circle()), (Some("a"), None));
    assert_eq!((reader.type_as_spot(), reader.foo_as_none2()), (None, None));
    assert!(reader.mixed_as_blank().is_some());
}

/// A scene whose tags are these, and whose values are all the same string.
fn tagged(tag: u8, tags: &[u8], values: usize) -> Vec<u8> {
    let mut builder = flatbuffers::FlatBufferBuilder::new();
    let text = builder.create_string("text");
    let union = text.as_union_value();
    let tags: Vec<_> = tags.iter().map(|tag| fb::Shape(*tag)).collect();
    let tags = builder.create_vector(&tags);
    let values = builder.create_vector(&vec![text; values]);
    let values = flatbuffers::WIPOffset::new(values.value());
    let args = fb::SceneArgs {
        shape_type: fb::Shape(tag),
        shape: Some(union),
        must_type: Some(tags),
        must: Some(values),
        ..Default::default()
    };
    let root = fb::Scene::create(&mut builder, &args);
    builder.finish(root, None);
    builder.finished_data().to_vec()
}

#[test]
fn a_tag_without_a_name_is_an_error() {
    let label = fb::Shape::Label.0;
    let scene = Scene::from_flatbuffer(&tagged(label, &[label, 0], 2)).unwrap();
    assert_eq!(
        (scene.shape, scene.must),
        (Shape::Label("text".into()), vec![Shape::Label("text".into()), Shape::None])
    );

    let error = Scene::from_flatbuffer(&tagged(99, &[label], 1)).unwrap_err();
    assert_eq!(error, DecodeError::UnknownUnionMember { field: "Scene.shape", tag: 99 });
    assert_eq!(error.to_string(), "`Scene.shape` has no member with the tag 99");
    let error = Scene::from_flatbuffer(&tagged(label, &[label, 200], 2)).unwrap_err();
    assert_eq!(error, DecodeError::UnknownUnionMember { field: "Scene.must", tag: 200 });
}

#[test]
fn tags_and_values_must_fit_each_other() {
    let label = fb::Shape::Label.0;
    for (tags, values) in [(&[label, label][..], 1), (&[label], 2), (&[], 1), (&[0, 0], 0)] {
        let error = Scene::from_flatbuffer(&tagged(label, tags, values)).unwrap_err();
        assert!(matches!(error, DecodeError::Invalid(_)), "{error}");
    }
}

#[test]
fn damaged_unions_are_errors_and_nothing_worse() {
    let bytes = scene().to_flatbuffer().unwrap();
    let mut survived = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            if let Ok(reader) = Scene::read(&damaged) {
                let _ = format!("{reader:?}");
                survived += usize::from(Scene::from_flatbuffer(&damaged).is_ok());
            }
        }
    }
    assert!(survived > 0, "some bits are plain numbers");
}
