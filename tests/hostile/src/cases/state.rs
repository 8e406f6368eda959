//! Plugins whose state is none.

use hookr::StateLimits;
use hookr_tests::hostile::Hostile;

use crate::case::{ANSWERED, Case};
use crate::component::{ALL_MEMORY, COUNT, FILLS, FOREVER, TOUCH, chaos};
use crate::outcome::Failure;
use crate::target::Target;

/// What a state may have here.
const LIMIT: usize = 1 << 20;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = snapshots();
    cases.extend(restores());
    cases
}

fn snapshots() -> Vec<Case> {
    let case = |name: &str, about, body: &str, expected| {
        let body = body.to_owned();
        let plugin = move || chaos(&with_state().body("state@0.1.0#snapshot", &body));
        Case::new(format!("state/snapshot-{name}"), about, plugin, snapshot, expected)
    };
    vec![
        case("traps", "a trap in place of a state", "unreachable", "CallError::Trapped(UnreachableCodeReached)"),
        case("loops", "a state that never comes", FOREVER, "CallError::DeadlineExceeded"),
        case("fills", "fills its memory again and again", FILLS, "CallError::DeadlineExceeded"),
        case(
            "recursion",
            "asks for the state of itself",
            "(drop (call $again)) (i32.const 1024)",
            "CallError::LimitExceeded(stack)",
        ),
        case(
            "memory",
            "takes all the memory that it gets, writes to all of it, and traps",
            &format!("{ALL_MEMORY} {TOUCH} unreachable"),
            "CallError::LimitExceeded(memory)",
        ),
        case("result-outside", "a result outside of the memory", "(i32.const 65530)", "CallError::InvalidResponse"),
        case("result-odd", "a result at an odd address", "(i32.const 1025)", "CallError::InvalidResponse"),
        case("neither", "neither a state nor an error", &result(2, 64, 8), "CallError::InvalidResponse"),
        case("outside", "a state outside of the memory", &result(0, 65_530, 8), "CallError::InvalidResponse")
            .says("out of bounds"),
        case("longer", "a state that is longer than the memory", &result(0, 64, 65_536), "CallError::InvalidResponse")
            .says("out of bounds"),
        case("four-gigabytes", "a state of four gigabytes", &result(0, 64, -1), "CallError::InvalidResponse")
            .says("out of bounds"),
        case("large", "a state that is a little too large", &large(LIMIT + 1), "CallError::StateTooLarge"),
        case("largest", "a state that is as large as it may be", &large(LIMIT), ANSWERED),
        case(
            "huge",
            "a state of ten megabytes, where a message has eight at the most",
            &large(10 << 20),
            "CallError::LimitExceeded(response)",
        ),
        case("empty", "a state of nothing, at no address", &result(0, -1, 0), "CallError::InvalidResponse"),
        case(
            "bad-code",
            "an error with a code that there is not",
            "(i32.store8 (i32.const 1024) (i32.const 1)) (i32.store8 (i32.const 1028) (i32.const 16)) (i32.const 1024)",
            "CallError::InvalidResponse",
        ),
        case(
            "bad-message",
            "an error with a message that is not UTF-8",
            "(i32.store8 (i32.const 1024) (i32.const 1)) (i32.store (i32.const 1032) (i32.const 2048))
             (i32.store (i32.const 1036) (i32.const 5)) (i32.const 1024)",
            "CallError::InvalidResponse",
        )
        .says("utf-8"),
        case(
            "error",
            "an error that would clear a terminal",
            "(i32.store8 (i32.const 1024) (i32.const 1)) (i32.store (i32.const 1032) (i32.const 2064))
             (i32.store (i32.const 1036) (i32.const 4)) (i32.const 1024)",
            "CallError::Failed(cancelled)",
        )
        .says("\\u{1b}[2J")
        .without("\x1b"),
        Case::new(
            "state/snapshot-read-loops",
            "a state that is read, and never given back",
            || {
                chaos(&with_state().body("state@0.1.0#snapshot", &result(0, 64, 8)).field(&format!(
                    r#"(func (export "cabi_post_hookr:abi/state@0.1.0#snapshot") (param i32) {FOREVER})"#
                )))
            },
            snapshot,
            "CallError::DeadlineExceeded",
        ),
    ]
}

fn restores() -> Vec<Case> {
    let case = |name: &str, about, body: &str, realloc: Option<&str>, expected| {
        let (body, realloc) = (body.to_owned(), realloc.map(str::to_owned));
        let plugin = move || {
            let plugin = with_state().body("state@0.1.0#restore", &body);
            chaos(&realloc.iter().fold(plugin, |plugin, realloc| plugin.realloc(realloc)))
        };
        Case::new(format!("state/restore-{name}"), about, plugin, restore, expected)
    };
    let unused = "unreachable";
    vec![
        case("traps", "a trap in place of an answer", unused, None, "CallError::Trapped(UnreachableCodeReached)"),
        case("loops", "an answer that never comes", FOREVER, None, "CallError::DeadlineExceeded"),
        case("neither", "neither success nor an error", &result(2, 0, 0), None, "CallError::InvalidResponse"),
        case(
            "realloc-outside",
            "wants the state outside of its memory",
            unused,
            Some("(i32.const 65530)"),
            "CallError::InvalidResponse",
        ),
        case(
            "realloc-loops",
            "never says where it wants the state",
            unused,
            Some(FOREVER),
            "CallError::DeadlineExceeded",
        ),
        case(
            "over-itself",
            "wants the state where its own result will be",
            &result(0, 0, 0),
            Some("(i32.const 1024)"),
            ANSWERED,
        ),
    ]
}

/// A plugin that counts, and whose two functions trap unless it is told otherwise.
fn with_state() -> Hostile {
    Hostile::with_abi("chaos", &["state-plugin"])
        .body("plugin#count", COUNT)
        .data(2048, b"h\xffllo")
        .data(2064, b"\x1b[2J")
        .field("(func $again (result i32) (i32.add (call $again) (call $again)))")
}

/// Answers with this case, and a list at this address, of this length.
fn result(case: u32, address: i32, len: i32) -> String {
    format!(
        "(i32.store8 (i32.const 1024) (i32.const {case})) (i32.store (i32.const 1028) (i32.const {address}))
         (i32.store (i32.const 1032) (i32.const {len})) (i32.const 1024)"
    )
}

/// Answers with a state of so many bytes.
fn large(len: usize) -> String {
    let pages = len.div_ceil(65_536);
    format!("(drop (memory.grow (i32.const {pages}))) {}", result(0, 65_536, i32::try_from(len).unwrap_or(i32::MAX)))
}

fn snapshot(target: &Target) -> Result<(), Failure> {
    target.by_name()?.snapshot(&StateLimits::default().size(LIMIT))?;
    Ok(())
}

fn restore(target: &Target) -> Result<(), Failure> {
    target.by_name()?.restore(b"somewhat of a state", &StateLimits::default())?;
    Ok(())
}
