//! The code of `docs/src/how-to/deadlines.md`.

// ANCHOR: limits
use std::time::Duration;

use hookr::{Builder, Limits};
use tickloop::PluginHandle;

fn limited(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    let limits = Limits::default()
        .deadline(Duration::from_millis(100)) // a call, its callbacks and its waiting included
        .memory(64 << 20)
        .request(1 << 20)
        .response(1 << 20);
    builder.limits(limits)
}
// ANCHOR_END: limits

// ANCHOR: call
use hookr::{CallError, CallOptions};
use tickloop::{TickRequest, TickResponse};

/// A tick that is answered in 5 milliseconds, or not at all.
fn hasty(plugin: &PluginHandle, request: &TickRequest) -> Result<TickResponse, CallError> {
    plugin.with(&CallOptions::default().deadline(Duration::from_millis(5))).tick(request)
}
// ANCHOR_END: call

// ANCHOR: cancel
use std::thread;

use hookr::CancelToken;

/// Plays until somebody says that it is enough.
fn play_until(plugin: &PluginHandle, enough: &CancelToken) -> Result<u64, CallError> {
    let plugin = plugin.with(&CallOptions::default().deadline(None).cancel(enough));
    let mut request = TickRequest::default();
    loop {
        match plugin.tick(&request) {
            Ok(response) => request.state_hash = response.next_state_hash,
            Err(CallError::Cancelled { .. }) => return Ok(request.tick),
            Err(error) => return Err(error),
        }
        request.tick += 1;
    }
}

fn play_for(plugin: &PluginHandle, time: Duration) -> Result<u64, CallError> {
    let enough = CancelToken::new();
    thread::scope(|scope| {
        let playing = scope.spawn(|| play_until(plugin, &enough));
        thread::sleep(time);
        enough.cancel();
        playing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
// ANCHOR_END: cancel

// ANCHOR: fuel
/// The same number of instructions for a call on every machine.
fn metered(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    builder.limits(Limits::default().fuel(1_000_000))
}

/// A call that may take ten times as many.
fn generous(plugin: &PluginHandle, request: &TickRequest) -> Result<TickResponse, CallError> {
    plugin.with(&CallOptions::default().fuel(10_000_000)).tick(request)
}
// ANCHOR_END: fuel

// ANCHOR: engine
use hookr::{Engine, OpenError, Settings};

/// An engine for several plugins whose instructions are counted, and whose deadlines are looked at more often.
fn engine() -> Result<Engine, OpenError> {
    Engine::with(Settings::default().fuel(true).tick(Duration::from_micros(250)))
}
// ANCHOR_END: engine

// ANCHOR: supervise
use hookr::Artifact;
use hookr::supervise::{Breaker, OnLoss, Supervision};

/// Ten losses within a minute open the circuit for half a minute.
fn with_breaker(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    let breaker = Breaker::new(10, Duration::from_secs(60), Duration::from_secs(30));
    builder.supervision(Supervision::default().breaker(breaker))
}

/// A version that is known to work takes over from one that goes on losing its instance.
fn with_last_good(builder: Builder<PluginHandle>, good: &Artifact) -> Builder<PluginHandle> {
    builder.supervision(Supervision::default().on_loss(OnLoss::LastGood)).last_good(good)
}

/// After a loss, nobody calls the plugin before somebody has looked at it.
fn fail_fast(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    builder.supervision(Supervision::default().on_loss(OnLoss::FailFast))
}
// ANCHOR_END: supervise

// ANCHOR: events
use hookr::supervise::Happening;

/// Says what becomes of a plugin. It is called while the plugin is locked: it must not call it, and should be quick.
fn observed(builder: Builder<PluginHandle>, say: impl Fn(String) + Send + Sync + 'static) -> Builder<PluginHandle> {
    builder.on_event(move |event| {
        let plugin = event.plugin;
        match event.what {
            Happening::Lost { error, rest: None } => say(format!("{plugin} has lost its state: {error}")),
            Happening::Lost { error, rest: Some(rest) } => say(format!("{plugin} rests for {rest:?}: {error}")),
            Happening::Restarted { lost } => say(format!("{plugin} runs on a fresh instance, after {lost} losses")),
            Happening::FellBack => say(format!("{plugin} runs on its last good version")),
            _ => {}
        }
    })
}
// ANCHOR_END: events

// ANCHOR: health
use hookr::supervise::State;

/// Whether the plugin can be called; one that was stopped is called again.
fn look_after(plugin: &PluginHandle) -> Result<bool, CallError> {
    let health = plugin.health();
    match health.state {
        State::Ready => Ok(true),
        State::Resting { retry_in } => {
            eprintln!("{} of {} calls lost an instance; the next try is in {retry_in:?}", health.lost, health.calls);
            Ok(false)
        }
        _ => plugin.revive().map(|()| true),
    }
}
// ANCHOR_END: health

mod runs {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use hookr::{Code, Limit};
    use hookr_tests::hosts::Journal;
    use hookr_tests::plugin;
    use tickloop::{CallbackContext, Callbacks, Error, Rng, RngIntRequest, RngIntResponse};

    use super::*;

    /// Does something before it answers.
    struct Dice<F>(F);

    impl<F: Fn() + Send + Sync + 'static> Rng for Dice<F> {
        fn int(&self, _: &CallbackContext<'_>, request: RngIntRequest) -> Result<RngIntResponse, Error> {
            (self.0)();
            Ok(RngIntResponse { value: request.min })
        }
    }

    fn builder(act: impl Fn() + Send + Sync + 'static) -> Builder<PluginHandle> {
        PluginHandle::builder(Callbacks { rng: Arc::new(Dice(act)) }).allow_unsigned().name("game")
    }

    /// The first callbacks do something, the others do nothing.
    fn at_first(times: usize, act: impl Fn() + Send + Sync + 'static) -> Builder<PluginHandle> {
        let left = AtomicUsize::new(times);
        builder(move || {
            if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                act();
            }
        })
    }

    fn file() -> PathBuf {
        plugin("tickloop")
    }

    fn tick(plugin: &PluginHandle) -> Result<TickResponse, CallError> {
        plugin.tick(&TickRequest::default())
    }

    /// Loses an instance by a callback that panics.
    fn lose(plugin: &PluginHandle) {
        let lost = plugin.health().lost;
        catch_unwind(AssertUnwindSafe(|| tick(plugin))).expect_err("the callback panics");
        assert_eq!(plugin.health().lost, lost + 1);
    }

    #[test]
    fn a_late_call_costs_the_instance_and_the_next_runs_on_a_fresh_one() {
        let journal = Journal::default();
        let notes = journal.clone();
        let late = at_first(1, || thread::sleep(Duration::from_millis(50)));
        let plugin = observed(late, move |text| notes.note(text)).open(file()).unwrap();
        let error = hasty(&plugin, &TickRequest::default()).unwrap_err();
        let five = Duration::from_millis(5);
        assert!(matches!(error, CallError::DeadlineExceeded { after, .. } if after == five), "{error:?}");
        assert!(error.lost_instance() && error.code() == Code::DeadlineExceeded);
        tick(&plugin).unwrap();
        let said = journal.take();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].starts_with("game has lost its state: Plugin:Tick was not over after 5ms"), "{said:?}");
        assert_eq!(said[1], "game runs on a fresh instance, after 1 losses");
        assert!(look_after(&plugin).unwrap());
    }

    #[test]
    fn limits_hold_for_every_call() {
        let plugin = limited(builder(|| thread::sleep(Duration::from_millis(150)))).open(file()).unwrap();
        let error = tick(&plugin).unwrap_err();
        assert!(matches!(error, CallError::DeadlineExceeded { .. }), "{error:?}");
        let little = builder(|| ()).limits(Limits::default().memory(1 << 16)).open(file()).map(drop);
        assert!(matches!(little, Err(OpenError::LimitExceeded(found)) if found.limit == Limit::Memory));
    }

    #[test]
    fn a_token_ends_what_has_no_deadline() {
        let plugin = builder(|| ()).open(file()).unwrap();
        let ticks = play_for(&plugin, Duration::from_millis(50)).unwrap();
        assert!(plugin.health().calls >= ticks);
        tick(&plugin).unwrap();
    }

    #[test]
    fn instructions_are_counted_where_that_is_asked_for() {
        let plugin = metered(builder(|| ())).open(file()).unwrap();
        let response = tick(&plugin).unwrap();
        assert_eq!(generous(&plugin, &TickRequest::default()).unwrap(), response);
        assert!(plugin.stats().fuel.is_some_and(|fuel| fuel > 0));
        let mean = tick(&plugin.with(&CallOptions::default().fuel(10))).unwrap_err();
        let CallError::LimitExceeded { exceeded, .. } = mean else { panic!("{mean:?}") };
        assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Fuel, 10));
        let counting = metered(builder(|| ())).engine(&engine().unwrap()).open(file()).unwrap();
        assert_eq!(tick(&counting).unwrap(), response);
        let refused = metered(builder(|| ())).engine(&Engine::new().unwrap()).open(file()).map(drop);
        assert!(matches!(refused, Err(OpenError::EngineSettings(_))), "{refused:?}");
    }

    #[test]
    fn ten_losses_open_the_circuit() {
        let plugin = with_breaker(at_first(10, || panic!("the dice are gone"))).open(file()).unwrap();
        for _ in 0..10 {
            // It rests ever longer.
            while matches!(plugin.health().state, State::Resting { .. }) {
                thread::sleep(Duration::from_millis(5));
            }
            lose(&plugin);
        }
        let error = tick(&plugin).unwrap_err();
        let CallError::Unavailable { retry_in: Some(rest), .. } = error else { panic!("{error:?}") };
        assert!(rest > Duration::from_secs(15), "{rest:?}");
        assert!(!look_after(&plugin).unwrap());
        plugin.revive().unwrap();
        tick(&plugin).unwrap();
    }

    #[test]
    fn one_that_fails_fast_is_revived() {
        let plugin = fail_fast(at_first(1, || panic!("the dice are gone"))).open(file()).unwrap();
        lose(&plugin);
        let error = tick(&plugin).unwrap_err();
        assert!(matches!(error, CallError::Unavailable { retry_in: None, .. }), "{error:?}");
        assert_eq!(plugin.health().state, State::Stopped);
        assert!(look_after(&plugin).unwrap());
        tick(&plugin).unwrap();
    }

    #[test]
    fn the_last_good_version_takes_over() {
        let journal = Journal::default();
        let notes = journal.clone();
        let builder = observed(at_first(4, || panic!("the dice are gone")), move |text| notes.note(text));
        let good = Artifact::read(file()).unwrap();
        let plugin = with_last_good(builder, &good).open(file()).unwrap();
        (0..4).for_each(|_| lose(&plugin));
        tick(&plugin).unwrap();
        assert!(plugin.health().on_last_good);
        assert!(journal.take().iter().any(|text| text == "game runs on its last good version"));
    }
}
