//! Plugins that hold as many files, sockets and waits as they get.

use hookr::Grants;
use hookr_tests::wasi::wasi;

use super::folders;
use crate::case::Case;

const TOO_MANY: &str = "CallError::LimitExceeded(handles)";

const CLOCK: &str = "wasi:clocks/monotonic-clock subscribe-duration (param i64) (result i32)
    as $forget wasi:io/poll [resource-drop]pollable (param i32)";

/// This again and again.
fn forever(body: &str) -> String {
    format!("(loop $more (global.set $next (i32.const 4096)) {body} (br $more)) unreachable")
}

pub(super) fn cases() -> Vec<Case> {
    let case = |name: &str, about, grants, imports, body: &str, expected| {
        super::counting(name, about, grants, imports, &forever(body), expected)
    };
    let clock = Grants::base().monotonic_clock();
    let waits = "(drop (call $subscribe-duration (i64.const 0)))";
    vec![
        case("handles-of-waits", "waits without end", clock.clone(), CLOCK, waits, TOO_MANY).says("than 512 "),
        case("handles-few", "the same where ten are allowed", clock.clone(), CLOCK, waits, TOO_MANY)
            .limits(|limits| limits.handles(10))
            .says("than 10 "),
        case(
            "handles-given-back",
            "takes handles without end, and gives each back",
            clock.clone(),
            CLOCK,
            "(call $forget (call $subscribe-duration (i64.const 0)))",
            "CallError::DeadlineExceeded",
        ),
        super::granted(
            "handles-at-the-start",
            "waits without end while the instance is made",
            clock,
            || {
                let body = "(loop $more (drop (call $subscribe-duration (i64.const 0))) (br $more))";
                wasi(CLOCK).field(&format!("(func $start {body}) (start $start)"))
            },
            "OpenError::LimitExceeded(handles)",
        ),
        case(
            "handles-of-streams",
            "its standard output without end",
            Grants::base(),
            "wasi:cli/stdout get-stdout (result i32)",
            "(drop (call $get-stdout))",
            TOO_MANY,
        ),
        case(
            "handles-of-sockets",
            "sockets without end",
            Grants::base().tcp("127.0.0.1:9"),
            "wasi:sockets/tcp-create-socket create-tcp-socket (param i32 i32)",
            "(call $create-tcp-socket (i32.const 0) (i32.const 64))
             (if (i32.load8_u (i32.const 64)) (then unreachable))",
            TOO_MANY,
        ),
        case(
            "handles-of-headers",
            "headers of HTTP requests without end",
            Grants::base().http("http://127.0.0.1:9"),
            super::HTTP,
            "(drop (call $fields))",
            TOO_MANY,
        ),
        folders::case(
            "handles-of-folders",
            "its folder without end",
            &forever("(call $get-directories (i32.const 32))"),
            TOO_MANY,
        ),
        folders::case(
            "handles-of-files",
            "one file open without end",
            &format!(
                "(local $folder i32) (call $get-directories (i32.const 32))
                 (local.set $folder (i32.load (i32.load (i32.const 32)))) {}",
                forever(
                    "(call $open-at (local.get $folder) (i32.const 0) (i32.const 2048) (i32.const 9) (i32.const 0)
                       (i32.const 1) (i32.const 64))
                     (if (i32.load8_u (i32.const 64)) (then unreachable))"
                )
            ),
            TOO_MANY,
        ),
    ]
}
