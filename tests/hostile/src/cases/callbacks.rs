//! What a plugin can do with the services of its host.

mod requests;

use std::fmt::Write as _;

use hookr::lane::LaneChoice;
use hookr::{CallWay, Limits};
use hookr_tests::hostile::Hostile;
use hookr_tests::lane::LaneGuest;
use hookr_tests::lane::methods::{CALL_BACK, CALL_BACK_AND_TRAP, CALL_BACK_WITH, GROW_AND_CALL_BACK, SCRIBBLE, TRAP};

use crate::case::{ANSWERED, Case};
use crate::component::{ASK, chaos, honest, lanes};
use crate::outcome::Failure;
use crate::target::Target;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = typed();
    cases.extend(over_the_lane());
    cases.extend(requests::cases());
    cases
}

/// `Ask` with these instructions.
fn asking(name: &str, about: &'static str, body: &'static str, expected: &'static str) -> Case {
    let plugin =
        move || chaos(&honest().field(ASK).data(2048, b"h\xffllo").data(2064, b"hello").body("plugin#ask", body));
    Case::new(format!("callback/{name}"), about, plugin, ask, expected)
}

fn ask(target: &Target) -> Result<(), Failure> {
    target.chaos()?.ask(&chaos::AskRequest::default())?;
    Ok(())
}

fn typed() -> Vec<Case> {
    vec![
        asking(
            "storm",
            "asks the host without end",
            "(loop $l (call $ask (i32.const 2064) (i32.const 5) (i32.const 1) (i32.const 1024))
             (global.set $next (i32.const 4096)) (br $l)) unreachable",
            "CallError::DeadlineExceeded",
        ),
        asking(
            "storm-of-memory",
            "asks the host without end, and keeps every answer",
            "(drop (memory.grow (i32.const 200)))
             (loop $l (call $ask (i32.const 0x10000) (i32.const 0x400000) (i32.const 1) (i32.const 1024))
               (global.set $next (i32.const 4096)) (br $l)) unreachable",
            "CallError::DeadlineExceeded",
        ),
        asking(
            "text-outside",
            "a question outside of the memory",
            "(call $ask (i32.const 65534) (i32.const 5) (i32.const 1) (i32.const 1024)) (i32.const 1024)",
            "CallError::InvalidResponse",
        )
        .says("out of bounds"),
        asking(
            "text-too-long",
            "a question of four gigabytes",
            "(call $ask (i32.const 0) (i32.const -1) (i32.const 1) (i32.const 1024)) (i32.const 1024)",
            "CallError::InvalidResponse",
        )
        .says("out of bounds"),
        asking(
            "long-text",
            "a question of twelve megabytes, where eight are allowed",
            "(drop (memory.grow (i32.const 200)))
             (call $ask (i32.const 0x10000) (i32.const 0xc00000) (i32.const 1) (i32.const 1024)) (i32.const 1024)",
            "CallError::LimitExceeded(response)",
        ),
        asking(
            "bad-text",
            "a question that is not UTF-8",
            "(call $ask (i32.const 2048) (i32.const 5) (i32.const 1) (i32.const 1024)) (i32.const 1024)",
            "CallError::InvalidResponse",
        )
        .says("utf-8"),
        asking(
            "answer-outside",
            "an answer that is to be written outside of the memory",
            "(call $ask (i32.const 2064) (i32.const 5) (i32.const 1) (i32.const 0x7ffffff0)) (i32.const 1024)",
            "CallError::InvalidResponse",
        ),
        asking(
            "answer-not-aligned",
            "an answer that is to be written to an odd address",
            "(call $ask (i32.const 2064) (i32.const 5) (i32.const 1) (i32.const 1025)) (i32.const 1024)",
            "CallError::InvalidResponse",
        )
        .says("align"),
        asking(
            "answer-over-itself",
            "an answer that is written over the question",
            "(call $ask (i32.const 2064) (i32.const 5) (i32.const 1) (i32.const 2064)) (i32.const 2064)",
            ANSWERED,
        ),
        asking(
            "traps-behind",
            "asks, and then traps",
            "(call $ask (i32.const 2064) (i32.const 5) (i32.const 1) (i32.const 1024)) unreachable",
            "CallError::Trapped(UnreachableCodeReached)",
        ),
        Case::new(
            "callback/re-entry",
            "has the host call the plugin that is asking",
            || {
                let body = "(call $ask (local.get 0) (local.get 1) (local.get 2) (i32.const 1024)) (i32.const 1024)";
                chaos(&honest().field(ASK).body("plugin#ask", body))
            },
            |target| {
                let answer = target.chaos_that_calls_itself()?.ask(&chaos::AskRequest::default())?.answer;
                assert!(answer.contains("inside of a call of the same plugin"), "{answer}");
                Ok(())
            },
            ANSWERED,
        ),
        relaying(
            "one-word-often",
            "a list of a hundred thousand words, which are all one of a megabyte: a hundred gigabytes",
            100_000,
            1 << 20,
            "CallError::LimitExceeded(host_memory)",
        ),
        relaying(
            "many-words",
            "a list of a million words without a letter",
            1_000_000,
            0,
            "CallError::LimitExceeded(host_memory)",
        ),
        relaying(
            "too-many-words",
            "a list that does not end within the memory",
            0x1000_0000,
            0,
            "CallError::InvalidResponse",
        )
        .says("out of bounds"),
    ]
}

/// `Forward` passes a list to the host that names one word so often.
fn relaying(name: &str, about: &'static str, count: u32, length: u32, expected: &'static str) -> Case {
    let fill = fill_list(count.min(1 << 20), length);
    let body = format!(
        "{fill} (call $relay (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0x10000)
         (i32.const {count}) (f64.const 0) (i32.const 1024)) (i32.const 1024)"
    );
    let plugin = move || {
        let import =
            r#"(import "hookr-test:lanes/desk" "relay" (func $relay (param i32 i32 i32 i32 i32 i32 f64 i32)))"#;
        lanes(&Hostile::of("lanes").memory("200").field(import).body("plugin#forward", &body))
    };
    let forward = |target: &Target| {
        target.lanes(CallWay::Component)?.forward(&lanes::Message::default())?;
        Ok(())
    };
    Case::new(format!("callback/{name}"), about, plugin, forward, expected).limits(long_messages)
}

/// Messages may be longer than the host may allocate for one: what is hit is the limit of the host's memory.
pub(super) fn long_messages(limits: Limits) -> Limits {
    let message = 2 * limits.host_memory;
    limits.response(message)
}

/// Writes a list of texts, at 0x10000, with so many elements. They are all one, of so many zeros, behind the list.
pub(super) fn fill_list(count: u32, length: u32) -> String {
    format!(
        "(i32.store (i32.const 0x10000) (i32.const 0x900000)) (i32.store (i32.const 0x10004) (i32.const {length})) {}",
        double(count)
    )
}

/// Copies the first elements of the list behind themselves until there are enough.
fn double(count: u32) -> String {
    let mut text = String::new();
    let mut done = 1;
    while done < count {
        let next = done.min(count - done);
        let (to, bytes) = (0x10000 + done * 8, next * 8);
        let _ = write!(text, "(memory.copy (i32.const {to}) (i32.const 0x10000) (i32.const {bytes}))");
        done += next;
    }
    text
}

fn over_the_lane() -> Vec<Case> {
    let with = |name: &str, about, offset: u32, length: u32, expected| {
        let numbers = [offset, length].map(u32::to_le_bytes).concat();
        let drive = move |target: &Target| {
            target.lane(LaneChoice::Direct)?.lane()?.call(&CALL_BACK_WITH, &numbers)?;
            Ok(())
        };
        Case::new(format!("callback/lane-{name}"), about, || LaneGuest::default().build(), drive, expected)
    };
    let honest = |name: &str, about, method, expected| {
        let drive = move |target: &Target| {
            target.lane(LaneChoice::Direct)?.lane()?.call(method, b"abc")?;
            Ok(())
        };
        Case::new(format!("callback/lane-{name}"), about, || LaneGuest::default().build(), drive, expected)
    };
    let storm = |name: &str, about, body: &'static str, choice, expected| {
        let guest = move || LaneGuest::default().replace(TRAPS, &format!("{METHOD} (then {body}))")).build();
        let drive = move |target: &Target| {
            target.lane(choice)?.lane()?.call(&TRAP, b"abc")?;
            Ok(())
        };
        Case::new(format!("callback/lane-{name}"), about, guest, drive, expected)
    };
    let calls = "(loop $l (drop (call $call (i32.const 7) (local.get $offset) (local.get $length))) (br $l))";
    let takes = "(loop $l (call $release (i32.const 65536)) (call $take (i32.const 48)) (br $l))";
    vec![
        with("outside", "a question outside of the memory", 0x7fff_fff0, 16, "CallError::InvalidResponse"),
        with("too-long", "a question that is longer than the memory", 0, u32::MAX, "CallError::InvalidResponse"),
        with("in-answers", "a question that lies where the answer goes", 10_000, 12, "CallError::InvalidResponse")
            .says("region of answers"),
        with(
            "across-answers",
            "a question around the place where the answer goes",
            0,
            0x2_0000,
            "CallError::InvalidResponse",
        )
        .says("region of answers"),
        with("no-message", "a question that is no FlatBuffer", 1024, 40, "CallError::InvalidResponse"),
        with("empty", "a question without bytes", 1024, 0, "CallError::InvalidResponse"),
        honest(
            "scribbles",
            "overwrites all regions, and asks with what is left",
            &SCRIBBLE,
            "CallError::InvalidResponse",
        ),
        honest("grows", "asks out of memory that it did not have before", &GROW_AND_CALL_BACK, ANSWERED),
        honest(
            "traps-behind",
            "asks, and then traps",
            &CALL_BACK_AND_TRAP,
            "CallError::Trapped(UnreachableCodeReached)",
        ),
        honest("asks", "asks, and does no harm", &CALL_BACK, ANSWERED),
        storm("storm", "asks without end", calls, LaneChoice::Direct, "CallError::DeadlineExceeded"),
        storm(
            "storm-portable",
            "asks without end, where the host has the portable engine",
            calls,
            LaneChoice::Portable,
            "CallError::DeadlineExceeded",
        ),
        storm(
            "takes",
            "takes an answer that is not there, without end",
            takes,
            LaneChoice::Direct,
            "CallError::DeadlineExceeded",
        ),
    ]
}

/// The method that traps.
const TRAPS: &str = "(if (i32.eq (local.get $method) (i32.const 3)) (then unreachable))";
const METHOD: &str = "(if (i32.eq (local.get $method) (i32.const 3))";
