//! Hosts that are none: what they answer, what they remember, and when they fail a test. The host here is made as generated
//! code makes them.
#![allow(missing_docs)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hookr_guest::log::{self, Level};
use hookr_guest::mock::{Callback, Recorder, may_call_back, read_answer};
use hookr_guest::{Code, Error};

#[derive(Clone, Debug, PartialEq)]
struct Ask {
    max: i32,
}

struct Host {
    int: Callback<Ask, i32>,
    say: Callback<String, ()>,
    recorder: Recorder,
}

impl Host {
    fn new() -> Self {
        Host::of(Recorder::strict())
    }

    fn of(mut recorder: Recorder) -> Self {
        Host { int: recorder.callback("Rng.Int"), say: recorder.callback("Voice.Say"), recorder }
    }

    fn ask(&self, max: i32) -> Result<i32, Error> {
        self.int.call(&Ask { max })
    }

    fn say(&self, text: &str) -> Result<(), Error> {
        self.say.call(&text.to_owned())
    }
}

/// What a panic says.
fn panic_of(test: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(test)).expect_err("nothing fails");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast::<&str>().expect("a panic has a text")).to_owned(),
    }
}

fn at(line: u32) -> String {
    format!("{}:{line}", file!())
}

#[test]
fn what_is_not_expected_is_an_error_and_fails_the_test() {
    let host = Host::new();
    let line = line!() + 1;
    host.int.with_request(Ask { max: 2 }).returns(1).times(1);
    assert_eq!(host.ask(2), Ok(1));
    let error = host.ask(9).unwrap_err();
    assert_eq!(error, Error::unimplemented("the test expects no such call: Rng.Int(Ask { max: 9 })"));
    assert_eq!(host.say("hello").unwrap_err().code, Code::Unimplemented);

    let report = panic_of(|| host.recorder.verify());
    let text = format!(
        "the plugin does not call its host as the test expects:
    - Rng.Int(Ask {{ max: 9 }}) is not expected
        Ask {{ max: 2 }}: exactly 1 time, was called 1 time ({}:43)
    - Voice.Say(\"hello\") is not expected: nothing is said of Voice.Say
  the plugin has called, in order
      Rng.Int(Ask {{ max: 2 }})
      Rng.Int(Ask {{ max: 9 }})
      Voice.Say(\"hello\")",
        at(line)
    );
    assert_eq!(report, text);
    // It was told once; the end of the host does not tell it again.
    drop(host);
}

#[test]
fn the_end_of_a_host_verifies_it() {
    let report = panic_of(|| {
        let host = Host::new();
        let _ = host.ask(9);
    });
    assert!(report.contains("Rng.Int(Ask { max: 9 }) is not expected: nothing is said of Rng.Int"), "{report}");
}

#[test]
fn a_test_that_fails_already_keeps_its_own_reason() {
    let report = panic_of(|| {
        let host = Host::new();
        host.int.returns(1).times(1);
        let _ = host.say("hello");
        panic!("the reason");
    });
    assert_eq!(report, "the reason");
}

#[test]
fn what_happens_after_it_was_verified_counts_as_well() {
    let report = panic_of(|| {
        let host = Host::new();
        host.recorder.verify();
        let _ = host.ask(1);
    });
    assert!(report.contains("Rng.Int(Ask { max: 1 }) is not expected"), "{report}");
}

#[test]
fn a_lenient_host_answers_with_an_error_alone() {
    let host = Host::of(Recorder::lenient());
    assert_eq!(host.ask(1).unwrap_err().code, Code::Unimplemented);
    host.recorder.verify();
    host.say.returns(()).times(1);
    let report = panic_of(|| host.recorder.verify());
    assert!(report.contains("Voice.Say is called too seldom, with any request: exactly 1 time"), "{report}");
}

#[test]
fn too_few_calls_fail_the_test() {
    let host = Host::new();
    host.int.with(|ask| ask.max > 5).returns(1).times(2..=3);
    host.say.fails(Error::unavailable("nobody listens")).at_least(1);
    assert_eq!(host.ask(6), Ok(1));
    let report = panic_of(|| host.recorder.verify());
    for part in [
        "Rng.Int is called too seldom, with requests that match: 2 to 3 times, was called 1 time (",
        "Voice.Say is called too seldom, with any request: at least 1 time, was called 0 times (",
    ] {
        assert!(report.contains(part), "{report}");
    }
}

#[test]
fn a_plugin_that_has_called_nothing_is_said_to() {
    let host = Host::new();
    host.int.returns(1).times(1);
    assert!(panic_of(|| drop(host)).ends_with("the plugin has called nothing"));
}

#[test]
fn too_many_calls_fail_the_test() {
    let host = Host::new();
    host.int.returns(1).at_least(1).at_most(2);
    assert_eq!([host.ask(1), host.ask(2)], [Ok(1), Ok(1)]);
    assert_eq!(host.ask(3).unwrap_err().code, Code::Unimplemented);
    let report = panic_of(|| host.recorder.verify());
    assert!(report.contains("any request: 1 to 2 times, was called 2 times"), "{report}");
}

#[test]
fn the_first_expectation_that_takes_a_request_answers_it() {
    let host = Host::new();
    let first = host.int.with(|ask| ask.max < 5).returns(1).times(1);
    let second = host.int.with(|ask| ask.max < 10).returns(2);
    let third = host.int.returns(3);
    assert_eq!([4, 4, 9, 10].map(|max| host.ask(max)), [Ok(1), Ok(2), Ok(2), Ok(3)]);
    assert_eq!([first.count(), second.count(), third.count()], [1, 2, 1]);
    assert_eq!(host.int.count(), 4);
    assert_eq!(host.int.requests(), [4, 4, 9, 10].map(|max| Ask { max }));
}

#[test]
fn what_is_never_to_be_called_is_not_left_to_the_next() {
    for zero in [false, true] {
        let host = Host::new();
        match zero {
            false => host.int.with(|ask| ask.max == 0).never(),
            true => drop(host.int.with(|ask| ask.max == 0).returns(7).times(0)),
        }
        host.int.returns(1);
        assert_eq!(host.ask(1), Ok(1));
        host.recorder.verify();
        assert_eq!(host.ask(0).unwrap_err().code, Code::Unimplemented);
        let report = panic_of(|| host.recorder.verify());
        assert!(
            report.contains("Rng.Int(Ask { max: 0 }) must not be called with requests that match: never"),
            "{report}"
        );
    }
    let host = Host::new();
    host.say.never();
    host.recorder.verify();
}

#[test]
fn answers_come_in_turn_and_the_last_one_stays() {
    let host = Host::new();
    host.int.returns_each([1, 2, 3]);
    assert_eq!([0; 5].map(|max| host.ask(max)), [Ok(1), Ok(2), Ok(3), Ok(3), Ok(3)]);

    let host = Host::new();
    let error = Error::unavailable("not yet");
    let mut next = 10;
    host.int.fails(error.clone()).then_returns(1).then_answers(move |ask| {
        next += 1;
        Ok(next + ask.max)
    });
    assert_eq!([0, 0, 100, 200].map(|max| host.ask(max)), [Err(error), Ok(1), Ok(111), Ok(212)]);

    let host = Host::new();
    host.int.answers(|ask| Ok(ask.max)).then_fails(Error::aborted_for_good());
    assert_eq!([7, 8, 9].map(|max| host.ask(max).is_ok()), [true, false, false]);
}

/// An error with a name of its own.
trait ForGood {
    fn aborted_for_good() -> Self;
}

impl ForGood for Error {
    fn aborted_for_good() -> Self {
        Error::new(Code::Aborted, "for good")
    }
}

#[test]
fn calls_are_remembered_across_services() {
    let host = Host::new();
    host.int.returns(1);
    host.say.fails(Error::unavailable("nobody listens"));
    let _ = (host.say("a"), host.ask(1), host.say("b"));
    assert_eq!(host.recorder.called(), ["Voice.Say", "Rng.Int", "Voice.Say"]);
    let calls = host.recorder.calls();
    assert_eq!(calls[1].to_string(), "Rng.Int(Ask { max: 1 })");
    assert_eq!((calls[2].method, calls[2].request.as_str()), ("Voice.Say", "\"b\""));
}

#[test]
fn long_reports_are_cut() {
    let host = Host::new();
    for max in 0..30 {
        let _ = host.ask(max);
    }
    let _ = host.say(&"x".repeat(1 << 20));
    let report = panic_of(|| host.recorder.verify());
    assert!(report.len() < 10_000, "{}", report.len());
    assert_eq!(report.matches("… and 11 more").count(), 2, "{report}");
}

#[test]
fn a_closure_may_expect_more_and_may_panic() {
    let host = Arc::new(Host::new());
    let other = Arc::downgrade(&host);
    host.int.answers(move |ask| {
        assert!(ask.max > 0, "there is no such number");
        let host = other.upgrade().expect("the host is there while it answers");
        host.say.returns(()).times(1);
        Ok(host.int.count() as i32)
    });
    let text = panic_of(|| drop(host.ask(0)));
    assert_eq!(text, "there is no such number");
    assert_eq!(host.ask(5), Ok(2));
    assert_eq!(host.say("now"), Ok(()));
    host.recorder.verify();
}

#[test]
fn what_is_impossible_to_expect_is_refused() {
    let host = Host::new();
    let text = panic_of(|| drop(host.int.returns(1).times(2..2)));
    assert!(text.starts_with("a call is expected a number of times that there is not"), "{text}");
    let text = panic_of(|| drop(host.say.returns(()).at_most(1).at_least(2)));
    assert!(text.starts_with("a call is expected a number of times that there is not"), "{text}");
    let text = panic_of(|| drop(host.int.returns_each([])));
    assert_eq!(text, "Rng.Int is to return each of no responses");
    // What was asked for is not there to be met.
    panic_of(|| drop(host));
}

#[test]
fn a_host_hears_what_is_logged_in_its_calls() {
    let (outer, inner) = (Host::new(), Host::new());
    log::info!("before");
    outer.recorder.call(|| {
        log::info!(target: "rules", "{} rules", 3);
        inner.recorder.call(|| log::debug!("inside"));
        std::thread::spawn(|| log::error!("elsewhere")).join().unwrap();
        log::warn!("slow");
    });
    panic_of(|| outer.recorder.call(|| panic!("over")));
    log::info!("behind");
    let told = |host: &Host| {
        let logs = host.recorder.logs().into_iter();
        logs.map(|log| (log.level, log.target, log.message)).collect::<Vec<_>>()
    };
    let here = module_path!().to_owned();
    assert_eq!(
        told(&outer),
        [(Level::Info, "rules".to_owned(), "3 rules".to_owned()), (Level::Warn, here.clone(), "slow".to_owned())]
    );
    assert_eq!(told(&inner), [(Level::Debug, here, "inside".to_owned())]);
}

#[test]
fn nobody_calls_back_while_an_answer_is_read() {
    let host = Host::new();
    host.int.returns(1);
    let refused = read_answer(|| host.ask(1)).unwrap_err();
    assert_eq!(refused.code, Code::FailedPrecondition);
    assert_eq!(host.int.count(), 0);
    panic_of(|| read_answer(|| panic!("unreadable")));
    may_call_back().unwrap();
    assert_eq!(host.ask(1), Ok(1));
}

#[test]
fn a_host_may_go_to_other_threads() {
    let host = Arc::new(Host::new());
    host.int.answers(|ask| Ok(ask.max)).times(4);
    let threads = (0..4).map(|max| {
        let host = Arc::clone(&host);
        std::thread::spawn(move || host.ask(max))
    });
    let threads: Vec<_> = threads.collect();
    for (max, thread) in threads.into_iter().enumerate() {
        assert_eq!(thread.join().unwrap(), Ok(max as i32));
    }
    // Without `AssertUnwindSafe`: tests of tests catch panics.
    catch_unwind(|| host.recorder.verify()).unwrap();
}
