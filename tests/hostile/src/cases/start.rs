//! Code that runs while an instance is made: start functions, and what the host asks of a lane.

use hookr::lane::LaneChoice;
use hookr_tests::lane::LaneGuest;
use hookr_tests::lane::methods::ECHO;

use crate::case::{ANSWERED, Case};
use crate::component::{ALL_MEMORY, ASK, FILLS, FOREVER, TOUCH, chaos, chaos_beside, honest};
use crate::outcome::Failure;
use crate::target::Target;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = start_functions();
    cases.extend(lanes());
    cases
}

fn start_functions() -> Vec<Case> {
    let case = |name: &str, about, body: &str, expected| {
        let body = format!("(func $start {body}) (start $start)");
        Case::new(format!("start/{name}"), about, move || chaos(&honest().field(&body)), Target::count, expected)
    };
    vec![
        case("loops", "the start function does not end", FOREVER, "OpenError::DeadlineExceeded"),
        case("traps", "the start function traps", "unreachable", "OpenError::Instantiate(UnreachableCodeReached)"),
        case(
            "recursion",
            "the start function calls itself",
            "(call $start) (call $start)",
            "OpenError::LimitExceeded(stack)",
        ),
        case("memory", "takes all the memory that it gets, and goes on", ALL_MEMORY, ANSWERED),
        case(
            "memory-and-trap",
            "takes all the memory that it gets, and traps",
            &format!("{ALL_MEMORY} unreachable"),
            "OpenError::LimitExceeded(memory)",
        ),
        case(
            "memory-and-loop",
            "takes all the memory that it gets, writes to all of it, and does not end",
            &format!("{ALL_MEMORY} {TOUCH} {FOREVER}"),
            "OpenError::DeadlineExceeded",
        ),
        case("fill", "fills its memory again and again", FILLS, "OpenError::DeadlineExceeded"),
        Case::new(
            "start/callback",
            "calls the host before it is there itself",
            || {
                chaos(&honest().field(ASK).field(
                    "(func $start (call $ask (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))) (start $start)",
                ))
            },
            Target::count,
            "OpenError::Instantiate(IndirectCallToNull)",
        ),
        inner("handles", "makes handles of resources without end", HANDLES, "OpenError::LimitExceeded(handles)"),
        inner(
            "handles-and-loop",
            "makes and drops handles without end",
            HANDLES_DROPPED,
            "OpenError::DeadlineExceeded",
        ),
        inner("later-loops", "the second of two instances does not end", LATER, "OpenError::DeadlineExceeded"),
        inner(
            "table",
            "makes a table larger without end, and traps",
            TABLE,
            "OpenError::LimitExceeded(table_elements)",
        ),
    ]
}

/// A component beside the honest one, with code that runs when it is instantiated.
fn inner(name: &str, about: &'static str, component: &'static str, expected: &'static str) -> Case {
    Case::new(format!("start/{name}"), about, || chaos_beside(&honest(), component), Target::count, expected)
}

const HANDLES: &str = r#"(component
  (type $r (resource (rep i32)))
  (core func $new (canon resource.new $r))
  (core module $m
    (import "r" "new" (func $new (param i32) (result i32)))
    (func $start (loop $l (drop (call $new (i32.const 7))) (br $l)))
    (start $start))
  (core instance (instantiate $m (with "r" (instance (export "new" (func $new)))))))"#;

const HANDLES_DROPPED: &str = r#"(component
  (type $r (resource (rep i32)))
  (core func $new (canon resource.new $r))
  (core func $drop (canon resource.drop $r))
  (core module $m
    (import "r" "new" (func $new (param i32) (result i32)))
    (import "r" "drop" (func $drop (param i32)))
    (func $start (loop $l (call $drop (call $new (i32.const 7))) (br $l)))
    (start $start))
  (core instance (instantiate $m (with "r" (instance (export "new" (func $new)) (export "drop" (func $drop)))))))"#;

const LATER: &str = r#"(component
  (core module $first (memory (export "m") 1))
  (core instance $i (instantiate $first))
  (core module $second (import "i" "m" (memory 1)) (func $start (loop $l (br $l))) (start $start))
  (core instance (instantiate $second (with "i" (instance $i)))))"#;

const TABLE: &str = r#"(component
  (core module $m
    (table $t 1 funcref)
    (func $start
      (loop $l (br_if $l (i32.ne (i32.const -1) (table.grow $t (ref.null func) (i32.const 1000)))))
      unreachable)
    (start $start))
  (core instance (instantiate $m)))"#;

/// A lane is opened when the plugin is: its functions are the first of the plugin's that are called.
fn lanes() -> Vec<Case> {
    let case = |name: &str, about, from: &'static str, to: String, expected| {
        let guest = move || LaneGuest::default().replace(from, &to).build();
        Case::new(format!("lane-open/{name}"), about, guest, echo, expected)
    };
    let open = r#"(func (export "open") (param $version i32) (result i32)"#;
    let memory = r#"(func (export "memory") (result i32)"#;
    let call = r#"(func (export "call") (param i32) (result i64) (i64.const 0))"#;
    let dispatch = r#"(func (export "dispatch") (param $word i64) (local $high i32) (local $entry i32)"#;
    let block = "(select (i32.const 1024) (i32.const 0)";
    vec![
        case(
            "open-loops",
            "`open` of the lane does not end",
            open,
            format!("{open} {FOREVER}"),
            "OpenError::DeadlineExceeded",
        ),
        case(
            "open-traps",
            "`open` of the lane traps",
            open,
            format!("{open} unreachable"),
            "OpenError::Instantiate(UnreachableCodeReached)",
        ),
        case(
            "memory-loops",
            "`memory` of the lane does not end",
            memory,
            format!("{memory} {FOREVER}"),
            "OpenError::DeadlineExceeded",
        ),
        case(
            "memory-traps",
            "`memory` of the lane traps",
            memory,
            format!("{memory} unreachable"),
            "OpenError::Instantiate(UnreachableCodeReached)",
        ),
        case(
            "call-loops",
            "`call` of the lane does not end",
            call,
            call.replace("(i64.const 0)", FOREVER),
            "OpenError::DeadlineExceeded",
        ),
        case(
            "call-traps",
            "`call` of the lane traps",
            call,
            call.replace("(i64.const 0)", "unreachable"),
            "OpenError::Instantiate(UnreachableCodeReached)",
        ),
        case(
            "dispatch-loops",
            "the dispatcher does not end when it is tried",
            dispatch,
            format!("{dispatch} {FOREVER}"),
            "OpenError::DeadlineExceeded",
        ),
        case(
            "dispatch-traps",
            "the dispatcher traps when it is tried",
            dispatch,
            format!("{dispatch} unreachable"),
            "OpenError::Instantiate(UnreachableCodeReached)",
        ),
        case(
            "block-outside",
            "a control block outside of the memory",
            block,
            block.replace("1024", "0x7fffffe0"),
            "OpenError::World",
        )
        .says("control block"),
        case(
            "block-at-the-end",
            "a control block whose end is outside of the memory",
            block,
            block.replace("1024", "0x1ffe8"),
            "OpenError::World",
        )
        .says("control block"),
        case(
            "region-outside",
            "a region of requests outside of the memory",
            REGION,
            REGION.replace(r"\00\10\00\00", r"\00\00\00\7f"),
            "OpenError::World",
        )
        .says("outside of its memory"),
        case(
            "region-not-aligned",
            "a region of requests at an odd address",
            REGION,
            REGION.replacen(r"\00\10", r"\01\10", 1),
            "OpenError::World",
        )
        .says("not aligned"),
    ]
}

const REGION: &str = r#""\00\10\00\00" "\00\10\00\00""#;

fn echo(target: &Target) -> Result<(), Failure> {
    let handle = target.lane(LaneChoice::Direct)?;
    assert_eq!(handle.lane()?.call(&ECHO, b"abc")?, b"abc");
    Ok(())
}
