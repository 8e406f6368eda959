//! New versions of a plugin that is in use: when they come into service, when they do not, and what is told of it.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use hookr::reload::{Cause, Events, News, Outcome, Reload, ReloadError, Reloader, StateError};
use hookr::supervise::{Happening, OnLoss, State, Supervision};
use hookr::{Builder, CallError, Digest, OpenError, Source, StateLimits};
use hookr_tests::hosts::chain;
use hookr_tests::installed::{Installed, which};
use hookr_tests::plugin_bytes;
use hookr_tests::versions::{Fault, faulty, version, versions_builder, versions_builder_with};
use versions::{Answer, AskRequest, Empty, PanicRequest, PluginHandle, SpinRequest};

/// Nothing here takes as long, however busy the machine is.
const LONG: Duration = Duration::from_secs(60);

fn bytes(number: u32) -> Vec<u8> {
    fs::read(version(number)).unwrap()
}

fn manual() -> Builder<PluginHandle> {
    versions_builder().reload(Reload::manual().drain(LONG))
}

fn watching() -> Builder<PluginHandle> {
    versions_builder().reload(Reload::watch().debounce(Duration::from_millis(30)).drain(LONG))
}

#[track_caller]
fn reloaded(reloader: &Reloader) {
    match reloader.reload() {
        Ok(Outcome::Reloaded(_)) => {}
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(reloader: &Reloader) -> Arc<ReloadError> {
    reloader.reload().expect_err("this version must not come into service")
}

/// Waits for a piece of news.
#[track_caller]
fn news<T>(events: &mut Events<News>, mut is_it: impl FnMut(News) -> Option<T>) -> T {
    loop {
        let next = events.next_timeout(LONG).expect("the news comes");
        if let Some(found) = is_it(next) {
            return found;
        }
    }
}

fn new_version(news: News) -> Option<(Cause, u64, Digest)> {
    match news {
        News::Reloaded { event, .. } => Some((event.cause, event.to.generation, event.to.sha256)),
        _ => None,
    }
}

fn failure(news: News) -> Option<String> {
    match news {
        News::Failed { error, .. } => Some(chain(&error)),
        _ => None,
    }
}

#[test]
fn another_version_takes_over_and_the_last_can_come_back() {
    let file = Installed::new(bytes(1));
    let plugin = manual().open(file.path()).unwrap();
    let reloader = plugin.reloader();
    assert!(matches!(reloader.reload(), Ok(Outcome::Unchanged)));
    assert!(matches!(*reloader.rollback().unwrap_err(), ReloadError::NothingBefore));
    plugin.count(&Empty {}).unwrap();
    let clone = plugin.clone();
    file.install(bytes(2));
    assert_eq!(which(&plugin), 1, "nobody has said that it is to be looked at");
    let Ok(Outcome::Reloaded(event)) = reloader.reload() else { panic!() };
    assert_eq!((which(&plugin), which(&clone)), (2, 2));
    assert_eq!((event.cause, event.from.generation, event.to.generation), (Cause::Asked, 1, 2));
    assert_eq!((event.from.sha256, event.to.sha256), (Digest::of(&bytes(1)), Digest::of(&bytes(2))));
    assert_eq!(&*event.plugin, "plugin");
    assert_eq!(plugin.metadata().sha256(), event.to.sha256);
    assert_eq!(reloader.version(), event.to);
    assert_eq!(plugin.count(&Empty {}).unwrap().calls, 1, "its state is its own");

    let Ok(Outcome::Reloaded(event)) = reloader.rollback() else { panic!() };
    assert_eq!((event.cause, event.from.generation, event.to.generation), (Cause::RolledBack, 2, 3));
    assert_eq!(which(&plugin), 1);
    // And back once more; or by a reload, for the file is still the other one.
    assert!(matches!(reloader.rollback(), Ok(Outcome::Reloaded(_))));
    assert_eq!(which(&plugin), 2);
    reloader.rollback().unwrap();
    reloaded(&reloader);
    assert_eq!(which(&plugin), 2);
}

#[test]
fn a_plugin_that_was_not_set_up_for_it_says_so() {
    let file = Installed::new(bytes(1));
    let plugin = versions_builder().open(file.path()).unwrap();
    assert!(matches!(*refused(&plugin.reloader()), ReloadError::NotSetUp));
    assert!(plugin.reloader().events().next().is_none(), "there will be no news");
    let from_memory = manual().open_bytes(bytes(1)).unwrap();
    assert!(matches!(*refused(&from_memory.reloader()), ReloadError::NoFile));
}

#[test]
fn what_cannot_be_opened_leaves_everything_as_it_is() {
    let good = bytes(1);
    let half = good[..good.len() / 2].to_vec();
    let file = Installed::new(&good);
    let plugin = manual().open(file.path()).unwrap();
    let (reloader, mut events) = (plugin.reloader(), plugin.reloader().events());
    plugin.count(&Empty {}).unwrap();
    let mut check = |content: &[u8], is_it: fn(&OpenError) -> bool| {
        file.install(content);
        let error = refused(&reloader);
        assert!(matches!(&*error, ReloadError::Open(error) if is_it(error)), "{error:?}");
        assert_eq!(news(&mut events, failure), chain(&error));
        assert_eq!(which(&plugin), 1);
    };
    check(&half, |error| matches!(error, OpenError::Malformed { .. }));
    check(&[], |error| matches!(error, OpenError::Empty { .. }));
    check(b"no component", |error| matches!(error, OpenError::NotWasm { .. }));
    check(&plugin_bytes("textfilter"), |error| matches!(error, OpenError::ContractMismatch { .. }));
    fs::remove_file(file.path()).unwrap();
    let error = refused(&reloader);
    assert!(matches!(&*error, ReloadError::Open(OpenError::Read { .. })), "{error:?}");
    assert_eq!(plugin.count(&Empty {}).unwrap().calls, 2, "the instance and its state stay");
    assert_eq!(reloader.version().generation, 1);
}

#[test]
fn a_pinned_plugin_reloads_to_another_pin_only() {
    let file = Installed::new(bytes(1));
    let pin = |number| Digest::of(&bytes(number)).to_string();
    let callbacks = || versions::Callbacks { oracle: Arc::new(NoOracle) };
    let builder = PluginHandle::builder(callbacks()).reload(Reload::manual());
    let plugin = builder.sha256(pin(1)).sha256(pin(3)).open(file.path()).unwrap();
    file.install(bytes(2));
    let error = refused(&plugin.reloader());
    assert!(matches!(&*error, ReloadError::Open(OpenError::Untrusted { .. })), "{error:?}");
    file.install(bytes(3));
    reloaded(&plugin.reloader());
    assert_eq!(which(&plugin), 3);
}

struct NoOracle;

impl versions::Oracle for NoOracle {
    fn ask(&self, _: &hookr::CallbackContext<'_>, _: AskRequest) -> Result<Answer, hookr::Error> {
        Err(hookr::Error::unavailable("this oracle is closed"))
    }
}

#[test]
fn signatures_and_revocations_hold_for_each_candidate() {
    use hookr::trust::{SecretKey, TrustStore};
    let (trusted, other) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
    let signed = |number, key: &SecretKey| key.sign(&bytes(number)).unwrap();
    let file = Installed::new(signed(1, &trusted));
    let list = file.folder().join("revoked.txt");
    fs::write(&list, "").unwrap();
    let builder = PluginHandle::builder(versions::Callbacks { oracle: Arc::new(NoOracle) });
    let builder = builder.trust(TrustStore::new().key(trusted.public_key())).revocations(&list);
    let plugin = builder.reload(Reload::manual()).open(file.path()).unwrap();
    let reloader = plugin.reloader();
    for content in [bytes(2), signed(2, &other)] {
        file.install(content);
        let error = refused(&reloader);
        assert!(matches!(&*error, ReloadError::Open(OpenError::Signature { .. })), "{error:?}");
    }
    file.install(signed(2, &trusted));
    reloaded(&reloader);
    // Version 1 is revoked meanwhile: it does not come back.
    fs::write(&list, format!("plugin {}\n", Digest::of(&signed(1, &trusted)))).unwrap();
    let error = reloader.rollback().unwrap_err();
    assert!(matches!(&*error, ReloadError::Open(OpenError::Revoked { .. })), "{error:?}");
    assert_eq!(which(&plugin), 2);
}

#[test]
fn the_hook_tries_the_candidate_out_and_its_instance_goes_into_service() {
    let file = Installed::new(bytes(1));
    let told = Arc::new(Mutex::new(Vec::new()));
    let of_hook = told.clone();
    let builder = manual().on_reload(move |next, event| -> Result<(), CallError> {
        let seen = (next.get_version(&Empty {})?.version, event.from.generation, event.to.generation);
        of_hook.lock().unwrap().push(seen);
        next.count(&Empty {})?;
        next.lane()?.count(|builder| versions::fb::Empty::create(builder, &versions::fb::EmptyArgs {}))?;
        Ok(())
    });
    let plugin = builder.open(file.path()).unwrap();
    assert_eq!(*told.lock().unwrap(), [], "opening is no reload");
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    assert_eq!(*told.lock().unwrap(), [(2, 1, 2)]);
    assert_eq!(plugin.count(&Empty {}).unwrap().calls, 3, "it is the instance that the hook has called");
    assert_eq!(plugin.health().calls, 4, "with what was counted there");
}

#[test]
fn a_hook_that_fails_keeps_the_old_version() {
    #[derive(Clone, Copy, Debug)]
    enum Says {
        No,
        Panics,
        Traps,
        /// It swallows the error.
        TrapsAndSaysYes,
    }
    for says in [Says::No, Says::Panics, Says::Traps, Says::TrapsAndSaysYes] {
        let file = Installed::new(bytes(1));
        let kept = Arc::new(Mutex::new(None));
        let of_hook = kept.clone();
        let builder = manual().on_reload(move |next, _| -> Result<(), Source> {
            *of_hook.lock().unwrap() = Some(PluginHandle::clone(next));
            let trap = || next.panic(&PanicRequest { message: "in the hook".to_owned() });
            match says {
                Says::No => Err("not this one".into()),
                Says::Panics => panic!("the hook panics"),
                Says::Traps => Ok(trap().map(drop)?),
                Says::TrapsAndSaysYes => {
                    trap().unwrap_err();
                    Ok(())
                }
            }
        });
        let plugin = builder.open(file.path()).unwrap();
        plugin.count(&Empty {}).unwrap();
        file.install(bytes(2));
        let error = refused(&plugin.reloader());
        let is_it = match (says, &*error) {
            (Says::No, ReloadError::Hook(source)) => source.to_string() == "not this one",
            (Says::Panics, ReloadError::HookPanicked { message }) => message == "the hook panics",
            (Says::Traps, ReloadError::Hook(source)) => source.is::<CallError>(),
            (Says::TrapsAndSaysYes, ReloadError::Lost { last }) => last.contains("trapped"),
            _ => false,
        };
        assert!(is_it, "{says:?}: {error:?}");
        assert_eq!((which(&plugin), plugin.count(&Empty {}).unwrap().calls), (1, 2), "{says:?}");
        let health = plugin.health();
        assert_eq!((health.lost, health.state), (0, State::Ready), "what a candidate loses is not the plugin's");
        // The handle of the candidate was for the hook alone.
        let candidate = kept.lock().unwrap().take().unwrap();
        assert!(matches!(candidate.count(&Empty {}), Err(CallError::Closed { .. })));
    }
}

#[test]
fn a_reload_within_a_reload_is_refused() {
    type Shared = Arc<Mutex<Option<Reloader>>>;
    let is_refused = |reloader: &Shared| {
        let reloader = reloader.lock().unwrap().clone();
        reloader.is_none_or(|reloader| match reloader.reload() {
            Err(error) => matches!(*error, ReloadError::Reentrant),
            Ok(_) => false,
        })
    };
    let file = Installed::new(bytes(1));
    let (reloader, times) = (Shared::default(), Arc::new(AtomicU32::new(0)));
    let (of_hook, of_verifier, of_listener) = (reloader.clone(), reloader.clone(), reloader.clone());
    let (hook_times, verifier_times, listener_times) = (times.clone(), times.clone(), times.clone());
    let count = |times: &AtomicU32, is_refused: bool| {
        times.fetch_add(u32::from(is_refused), Ordering::SeqCst);
    };
    let builder = manual()
        .on_reload(move |_, _| -> Result<(), Source> {
            count(&hook_times, is_refused(&of_hook));
            Ok(())
        })
        .verifier(move |_: &hookr::trust::Candidate<'_>| -> Result<(), Source> {
            count(&verifier_times, is_refused(&of_verifier));
            Ok(())
        })
        .on_event(move |event| {
            if let Happening::Reload { news: News::Reloaded { .. } } = event.what {
                count(&listener_times, is_refused(&of_listener));
            }
        });
    let plugin = builder.open(file.path()).unwrap();
    *reloader.lock().unwrap() = Some(plugin.reloader());
    times.store(0, Ordering::SeqCst);
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    assert_eq!(times.load(Ordering::SeqCst), 3);
    // It keeps itself alive otherwise.
    reloader.lock().unwrap().take();
}

#[test]
fn calls_in_flight_finish_on_the_old_version() {
    let file = Installed::new(bytes(1));
    let (entered, is_entered) = mpsc::channel();
    let (let_go, may_go) = mpsc::channel::<()>();
    let may_go = Mutex::new(may_go);
    let builder = versions_builder_with(move |_, request| {
        entered.send(()).unwrap();
        may_go.lock().unwrap().recv_timeout(LONG).unwrap();
        Ok(Answer { text: request.question })
    });
    let plugin = builder.reload(Reload::manual().drain(LONG)).open(file.path()).unwrap();
    let mut events = plugin.reloader().events();
    let of_thread = plugin.with(&hookr::CallOptions::default().deadline(None));
    let call = thread::spawn(move || of_thread.ask(&AskRequest { question: "?".to_owned() }));
    is_entered.recv_timeout(LONG).unwrap();
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    assert_eq!(which(&plugin), 2, "others are served while the old call runs");
    assert!(matches!(news(&mut events, Some), News::Reloaded { .. }));
    assert_eq!(events.try_next().map(|news| format!("{news:?}")), None, "it is not drained");
    let_go.send(()).unwrap();
    let answer = call.join().unwrap().unwrap();
    assert_eq!((answer.before, answer.after), (1, 1), "no mix of versions");
    let News::Drained { from, ended_calls, .. } = news(&mut events, Some) else { panic!() };
    assert_eq!((from.generation, ended_calls), (1, false));
}

#[test]
fn calls_that_take_longer_than_the_drain_are_ended() {
    let file = Installed::new(bytes(1));
    let builder = versions_builder().reload(Reload::manual().drain(Duration::from_millis(50)));
    let builder = builder.supervision(Supervision::default().on_loss(OnLoss::FailFast));
    let plugin = builder.open(file.path()).unwrap();
    let mut events = plugin.reloader().events();
    let of_thread = plugin.with(&hookr::CallOptions::default().deadline(None));
    let call = thread::spawn(move || of_thread.spin(&SpinRequest { turns: 0 }));
    // It is inside of the call as soon as nobody else gets the instance.
    let short = plugin.with(&hookr::CallOptions::default().deadline(Duration::from_millis(1)));
    while short.get_version(&Empty {}).is_ok() {}
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    let error = call.join().unwrap().unwrap_err();
    assert!(matches!(error, CallError::Replaced { .. }) && error.lost_instance(), "{error:?}");
    let drained = news(&mut events, |news| match news {
        News::Drained { ended_calls, .. } => Some(ended_calls),
        _ => None,
    });
    assert!(drained);
    assert_eq!((which(&plugin), plugin.health().state), (2, State::Ready), "the new version has nothing to do with it");
}

#[test]
fn a_lane_goes_over_between_two_calls() {
    let file = Installed::new(bytes(1));
    let plugin = manual().open(file.path()).unwrap();
    let mut events = plugin.reloader().events();
    let mut lane = plugin.lane().unwrap();
    assert_eq!(lane.get_version_owned(&Empty {}).unwrap().version, 1);
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    assert_eq!(lane.get_version_owned(&Empty {}).unwrap().version, 2);
    assert!(lane.count_owned(&Empty {}).unwrap().calls == 1);
    news(&mut events, |news| matches!(news, News::Drained { ended_calls: false, .. }).then_some(()));
    drop(lane);
    assert_eq!(plugin.count(&Empty {}).unwrap().calls, 2);
}

#[test]
fn a_plugin_that_was_stopped_runs_again_with_another_version() {
    let file = Installed::new(bytes(1));
    let plugin = manual().supervision(Supervision::default().on_loss(OnLoss::FailFast)).open(file.path()).unwrap();
    plugin.panic(&PanicRequest { message: String::new() }).unwrap_err();
    assert!(matches!(plugin.count(&Empty {}), Err(CallError::Unavailable { .. })));
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    assert_eq!(which(&plugin), 2);
}

#[test]
fn a_changed_file_comes_into_service_by_itself() {
    let file = Installed::new(bytes(1));
    let plugin = watching().open(file.path()).unwrap();
    let mut events = plugin.reloader().events();
    for (number, generation) in [(2, 2), (3, 3), (1, 4)] {
        file.install(bytes(number));
        let found = news(&mut events, new_version);
        assert_eq!(found, (Cause::Changed, generation, Digest::of(&bytes(number))));
        assert_eq!(which(&plugin), number);
    }
}

#[test]
fn a_version_that_does_not_work_is_told_once_and_mended() {
    let file = Installed::new(bytes(1));
    let builder = watching().on_reload(|next, _| next.get_version(&Empty {}).map(drop));
    let plugin = builder.open(file.path()).unwrap();
    let mut events = plugin.reloader().events();
    let broken = fs::read(faulty(2, Fault::Broken)).unwrap();
    for _ in 0..3 {
        // Each is another file with the same content.
        file.install(&broken);
        thread::sleep(Duration::from_millis(200));
    }
    let said = news(&mut events, failure);
    assert!(said.contains("trapped in Plugin:GetVersion"), "{said}");
    file.install(bytes(3));
    let next = news(&mut events, |news| Some(format!("{news:?}")).filter(|_| !matches!(news, News::Drained { .. })));
    assert!(next.starts_with("Reloaded"), "the failure is told once: {next}");
    assert_eq!(which(&plugin), 3);
}

#[test]
fn a_version_that_was_rolled_back_does_not_come_again_by_itself() {
    let file = Installed::new(bytes(1));
    let plugin = watching().open(file.path()).unwrap();
    let (reloader, mut events) = (plugin.reloader(), plugin.reloader().events());
    file.install(bytes(2));
    news(&mut events, new_version);
    reloader.rollback().unwrap();
    news(&mut events, new_version);
    file.install(bytes(2));
    thread::sleep(Duration::from_millis(300));
    assert_eq!(which(&plugin), 1);
    file.install(bytes(3));
    assert_eq!(news(&mut events, new_version).2, Digest::of(&bytes(3)));
}

#[test]
fn a_paused_plugin_stays_and_catches_up() {
    let file = Installed::new(bytes(1));
    let plugin = watching().open(file.path()).unwrap();
    let (reloader, mut events) = (plugin.reloader(), plugin.reloader().events());
    reloader.pause();
    reloader.pause();
    assert!(reloader.is_paused());
    file.install(bytes(2));
    thread::sleep(Duration::from_millis(300));
    assert_eq!(which(&plugin), 1);
    reloader.resume();
    assert_eq!(news(&mut events, new_version).1, 2);
    assert_eq!(which(&plugin), 2);
    reloader.pause();
    file.install(bytes(3));
    reloaded(&reloader);
    assert_eq!(which(&plugin), 3, "who asks for it gets it");
}

#[test]
fn a_change_between_reading_and_watching_is_not_missed() {
    let file = Installed::new(bytes(1));
    let artifact = hookr::Artifact::read(file.path()).unwrap();
    file.install(bytes(2));
    let plugin = watching().open_artifact(&artifact).unwrap();
    let mut events = plugin.reloader().events();
    if which(&plugin) == 1 {
        news(&mut events, new_version);
    }
    assert_eq!(which(&plugin), 2);
}

#[test]
fn a_listener_is_told_as_well_and_a_panic_in_it_does_no_harm() {
    let file = Installed::new(bytes(1));
    let (count, panics) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let (of_listener, listener_panics) = (count.clone(), panics.clone());
    let builder = manual().on_event(move |event| {
        if let Happening::Reload { .. } = event.what {
            of_listener.fetch_add(1, Ordering::SeqCst);
            assert!(!listener_panics.load(Ordering::SeqCst), "the listener panics");
        }
    });
    let plugin = builder.open(file.path()).unwrap();
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    assert_eq!(count.load(Ordering::SeqCst), 2, "a new version, and nobody on the old one");
    panics.store(true, Ordering::SeqCst);
    file.install(bytes(3));
    reloaded(&plugin.reloader());
    assert_eq!(which(&plugin), 3);
}

#[test]
fn the_watching_ends_with_the_plugin() {
    let file = Installed::new(bytes(1));
    let plugin = watching().open(file.path()).unwrap();
    assert!(plugin.reloader().mode().is_some());
    let mut events = plugin.reloader().events();
    drop(plugin);
    file.install(bytes(2));
    assert!(events.next_timeout(LONG).is_none(), "there is nobody left to tell anything");
}

#[test]
fn several_instances_are_replaced_together() {
    let file = Installed::new(bytes(1));
    let plugin = manual().instances(hookr::Instances::pool(3).warm(3)).open(file.path()).unwrap();
    assert_eq!(plugin.health().started, 3);
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    assert_eq!(plugin.health().started, 6);
    let threads: Vec<_> = (0..3).map(|_| plugin.clone()).map(|plugin| thread::spawn(move || which(&plugin))).collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap() == 2));
    assert_eq!(plugin.health().started, 6, "they were there already");
}

/// What `Count` answers: the version and the count.
fn count(plugin: &PluginHandle) -> (u32, u64) {
    let answer = plugin.count(&Empty {}).unwrap();
    (answer.version, answer.calls)
}

fn with_state() -> Builder<PluginHandle> {
    versions_builder().reload(Reload::manual().drain(LONG).state(StateLimits::default()))
}

#[test]
fn the_state_is_handed_over_if_that_was_asked_for() {
    for (builder, after) in [(with_state(), 4), (manual(), 1)] {
        let file = Installed::new(bytes(1));
        let plugin = builder.open(file.path()).unwrap();
        let mut events = plugin.reloader().events();
        for calls in 1..=3 {
            assert_eq!(count(&plugin), (1, calls));
        }
        file.install(bytes(2));
        reloaded(&plugin.reloader());
        let state = news(&mut events, |news| match news {
            News::Reloaded { state, .. } => Some(state),
            _ => None,
        });
        assert_eq!(state.is_some(), after == 4);
        assert_eq!(count(&plugin), (2, after));
        assert!(matches!(plugin.reloader().rollback(), Ok(Outcome::Reloaded(_))));
        assert_eq!(count(&plugin), (1, if after == 4 { 5 } else { 1 }), "and back again");
    }
}

#[test]
fn a_state_that_is_not_handed_over_keeps_the_old_version() {
    let old = |fault| fs::read(faulty(1, fault)).unwrap();
    let new = |fault| fs::read(faulty(2, fault)).unwrap();
    let cases: [(&str, Vec<u8>, Vec<u8>, fn(&ReloadError) -> bool, u64); 8] = [
        ("stateless", bytes(1), new(Fault::Stateless), |e| matches!(e, ReloadError::Stateless), 2),
        (
            "restore fails",
            bytes(1),
            new(Fault::RestoreFails),
            |e| matches!(e, ReloadError::Restore(StateError::Failed(_))),
            2,
        ),
        (
            "restore traps",
            bytes(1),
            new(Fault::RestoreTraps),
            |e| matches!(e, ReloadError::Restore(StateError::Lost(CallError::Trapped { .. }))),
            2,
        ),
        (
            "snapshot fails",
            old(Fault::SnapshotFails),
            bytes(2),
            |e| matches!(e, ReloadError::Snapshot(StateError::Failed(_))),
            2,
        ),
        (
            "snapshot is large",
            old(Fault::SnapshotLarge),
            bytes(2),
            |e| matches!(e, ReloadError::Snapshot(StateError::TooLarge { .. })),
            2,
        ),
        // The old version has lost its instance by it, as by any call that ends so.
        (
            "snapshot traps",
            old(Fault::SnapshotTraps),
            bytes(2),
            |e| matches!(e, ReloadError::Snapshot(StateError::Lost(CallError::Trapped { .. }))),
            1,
        ),
        (
            "snapshot never ends",
            old(Fault::SnapshotSpins),
            bytes(2),
            |e| matches!(e, ReloadError::Snapshot(StateError::Lost(CallError::DeadlineExceeded { .. }))),
            1,
        ),
        ("the same", bytes(1), bytes(2), |_| false, 0),
    ];
    for (name, old, new, is_it, calls) in cases {
        let file = Installed::new(old);
        let limits = hookr::Limits::default().deadline(Duration::from_millis(500));
        let plugin = with_state().limits(limits).open(file.path()).unwrap();
        assert_eq!(count(&plugin), (1, 1), "{name}");
        file.install(new);
        if calls == 0 {
            reloaded(&plugin.reloader());
            continue;
        }
        let error = refused(&plugin.reloader());
        assert!(is_it(&error), "{name}: {error:?}");
        assert_eq!(count(&plugin), (1, calls), "{name}");
        assert_eq!(plugin.reloader().version().generation, 1, "{name}");
        assert_eq!(plugin.health().lost, 2 - calls, "{name}: what the candidate loses is not the plugin's");
    }
}

#[test]
fn the_state_is_taken_between_two_calls_of_a_lane() {
    let file = Installed::new(bytes(1));
    let plugin = with_state().open(file.path()).unwrap();
    let reloader = plugin.reloader();
    let (stop, counted) = (AtomicBool::new(false), AtomicU32::new(0));
    thread::scope(|scope| {
        // It keeps the instance for as long as it runs, and never calls otherwise.
        let looping = scope.spawn(|| {
            let mut lane = plugin.lane().unwrap();
            let mut last = (1, 0);
            while !stop.load(Ordering::Relaxed) {
                let answer = lane.count_owned(&Empty {}).unwrap();
                assert_eq!(answer.calls, last.1 + 1, "no call is lost, and none is counted twice");
                last = (answer.version, answer.calls);
                counted.fetch_add(1, Ordering::Relaxed);
            }
            last
        });
        while counted.load(Ordering::Relaxed) < 10 {
            thread::yield_now();
        }
        for number in [2, 3, 1, 2, 3] {
            file.install(bytes(number));
            reloaded(&reloader);
        }
        let seen = counted.load(Ordering::Relaxed);
        while counted.load(Ordering::Relaxed) < seen + 10 {
            thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
        assert_eq!(looping.join().unwrap().0, 3);
    });
}

#[test]
fn a_state_of_many_instances_is_none() {
    for instances in [hookr::Instances::pool(2), hookr::Instances::fresh(1)] {
        let file = Installed::new(bytes(1));
        let opened = with_state().instances(instances).open(file.path());
        assert!(matches!(opened, Err(OpenError::StateOfMany)));
    }
}

#[test]
fn an_instance_that_is_lost_has_no_state_to_hand_over() {
    let file = Installed::new(bytes(1));
    let plugin = with_state().open(file.path()).unwrap();
    count(&plugin);
    plugin.panic(&PanicRequest { message: String::new() }).unwrap_err();
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    assert_eq!(count(&plugin), (2, 1));
}
