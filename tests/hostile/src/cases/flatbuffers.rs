//! Answers over the lane that are no FlatBuffers of their type, or that say more than one wants to hear.

use flatbuffers::{FlatBufferBuilder, UnionWIPOffset, WIPOffset};
use hookr::{CallError, CallWay};
use shapes::fb;

use crate::case::{ANSWERED, Case};
use crate::component::answering;
use crate::flat::{at, message, shared_word, spoiled};
use crate::outcome::Failure;
use crate::target::Target;

const INVALID: &str = "CallError::InvalidResponse";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = harmless();
    cases.extend(bytes());
    cases.extend(amplified());
    cases.extend(built());
    cases
}

/// `Echo` of the contract of lanes is answered with these bytes. They are refused in place and as values.
fn answered(name: &str, about: &'static str, bytes: Vec<u8>) -> Case {
    let plugin = move || answering("lanes", &bytes);
    Case::new(format!("flatbuffer/{name}"), about, plugin, echo, INVALID)
}

fn echo(target: &Target) -> Result<(), Failure> {
    let plugin = target.lanes(CallWay::Lane)?;
    let in_place = plugin.lane()?.echo(|builder| lanes::fb::Message::create(builder, &Default::default())).map(drop);
    match (in_place, plugin.echo(&lanes::Message::default())) {
        (Ok(()), Ok(_)) => Ok(()),
        (Err(in_place), Err(as_values)) => {
            let [one, other] = [in_place, as_values].map(Failure::Call);
            assert_eq!(one.outcome(), other.outcome());
            Err(one)
        }
        (in_place, as_values) => panic!("in place: {in_place:?}, as values: {as_values:?}"),
    }
}

fn bytes() -> Vec<Case> {
    let at_byte = |name: &str, about, at, bytes: &[u8]| answered(name, about, spoiled(at, bytes));
    let number = |name: &str, about, at, number: u32| at_byte(name, about, at, &number.to_le_bytes());
    let cut = |length| {
        let mut bytes = message();
        bytes.truncate(length);
        bytes
    };
    vec![
        answered("empty", "no bytes", Vec::new()),
        answered("short", "three bytes", vec![0; 3]),
        answered("ones", "nothing but ones", vec![0xff; 4096]),
        answered("cut-in-table", "the end is missing, and half of the table with it", cut(40)),
        answered("cut-in-text", "the end is missing, and half of a text with it", cut(54)),
        number("root-outside", "a root behind the end", at::ROOT, 4096),
        number("root-far-outside", "a root at the largest of all numbers", at::ROOT, u32::MAX),
        number("root-not-aligned", "a root at an odd place", at::ROOT, 25),
        number("vtable-outside", "a vtable before the first byte", at::VTABLE, 4096),
        number("vtable-behind", "a vtable behind the end", at::VTABLE, (-4096_i32) as u32),
        number("vtable-far-outside", "a vtable as far away as can be", at::VTABLE, i32::MIN as u32),
        number("vtable-not-aligned", "a vtable at an odd place", at::VTABLE, 15),
        at_byte("vtable-odd", "a vtable of an odd number of bytes", at::VTABLE_SIZE, &[11, 0]),
        at_byte("vtable-too-long", "a vtable that ends behind the end", at::VTABLE_SIZE, &[0xfe, 0xff]),
        at_byte("field-outside", "a field behind the end", at::TEXT_IN_VTABLE, &[0xfe, 0xff]),
        at_byte("field-not-aligned", "a number at an odd place", at::NUMBER_IN_VTABLE, &[9, 0]),
        number("text-outside", "a text behind the end", at::TEXT, 4096),
        number("text-far-outside", "a text at the largest of all numbers", at::TEXT, u32::MAX),
        number("text-not-aligned", "a text at an odd place", at::TEXT, 21),
        number("text-too-long", "a text that is longer than all the rest", at::TEXT_LENGTH, 4096),
        number("text-of-gigabytes", "a text of four gigabytes", at::TEXT_LENGTH, u32::MAX),
        at_byte("text-not-terminated", "a text without a zero at its end", at::TEXT_END, b"!"),
        at_byte("bad-text", "a text that is not UTF-8", at::TEXT_BYTES, &[0xff]),
        number("bytes-too-long", "a vector that is longer than all the rest", at::BYTES_LENGTH, 4096),
        number("bytes-of-gigabytes", "a vector of four gigabytes", at::BYTES_LENGTH, u32::MAX),
        number("words-overflow", "a vector whose size no 32 bits can hold", at::WORDS_LENGTH, 0x4000_0001),
        number("words-outside", "a vector behind the end", at::WORDS, u32::MAX),
        number("word-outside", "an element of a vector behind the end", at::FIRST_WORD, 4096),
        number("word-around", "an element of a vector around the end of all numbers", at::FIRST_WORD, 0xffff_fffc),
        number("word-not-aligned", "an element of a vector at an odd place", at::FIRST_WORD, 9),
    ]
}

/// What the verifier has nothing against: nothing is read there, and all fields are absent.
fn harmless() -> Vec<Case> {
    let case = |name: &str, about, bytes: Vec<u8>| answered(name, about, bytes).harmless();
    vec![
        case("honest", "a message as it should be", message()),
        case("zeros", "nothing but zeros", vec![0; 4096]),
        case("root-at-itself", "a root that leads to itself", spoiled(at::ROOT, &[0; 4])),
        case("vtable-too-short", "a vtable that is too short for its own size", spoiled(at::VTABLE_SIZE, &[2, 0])),
        case("table-too-long", "a table that says to end behind the end", spoiled(at::TABLE_SIZE, &[0xfe, 0xff])),
    ]
}

/// Small answers that say one thing many times.
fn amplified() -> Vec<Case> {
    let shared = |name: &str, about, count, length, expected| {
        let plugin = move || answering("lanes", &shared_word(count, length));
        Case::new(format!("flatbuffer/{name}"), about, plugin, owned, expected)
    };
    vec![
        shared(
            "one-word-often",
            "a hundred thousand offsets to one word of a hundred kilobytes: ten gigabytes",
            100_000,
            100_000,
            INVALID,
        ),
        shared("large-word-often", "sixty offsets to one word of six megabytes", 60, 6 << 20, INVALID),
        shared(
            "one-word-less-often",
            "twenty offsets to one word of two megabytes",
            20,
            2 << 20,
            "CallError::LimitExceeded(host_memory)",
        ),
        shared("many-words", "four hundred thousand offsets to one word without a letter", 400_000, 0, ANSWERED),
        shared("few-words", "ten offsets to one word", 10, 100, ANSWERED),
    ]
}

fn owned(target: &Target) -> Result<(), Failure> {
    target.lanes(CallWay::Lane)?.echo(&lanes::Message::default())?;
    Ok(())
}

/// What a builder makes that is told to.
fn built() -> Vec<Case> {
    vec![
        chain("chain", "a chain of sixty-four tables, which is as long as one may be", 64, ANSWERED),
        chain("too-deep", "a chain of sixty-five tables", 65, INVALID),
        chain("very-deep", "a chain of a hundred thousand tables", 100_000, INVALID),
        everything("everything", "a message as it should be", |_| (), ANSWERED),
        everything(
            "shared-tables",
            "a table that holds the next one twice, forty times: a million million",
            |all| all.doubled = 40,
            INVALID,
        ),
        everything(
            "small-tables",
            "half a million times a table of four bytes, which is two hundred as a value: a hundred megabytes",
            |all| all.twigs = 500_000,
            "CallError::LimitExceeded(host_memory)",
        ),
        everything("fewer-small-tables", "ten thousand of them", |all| all.twigs = 10_000, ANSWERED),
        everything(
            "required-text",
            "a table without its name, which is required",
            |all| all.leaf_without_name = true,
            INVALID,
        ),
        everything(
            "required-table",
            "a message without a table that is required",
            |all| all.without_trunk = true,
            INVALID,
        ),
        everything(
            "union-tag",
            "a union of a kind that there is not",
            |all| all.shape = Some((99, Member::Leaf)),
            INVALID,
        ),
        everything(
            "union-without-value",
            "a kind of union without the value",
            |all| all.shape = Some((1, Member::Nothing)),
            INVALID,
        ),
        everything(
            "union-of-other-type",
            "a text in a union that says to be a table",
            |all| all.shape = Some((1, Member::Text)),
            INVALID,
        ),
        everything("enum", "a value of an enum that there is not", |all| all.dense = Some(9), INVALID)
            .says("no value 9"),
        everything("open-enum", "a value of an enum that may have any", |all| all.sparse = Some(-77), ANSWERED),
        everything("flags", "bits that there are not", |all| all.colors = Some(0x80), INVALID),
    ]
}

/// `Follow` of the contract of shapes is answered with a chain of so many tables.
fn chain(name: &str, about: &'static str, length: usize, expected: &'static str) -> Case {
    let plugin = move || answering("shapes", &links(length));
    let drive = |target: &Target| {
        let plugin = target.shapes(CallWay::Lane)?;
        let in_place = plugin.lane()?.follow(|builder| fb::Chain::create(builder, &Default::default())).map(drop);
        let as_value = plugin.follow(&shapes::Chain::default()).map(drop);
        assert_eq!(in_place.is_ok(), as_value.is_ok(), "in place: {in_place:?}, as a value: {as_value:?}");
        Ok(as_value?)
    };
    Case::new(format!("flatbuffer/{name}"), about, plugin, drive, expected)
}

/// A chain of so many tables.
pub(super) fn links(length: usize) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let mut next = None;
    for _ in 0..length {
        next = Some(fb::Chain::create(&mut builder, &fb::ChainArgs { next, ..Default::default() }));
    }
    builder.finish(next.expect("a chain has a first table"), None);
    builder.finished_data().to_vec()
}

/// What a union holds.
#[derive(Clone, Copy)]
pub(super) enum Member {
    Nothing,
    Leaf,
    Text,
}

/// What is wrong with a message that has everything.
#[derive(Clone, Copy, Default)]
pub(super) struct Wrong {
    /// How often a table holds the next one twice.
    pub(super) doubled: usize,
    /// How often a table holds one that has nothing in it.
    pub(super) twigs: usize,
    pub(super) leaf_without_name: bool,
    pub(super) without_trunk: bool,
    /// The kind of a union, and what it holds.
    pub(super) shape: Option<(u8, Member)>,
    pub(super) dense: Option<u8>,
    sparse: Option<i16>,
    pub(super) colors: Option<u8>,
}

/// `Echo` of the contract of shapes is answered with such a message.
fn everything(name: &str, about: &'static str, spoil: fn(&mut Wrong), expected: &'static str) -> Case {
    let plugin = move || {
        let mut wrong = Wrong::default();
        spoil(&mut wrong);
        answering("shapes", &write(wrong))
    };
    let drive = |target: &Target| {
        let plugin = target.shapes(CallWay::Lane)?;
        match plugin.echo(&request()) {
            Err(error @ CallError::InvalidRequest { .. }) => panic!("{error:?}"),
            answer => Ok(answer.map(drop)?),
        }
    };
    Case::new(format!("flatbuffer/{name}"), about, plugin, drive, expected)
}

pub(super) fn request() -> shapes::Everything {
    shapes::Everything { needed: shapes::Leaf { name: "leaf".into(), ..Default::default() }, ..Default::default() }
}

/// Field by field: a builder that checks would not write most of it.
pub(super) fn write(wrong: Wrong) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    // As a table, it has its vtable before the first byte: its length is larger than all that is before it.
    let text = builder.create_string(&"text".repeat(1000));
    let name = builder.create_string("leaf");
    let leaf = table(&mut builder, (!wrong.leaf_without_name).then_some((fb::Leaf::VT_NAME, name)));
    let mut trunk = fb::Branch::create(&mut builder, &Default::default());
    for _ in 0..wrong.doubled {
        let twigs = Some(builder.create_vector(&[trunk, trunk]));
        trunk = fb::Branch::create(&mut builder, &fb::BranchArgs { twigs, ..Default::default() });
    }
    if wrong.twigs > 0 {
        let twigs = Some(builder.create_vector(&vec![trunk; wrong.twigs]));
        trunk = fb::Branch::create(&mut builder, &fb::BranchArgs { twigs, ..Default::default() });
    }
    let start = builder.start_table();
    builder.push_slot_always(fb::Everything::VT_NEEDED, leaf);
    if !wrong.without_trunk {
        builder.push_slot_always(fb::Everything::VT_TRUNK, trunk);
    }
    if let Some((kind, member)) = wrong.shape {
        builder.push_slot_always(fb::Everything::VT_SHAPE_TYPE, kind);
        match member {
            Member::Nothing => {}
            Member::Leaf => builder.push_slot_always(fb::Everything::VT_SHAPE, leaf),
            Member::Text => builder.push_slot_always(fb::Everything::VT_SHAPE, text),
        }
    }
    if let Some(value) = wrong.dense {
        builder.push_slot_always(fb::Everything::VT_DENSE, value);
    }
    if let Some(value) = wrong.sparse {
        builder.push_slot_always(fb::Everything::VT_SPARSE, value);
    }
    if let Some(value) = wrong.colors {
        builder.push_slot_always(fb::Everything::VT_COLORS, value);
    }
    let root = builder.end_table(start);
    builder.finish_minimal(root);
    builder.finished_data().to_vec()
}

/// A table with one text in it, or none.
fn table<'a>(
    builder: &mut FlatBufferBuilder<'a>,
    field: Option<(flatbuffers::VOffsetT, WIPOffset<&'a str>)>,
) -> WIPOffset<UnionWIPOffset> {
    let start = builder.start_table();
    if let Some((slot, text)) = field {
        builder.push_slot_always(slot, text);
    }
    builder.end_table(start).as_union_value()
}
