//! What a plugin can do when it is asked for memory: for a request, and for the answer of a callback.

use crate::case::{ANSWERED, Case};
use crate::component::{ALL_MEMORY, ASK, FOREVER, chaos, honest};
use crate::outcome::Failure;
use crate::target::Target;

/// What takes memory and is right.
const RIGHT: &str = "(global.get $next) (global.set $next (i32.add (global.get $next) (i32.and \
                     (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))";

pub(super) fn cases() -> Vec<Case> {
    let request = |name: &str, about, body: &str, expected| {
        let body = body.to_owned();
        // An honest `Echo` would answer with what it gets; this one answers with nothing.
        let plugin = move || chaos(&honest().realloc(&body).body("plugin#echo", "(i32.const 2048)"));
        Case::new(format!("realloc/{name}"), about, plugin, echo, expected)
    };
    vec![
        request("loops", "memory for a request, and no end", FOREVER, "CallError::DeadlineExceeded"),
        request(
            "traps",
            "memory for a request, and a trap",
            "unreachable",
            "CallError::Trapped(UnreachableCodeReached)",
        ),
        request(
            "outside",
            "an address behind the end of the memory",
            "(i32.const 0x7ffffff0)",
            "CallError::InvalidResponse",
        ),
        request("last-byte", "the last byte of the memory", "(i32.const 65535)", "CallError::InvalidResponse"),
        request(
            "not-aligned",
            "an odd address, where numbers are to be written",
            "(i32.const 4097)",
            "CallError::InvalidResponse",
        )
        .says("align"),
        request("last-address", "the last of all addresses", "(i32.const -1)", "CallError::InvalidResponse"),
        request(
            "same",
            "the same address each time, so that a request overwrites itself",
            "(i32.const 8192)",
            ANSWERED,
        ),
        request("null", "address 0", "(i32.const 0)", ANSWERED),
        request(
            "moves-memory",
            "the memory grows while a request is written to it",
            &format!("(drop (memory.grow (i32.const 1))) {RIGHT}"),
            ANSWERED,
        ),
        request(
            "memory-and-trap",
            "all the memory there is, and a trap",
            &format!("{ALL_MEMORY} unreachable"),
            "CallError::LimitExceeded(memory)",
        ),
        Case::new(
            "realloc/recursion",
            "calls itself when it is asked for memory",
            || chaos(&honest().field("(func $down (call $down) (call $down))").realloc("(call $down) unreachable")),
            echo,
            "CallError::LimitExceeded(stack)",
        ),
        Case::new(
            "realloc/calls-back",
            "calls the host when it is asked for memory",
            || {
                let call = "(call $ask (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1024)) (i32.const 4096)";
                chaos(&honest().field(ASK).realloc(call))
            },
            echo,
            "CallError::Trapped(CannotLeaveComponent)",
        ),
        answer(
            "answer-loops",
            "memory for the answer of a callback, and no end",
            FOREVER,
            "CallError::DeadlineExceeded",
        ),
        answer(
            "answer-traps",
            "memory for the answer of a callback, and a trap",
            "unreachable",
            "CallError::Trapped(UnreachableCodeReached)",
        ),
        answer(
            "answer-outside",
            "an address outside of the memory for the answer of a callback",
            "(i32.const 0x7ffffff0)",
            "CallError::InvalidResponse",
        ),
        answer(
            "answer-moves-memory",
            "the memory grows while an answer is written to it",
            "(drop (memory.grow (i32.const 1))) (i32.const 4096)",
            ANSWERED,
        ),
    ]
}

/// `Ask` asks once, and answers with what it gets; the first allocation is that of the request.
fn answer(name: &str, about: &'static str, body: &str, expected: &'static str) -> Case {
    let realloc = format!(
        "(global.set $asked (i32.add (global.get $asked) (i32.const 1)))
         (if (i32.eq (global.get $asked) (i32.const 1)) (then (return (i32.const 3072)))) {body}"
    );
    let plugin = move || {
        chaos(&honest().field(ASK).field("(global $asked (mut i32) (i32.const 0))").realloc(&realloc).body(
            "plugin#ask",
            "(call $ask (local.get 0) (local.get 1) (local.get 2) (i32.const 1024)) (i32.const 1024)",
        ))
    };
    Case::new(format!("realloc/{name}"), about, plugin, ask, expected)
}

fn echo(target: &Target) -> Result<(), Failure> {
    let request =
        chaos::Sample { text: "a text".repeat(100), texts: vec!["another".into(); 3], ..chaos::Sample::default() };
    assert_eq!(target.chaos()?.echo(&request)?, chaos::Sample::default());
    Ok(())
}

fn ask(target: &Target) -> Result<(), Failure> {
    let request = chaos::AskRequest { question: "what is the answer?".into(), times: 1 };
    assert_eq!(target.chaos()?.ask(&request)?.answer, request.question);
    Ok(())
}
