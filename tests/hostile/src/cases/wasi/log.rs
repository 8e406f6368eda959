//! Plugins that write without end.

use std::sync::{Arc, Mutex, PoisonError};

use chaos::Empty;
use hookr::{Grants, LogSource, log};
use hookr_tests::hosts::chaos_builder;
use hookr_tests::wasi::wasi;

use crate::case::{ANSWERED, Case};
use crate::component::chaos;
use crate::target::Target;

/// What a call may write here.
const LIMIT: usize = 64_000;

/// What the host may take: less than what is written, and much more than what is kept of it.
const MEMORY: u64 = 24 << 20;

pub(super) fn cases() -> Vec<Case> {
    vec![
        // A thousand times what may be written.
        flood("log-lines", "sixty-four megabytes of lines", LINES, &times(1000, "stdout", LIMIT), ANSWERED, |kept| {
            assert_eq!((kept.lines, kept.bytes, kept.longest), (640, 640 * 99, 99));
            assert_eq!(kept.notices, [notice(63_936_000)]);
        }),
        flood("log-one-line", "a line of sixty-four megabytes", "", &times(1000, "stderr", LIMIT), ANSWERED, |kept| {
            assert_eq!((kept.lines, kept.bytes), (LIMIT.div_ceil(log::MAX_LINE), LIMIT));
            assert_eq!(kept.longest, log::MAX_LINE);
            assert_eq!(kept.notices, [notice(63_936_000)]);
        }),
        flood(
            "log-empty-lines",
            "sixty-four million lines without a letter",
            "(memory.fill (i32.const 0x10000) (i32.const 10) (i32.const 64000))",
            &times(1000, "stdout", LIMIT),
            ANSWERED,
            |kept| {
                assert_eq!((kept.lines, kept.bytes), (LIMIT, 0));
                assert_eq!(kept.notices, [notice(63_936_000)]);
            },
        ),
        flood(
            "log-both",
            "sixty-four megabytes to each of two streams, which have one limit",
            "",
            &format!("{} {}", times(1000, "stdout", LIMIT), times(1000, "stderr", LIMIT)),
            ANSWERED,
            |kept| {
                assert_eq!(kept.bytes, LIMIT);
                assert_eq!(kept.notices, [notice(127_936_000)]);
            },
        ),
        flood("log-zeroes", "zeros, which the host makes", "", ZEROES, ANSWERED, |kept| {
            assert_eq!(kept.bytes, LIMIT);
            assert_eq!(kept.notices, [notice(1000 * 65_536 - LIMIT)]);
        }),
        flood(
            "log-all-zeroes",
            "as many zeros at once as there are numbers",
            "",
            "(call $write-zeroes (call $get-stdout) (i64.const -1) (i32.const 32))",
            "CallError::InvalidResponse",
            |kept| assert_eq!((kept.lines, kept.notices.len()), (0, 0)),
        )
        .says("more zeroes than"),
        flood(
            "log-long-write",
            "twelve megabytes at once, where a message has eight at the most",
            "(drop (memory.grow (i32.const 200)))",
            "(call $write (call $get-stdout) (i32.const 0x10000) (i32.const 0xc00000) (i32.const 32))",
            "CallError::LimitExceeded(response)",
            |kept| assert_eq!((kept.lines, kept.notices.len()), (0, 0)),
        ),
        flood("log-forever", "lines without end", LINES, &forever("stdout", LIMIT), LATE, |kept| {
            assert_eq!((kept.lines, kept.notices.len()), (640, 1));
        }),
        flood("log-one-line-forever", "a line without end", "", &forever("stderr", LIMIT), LATE, |kept| {
            assert_eq!((kept.bytes, kept.notices.len()), (LIMIT, 1));
        }),
        flood("log-bytes-forever", "one byte after another, without end", "", &forever("stdout", 1), LATE, |kept| {
            assert!(kept.bytes <= LIMIT && kept.longest <= log::MAX_LINE && kept.notices.len() <= 1, "{kept:?}");
        }),
        flood(
            "log-and-trap",
            "a line without end, and a trap",
            "",
            &format!("{} unreachable", times(2, "stdout", LIMIT)),
            "CallError::Trapped(UnreachableCodeReached)",
            |kept| {
                assert_eq!(kept.bytes, LIMIT);
                assert_eq!(kept.notices, [notice(64_000)]);
            },
        ),
        flood(
            "log-control-characters",
            "a line that would clear a terminal",
            r#"(i64.store (i32.const 0x10000) (i64.const 0x0a_6a_32_5b_1b_5b_32_4a))
               (memory.copy (i32.const 0x10008) (i32.const 0x10000) (i32.const 8))"#,
            "(call $write (call $get-stdout) (i32.const 0x10000) (i32.const 16) (i32.const 32))",
            ANSWERED,
            |kept| assert_eq!(kept.lines, 2),
        ),
        unheard("log-unheard", "lines without end, of which the host keeps none", Grants::base().output()),
        unheard("log-denied", "lines without end, which it may not write", Grants::base()),
    ]
}

const LATE: &str = "CallError::DeadlineExceeded";

const IMPORTS: &str = "wasi:cli/stdout get-stdout (result i32)
    wasi:cli/stderr get-stderr (result i32)
    wasi:io/streams [method]output-stream.write (param i32 i32 i32 i32)
    wasi:io/streams [method]output-stream.write-zeroes (param i32 i64 i32)";

/// Writes a large buffer at 0x10000 full of letters.
const LETTERS: &str = "(local $out i32) (local $i i32) (drop (memory.grow (i32.const 15)))
    (memory.fill (i32.const 0x10000) (i32.const 120) (i32.const 64000))";

/// Makes lines of it, of ninety-nine letters each.
const LINES: &str = "(loop $line
    (i32.store8 (i32.add (i32.const 0x10063) (local.get $i)) (i32.const 10))
    (br_if $line (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 100))) (i32.const 64000))))";

const ZEROES: &str = "(local.set $out (call $get-stdout)) (local.set $i (i32.const 1000))
    (loop $more
      (call $write-zeroes (local.get $out) (i64.const 65536) (i32.const 32))
      (if (i32.load8_u (i32.const 32)) (then unreachable))
      (br_if $more (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))";

/// Writes so many bytes, so often.
fn times(times: u32, stream: &str, bytes: usize) -> String {
    format!(
        "(local.set $out (call $get-{stream})) (local.set $i (i32.const {times}))
         (loop $more
           (call $write (local.get $out) (i32.const 0x10000) (i32.const {bytes}) (i32.const 32))
           (if (i32.load8_u (i32.const 32)) (then unreachable))
           (br_if $more (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"
    )
}

fn forever(stream: &str, bytes: usize) -> String {
    format!(
        "(local.set $out (call $get-{stream}))
         (loop $more (call $write (local.get $out) (i32.const 0x10000) (i32.const {bytes}) (i32.const 32)) (br $more))
         unreachable"
    )
}

fn notice(dropped: usize) -> String {
    format!("{dropped} bytes were dropped: a call may write {LIMIT} bytes (limit `log`)")
}

/// What a host has heard of a plugin.
#[derive(Debug, Default)]
struct Kept {
    lines: usize,
    /// Of all lines together.
    bytes: usize,
    /// Of the longest line.
    longest: usize,
    /// What the host says of what was dropped.
    notices: Vec<String>,
}

impl Kept {
    fn add(&mut self, record: &hookr::LogRecord<'_>) {
        assert!(!record.to_string().contains(char::is_control), "{record}");
        if record.source == LogSource::Host {
            self.notices.push(record.text.to_owned());
            return;
        }
        self.lines += 1;
        self.bytes += record.text.len();
        self.longest = self.longest.max(record.text.len());
    }
}

/// `Count` does this with a buffer of letters of which `prepare` makes something else; `check` sees what the host has
/// heard of it, which has to be all before the call is over.
fn flood(name: &str, about: &'static str, prepare: &str, body: &str, expected: &'static str, check: fn(&Kept)) -> Case {
    let body = format!("{LETTERS} {prepare} {body} (call $number (i32.const 1))");
    let drive = move |target: &Target| {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let sink = kept.clone();
        let builder = chaos_builder().grants(Grants::base().output());
        let plugin = target.open(builder.log(move |record| lock(&sink).add(record)))?;
        let answer = plugin.count(&Empty {});
        check(&lock(&kept));
        Ok(answer.map(drop)?)
    };
    let plugin = move || chaos(&wasi(IMPORTS).body("plugin#count", &body));
    Case::new(format!("wasi/{name}"), about, plugin, drive, expected).limits(|limits| limits.log(LIMIT)).memory(MEMORY)
}

fn lock(kept: &Mutex<Kept>) -> std::sync::MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unheard(name: &str, about: &'static str, grants: Grants) -> Case {
    super::counting(name, about, grants, IMPORTS, &format!("{LETTERS} {LINES} {}", forever("stdout", LIMIT)), LATE)
}
