//! What becomes of a plugin that loses its instances.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chaos::{AllocateRequest, AskRequest, Empty, PanicRequest, PluginHandle, SpinRequest};
use hookr::lane::LaneChoice;
use hookr::supervise::{Breaker, Happening, OnLoss, State, Supervision};
use hookr::{Artifact, CallError, CallOptions, CancelToken, Code, Limits, OpenError};
use hookr_tests::hostile::{Hostile, section_of};
use hookr_tests::hosts::{Journal, chaos_builder, chaos_builder_with, count};
use hookr_tests::{plugin, plugin_bytes};

fn lose(plugin: &PluginHandle) -> CallError {
    plugin.panic(&PanicRequest::default()).unwrap_err()
}

#[track_caller]
fn assert_unavailable(result: Result<impl Sized, CallError>) -> Option<Duration> {
    let error = result.err().expect("the plugin is not called");
    assert!(!error.lost_instance() && error.code() == Code::Unavailable, "{error:?}");
    let CallError::Unavailable { retry_in, last, .. } = &error else { panic!("{error:?}") };
    assert!(last.contains("Plugin:Panic"), "{last}");
    *retry_in
}

/// A plugin of the contract that traps whatever it is asked.
fn broken() -> Vec<u8> {
    Hostile::of("chaos").with_section(&section_of(&plugin_bytes("chaos")))
}

#[test]
fn what_is_lost_is_said_and_counted() {
    let journal = Journal::default();
    let events = journal.clone();
    let builder = chaos_builder().limits(Limits::default().deadline(Duration::from_millis(20)).memory(32 << 20));
    let builder = builder.name("chaotic").on_event(move |event| {
        let what = match event.what {
            Happening::Lost { error, rest } => format!("lost by {}, {rest:?}", error.code()),
            Happening::Restarted { lost } => format!("restarted after {lost}"),
            other => format!("{other:?}"),
        };
        events.note(format!("{}: {what}", event.plugin));
    });
    let plugin = builder.open(plugin("chaos")).unwrap();
    assert_eq!((plugin.health().state, plugin.health().started), (State::Ready, 1));
    let token = CancelToken::new();
    let losses: [&dyn Fn() -> CallError; 4] = [
        &|| lose(&plugin),
        &|| plugin.spin(&SpinRequest { turns: 0 }).unwrap_err(),
        &|| plugin.allocate(&AllocateRequest { mebibytes: 100 }).unwrap_err(),
        &|| {
            let options = CallOptions::default().deadline(None).cancel(&token);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    std::thread::sleep(Duration::from_millis(20));
                    token.cancel();
                });
                plugin.with(&options).spin(&SpinRequest { turns: 0 }).unwrap_err()
            })
        },
    ];
    for loss in losses {
        assert_eq!(count(&plugin), 1);
        assert!(loss().lost_instance());
    }
    assert_eq!(count(&plugin), 1);
    let said = [
        "chaotic: lost by internal, None",
        "chaotic: restarted after 1",
        "chaotic: lost by deadline-exceeded, None",
        "chaotic: restarted after 2",
        "chaotic: lost by resource-exhausted, None",
        "chaotic: restarted after 3",
        "chaotic: lost by cancelled, None",
        "chaotic: restarted after 4",
    ];
    assert_eq!(journal.take(), said);
    let health = plugin.health();
    assert_eq!((health.trapped, health.late, health.limited, health.cancelled, health.invalid), (1, 1, 1, 1, 0));
    assert_eq!((health.lost, health.started, health.not_started, health.refused), (4, 5, 0, 0));
    assert_eq!(health.calls, 9);
    assert!(health.last_loss.is_some_and(|last| last.contains("Plugin:Allocate")), "who cancels is not counted");
}

/// The panic is the host's own, but the state of the plugin is gone all the same.
#[test]
fn what_a_panicking_callback_costs_is_said_and_counted() {
    for choice in [LaneChoice::Direct, LaneChoice::Portable, LaneChoice::Off] {
        let journal = Journal::default();
        let events = journal.clone();
        let plugin = chaos_builder_with(|_, _| panic!("the oracle stumbles"))
            .lane(choice)
            .supervision(Supervision::default().on_loss(OnLoss::FailFast))
            .on_event(move |event| match event.what {
                Happening::Lost { error: CallError::Panicked { method, .. }, .. } => {
                    events.note(format!("lost in {method}"))
                }
                other => events.note(format!("{other:?}")),
            })
            .open(plugin("chaos"))
            .unwrap();
        let question = AskRequest { times: 1, ..AskRequest::default() };
        catch_unwind(AssertUnwindSafe(|| plugin.ask(&question))).expect_err("the panic reaches the caller");
        let health = plugin.health();
        assert_eq!((health.lost, health.panicked, health.state), (1, 1, State::Stopped), "{choice:?}");
        let Err(CallError::Unavailable { last, .. }) = plugin.count(&Empty {}) else { panic!("it fails fast") };
        assert!(last.contains("Plugin:Ask") && last.contains("lost"), "{last}");
        plugin.revive().unwrap();
        assert_eq!(count(&plugin), 1);
        assert_eq!(journal.take(), ["lost in Plugin:Ask", "Revived", "Restarted { lost: 1 }"]);
    }
}

#[test]
fn one_that_fails_fast_does_so_when_a_call_is_cancelled() {
    let policy = Supervision::default().on_loss(OnLoss::FailFast);
    let plugin = chaos_builder().supervision(policy).open(plugin("chaos")).unwrap();
    let token = CancelToken::new();
    let options = CallOptions::default().deadline(None).cancel(&token);
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(20));
            token.cancel();
        });
        plugin.with(&options).spin(&SpinRequest { turns: 0 }).unwrap_err()
    });
    assert!(matches!(error, CallError::Cancelled { .. }), "{error:?}");
    assert_eq!(plugin.health().state, State::Stopped);
    assert!(matches!(plugin.count(&Empty {}), Err(CallError::Unavailable { retry_in: None, .. })));
}

#[test]
fn a_plugin_that_goes_on_losing_instances_rests() {
    let hour = Duration::from_secs(3600);
    let policy = Supervision::default().grace(2).backoff(hour, hour);
    let plugin = chaos_builder().supervision(policy).open(plugin("chaos")).unwrap();
    // Answered calls in between keep it going.
    for _ in 0..10 {
        assert!(lose(&plugin).lost_instance());
        assert_eq!(count(&plugin), 1);
    }
    for _ in 0..3 {
        assert!(lose(&plugin).lost_instance());
    }
    let retry_in = assert_unavailable(plugin.count(&Empty {})).unwrap();
    assert!(retry_in <= hour && retry_in > hour / 2, "{retry_in:?}");
    assert_unavailable(plugin.lane().map(drop));
    assert!(matches!(plugin.health().state, State::Resting { .. }));
    assert_eq!(plugin.health().refused, 2);
    plugin.revive().unwrap();
    assert_eq!(plugin.health().state, State::Ready);
    assert_eq!(count(&plugin), 1);
}

#[test]
fn it_is_called_again_when_it_has_rested() {
    let rest = Duration::from_millis(1);
    let policy = Supervision::default().grace(0).backoff(rest, rest);
    let plugin = chaos_builder().supervision(policy).open(plugin("chaos")).unwrap();
    lose(&plugin);
    while let Err(error) = plugin.count(&Empty {}) {
        assert!(matches!(error, CallError::Unavailable { .. }), "{error:?}");
        std::thread::sleep(rest);
    }
}

#[test]
fn one_that_fails_fast_is_not_called_until_it_is_revived() {
    let policy = Supervision::default().on_loss(OnLoss::FailFast);
    let plugin = chaos_builder().supervision(policy).open(plugin("chaos")).unwrap();
    assert_eq!(count(&plugin), 1);
    lose(&plugin);
    for _ in 0..3 {
        assert_eq!(assert_unavailable(plugin.count(&Empty {})), None);
    }
    assert_eq!(plugin.health().state, State::Stopped);
    plugin.revive().unwrap();
    assert_eq!(count(&plugin), 1);
}

#[test]
fn a_circuit_is_opened_by_losses_among_answers() {
    let hour = Duration::from_secs(3600);
    let opened = Arc::new(Mutex::new(Vec::new()));
    let seen = opened.clone();
    let policy = Supervision::default().breaker(Breaker::new(3, hour, hour));
    let builder = chaos_builder().supervision(policy).on_event(move |event| {
        if let Happening::CircuitOpened { rest } = event.what {
            seen.lock().unwrap().push(rest);
        }
    });
    let plugin = builder.open(plugin("chaos")).unwrap();
    for _ in 0..3 {
        assert_eq!(count(&plugin), 1);
        assert!(lose(&plugin).lost_instance());
    }
    assert!(assert_unavailable(plugin.count(&Empty {})).is_some());
    assert_eq!(*opened.lock().unwrap(), [hour]);
}

#[test]
fn the_version_that_is_known_to_work_takes_over() {
    let good = Artifact::read(plugin("chaos")).unwrap();
    let journal = Journal::default();
    let events = journal.clone();
    let policy = Supervision::default().on_loss(OnLoss::LastGood).grace(1);
    let builder = chaos_builder().supervision(policy).last_good(&good).on_event(move |event| {
        if let Happening::FellBack = event.what {
            events.note("fell back");
        }
    });
    let plugin = builder.open_bytes(broken()).unwrap();
    assert_ne!(plugin.metadata().sha256(), good.sha256());
    for _ in 0..2 {
        assert!(plugin.count(&Empty {}).unwrap_err().lost_instance());
    }
    assert_eq!((count(&plugin), count(&plugin)), (1, 2));
    assert_eq!(plugin.metadata().sha256(), good.sha256());
    assert!(plugin.health().on_last_good);
    assert_eq!(journal.take(), ["fell back"]);
    plugin.lane().unwrap().count_owned(&Empty {}).unwrap();
    plugin.revive().unwrap();
    assert!(!plugin.health().on_last_good);
    assert!(plugin.count(&Empty {}).unwrap_err().lost_instance());
}

#[test]
fn the_version_that_is_known_to_work_is_checked_when_the_other_is_opened() {
    let other = Artifact::read(plugin("textfilter")).unwrap();
    let error = chaos_builder().last_good(&other).open(plugin("chaos")).unwrap_err();
    let OpenError::LastGood { source } = error else { panic!("{error:?}") };
    let source = source.downcast_ref::<OpenError>();
    assert!(matches!(source, Some(OpenError::ContractMismatch { .. })), "{source:?}");
}

#[test]
fn a_trap_has_a_backtrace_with_names() {
    let error = lose(&chaos_builder().open(plugin("chaos")).unwrap());
    let trace = error.backtrace().unwrap();
    let text = trace.to_string();
    assert!(text.contains("panic"), "{text}");
    assert!(trace.frames().iter().all(|frame| frame.offset.is_some()), "{text}");
}

#[test]
fn memory_is_dumped_where_that_is_wanted_and_no_more_often() {
    let folder = tempfile::tempdir().unwrap();
    let dumps = folder.path().join("dumps");
    let builder = chaos_builder().name("../chaos").core_dumps(&dumps, 2);
    let plugin = builder.open(plugin("chaos")).unwrap();
    let written: Vec<_> = (0..3).map(|_| lose(&plugin).core_dump().map(ToOwned::to_owned)).collect();
    assert!(written[0].is_some() && written[1].is_some() && written[2].is_none(), "{written:?}");
    for path in written.iter().flatten() {
        assert!(path.starts_with(&dumps), "{path:?}");
        let bytes = std::fs::read(path).unwrap();
        assert!(bytes.starts_with(b"\0asm") && bytes.windows(4).any(|part| part == b"core"));
    }
    assert_eq!(std::fs::read_dir(&dumps).unwrap().count(), 2);
}

#[test]
fn a_listener_that_calls_the_plugin_is_refused() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let handle: Arc<Mutex<Option<PluginHandle>>> = Arc::default();
    let inner = handle.clone();
    let builder = chaos_builder_with(|_, _| unreachable!()).on_event(move |_| {
        let plugin = inner.lock().unwrap().clone().unwrap();
        sender.send(plugin.count(&Empty {}).unwrap_err()).unwrap();
    });
    let plugin = builder.open(plugin("chaos")).unwrap();
    *handle.lock().unwrap() = Some(plugin.clone());
    lose(&plugin);
    assert!(matches!(receiver.recv().unwrap(), CallError::Reentrant { .. }));
    handle.lock().unwrap().take();
}
