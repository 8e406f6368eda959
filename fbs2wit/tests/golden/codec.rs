//! Generated codecs against flatc and against buffers that nobody should trust.

use super::expected::{
    aligned, arrays, attributes, clashes, empty, empty_union, flags, keys, kitchen, long_arrays, masks, messages,
    recursive, textfilter, tickloop, unions, wide_struct,
};
use super::{flatc, folder};

use kitchen::{Dish, FlatBuffer, Heat, Huge, Ingredient, Point, Stage};

/// JSON → flatc's bytes → our value → our bytes → flatc's JSON, which must be that of its own bytes.
pub(super) fn round_trip<T: FlatBufferOf>(schema: &str, root: &str, json: &str) {
    let Some(flatc) = flatc::flatc() else { return };
    let schema = folder().join("schemas").join(format!("{schema}.fbs"));
    let theirs = flatc::encode(&flatc, &schema, root, json);
    let expected = flatc::decode(&flatc, &schema, root, &theirs);
    for ours in T::recode(&theirs) {
        assert_eq!(flatc::decode(&flatc, &schema, root, &ours), expected, "{root} {json}");
    }
}

/// Each expansion has a trait of its own; this one joins them.
pub(super) trait FlatBufferOf {
    /// As a buffer, and as a message of the lane.
    fn recode(bytes: &[u8]) -> [Vec<u8>; 2];
}

/// Some contracts have values that no buffer can hold.
pub(super) trait Whole {
    fn whole(self) -> Vec<u8>;
}

impl Whole for Vec<u8> {
    fn whole(self) -> Vec<u8> {
        self
    }
}

impl<E: std::fmt::Debug> Whole for Result<Vec<u8>, E> {
    fn whole(self) -> Vec<u8> {
        self.unwrap()
    }
}

macro_rules! flat_buffers {
    ($($module:ident::{$($name:ident),*};)*) => {
        $($(impl FlatBufferOf for $module::types::$name {
            fn recode(bytes: &[u8]) -> [Vec<u8>; 2] {
                use $module::FlatBuffer as _;
                let value = Self::from_flatbuffer(bytes).unwrap_or_else(|error| panic!("{error}"));
                let mut builder = flatbuffers::FlatBufferBuilder::new();
                let root = value.encode(&mut builder);
                $module::codec::finish::<Self, _>(&mut builder, root);
                let message = builder.unfinished_data().to_vec();
                assert!(message.len() % Self::ALIGN == 0, "what is aligned from its end on is so from its start on");
                let whole = value.to_flatbuffer().whole();
                assert!(message.len() >= whole.len(), "the builder asks for a larger alignment");
                let ours = [whole, message];
                for again in &ours {
                    let again = Self::from_flatbuffer(again).map(|value| format!("{value:?}"));
                    assert_eq!(again.as_ref().ok(), Some(&format!("{value:?}")));
                }
                ours
            }
        })*)*
    };
}

flat_buffers! {
    textfilter::{Empty, FilterRequest, FilterResponse};
    tickloop::{TickRequest};
    kitchen::{Dish, Order, Weight};
    messages::{Both, Many, Names, Numbers, Shapes, Texts};
    empty::{Outer, Holder};
    arrays::{Board};
    attributes::{Register};
    flags::{Door};
    long_arrays::{Strip};
    recursive::{Company, Forest, Link, Node, Person};
    unions::{Scene, Strict};
    masks::{Grant};
    keys::{Catalog};
    aligned::{Tensor};
    empty_union::{Shelf};
    wide_struct::{Holder};
    clashes::{Fetch, FlatBuffer, Type, VecType};
}

const DISH_REQUIRED: &str = r#""exactly_at": {"x": 0, "y": 0, "stage": "Planned", "heat": "Cold"},
    "main": {"name": ""}, "ratios": [], "names": []"#;

#[test]
fn flatc_reads_what_we_write_and_we_read_what_flatc_writes() {
    round_trip::<textfilter::types::Empty>("textfilter", "Hookr.Test.TextFilter.Empty", "{}");
    round_trip::<textfilter::types::FilterRequest>(
        "textfilter",
        "Hookr.Test.TextFilter.FilterRequest",
        r#"{"input": "grüße \u0000 \"x\"", "blocked_terms": ["", "a", "bc"], "case_sensitive": true, "max_replacements": 4294967295}"#,
    );
    round_trip::<textfilter::types::FilterResponse>("textfilter", "Hookr.Test.TextFilter.FilterResponse", "{}");
    round_trip::<tickloop::types::TickRequest>(
        "tickloop",
        "Hookr.Test.TickLoop.TickRequest",
        r#"{"tick": 18446744073709551615, "dt_micros": 1, "state_hash": 9223372036854775808}"#,
    );
    round_trip::<kitchen::types::Weight>("kitchen", "Test.Units.Weight", r#"{"amount": 1e300, "unit": "Gram"}"#);
    round_trip::<kitchen::types::Order>("kitchen", "Test.Kitchen.Order", "{}");
    round_trip::<empty::types::Outer>(
        "empty",
        "Test.Nothing.Outer",
        r#"{"holder": {"one": {}, "must": {}, "many": [{}, {}]}, "holders": [{"must": {}, "label": "x"}], "plain": {}}"#,
    );
    round_trip::<empty::types::Holder>("empty", "Test.Nothing.Holder", r#"{"must": {}}"#);
    round_trip::<clashes::types::Fetch>(
        "clashes",
        "Record.Types.Fetch",
        r#"{"foo_bar": 1, "fooBar": 2, "foobar": 3, "FooBar": 4, "_1": 5, "__": 6, "a_1": 7, "a1": 8}"#,
    );
    round_trip::<clashes::types::FlatBuffer>(
        "clashes",
        "Record.Types.FlatBuffer",
        r#"{"self": "self_", "case": "unknown_case", "reader": 1, "encode": 2, "decode": 3, "read": 4}"#,
    );
    round_trip::<clashes::types::Type>(
        "clashes",
        "Record.Types.type",
        r#"{"Type": 1, "self": 2, "gen": 3, "use": "x", "async": true, "reserved": true, "create": 4, "new": 5}"#,
    );
    round_trip::<clashes::types::VecType>(
        "clashes",
        "Record.Types.Vec",
        r#"{"vec": [{"x": 1, "create": 2, "new": 3.5}]}"#,
    );
}

#[test]
fn every_kind_of_field_agrees_with_flatc() {
    let root = "Test.Kitchen.Dish";
    round_trip::<Dish>("kitchen", root, &format!("{{{DISH_REQUIRED}}}"));
    // Every field with a value that is not its default.
    let full = r#"{
        "flag": false, "tiny": 5, "small": 255, "short_one": -32768, "ushort_one": 0, "number": -2147483648,
        "count": 4294967295, "big": 9223372036854775807, "huge": 0, "ratio": 1.5, "exact": 2.25, "unset": 0,
        "below_zero": 1, "title": "t", "greeting": "", "note": "", "stage": "Served", "heat": "Frozen",
        "largest": "Small", "maybe_bool": false, "maybe_int": 0, "maybe_float": 0, "maybe_stage": "Planned",
        "maybe_heat": -3, "at": {"x": 1, "y": 2, "stage": "Cooking", "heat": -19},
        "exactly_at": {"x": -1, "y": 1e-300, "stage": "Served", "heat": "Hot"},
        "span": {"from": {"x": 1, "y": 2, "stage": "Cooking", "heat": 1}, "to": {"x": 3, "y": 4, "stage": "Served", "heat": 2}, "inclusive": true},
        "main": {"name": "m", "grams": 0, "weight": {"amount": 1, "unit": "Gram"}, "allergens": ["a", ""]},
        "side": {"name": ""}, "unit": "Gram", "blob": [0, 255], "flags": [true, false, true], "numbers": [1, -1],
        "ratios": [0.5, -0.5], "names": ["", "x"], "empty_names": ["n"], "empty_blob": [1], "maybe_names": [], "maybe_blob": [], "stages": ["Served", "Planned"],
        "heats": ["Hot", 41, "Frozen"], "points": [{"x": 1, "y": 2, "stage": "Cooking", "heat": "Warm"}],
        "spans": [{"from": {"x": 1, "y": 2, "stage": "Cooking", "heat": 1}, "to": {"x": 3, "y": 4, "stage": "Served", "heat": 2}, "inclusive": true},
                  {"from": {"x": 5, "y": 6, "stage": "Cooking", "heat": 1}, "to": {"x": 7, "y": 8, "stage": "Served", "heat": 2}, "inclusive": false}],
        "ingredients": [{"name": "i"}], "maybe_ingredients": [{"name": "j"}], "weights": [{"amount": 3}, {}]
    }"#;
    round_trip::<Dish>("kitchen", root, full);
}

fn dish() -> Dish {
    Dish { main: Ingredient { name: "rice".into(), ..Default::default() }, ..Default::default() }
}

#[test]
fn defaults_are_those_of_the_schema() {
    let dish = dish();
    assert!(dish.flag);
    assert_eq!((dish.tiny, dish.ushort_one, dish.big, dish.huge), (-5, u16::MAX, i64::MIN, u64::MAX));
    assert_eq!((dish.ratio, dish.exact), (0.1, f64::NEG_INFINITY));
    assert!(dish.unset.is_nan());
    assert_eq!(dish.greeting, "hello \"you\"");
    assert_eq!((dish.stage, dish.heat, dish.largest), (Stage::Cooking, Heat::Warm, Huge::Large));
    assert_eq!((dish.maybe_int, dish.maybe_stage, dish.note), (None, None, None));
    assert_eq!(dish.main.grams, 100);
    assert_eq!((dish.empty_names.len(), dish.empty_blob.len()), (0, 0));
    // Nothing but what is required is written: an absent field reads as its default.
    let read = Dish::from_flatbuffer(&self::dish().to_flatbuffer()).unwrap();
    assert_eq!(format!("{read:?}"), format!("{:?}", self::dish()));
}

#[test]
fn absent_and_empty_are_kept_apart_where_the_contract_says_so() {
    let value = Dish { note: Some(String::new()), maybe_names: Some(vec![]), maybe_int: Some(0), ..dish() };
    let read = Dish::from_flatbuffer(&value.to_flatbuffer()).unwrap();
    assert_eq!((read.note.as_deref(), read.maybe_names, read.maybe_int), (Some(""), Some(vec![]), Some(0)));
    assert_eq!((read.maybe_blob, read.maybe_float), (None, None));
}

#[test]
fn zero_and_minus_zero_stay_what_they_are() {
    for below_zero in [0.0, -0.0] {
        let value = Dish { below_zero, ..dish() };
        let read = Dish::from_flatbuffer(&value.to_flatbuffer()).unwrap();
        assert_eq!(read.below_zero.to_bits(), below_zero.to_bits());
    }
}

#[test]
fn a_value_without_a_name_stays_itself_or_is_an_error() {
    let value = Dish { heat: Heat::from(41), heats: vec![Heat::from(7), Heat::Hot], ..dish() };
    let read = Dish::from_flatbuffer(&value.to_flatbuffer()).unwrap();
    assert_eq!((read.heat, read.heats), (Heat::Unknown(41), vec![Heat::Unknown(7), Heat::Hot]));
    // The number of a named value, written by hand, is that value.
    assert_eq!(Heat::Unknown(90), Heat::Hot);
    assert!(matches!(Heat::from(90), Heat::Hot));
    assert_eq!(i16::from(Heat::Frozen), -20);

    let mut builder = flatbuffers::FlatBufferBuilder::new();
    let name = builder.create_string("x");
    let main = kitchen::fb::Ingredient::create(
        &mut builder,
        &kitchen::fb::IngredientArgs { name: Some(name), ..Default::default() },
    );
    let ratios = builder.create_vector::<f64>(&[]);
    let names = builder.create_vector::<flatbuffers::WIPOffset<&str>>(&[]);
    let at = kitchen::fb::Point::default();
    let args = kitchen::fb::DishArgs {
        main: Some(main),
        ratios: Some(ratios),
        names: Some(names),
        exactly_at: Some(&at),
        stage: kitchen::fb::Stage(3),
        ..Default::default()
    };
    let root = kitchen::fb::Dish::create(&mut builder, &args);
    builder.finish(root, Some("DISH"));
    let error = Dish::from_flatbuffer(builder.finished_data()).unwrap_err();
    assert_eq!(error, kitchen::DecodeError::UnknownEnumValue { field: "Dish.stage", value: 3 });
    assert_eq!(error.to_string(), "`Dish.stage` has no value 3");
}

#[test]
fn what_is_required_must_be_there() {
    let mut builder = flatbuffers::FlatBufferBuilder::new();
    let table = kitchen::fb::OrderBuilder::new(&mut builder).finish();
    builder.finish(table, None);
    let error = Ingredient::from_flatbuffer(builder.finished_data()).unwrap_err();
    assert!(error.to_string().contains("name"), "{error}");
}

#[test]
fn the_identifier_of_the_root_is_checked() {
    let mut bytes = dish().to_flatbuffer();
    assert_eq!(bytes[4..8], *b"DISH");
    bytes[4] = b'F';
    let error = Dish::from_flatbuffer(&bytes).unwrap_err();
    assert_eq!(error, kitchen::DecodeError::WrongIdentifier { expected: "DISH" });
    assert_eq!(Dish::from_flatbuffer(b"").unwrap_err(), error);
    // The other tables have none.
    assert_eq!(<Ingredient as FlatBuffer>::IDENTIFIER, None);
}

#[test]
fn a_small_buffer_does_not_unfold_to_a_huge_value() {
    // One string of 64 KiB, referred to 64 Ki times: 4 GiB, from 320 KiB.
    let mut builder = flatbuffers::FlatBufferBuilder::new();
    let text = builder.create_string(&"x".repeat(1 << 16));
    let allergens = builder.create_vector(&vec![text; 1 << 16]);
    let name = builder.create_string("bomb");
    let args = kitchen::fb::IngredientArgs { name: Some(name), allergens: Some(allergens), ..Default::default() };
    let root = kitchen::fb::Ingredient::create(&mut builder, &args);
    builder.finish(root, None);
    let error = Ingredient::from_flatbuffer(builder.finished_data()).unwrap_err();
    assert_eq!(error, kitchen::DecodeError::Invalid(flatbuffers::InvalidFlatbuffer::ApparentSizeTooLarge));
}

#[test]
fn damaged_buffers_are_errors_and_nothing_worse() {
    let value = Dish {
        points: vec![Point::default(); 3],
        ingredients: vec![Ingredient { name: "a".into(), allergens: vec!["b".into()], ..Default::default() }],
        stages: vec![Stage::Served],
        ..dish()
    };
    let bytes = value.to_flatbuffer();
    for length in 0..bytes.len() {
        let _ = Dish::from_flatbuffer(&bytes[..length]);
    }
    let mut survived = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            if let Ok(value) = Dish::from_flatbuffer(&damaged) {
                survived += 1;
                let again = Dish::from_flatbuffer(&value.to_flatbuffer()).unwrap();
                assert_eq!(format!("{again:?}"), format!("{value:?}"));
            }
        }
    }
    assert!(survived > 0, "some bits are plain numbers");
}
