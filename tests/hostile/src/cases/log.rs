//! Plugins that log what nobody should have to read. What they write to WASI's streams is in the phase `wasi`.

use std::sync::{Arc, Mutex, PoisonError};

use chaos::Empty;
use hookr::{LogSource, log};
use hookr_tests::hostile::Hostile;
use hookr_tests::hosts::chaos_builder;

use crate::case::{ANSWERED, Case};
use crate::component::{COUNT, chaos};
use crate::target::Target;

/// What a call may log here.
const LIMIT: usize = 64_000;

/// What the host may take: less than what is logged, and much more than what is kept of it.
const MEMORY: u64 = 24 << 20;

pub(super) fn cases() -> Vec<Case> {
    let says = |name: &str, about, body, expected| case(name, about, "", body, expected, nothing);
    vec![
        says(
            "text-outside",
            "a message outside of the memory",
            "(call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const -8) (i32.const 5))",
            "CallError::InvalidResponse",
        )
        .says("out of bounds"),
        says(
            "text-too-long",
            "a message of four gigabytes",
            "(call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const -1))",
            "CallError::InvalidResponse",
        )
        .says("out of bounds"),
        says(
            "target-outside",
            "a target outside of the memory",
            "(call $log (i32.const 2) (i32.const -1) (i32.const 1) (i32.const 0) (i32.const 0))",
            "CallError::InvalidResponse",
        )
        .says("out of bounds"),
        says(
            "bad-text",
            "a message that is not UTF-8",
            "(call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 2048) (i32.const 5))",
            "CallError::InvalidResponse",
        )
        .says("utf-8"),
        says(
            "bad-target",
            "a target that is not UTF-8",
            "(call $log (i32.const 2) (i32.const 2048) (i32.const 5) (i32.const 0) (i32.const 0))",
            "CallError::InvalidResponse",
        )
        .says("utf-8"),
        says(
            "bad-level",
            "a level that there is not",
            "(call $log (i32.const 5) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))",
            "CallError::InvalidResponse",
        ),
        says(
            "long-text",
            "a message of twelve megabytes, where eight are allowed",
            "(call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0x10000) (i32.const 0xc00000))",
            "CallError::LimitExceeded(response)",
        ),
        case(
            "one-message",
            "a message of four megabytes",
            "",
            "(call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0x10000) (i32.const 0x400000))",
            ANSWERED,
            |kept| {
                assert_eq!((kept.records, kept.bytes), (LIMIT.div_ceil(log::MAX_LINE), LIMIT - 1));
                assert_eq!(
                    (kept.longest, kept.notices.as_slice()),
                    (log::MAX_LINE, &[notice((4 << 20) + 1 - LIMIT)][..])
                );
            },
        ),
        case(
            "target",
            "targets of a megabyte, with nothing to say",
            "",
            &times(1000, "(i32.const 0x10000) (i32.const 0x100000) (i32.const 0) (i32.const 0)"),
            ANSWERED,
            |kept| {
                // Of each, the start of the target counts, and one byte for its end.
                let (one, most) = (log::MAX_TARGET + 1, LIMIT / (log::MAX_TARGET + 1));
                assert_eq!((kept.records, kept.bytes), (most, most * log::MAX_TARGET));
                assert_eq!(kept.notices, [notice(1000 * one - most * one)]);
            },
        ),
        case(
            "storm",
            "sixty-four million messages that say nothing",
            "",
            &times(64_000_000, "(i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)"),
            LATE,
            |kept| assert!(kept.records <= LIMIT && kept.bytes == 0 && kept.notices.len() <= 1, "{kept:?}"),
        ),
        case(
            "storm-of-text",
            "messages of four megabytes without end",
            "",
            &forever("(i32.const 2)", "(i32.const 0) (i32.const 0) (i32.const 0x10000) (i32.const 0x400000)"),
            LATE,
            |kept| assert!(kept.bytes < LIMIT && kept.notices.len() == 1, "{kept:?}"),
        ),
        case(
            "unheard-storm",
            "messages without end that nobody listens to",
            "",
            &forever("(i32.const 0)", "(i32.const 0) (i32.const 0) (i32.const 0x10000) (i32.const 0x400000)"),
            LATE,
            nothing,
        ),
        case(
            "enabled-storm",
            "asks without end who listens",
            "",
            "(loop $more (drop (call $enabled)) (br $more)) unreachable",
            LATE,
            nothing,
        ),
        case(
            "and-trap",
            "last words, and a trap",
            "",
            "(call $log (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0x10000) (i32.const 9)) unreachable",
            "CallError::Trapped(UnreachableCodeReached)",
            |kept| assert_eq!((kept.records, kept.bytes), (1, 9)),
        ),
        case(
            "control-characters",
            "a target and a message that would clear a terminal",
            "(i64.store (i32.const 0x10000) (i64.const 0x0a_6a_32_5b_1b_5b_32_4a))",
            "(call $log (i32.const 2) (i32.const 0x10000) (i32.const 8) (i32.const 0x10000) (i32.const 8))",
            ANSWERED,
            |kept| assert_eq!(kept.records, 1),
        ),
        Case::new(
            "log/while-it-is-made",
            "messages without end while the host looks for its lane",
            || {
                let body = forever("(i32.const 2)", "(i32.const 0) (i32.const 0) (i32.const 3072) (i32.const 512)");
                chaos(&logging(&["lane-plugin", "log-plugin"]).body("lane@0.1.0#open", &body))
            },
            |target| {
                target.open(chaos_builder().log(|record| drop(record.to_string())))?;
                Ok(())
            },
            "OpenError::DeadlineExceeded",
        )
        .limits(|limits| limits.log(LIMIT))
        .memory(MEMORY),
    ]
}

const LATE: &str = "CallError::DeadlineExceeded";

/// Makes room for long messages, and fills it with letters.
const LETTERS: &str = "(local $i i32) (drop (memory.grow (i32.const 200)))
    (memory.fill (i32.const 0x10000) (i32.const 120) (i32.const 0x400000))";

/// Logs the same so often.
fn times(times: u32, texts: &str) -> String {
    format!(
        "(local.set $i (i32.const {times}))
         (loop $more
           (call $log (i32.const 2) {texts})
           (br_if $more (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"
    )
}

fn forever(level: &str, texts: &str) -> String {
    format!("(loop $more (call $log {level} {texts}) (br $more)) unreachable")
}

fn notice(dropped: usize) -> String {
    format!("{dropped} bytes were dropped: a call may write {LIMIT} bytes (limit `log`)")
}

/// What a host has heard of a plugin.
#[derive(Debug, Default)]
struct Kept {
    records: usize,
    /// Of all texts and targets together.
    bytes: usize,
    /// Of the longest text.
    longest: usize,
    /// What the host says of what was dropped.
    notices: Vec<String>,
}

fn nothing(kept: &Kept) {
    assert_eq!((kept.records, kept.notices.len()), (0, 0));
}

impl Kept {
    fn add(&mut self, record: &hookr::LogRecord<'_>) {
        assert!(!record.to_string().contains(char::is_control), "{record}");
        assert!(record.target.len() <= log::MAX_TARGET, "{}", record.target.len());
        if record.source == LogSource::Host {
            self.notices.push(record.text.to_owned());
            return;
        }
        self.records += 1;
        self.bytes += record.text.len() + record.target.len();
        self.longest = self.longest.max(record.text.len());
    }
}

/// A plugin of the chaos contract with these worlds of `hookr:abi` beside it, `log-plugin` among them.
fn logging(worlds: &[&str]) -> Hostile {
    Hostile::with_abi("chaos", worlds).data(2048, b"h\xffllo").field(
        r#"(import "hookr:abi/log@0.1.0" "log" (func $log (param i32 i32 i32 i32 i32)))
           (import "hookr:abi/log@0.1.0" "enabled" (func $enabled (result i32)))"#,
    )
}

/// `Count` does this with letters in memory; `check` sees what the host has heard of it, which has to be all before the call
/// is over.
fn case(name: &str, about: &'static str, prepare: &str, body: &str, expected: &'static str, check: fn(&Kept)) -> Case {
    let body = format!("{LETTERS} {prepare} {body} {COUNT}");
    let drive = move |target: &Target| {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let sink = kept.clone();
        let builder = chaos_builder().log_level(hookr::Level::Debug);
        let plugin = target.open(builder.log(move |record| lock(&sink).add(record)))?;
        let answer = plugin.count(&Empty {});
        check(&lock(&kept));
        Ok(answer.map(drop)?)
    };
    let plugin = move || chaos(&logging(&["log-plugin"]).body("plugin#count", &body));
    Case::new(format!("log/{name}"), about, plugin, drive, expected).limits(|limits| limits.log(LIMIT)).memory(MEMORY)
}

fn lock(kept: &Mutex<Kept>) -> std::sync::MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
