//! Arrays that WIT has as lists: generated codecs against flatc, and the lengths of what comes in.

use hookr_abi::InvalidValue;

use super::codec::round_trip;
use super::expected::long_arrays::types::{Any, Color, Doors, Edges, Inside, Long, Pixel, Sparse, Strip};
use super::expected::long_arrays::{FlatBuffer, wire};

fn json(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(", "))
}

fn of(length: i64, value: impl Fn(i64) -> String) -> String {
    json((0..length).map(value))
}

#[test]
fn long_arrays_agree_with_flatc() {
    let pixel = |i: i64| format!(r#"{{"color": "{}", "at": [{i}, {}]}}"#, ["Red", "Green", "Blue"][i as usize % 3], -i);
    let edges = |start: i64| {
        let [shortest, last, behind] = [17, 32, 33].map(|length| of(length, |i| (start + i).to_string()));
        format!(r#"{{"shortest": {shortest}, "last": {last}, "behind": {behind}}}"#)
    };
    let long = format!(
        r#"{{"bytes": {}, "numbers": {}, "ratios": {}, "bools": {}, "colors": {}, "sparse": {}, "doors": {},
            "pixels": {}, "short_one": {}, "edges": {}, "all_edges": {}, "id": 7}}"#,
        of(300, |i| (i % 256).to_string()),
        of(40, |i| (i64::MIN + i).to_string()),
        of(17, |i| format!("{i}.5")),
        of(20, |i| (i % 3 == 0).to_string()),
        of(33, |i| format!("\"{}\"", ["Red", "Green", "Blue"][i as usize % 3])),
        of(18, |i| ["\"High\"", "\"Low\"", "5"][i as usize % 3].to_owned()),
        of(64, |i| ["\"Left Right\"", "0", "\"Right\""][i as usize % 3].to_owned()),
        of(34, pixel),
        of(16, |i| i.to_string()),
        of(2, edges),
        of(17, edges),
    );
    for json in [
        format!(r#"{{"must": {}}}"#, edges(3)),
        format!(
            r#"{{"long": {long}, "must": {}, "longs": [{long}, {long}], "any_type": "Long", "any": {long},
                "anys_type": ["Pixel", "Inside"], "anys": [{}, {{"long": {long}}}], "inside": {{"long": {long}}}}}"#,
            edges(1),
            pixel(4)
        ),
    ] {
        round_trip::<Strip>("long_arrays", "Test.Strips.Strip", &json);
    }
}

fn edges(start: u8) -> Edges {
    Edges {
        shortest: std::array::from_fn(|i| start.wrapping_add(i as u8)),
        last: std::array::from_fn(|i| i as i16),
        behind: std::array::from_fn(|i| -(i as i16)),
    }
}

fn long() -> Long {
    let pixel = |i| Pixel { color: Color::Blue, at: [i, -i] };
    Long {
        bytes: std::array::from_fn(|i| i as u8),
        numbers: std::array::from_fn(|i| i64::MAX - i as i64),
        ratios: std::array::from_fn(|i| i as f64 / 3.0),
        bools: std::array::from_fn(|i| i % 2 == 1),
        colors: std::array::from_fn(|i| if i == 32 { Color::Green } else { Color::Red }),
        sparse: std::array::from_fn(|i| Sparse::from(i as i16)),
        doors: std::array::from_fn(|i| if i == 63 { Doors::all() } else { Doors::RIGHT }),
        pixels: std::array::from_fn(|i| pixel(i as i32)),
        short_one: [0.5; 16],
        edges: [edges(1), edges(2)],
        all_edges: std::array::from_fn(|i| edges(i as u8)),
        id: 9,
    }
}

fn strip() -> Strip {
    Strip {
        long: Some(long()),
        must: edges(7),
        longs: vec![long(), Long::default()],
        any: Any::Inside(Inside { long: Some(long()) }),
        anys: vec![Any::Long(long()), Any::None, Any::Pixel(Pixel::default())],
        inside: Some(Inside::default()),
    }
}

#[test]
fn elements_stay_where_they_are() {
    let strip = strip();
    assert_eq!(Strip::from_flatbuffer(&strip.to_flatbuffer()), Ok(strip.clone()));
    assert_eq!(Strip::try_from(wire::Strip::from(strip.clone())), Ok(strip));
}

#[test]
fn defaults_are_zero() {
    let long = Long::default();
    assert_eq!((long.bytes, long.doors, long.short_one), ([0; 300], [Doors::empty(); 64], [0.0; 16]));
    assert_eq!(long.all_edges, [Edges { shortest: [0; 17], last: [0; 32], behind: [0; 33] }; 17]);
}

/// The error of a strip after a change to what bindings give.
fn refused(change: impl FnOnce(&mut wire::Strip)) -> InvalidValue {
    let mut value = wire::Strip::from(strip());
    change(&mut value);
    Strip::try_from(value).unwrap_err()
}

#[test]
fn a_list_of_another_length_is_an_error_that_names_the_field() {
    let length =
        |field: &'static str, expected, found| InvalidValue::ArrayLength { field: field.into(), expected, found };
    assert_eq!(refused(|strip| strip.must.shortest.clear()), length("Edges.shortest", 17, 0));
    assert_eq!(refused(|strip| strip.must.last.push(1)), length("Edges.last", 32, 33));
    assert_eq!(
        refused(|strip| {
            strip.must.behind.pop();
        }),
        length("Edges.behind", 33, 32)
    );
    // In a tuple, in a list, in an option, in a union, in a union of a list.
    assert_eq!(refused(|strip| strip.long.as_mut().unwrap().edges.1.last.clear()), length("Edges.last", 32, 0));
    assert_eq!(refused(|strip| strip.longs[1].all_edges[16].behind.clear()), length("Edges.behind", 33, 0));
    assert_eq!(refused(|strip| strip.longs[0].all_edges.truncate(1)), length("Long.all_edges", 17, 1));
    assert_eq!(refused(|strip| strip.longs[0].pixels.truncate(33)), length("Long.pixels", 34, 33));
    let inside = |strip: &mut wire::Strip| match &mut strip.any {
        wire::Any::Inside(inside) => inside.long.as_mut().unwrap().doors.clear(),
        _ => panic!(),
    };
    assert_eq!(refused(inside), length("Long.doors", 64, 0));
    let first = |strip: &mut wire::Strip| match &mut strip.anys[0] {
        wire::Any::Long(long) => long.colors.push(Color::Red),
        _ => panic!(),
    };
    assert_eq!(refused(first), length("Long.colors", 33, 34));
}
