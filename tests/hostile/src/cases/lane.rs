//! What a plugin can do with requests that come over its lane, and what it can say of its answers.

use hookr::lane::LaneChoice;
use hookr_tests::lane::LaneGuest;
use hookr_tests::lane::methods::{COUNT, ECHO, FAIL, GROW, LIE, RESERVE_SO, TRAP};

use crate::case::{ANSWERED, Case};
use crate::component::FOREVER;
use crate::outcome::Failure;
use crate::target::Target;

/// The method that traps.
const TRAPS: &str = "(if (i32.eq (local.get $method) (i32.const 3)) (then unreachable))";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = methods();
    cases.extend(lies());
    cases.extend(regions());
    cases
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// A method that is something else than a trap, by one engine or the other.
fn methods() -> Vec<Case> {
    let case = |name: &str, about, body: &str, choice, expected| {
        let body = format!("(if (i32.eq (local.get $method) (i32.const 3)) (then {body}))");
        let guest = move || {
            LaneGuest::default().replace(TRAPS, &body).replace(ANSWER, &format!("{RECURSION} {ANSWER}")).build()
        };
        let drive = move |target: &Target| {
            target.lane(choice)?.lane()?.call(&TRAP, b"abc")?;
            Ok(())
        };
        Case::new(format!("lane/{name}"), about, guest, drive, expected)
    };
    let grow = "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    let mut cases = Vec::new();
    for (choice, suffix) in [(LaneChoice::Direct, ""), (LaneChoice::Portable, "-portable")] {
        let name = |name: &str| format!("{name}{suffix}");
        cases.extend([
            case(&name("loops"), "a request that is never answered", FOREVER, choice, "CallError::DeadlineExceeded"),
            case(
                &name("traps"),
                "a request that is answered with a trap",
                "unreachable",
                choice,
                "CallError::Trapped(UnreachableCodeReached)",
            ),
            case(
                &name("recursion"),
                "a function that calls itself",
                "(call $down)",
                choice,
                "CallError::LimitExceeded(stack)",
            ),
            case(
                &name("memory"),
                "takes all the memory that it gets, and traps",
                grow,
                choice,
                "CallError::LimitExceeded(memory)",
            ),
        ]);
    }
    cases.push(Case::new(
        "lane/batch-loops",
        "the third request of a batch is never answered",
        || {
            LaneGuest::default()
                .replace(TRAPS, &format!("(if (i32.eq (local.get $method) (i32.const 3)) (then {FOREVER}))"))
                .build()
        },
        |target| {
            target.lane(LaneChoice::Direct)?.lane()?.batch(&TRAP, &vec![b"abc".to_vec(); 3])?;
            Ok(())
        },
        "CallError::DeadlineExceeded",
    ));
    cases
}

/// Where another function can be put.
const ANSWER: &str = "(func $answer (param $status i32) (param $offset i32) (param $length i32)";
const RECURSION: &str = "(func $down (call $down) (call $down))";

/// Answers that say what is not so.
fn lies() -> Vec<Case> {
    let lie = |name: &str, about, choice, [status, offset, length]: [u32; 3]| {
        let drive = move |target: &Target| {
            target.lane(choice)?.lane()?.call(&LIE, &numbers(&[status, offset, length]))?;
            Ok(())
        };
        let name = match choice {
            LaneChoice::Portable => format!("lane/{name}-portable"),
            _ => format!("lane/{name}"),
        };
        Case::new(name, about, || LaneGuest::default().build(), drive, "CallError::InvalidResponse")
    };
    let mut cases = Vec::new();
    for choice in [LaneChoice::Direct, LaneChoice::Portable] {
        let lie = |name, about, numbers| lie(name, about, choice, numbers);
        cases.extend([
            lie("outside", "an answer behind the end of the memory", [0, 0x7fff_fff0, 16]),
            lie("across-the-end", "an answer whose end is outside of the memory", [0, 0x2_0000 - 8, 9 + (64 << 16)]),
            lie("too-long", "an answer of four gigabytes", [0, 0, u32::MAX]),
            lie("last-address", "an answer at the last of all addresses", [0, u32::MAX, u32::MAX]),
            lie("no-status", "a status that there is not", [17, 4096, 4]).says("not the number of a code"),
            lie("large-status", "a status whose low byte is one that there is", [256 + 5, 4096, 4])
                .says("not the number of a code"),
            lie("error-outside", "an error whose message is outside of the memory", [5, 0x7fff_fff0, 16]),
            lie("no-message", "an answer that is no FlatBuffer", [0, 1024, 48]),
            lie("empty", "an answer without bytes", [0, 1024, 0]),
        ]);
    }
    cases.extend([
        batch("batch-outside", "an answer of a batch behind the end of the memory", [0, 0x7fff_fff0, 16]),
        batch("batch-no-status", "a status in a batch that there is not", [99, 4096, 4]),
        Case::new(
            "lane/bad-message",
            "an error whose message is not UTF-8",
            || LaneGuest::default().build(),
            |target| {
                target.lane(LaneChoice::Direct)?.lane()?.call(&FAIL, &[0xff, 0xfe])?;
                Ok(())
            },
            "CallError::InvalidResponse",
        )
        .says("utf-8"),
        Case::new(
            "lane/long-message",
            "an error with a message of two megabytes",
            || LaneGuest::default().build(),
            |target| {
                target.lane(LaneChoice::Direct)?.lane()?.call(&FAIL, &vec![b'x'; 2 << 20])?;
                Ok(())
            },
            "CallError::InvalidResponse",
        )
        .says("at the most"),
        Case::new(
            "lane/long-answer",
            "an answer of two megabytes, where one is allowed",
            || LaneGuest::default().build(),
            |target| {
                target.lane(LaneChoice::Direct)?.lane()?.call(&ECHO, &vec![7; 2 << 20])?;
                Ok(())
            },
            "CallError::LimitExceeded(response)",
        )
        .limits(|limits| limits.response(1 << 20)),
        Case::new(
            "lane/long-request",
            "a request of two megabytes, where one is allowed: the plugin is not called",
            || LaneGuest::default().build(),
            |target| {
                let handle = target.lane(LaneChoice::Direct)?;
                let mut lane = handle.lane()?;
                lane.call(&COUNT, &[])?;
                let result = lane.call(&ECHO, &vec![7; 2 << 20]).map(drop);
                assert_eq!(lane.call(&COUNT, &[])?, [2, 0, 0, 0], "the instance is still the first");
                Ok(result?)
            },
            "CallError::RequestTooLarge",
        )
        .limits(|limits| limits.request(1 << 20)),
        Case::new(
            "lane/grows",
            "an answer in memory that was not there before",
            || LaneGuest::default().build(),
            |target| {
                let handle = target.lane(LaneChoice::Direct)?;
                let mut lane = handle.lane()?;
                for _ in 0..100 {
                    assert_eq!(lane.call(&GROW, b"abc")?, b"abc");
                }
                Ok(())
            },
            ANSWERED,
        ),
    ]);
    cases
}

fn batch(name: &str, about: &'static str, lie: [u32; 3]) -> Case {
    let drive = move |target: &Target| {
        let requests = [numbers(&[0, 1280, 12]), numbers(&lie), numbers(&[0, 1280, 12])];
        target.lane(LaneChoice::Direct)?.lane()?.batch(&LIE, &requests)?;
        Ok(())
    };
    Case::new(format!("lane/{name}"), about, || LaneGuest::default().build(), drive, "CallError::InvalidResponse")
}

/// Regions that are elsewhere, or that are not as large as the host needs them.
fn regions() -> Vec<Case> {
    let reserve = |name: &str, about, way: u32, expected| {
        let drive = move |target: &Target| large_after(target, &numbers(&[way]));
        Case::new(format!("lane/{name}"), about, || LaneGuest::default().build(), drive, expected)
    };
    let instead = |name: &str, about, body: &str, expected| {
        let body = format!("{RESERVE} (if (i32.eq (global.get $reserve_so) (i32.const 9)) (then {body}))");
        let guest = move || LaneGuest::default().replace(RESERVE, &body).build();
        Case::new(format!("lane/{name}"), about, guest, |target| large_after(target, &numbers(&[9])), expected)
    };
    vec![
        reserve("region-small", "a region that stays as it is", 1, "CallError::RequestTooLarge"),
        reserve("region-outside", "a region outside of the memory", 2, "CallError::InvalidResponse")
            .says("outside of its memory"),
        reserve("region-not-aligned", "a region at an odd address", 3, "CallError::InvalidResponse")
            .says("not aligned"),
        reserve("reserve-traps", "a trap instead of a region", 4, "CallError::Trapped(UnreachableCodeReached)"),
        reserve("region-wraps", "a region around the end of all addresses", 5, "CallError::InvalidResponse")
            .says("outside of its memory"),
        instead("reserve-loops", "a region that one waits for without end", FOREVER, "CallError::DeadlineExceeded"),
        instead(
            "region-over-block",
            "a region that the control block lies in",
            "(i32.store (i32.const 1032) (i32.const 0)) (i32.store (i32.const 1036) (i32.const 0x20000)) (return)",
            ANSWERED,
        ),
        Case::new(
            "lane/region-moves",
            "a region that is said to be elsewhere while a request is answered",
            || {
                let moves = format!("(i32.store (i32.const 1032) (i32.const 0x7ffffff0)) {TRAPS}");
                LaneGuest::default().replace(TRAPS, &moves).build()
            },
            |target| {
                let handle = target.lane(LaneChoice::Portable)?;
                let mut lane = handle.lane()?;
                for _ in 0..3 {
                    assert_eq!(lane.call(&ECHO, b"abc")?, b"abc");
                }
                Ok(())
            },
            ANSWERED,
        ),
    ]
}

const RESERVE: &str =
    r#"(func (export "reserve") (param $region i32) (param $size i32) (local $at i32) (local $offset i32)"#;

/// Tells the plugin what to do when it is asked for a region, and then needs one.
fn large_after(target: &Target, way: &[u8]) -> Result<(), Failure> {
    let handle = target.lane(LaneChoice::Direct)?;
    let mut lane = handle.lane()?;
    lane.call(&RESERVE_SO, way)?;
    lane.call(&ECHO, &[1; 20_000])?;
    Ok(())
}
