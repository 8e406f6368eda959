//! What a method can do instead of answering.

use std::fmt::Write as _;
use std::time::Duration;

use hookr::CallError;
use hookr::supervise::{State, Supervision};
use hookr_tests::hostile::Hostile;
use hookr_tests::hosts::chaos_builder;

use crate::case::{ANSWERED, Case};
use crate::component::{ALL_MEMORY, COUNT, FILLS, FOREVER, chaos, honest, joined};
use crate::target::Target;

pub(super) fn cases() -> Vec<Case> {
    let case = |name: &str, about, fields: &'static str, body: String, expected| {
        let plugin = move || chaos(&Hostile::of("chaos").field(fields).body("plugin#count", &body));
        Case::new(format!("call/{name}"), about, plugin, Target::count, expected)
    };
    let trap = |name: &str, about, body: &str, expected| case(name, about, FIELDS, format!("{body} {COUNT}"), expected);
    vec![
        case("loops", "the method does not end", "", FOREVER.into(), "CallError::DeadlineExceeded"),
        case(
            "loops-by-tail-calls",
            "functions that end with calls of each other",
            TAIL_CALLS,
            "(call $ping) unreachable".into(),
            "CallError::DeadlineExceeded",
        ),
        case(
            "loops-indirectly",
            "a tree of calls, forty deep",
            CALL_TREE,
            "(call $tree (i32.const 40)) unreachable".into(),
            "CallError::DeadlineExceeded",
        ),
        case("memory-loops", "fills its memory again and again", "", FILLS.into(), "CallError::DeadlineExceeded"),
        case(
            "recursion",
            "a function that calls itself",
            RECURSION,
            "(call $down (i32.const 0)) unreachable".into(),
            "CallError::LimitExceeded(stack)",
        ),
        Case::new(
            "call/wide-recursion",
            "the same with five hundred variables each time",
            || {
                chaos(
                    &Hostile::of("chaos")
                        .field(&wide_recursion())
                        .body("plugin#count", "(drop (call $wide)) unreachable"),
                )
            },
            Target::count,
            "CallError::LimitExceeded(stack)",
        ),
        trap("unreachable", "an instruction that traps", "unreachable", "CallError::Trapped(UnreachableCodeReached)"),
        trap(
            "division",
            "a division by zero",
            "(drop (i32.div_u (i32.const 1) (global.get $zero)))",
            "CallError::Trapped(IntegerDivisionByZero)",
        ),
        trap(
            "overflow",
            "a quotient that is too large",
            "(drop (i32.div_s (i32.const 0x80000000) (global.get $minus)))",
            "CallError::Trapped(IntegerOverflow)",
        ),
        trap(
            "conversion",
            "an infinite number as an integer",
            "(drop (i32.trunc_f32_s (f32.const inf)))",
            "CallError::Trapped(IntegerOverflow)",
        ),
        trap(
            "nan",
            "something that is no number as an integer",
            "(drop (i32.trunc_f32_s (f32.const nan)))",
            "CallError::Trapped(BadConversionToInteger)",
        ),
        trap(
            "outside-memory",
            "a load at the end of all addresses",
            "(drop (i32.load (i32.const -1)))",
            "CallError::Trapped(MemoryOutOfBounds)",
        ),
        trap(
            "far-outside-memory",
            "a load four gigabytes behind the end",
            "(drop (i64.load offset=0xffffffff (i32.const -1)))",
            "CallError::Trapped(MemoryOutOfBounds)",
        ),
        trap(
            "copy-outside-memory",
            "a copy that is larger than the memory",
            "(memory.copy (i32.const 0) (i32.const 1) (i32.const -1))",
            "CallError::Trapped(MemoryOutOfBounds)",
        ),
        trap(
            "outside-table",
            "a call through an index that a table does not have",
            "(call_indirect $t (type $nothing) (i32.const 99))",
            "CallError::Trapped(TableOutOfBounds)",
        ),
        trap(
            "null-function",
            "a call of a function that is not there",
            "(call_indirect $t (type $nothing) (i32.const 1))",
            "CallError::Trapped(IndirectCallToNull)",
        ),
        trap(
            "other-type",
            "a call of a function of another type",
            "(call_indirect $t (type $number) (i32.const 0)) drop",
            "CallError::Trapped(BadSignature)",
        ),
        case("memory", "takes all the memory that it gets, and answers", "", format!("{ALL_MEMORY} {COUNT}"), ANSWERED),
        case(
            "memory-and-trap",
            "takes all the memory that it gets, and traps",
            "",
            format!("{ALL_MEMORY} unreachable"),
            "CallError::LimitExceeded(memory)",
        ),
        case(
            "memory-at-once",
            "takes four gigabytes at once, and traps",
            "",
            "(drop (memory.grow (i32.const 65535))) unreachable".into(),
            "CallError::LimitExceeded(memory)",
        ),
        case(
            "memory-and-loop",
            "takes all the memory that it gets, and asks on",
            "",
            "(loop $l (drop (memory.grow (i32.const 1))) (br $l)) unreachable".into(),
            "CallError::DeadlineExceeded",
        ),
        case(
            "table",
            "makes a table larger without end, and answers",
            FIELDS,
            format!("{ALL_TABLE} {COUNT}"),
            ANSWERED,
        ),
        case(
            "table-and-trap",
            "makes a table larger without end, and traps",
            FIELDS,
            format!("{ALL_TABLE} unreachable"),
            "CallError::LimitExceeded(table_elements)",
        ),
        case("fuel", "more instructions than there may be", "", FOREVER.into(), "CallError::LimitExceeded(fuel)")
            .limits(|limits| limits.fuel(1_000_000).deadline(Duration::from_secs(10))),
        case(
            "loops-late",
            "a response that is written, and then the method does not end",
            "",
            format!("{COUNT} drop {FOREVER}"),
            "CallError::DeadlineExceeded",
        ),
        case(
            "control-characters",
            "traps in a function whose name would clear a terminal",
            r#"(func $"\1b[2J\u{202e}" unreachable)"#,
            r#"(call $"\1b[2J\u{202e}") unreachable"#.into(),
            "CallError::Trapped(UnreachableCodeReached)",
        )
        .says(r"\u{1b}[2J\u{202e}")
        .without("\x1b"),
        Case::new(
            "call/names-that-unfold",
            "calls itself by a name that is a hundred characters, and a hundred million when it is written out",
            || {
                let name = name_that_unfolds();
                let function = format!("(func ${name} (call ${name}) (call ${name}))");
                chaos(
                    &Hostile::of("chaos").field(&function).body("plugin#count", &format!("(call ${name}) unreachable")),
                )
            },
            Target::count,
            "CallError::LimitExceeded(stack)",
        ),
        Case::new(
            "call/long-names",
            "calls itself by a name of ninety thousand characters",
            || {
                let name = "n".repeat(90_000);
                let function = format!("(func ${name} (call ${name}) (call ${name}))");
                chaos(
                    &Hostile::of("chaos").field(&function).body("plugin#count", &format!("(call ${name}) unreachable")),
                )
            },
            Target::count,
            "CallError::LimitExceeded(stack)",
        ),
        Case::new(
            "call/by-name-loops",
            "a method that does not end, called by its name",
            || chaos(&honest().body("plugin#recurse", FOREVER)),
            |target| {
                use hookr::dynamic::Value;
                let plugin = target.by_name()?;
                plugin.call("Recurse", Value::Record(vec![("reserved".into(), Value::Bool(false))]))?;
                Ok(())
            },
            "CallError::DeadlineExceeded",
        ),
        Case::new(
            "call/one-after-another",
            "fifty traps in a row, each of which loses an instance",
            || chaos(&honest()),
            |target| {
                // None of them makes the plugin rest.
                let builder = chaos_builder().supervision(Supervision::default().grace(50));
                let plugin = target.open(builder)?;
                for _ in 0..50 {
                    let error = plugin.recurse(&chaos::Empty {}).expect_err("it is `unreachable`");
                    assert!(matches!(error, CallError::Trapped { .. }) && error.lost_instance(), "{error:?}");
                }
                let health = plugin.health();
                assert_eq!((health.calls, health.trapped, health.lost, health.refused), (50, 50, 50, 0), "{health:?}");
                plugin.count(&chaos::Empty {})?;
                let health = plugin.health();
                assert_eq!((health.started, health.state), (51, State::Ready), "{health:?}");
                Ok(())
            },
            ANSWERED,
        ),
    ]
}

const FIELDS: &str = "(type $nothing (func)) (type $number (func (result i32)))
    (table $t 2 funcref) (elem (table $t) (i32.const 0) func $nothing) (func $nothing)
    (global $zero (mut i32) (i32.const 0)) (global $minus (mut i32) (i32.const -1))";

const ALL_TABLE: &str =
    "(loop $more (br_if $more (i32.ne (i32.const -1) (table.grow $t (ref.null func) (i32.const 1000)))))";

const TAIL_CALLS: &str = "(func $ping (return_call $pong)) (func $pong (return_call $ping))";

const CALL_TREE: &str = "(func $tree (param i32) (if (local.get 0) (then
    (call $tree (i32.sub (local.get 0) (i32.const 1))) (call $tree (i32.sub (local.get 0) (i32.const 1))))))";

const RECURSION: &str = "(func $down (param i32) (call $down (local.get 0)) (call $down (local.get 0)))";

/// A symbol of Rust, for a function of a tuple of two tuples of two tuples, and so on; the second is the first again.
fn name_that_unfolds() -> String {
    const START: &str = "INvC1a1b";
    const DEPTH: usize = 26;
    let number = |place: usize| {
        let digits = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        digits.get(place - 1).map(|digit| char::from(*digit)).expect("places have one digit")
    };
    let ends = joined(DEPTH, |i, all| {
        let _ = write!(all, "B{}_E", number(START.len() + DEPTH - i));
    });
    format!("_R{START}{}h{ends}E", "T".repeat(DEPTH))
}

/// A function whose variables are all needed after it has called itself.
fn wide_recursion() -> String {
    let loads = joined(500, |i, all| {
        let _ = write!(all, "(local.set {i} (i64.load (i32.const {})))", i * 8);
    });
    let sum = joined(500, |i, all| {
        let _ = write!(all, "(local.get {i}) i64.add ");
    });
    format!("(func $wide (result i64) (local {}) {loads} (call $wide) {sum})", "i64 ".repeat(500))
}
