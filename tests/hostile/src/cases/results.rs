//! Typed responses that cannot be read, or that are more than one wants to read.

use hookr::CallWay;
use hookr::dynamic::Value;
use hookr_tests::hostile::Hostile;

use super::callbacks::{fill_list, long_messages};
use crate::case::{ANSWERED, Case};
use crate::component::{chaos, honest, lanes};
use crate::outcome::Failure;
use crate::target::Target;

/// A response of `Echo` in memory at 1024: `result<sample, error>`, `sample` being a string, an enum and a list of
/// strings.
#[derive(Clone, Copy)]
struct Response {
    result: u8,
    text: (u32, u32),
    colour: u8,
    texts: (u32, u32),
}

/// A well-formed response; each case spoils one thing.
const GOOD: Response = Response { result: 0, text: (2048, 5), colour: 1, texts: (2056, 1) };

/// What is at 2048 and behind: a text, and a list of one text.
const TEXTS: &[u8] = b"hello\0\0\0\x00\x08\0\0\x05\0\0\0";

impl Response {
    fn bytes(self) -> Vec<u8> {
        let mut bytes = vec![self.result, 0, 0, 0];
        bytes.extend([self.text.0, self.text.1].map(u32::to_le_bytes).concat());
        bytes.extend([self.colour, 0, 0, 0]);
        bytes.extend([self.texts.0, self.texts.1].map(u32::to_le_bytes).concat());
        bytes
    }
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = lies();
    cases.extend(amplified());
    cases
}

/// `Echo` answers with these bytes, which lie at 1024; it says that they are at `address`.
fn echoing(
    name: &str,
    about: &'static str,
    bytes: Vec<u8>,
    texts: &'static [u8],
    address: i32,
    expected: &'static str,
) -> Case {
    let plugin = move || {
        chaos(&honest().data(1024, &bytes).data(2048, texts).body("plugin#echo", &format!("(i32.const {address})")))
    };
    Case::new(format!("result/{name}"), about, plugin, echo, expected)
}

fn echo(target: &Target) -> Result<(), Failure> {
    let plugin = target.chaos()?;
    let answer = plugin.echo(&chaos::Sample::default())?;
    assert_eq!((answer.text.as_str(), answer.texts.as_slice()), ("hello", &["hello".to_owned()][..]));
    Ok(())
}

fn lies() -> Vec<Case> {
    let invalid = "CallError::InvalidResponse";
    let spoiled = |name: &str, about, response: Response| echoing(name, about, response.bytes(), TEXTS, 1024, invalid);
    let at = |name: &str, about, address| echoing(name, about, GOOD.bytes(), TEXTS, address, invalid);
    let texts = |name: &str, about, texts| echoing(name, about, GOOD.bytes(), texts, 1024, invalid);
    let mut error = vec![1, 0, 0, 0, 16, 0, 0, 0];
    error.extend([2048, 5].map(u32::to_le_bytes).concat());
    vec![
        echoing("honest", "a response that is as it should be", GOOD.bytes(), TEXTS, 1024, ANSWERED),
        at("outside", "a response behind the end of the memory", i32::MIN),
        at("across-the-end", "a response whose end is outside of the memory", 65_532),
        at("last-address", "a response at the last of all addresses", -4),
        at("not-aligned", "a response at an odd address", 1025).says("align"),
        spoiled("text-outside", "a text behind the end of the memory", Response { text: (0x7fff_0000, 1), ..GOOD })
            .says("out of bounds"),
        spoiled(
            "text-across-the-end",
            "a text whose end is outside of the memory",
            Response { text: (65_530, 100), ..GOOD },
        )
        .says("out of bounds"),
        spoiled("text-too-long", "a text of four gigabytes", Response { text: (2048, u32::MAX), ..GOOD })
            .says("out of bounds"),
        texts("bad-text", "a text that is not UTF-8", b"h\xffllo\0\0\0\x00\x08\0\0\x05\0\0\0").says("utf-8"),
        texts("cut-text", "a text that ends inside of a character", b"hell\xc3\0\0\0\x00\x08\0\0\x05\0\0\0")
            .says("utf-8"),
        texts("surrogates", "a text with half of a pair of surrogates", b"h\xed\xa0\x80o\0\0\0\x00\x08\0\0\x05\0\0\0")
            .says("utf-8"),
        spoiled("list-outside", "a list behind the end of the memory", Response { texts: (0xffff_fff8, 1), ..GOOD })
            .says("out of bounds"),
        spoiled("list-not-aligned", "a list at an odd address", Response { texts: (2057, 1), ..GOOD }).says("align"),
        spoiled(
            "list-overflow",
            "a list whose size no 32 bits can hold",
            Response { texts: (2056, 0x2000_0000), ..GOOD },
        ),
        spoiled("list-too-long", "a list of four thousand million texts", Response { texts: (2056, u32::MAX), ..GOOD }),
        texts(
            "text-in-list-outside",
            "a text in a list that is outside of the memory",
            b"hello\0\0\0\xf0\xff\xff\xff\x05\0\0\0",
        )
        .says("out of bounds"),
        spoiled("enum", "a colour that there is not", Response { colour: 3, ..GOOD }).says("discriminant"),
        spoiled("enum-255", "another colour that there is not", Response { colour: 255, ..GOOD }).says("discriminant"),
        spoiled("neither", "neither a response nor an error", Response { result: 2, ..GOOD }).says("discriminant"),
        echoing("error-code", "an error of a code that there is not", error.clone(), TEXTS, 1024, invalid)
            .says("discriminant"),
        echoing(
            "error-text",
            "an error whose message is outside of the memory",
            [&error[..4], &[3, 0, 0, 0, 0, 0, 0, 0x7f, 5, 0, 0, 0]].concat(),
            TEXTS,
            1024,
            invalid,
        )
        .says("out of bounds"),
        echoing(
            "honest-error",
            "an error, with a message",
            [&error[..4], &[4], &error[5..]].concat(),
            TEXTS,
            1024,
            "CallError::Failed(not-found)",
        ),
    ]
}

/// Responses of a megabyte or ten that would take gigabytes of the host.
fn amplified() -> Vec<Case> {
    let many =
        |name: &str, about, count, length| words(name, about, count, length, "CallError::LimitExceeded(host_memory)");
    vec![
        many(
            "one-word-often",
            "a list of a hundred thousand words, which are all one of a megabyte: a hundred gigabytes",
            100_000,
            1 << 20,
        ),
        many("one-word-less-often", "a list of forty words, which are all one of a megabyte", 40, 1 << 20),
        many("many-words", "a list of a million words without a letter", 1_000_000, 0),
        words("some-words", "a list of ten words of sixty kilobytes, which is fine", 10, 60 << 10, ANSWERED),
        words(
            "too-many-words",
            "a list that does not end within the memory",
            0x1000_0000,
            0,
            "CallError::InvalidResponse",
        ),
        text(
            "long-text",
            "a text of twelve megabytes, where eight are allowed",
            12 << 20,
            "CallError::LimitExceeded(response)",
        ),
        text("less-long-text", "a text of six megabytes", 6 << 20, ANSWERED),
        words(
            "words-beyond-a-message",
            "twelve words of a megabyte, where a message has eight",
            12,
            1 << 20,
            "CallError::LimitExceeded(response)",
        )
        .limits(|limits| limits.response(8 << 20)),
        by_name(
            "by-name-one-word-often",
            "a hundred gigabytes, and the method is called by its name",
            100_000,
            1 << 20,
        ),
        by_name("by-name-many-words", "a million words, and the method is called by its name", 1_000_000, 0),
    ]
}

/// A plugin of the contract of lanes whose `Echo` answers with a list that names one word so often.
fn wordy(count: u32, length: u32) -> Vec<u8> {
    let fill = fill_list(count.min(1 << 20), length);
    // `result<message, error>`: the words are its third field.
    let body = format!(
        "{fill} (i32.store (i32.const 1056) (i32.const 0x10000))
         (i32.store (i32.const 1060) (i32.const {count})) (i32.const 1032)"
    );
    lanes(&Hostile::of("lanes").memory("200").body("plugin#echo", &body))
}

fn words(name: &str, about: &'static str, count: u32, length: u32, expected: &'static str) -> Case {
    let drive = move |target: &Target| {
        let answer = target.lanes(CallWay::Component)?.echo(&lanes::Message::default())?;
        assert_eq!(answer.words.len(), count as usize);
        Ok(())
    };
    Case::new(format!("result/{name}"), about, move || wordy(count, length), drive, expected).limits(long_messages)
}

fn by_name(name: &str, about: &'static str, count: u32, length: u32) -> Case {
    let drive = |target: &Target| {
        let request = Value::Record(vec![
            ("text".into(), Value::String(String::new())),
            ("bytes".into(), Value::List(Vec::new())),
            ("words".into(), Value::List(Vec::new())),
            ("number".into(), Value::Float64(0.0)),
        ]);
        target.by_name()?.call("Echo", request)?;
        Ok(())
    };
    Case::new(
        format!("result/{name}"),
        about,
        move || wordy(count, length),
        drive,
        "CallError::LimitExceeded(host_memory)",
    )
    .limits(long_messages)
}

fn text(name: &str, about: &'static str, length: u32, expected: &'static str) -> Case {
    let plugin = move || {
        let body = format!(
            "(i32.store (i32.const 1040) (i32.const 0x10000))
             (i32.store (i32.const 1044) (i32.const {length})) (i32.const 1032)"
        );
        // Zeros: text like any other.
        lanes(&Hostile::of("lanes").memory("200").body("plugin#echo", &body))
    };
    let drive = move |target: &Target| {
        let answer = target.lanes(CallWay::Component)?.echo(&lanes::Message::default())?;
        assert_eq!(answer.text.len(), length as usize);
        Ok(())
    };
    Case::new(format!("result/{name}"), about, plugin, drive, expected)
}
