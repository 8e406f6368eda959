//! The state of one version, handed over to the next.

use super::*;

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
    /// What it is about, the version in service, the next one, the error, and what is counted afterwards.
    type Case = (&'static str, Vec<u8>, Vec<u8>, fn(&ReloadError) -> bool, u64);
    let old = |fault| fs::read(faulty(1, fault)).unwrap();
    let new = |fault| fs::read(faulty(2, fault)).unwrap();
    let cases: [Case; 8] = [
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

/// A guard whose wait fails has nothing: it does not go on with an instance of its own.
#[test]
fn a_guard_that_waits_in_vain_does_not_get_another_instance() {
    let file = Installed::new(fs::read(faulty(1, Fault::SnapshotSpins)).unwrap());
    let limits = hookr::Limits::default().deadline(Duration::from_millis(600));
    let plugin = with_state().limits(limits).open(file.path()).unwrap();
    let hasty = plugin.with(&hookr::CallOptions::default().deadline(Duration::from_millis(50)));
    let (holds, has_it) = mpsc::channel();
    let guard = thread::spawn(move || {
        let mut lane = hasty.lane().unwrap();
        lane.count_owned(&Empty {}).unwrap();
        holds.send(()).unwrap();
        // Until the snapshot has the instance, and then until it is lost and there is a fresh one.
        while lane.count_owned(&Empty {}).is_ok() {}
        while lane.count_owned(&Empty {}).is_err() {}
    });
    has_it.recv_timeout(LONG).unwrap();
    file.install(bytes(2));
    let error = refused(&plugin.reloader());
    assert!(matches!(&*error, ReloadError::Snapshot(StateError::Lost(_))), "{error:?}");
    guard.join().unwrap();
    let health = plugin.health();
    assert_eq!((health.lost, health.started), (1, 2), "{health:?}");
}

/// Waiting for the instance is no call, and takes as long as the drain.
#[test]
fn the_wait_for_the_instance_does_not_count_for_the_snapshot() {
    let file = Installed::new(bytes(1));
    let (entered, is_entered) = mpsc::channel();
    let builder = versions_builder_with(move |_, request| {
        entered.send(()).unwrap();
        thread::sleep(Duration::from_millis(300));
        Ok(Answer { text: request.question })
    });
    let limits = hookr::Limits::default().deadline(Duration::from_millis(200));
    let reload = Reload::manual().drain(LONG).state(StateLimits::default());
    let plugin = builder.limits(limits).reload(reload).open(file.path()).unwrap();
    assert_eq!(count(&plugin), (1, 1));
    let patient = plugin.with(&hookr::CallOptions::default().deadline(None));
    let call = thread::spawn(move || patient.ask(&AskRequest { question: "?".to_owned() }));
    is_entered.recv_timeout(LONG).unwrap();
    file.install(bytes(2));
    reloaded(&plugin.reloader());
    call.join().unwrap().unwrap();
    assert_eq!(count(&plugin), (2, 2));
}
