//! Requests of callbacks that come over the lane and are no FlatBuffers of their type, or that say more than one wants to
//! hear.

use hookr::lane::LaneChoice;
use hookr::{CallWay, MethodId};

use crate::case::{ANSWERED, Case};
use crate::cases::flatbuffers::{Member, Wrong, links, request, write};
use crate::component::asking;
use crate::flat::{at, message, shared_word, spoiled};
use crate::target::Target;

/// The plugin loses its instance, as it does by an answer that cannot be read.
const INVALID: &str = "CallError::InvalidResponse";
/// The plugin gets this for an answer to its request, and here it passes that on.
const WRONG_VALUE: &str = "CallError::Failed(invalid-argument)";
const TOO_LARGE: &str = "CallError::Failed(resource-exhausted)";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = bytes();
    cases.extend(amplified());
    cases.extend(built());
    cases
}

/// `Relay` is asked with these bytes. The host's implementation takes owned values, as it does by default.
fn relaying(
    name: &str,
    about: &'static str,
    bytes: impl Fn() -> Vec<u8> + Send + Sync + 'static,
    expected: &'static str,
) -> Case {
    relaying_by(LaneChoice::Direct, name, about, bytes, expected)
}

fn relaying_by(
    choice: LaneChoice,
    name: &str,
    about: &'static str,
    bytes: impl Fn() -> Vec<u8> + Send + Sync + 'static,
    expected: &'static str,
) -> Case {
    let plugin = move || asking("lanes", MethodId::of("Desk", "Relay"), &bytes());
    let drive = move |target: &Target| {
        target.lanes_by(CallWay::Lane, choice)?.forward(&lanes::Message::default())?;
        Ok(())
    };
    Case::new(format!("callback/lane-request-{name}"), about, plugin, drive, expected)
}

fn bytes() -> Vec<Case> {
    let sent = |name: &str, about, bytes: Vec<u8>, expected| relaying(name, about, move || bytes.clone(), expected);
    let number = |name: &str, about, at, number: u32| sent(name, about, spoiled(at, &number.to_le_bytes()), INVALID);
    let mut cut = message();
    cut.truncate(54);
    vec![
        sent("honest", "a request as it should be", message(), ANSWERED),
        sent("short", "three bytes", vec![0; 3], INVALID),
        sent("ones", "nothing but ones", vec![0xff; 4096], INVALID),
        sent("cut-in-text", "the end is missing, and half of a text with it", cut, INVALID),
        number("root-outside", "a root behind the end", at::ROOT, 4096),
        number("root-far-outside", "a root at the largest of all numbers", at::ROOT, u32::MAX),
        number("vtable-outside", "a vtable before the first byte", at::VTABLE, 4096),
        number("vtable-far-outside", "a vtable as far away as can be", at::VTABLE, i32::MIN as u32),
        sent("vtable-too-long", "a vtable that ends behind the end", spoiled(at::VTABLE_SIZE, &[0xfe, 0xff]), INVALID),
        sent("field-outside", "a field behind the end", spoiled(at::TEXT_IN_VTABLE, &[0xfe, 0xff]), INVALID),
        number("text-outside", "a text behind the end", at::TEXT, 4096),
        number("text-of-gigabytes", "a text of four gigabytes", at::TEXT_LENGTH, u32::MAX),
        sent("bad-text", "a text that is not UTF-8", spoiled(at::TEXT_BYTES, &[0xff]), INVALID),
        number("words-overflow", "a vector whose size no 32 bits can hold", at::WORDS_LENGTH, 0x4000_0001),
        number("word-outside", "an element of a vector behind the end", at::FIRST_WORD, 4096),
        number("word-around", "an element of a vector around the end of all numbers", at::FIRST_WORD, 0xffff_fffc),
        relaying_by(
            LaneChoice::Portable,
            "word-outside-portable",
            "the same where the host has the portable engine",
            || spoiled(at::FIRST_WORD, &4096_u32.to_le_bytes()),
            INVALID,
        ),
    ]
}

/// Small requests that say one thing many times.
fn amplified() -> Vec<Case> {
    let shared = |name: &str, about, count, length, expected| {
        relaying(name, about, move || shared_word(count, length), expected)
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
        shared("one-word-less-often", "twenty offsets to one word of two megabytes", 20, 2 << 20, TOO_LARGE)
            .says("16777216"),
        relaying_by(
            LaneChoice::Portable,
            "one-word-less-often-portable",
            "the same where the host has the portable engine",
            || shared_word(20, 2 << 20),
            TOO_LARGE,
        ),
        shared("too-long", "a request of nine megabytes, where eight are allowed", 1, 9 << 20, RESPONSE),
        shared("few-words", "ten offsets to one word", 10, 100, ANSWERED),
    ]
}

const RESPONSE: &str = "CallError::LimitExceeded(response)";

/// What a builder makes that is told to.
fn built() -> Vec<Case> {
    let follows = |name: &str, about, length, expected| {
        let plugin = move || asking("shapes", MethodId::of("Mirror", "Follow"), &links(length));
        let drive = |target: &Target| {
            target.shapes(CallWay::Lane)?.follow(&shapes::Chain::default())?;
            Ok(())
        };
        Case::new(format!("callback/lane-request-{name}"), about, plugin, drive, expected)
    };
    let reflects = |name: &str, about, spoil: fn(&mut Wrong), expected| {
        let plugin = move || {
            let mut wrong = Wrong::default();
            spoil(&mut wrong);
            asking("shapes", MethodId::of("Mirror", "Reflect"), &write(wrong))
        };
        let drive = |target: &Target| {
            target.shapes(CallWay::Lane)?.echo(&request())?;
            Ok(())
        };
        Case::new(format!("callback/lane-request-{name}"), about, plugin, drive, expected)
    };
    vec![
        follows("chain", "a chain of sixty-four tables, which is as long as one may be", 64, ANSWERED),
        follows("too-deep", "a chain of sixty-five tables", 65, INVALID),
        follows("very-deep", "a chain of a hundred thousand tables", 100_000, INVALID),
        reflects("everything", "a request as it should be", |_| (), ANSWERED),
        reflects(
            "shared-tables",
            "a table that holds the next one twice, forty times: a million million",
            |all| all.doubled = 40,
            INVALID,
        ),
        reflects(
            "small-tables",
            "half a million times a table of four bytes, which is two hundred as a value: a hundred megabytes",
            |all| all.twigs = 500_000,
            TOO_LARGE,
        ),
        reflects(
            "required-text",
            "a table without its name, which is required",
            |all| all.leaf_without_name = true,
            INVALID,
        ),
        reflects(
            "required-table",
            "a request without a table that is required",
            |all| all.without_trunk = true,
            INVALID,
        ),
        reflects(
            "union-tag",
            "a union of a kind that there is not",
            |all| all.shape = Some((99, Member::Leaf)),
            // It is the reader that knows the kinds, not the verifier.
            WRONG_VALUE,
        ),
        reflects(
            "union-of-other-type",
            "a text in a union that says to be a table",
            |all| all.shape = Some((1, Member::Text)),
            INVALID,
        ),
        reflects("enum", "a value of an enum that there is not", |all| all.dense = Some(9), WRONG_VALUE)
            .says("no value 9"),
        reflects("flags", "bits that there are not", |all| all.colors = Some(0x80), WRONG_VALUE),
    ]
}
