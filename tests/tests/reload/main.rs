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

mod paths;
mod state;
mod watching;

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
    let (of_hook, of_verifier) = (reloader.clone(), reloader.clone());
    let (hook_times, verifier_times) = (times.clone(), times.clone());
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
        });
    let plugin = builder.open(file.path()).unwrap();
    *reloader.lock().unwrap() = Some(plugin.reloader());
    times.store(0, Ordering::SeqCst);
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    assert_eq!(times.load(Ordering::SeqCst), 2);
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
    // It is inside of the call as soon as one is.
    while plugin.stats().busy == 0 {
        thread::yield_now();
    }
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
fn a_listener_may_ask_for_the_next() {
    let file = Installed::new(bytes(1));
    let reloader: Arc<Mutex<Option<Reloader>>> = Arc::default();
    let of_listener = reloader.clone();
    let builder = manual().on_event(move |event| {
        if let Happening::Reload { news: News::Reloaded { event, .. } } = event.what
            && event.to.generation == 2
        {
            let reloader = of_listener.lock().unwrap().clone();
            reloader.unwrap().rollback().unwrap();
        }
    });
    let plugin = builder.open(file.path()).unwrap();
    *reloader.lock().unwrap() = Some(plugin.reloader());
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    assert_eq!((which(&plugin), plugin.reloader().version().generation), (1, 3));
    reloader.lock().unwrap().take();
}

#[test]
fn a_plugin_of_another_contract_takes_nobodys_place() {
    use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
    struct None;
    impl Callbacks for None {
        fn call(&self, _: &hookr::CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, hookr::Error> {
            Err(hookr::Error::unimplemented("nothing is answered"))
        }
    }
    let file = Installed::new(bytes(1));
    let builder = DynamicPlugin::builder(None).allow_unsigned().reload(Reload::manual());
    let plugin = builder.open(file.path()).unwrap();
    file.install(plugin_bytes("tickloop"));
    let error = refused(&plugin.reloader());
    assert!(matches!(&*error, ReloadError::Open(OpenError::ContractMismatch { .. })), "{error:?}");
    file.install(bytes(2));
    reloaded(&plugin.reloader());
}

#[test]
fn a_call_of_the_old_version_that_panics_does_not_stop_the_new_one() {
    let file = Installed::new(bytes(1));
    let (entered, is_entered) = mpsc::channel();
    let (let_go, may_go) = mpsc::channel::<()>();
    let may_go = Mutex::new(may_go);
    let builder = versions_builder_with(move |_, _| {
        entered.send(()).unwrap();
        may_go.lock().unwrap().recv_timeout(LONG).unwrap();
        panic!("in a callback of the old version")
    });
    let builder = builder.supervision(Supervision::default().on_loss(OnLoss::FailFast));
    let plugin = builder.reload(Reload::manual().drain(LONG)).open(file.path()).unwrap();
    let of_thread = plugin.with(&hookr::CallOptions::default().deadline(None));
    let call = thread::spawn(move || of_thread.ask(&AskRequest { question: "?".to_owned() }));
    is_entered.recv_timeout(LONG).unwrap();
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    let_go.send(()).unwrap();
    call.join().unwrap_err();
    assert_eq!((which(&plugin), plugin.health().state, plugin.health().panicked), (2, State::Ready, 1));
}

#[test]
fn a_verifier_that_panics_is_told_as_a_failure() {
    let file = Installed::new(bytes(1));
    let panics = Arc::new(AtomicBool::new(false));
    let of_verifier = panics.clone();
    let builder = watching().verifier(move |_: &hookr::trust::Candidate<'_>| -> Result<(), Source> {
        assert!(!of_verifier.load(Ordering::SeqCst), "the verifier panics");
        Ok(())
    });
    let plugin = builder.open(file.path()).unwrap();
    let mut events = plugin.reloader().events();
    panics.store(true, Ordering::SeqCst);
    file.install(bytes(2));
    assert!(news(&mut events, failure).contains("the verifier panics"));
    panics.store(false, Ordering::SeqCst);
    reloaded(&plugin.reloader());
}

#[test]
fn what_is_not_trusted_any_more_is_told_and_goes_on() {
    use hookr::trust::{SecretKey, TrustStore};
    let key = SecretKey::generate().unwrap();
    let signed = key.sign(&bytes(1)).unwrap();
    let file = Installed::new(&signed);
    let list = file.folder().join("revoked.txt");
    fs::write(&list, "").unwrap();
    let builder = PluginHandle::builder(versions::Callbacks { oracle: Arc::new(NoOracle) });
    let builder = builder.trust(TrustStore::new().key(key.public_key())).revocations(&list);
    let plugin = builder.reload(Reload::manual()).open(file.path()).unwrap();
    fs::write(&list, format!("plugin {}\n", Digest::of(&signed))).unwrap();
    let error = refused(&plugin.reloader());
    assert!(matches!(&*error, ReloadError::Open(OpenError::Revoked { .. })), "{error:?}");
    assert_eq!(which(&plugin), 1);
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
