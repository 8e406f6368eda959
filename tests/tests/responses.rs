//! Responses that cannot be read, from components that were made to give them. Whatever they are, the call fails, the
//! instance is gone and the next call runs on a fresh one.

use chaos::{AskRequest, AskResponse, PluginHandle, Sample};
use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
use hookr::{CallError, CallbackContext, Error};
use hookr_tests::hostile::{Hostile, section_of};
use hookr_tests::hosts::{Journal, chain, chaos_builder, chaos_builder_with, count};
use hookr_tests::plugin_bytes;

/// A response of `Echo` in memory at 1024: `result<sample, error>`, `sample` being a string, an enum and a list of
/// strings.
struct Response {
    result: u8,
    text: (u32, u32),
    colour: u8,
    texts: (u32, u32),
}

/// A well-formed response; each test spoils one thing.
const GOOD: Response = Response { result: 0, text: (2048, 5), colour: 1, texts: (2056, 1) };

impl Response {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.result, 0, 0, 0];
        bytes.extend([self.text.0.to_le_bytes(), self.text.1.to_le_bytes()].concat());
        bytes.extend([self.colour, 0, 0, 0]);
        bytes.extend([self.texts.0.to_le_bytes(), self.texts.1.to_le_bytes()].concat());
        bytes
    }
}

/// What is at 2048 and behind: a text, and a list of one text.
const TEXTS: &[u8] = b"hello\0\0\0\x00\x08\0\0\x05\0\0\0";

/// A component that counts its calls as the real plugin does, and whose `Echo` answers with these bytes.
fn component(response: &[u8], texts: &[u8], address: i32) -> Vec<u8> {
    let counted = "(i32.store (i32.const 3076) (i32.add (i32.load (i32.const 3076)) (i32.const 1))) (i32.const 3072)";
    Hostile::of("chaos")
        .body("plugin#count", counted)
        .body("plugin#echo", &format!("(i32.const {address})"))
        .data(1024, response)
        .data(2048, texts)
        .with_section(&section_of(&plugin_bytes("chaos")))
}

fn open(response: &[u8], texts: &[u8], address: i32) -> PluginHandle {
    chaos_builder().open_bytes(component(response, texts, address)).unwrap()
}

/// The error of `Echo`, after which the instance is a fresh one.
#[track_caller]
fn refused_at(response: &[u8], texts: &[u8], address: i32) -> CallError {
    let plugin = open(response, texts, address);
    assert_eq!((count(&plugin), count(&plugin)), (1, 2));
    let error = plugin.echo(&Sample::default()).expect_err("the response cannot be read");
    assert!(error.lost_instance());
    assert_eq!(count(&plugin), 1, "the instance is fresh");
    error
}

/// The cause of the error that this response leads to.
#[track_caller]
fn invalid(response: &Response, texts: &[u8]) -> String {
    let error = refused_at(&response.bytes(), texts, 1024);
    assert!(matches!(&error, CallError::InvalidResponse { method, .. } if method == "Plugin:Echo"), "{error:?}");
    assert!(error.to_string().starts_with("Plugin:Echo returned what cannot be read"), "{error}");
    chain(&error)
}

#[test]
fn a_response_that_is_well_formed_is_read() {
    let plugin = open(&GOOD.bytes(), TEXTS, 1024);
    let response = plugin.echo(&Sample::default()).unwrap();
    assert_eq!(
        response,
        Sample { text: "hello".into(), colour: chaos::Colour::Green, texts: vec!["hello".into()] },
        "the responses below are refused for what is spoiled in them"
    );
}

#[test]
fn text_that_is_not_utf_8() {
    let text = invalid(&GOOD, b"h\xffllo\0\0\0\x00\x08\0\0\x05\0\0\0");
    assert!(text.contains("utf-8"), "{text}");
}

#[test]
fn text_beyond_the_memory() {
    for (start, len) in [(65_530, 100), (0x7fff_0000, 1), (0xffff_ffff, 1), (2048, 0xffff_ffff)] {
        let text = invalid(&Response { text: (start, len), ..GOOD }, TEXTS);
        assert!(text.contains("out of bounds"), "{text}");
    }
}

#[test]
fn a_list_beyond_the_memory_or_beyond_all_numbers() {
    for (start, len) in [(2056, 0xffff_ffff), (2056, 0x2000_0000), (0xffff_fff8, 1), (65_528, 2)] {
        let text = invalid(&Response { texts: (start, len), ..GOOD }, TEXTS);
        assert!(text.contains("out of bounds") || text.contains("overflow"), "{text}");
    }
}

#[test]
fn a_list_that_is_not_aligned() {
    let text = invalid(&Response { texts: (2057, 1), ..GOOD }, TEXTS);
    assert!(text.contains("aligned"), "{text}");
}

#[test]
fn a_text_in_a_list_that_is_not_there() {
    let text = invalid(&GOOD, b"hello\0\0\0\xf0\xff\xff\xff\x05\0\0\0");
    assert!(text.contains("out of bounds"), "{text}");
}

#[test]
fn an_enum_value_that_the_contract_does_not_have() {
    for colour in [3, 255] {
        let text = invalid(&Response { colour, ..GOOD }, TEXTS);
        assert!(text.contains("discriminant"), "{text}");
    }
}

#[test]
fn neither_response_nor_error() {
    let text = invalid(&Response { result: 2, ..GOOD }, TEXTS);
    assert!(text.contains("discriminant"), "{text}");
}

#[test]
fn an_error_whose_code_does_not_exist() {
    // `error` is the code, then the message.
    let mut bytes = vec![1, 0, 0, 0, 16, 0, 0, 0];
    bytes.extend([2048_u32.to_le_bytes(), 5_u32.to_le_bytes()].concat());
    let text = chain(&refused_at(&bytes, TEXTS, 1024));
    assert!(text.contains("discriminant"), "{text}");
    bytes[4] = 15;
    let error = open(&bytes, TEXTS, 1024).echo(&Sample::default()).unwrap_err();
    assert!(
        matches!(&error, CallError::Failed { error, .. } if *error == Error::new(hookr::Code::Unauthenticated, "hello"))
    );
}

#[test]
fn a_response_at_an_address_that_is_none() {
    for address in [1023, 65_532, -4, i32::MIN] {
        let error = refused_at(&GOOD.bytes(), TEXTS, address);
        assert!(matches!(error, CallError::InvalidResponse { .. }), "{error:?}");
    }
}

/// Before a plugin sees a request, it is asked where to put it.
#[test]
fn memory_for_the_request_that_is_not_there() {
    for address in ["65535", "-1", "1"] {
        let bytes = Hostile::of("chaos")
            .realloc(&format!("(i32.const {address})"))
            .body("plugin#echo", "(i32.const 1024)")
            .with_section(&section_of(&plugin_bytes("chaos")));
        let plugin = chaos_builder().open_bytes(bytes).unwrap();
        let request = Sample { texts: vec!["a text".repeat(100)], ..Sample::default() };
        let error = plugin.echo(&request).unwrap_err();
        assert!(matches!(error, CallError::InvalidResponse { .. }), "{address}: {error:?}");
    }
}

/// A callback's request is read by the host, too.
#[test]
fn a_request_to_a_callback_that_cannot_be_read_does_not_reach_it() {
    let ask = |start: i32| {
        Hostile::of("chaos")
            .field(r#"(import "hookr-test:chaos/oracle" "ask" (func $ask (param i32 i32 i32 i32)))"#)
            .body(
                "plugin#ask",
                &format!(
                    "(call $ask (i32.const {start}) (i32.const 5) (i32.const 1) (i32.const 1024)) (i32.const 1024)"
                ),
            )
            .data(2048, b"h\xffllo")
            .data(2064, b"hello")
            .with_section(&section_of(&plugin_bytes("chaos")))
    };
    let journal = Journal::default();
    let notes = journal.clone();
    let builder = chaos_builder_with(move |_, request| {
        notes.note(request.question);
        Ok(AskResponse { answer: "heard".into() })
    });
    for start in [2048, 65_534, -1] {
        let plugin = builder.open_bytes(ask(start)).unwrap();
        let error = plugin.ask(&AskRequest::default()).unwrap_err();
        assert!(matches!(error, CallError::InvalidResponse { .. }), "{start}: {error:?}");
    }
    assert!(journal.take().is_empty());
    let plugin = builder.open_bytes(ask(2064)).unwrap();
    assert_eq!(plugin.ask(&AskRequest::default()).unwrap().answer, "heard");
    assert_eq!(journal.take(), ["hello"]);
}

/// The same plugin without types, as `hookr call` calls it.
#[test]
fn calls_by_name_refuse_the_same() {
    struct Nobody;

    impl Callbacks for Nobody {
        fn call(&self, _: &CallbackContext<'_>, service: &str, method: &str, _: Value) -> Result<Value, Error> {
            Err(Error::unimplemented(format!("{service}:{method}")))
        }
    }

    let response = Response { colour: 3, ..GOOD }.bytes();
    let builder = DynamicPlugin::builder(Nobody).allow_unsigned();
    let plugin = builder.open_bytes(component(&response, TEXTS, 1024)).unwrap();
    let request = Value::Record(vec![
        ("text".into(), Value::String(String::new())),
        ("colour".into(), Value::Enum("red".into())),
        ("texts".into(), Value::List(vec![])),
    ]);
    let error = plugin.call("Echo", request.clone()).unwrap_err();
    assert!(matches!(error, CallError::InvalidResponse { .. }), "{error:?}");
    let error = plugin.call("Echo", Value::U8(1)).unwrap_err();
    assert!(matches!(error, CallError::InvalidRequest { .. }), "{error:?}");

    let plugin = builder.open_bytes(component(&GOOD.bytes(), TEXTS, 1024)).unwrap();
    let Value::Record(fields) = plugin.call("Echo", request).unwrap() else { panic!("a sample is a record") };
    assert_eq!(fields[1], ("colour".to_owned(), Value::Enum("green".into())));
}
