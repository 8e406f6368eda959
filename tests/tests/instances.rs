//! Several instances of a plugin, and who waits for one.

use std::fs;
use std::sync::mpsc;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use hookr::cache::Origin;
use hookr::supervise::{OnLoss, State, Supervision};
use hookr::{CallError, CallOptions, CancelToken, Instances};
use hookr_tests::versions::{Fault, faulty, version, versions_builder, versions_builder_with};
use versions::{Answer, AskRequest, Empty, PanicRequest, PluginHandle};

/// Nothing here takes as long, however busy the machine is.
const LONG: Duration = Duration::from_secs(60);

fn question() -> AskRequest {
    AskRequest { question: "?".to_owned() }
}

/// A plugin whose `Ask` is held up in its callback, and what lets one such call go.
struct Held {
    plugin: PluginHandle,
    entered: mpsc::Receiver<()>,
    let_go: mpsc::Sender<()>,
}

impl Held {
    fn new(instances: impl Into<Instances>) -> Self {
        let (enter, entered) = mpsc::channel();
        let (let_go, may_go) = mpsc::channel::<()>();
        let may_go = Mutex::new(may_go);
        let builder = versions_builder_with(move |_, request| {
            enter.send(()).unwrap();
            may_go.lock().unwrap().recv_timeout(LONG).unwrap();
            Ok(Answer { text: request.question })
        });
        let plugin = builder.instances(instances).open(version(1)).unwrap();
        Held { plugin: plugin.with(&CallOptions::default().deadline(LONG)), entered, let_go }
    }

    /// A call that is in its callback.
    fn call(&self) -> thread::JoinHandle<Result<versions::AskResponse, CallError>> {
        let plugin = self.plugin.clone();
        let call = thread::spawn(move || plugin.ask(&question()));
        self.entered.recv_timeout(LONG).unwrap();
        call
    }
}

#[test]
fn as_many_calls_run_at_a_time_as_there_are_instances() {
    // Nobody leaves the callback before all three are in there.
    let barrier = Arc::new(Barrier::new(3));
    let builder = versions_builder_with(move |_, request| {
        barrier.wait();
        Ok(Answer { text: request.question })
    });
    let plugin = builder.instances(3).open(version(1)).unwrap();
    let calls: Vec<_> =
        (0..3).map(|_| plugin.clone()).map(|plugin| thread::spawn(move || plugin.ask(&question()))).collect();
    for call in calls {
        call.join().unwrap().unwrap();
    }
    let health = plugin.health();
    assert_eq!((health.calls, health.started, health.lost), (3, 3, 0));
}

#[test]
fn instances_have_a_state_each() {
    let plugin = versions_builder().instances(2).open(version(1)).unwrap();
    // The lane holds one of the two.
    let mut lane = plugin.lane().unwrap();
    assert_eq!(lane.count_owned(&Empty {}).unwrap().calls, 1);
    let other = plugin.clone();
    let counted = thread::spawn(move || (0..3).map(|_| other.count(&Empty {}).unwrap().calls).collect::<Vec<_>>());
    assert_eq!(counted.join().unwrap(), [1, 2, 3]);
    assert!(matches!(plugin.count(&Empty {}), Err(CallError::Reentrant { .. })), "a thread cannot have two");
}

#[test]
fn a_fresh_instance_for_each_call_has_seen_nothing() {
    let plugin = versions_builder().instances(Instances::fresh(2)).open(version(1)).unwrap();
    for _ in 0..5 {
        assert_eq!(plugin.count(&Empty {}).unwrap().calls, 1);
    }
    let mut lane = plugin.lane().unwrap();
    assert_eq!(lane.count_owned(&Empty {}).unwrap().calls, 1);
    assert_eq!(lane.count_owned(&Empty {}).unwrap().calls, 2, "a guard is one use");
    drop(lane);
    let health = plugin.health();
    assert_eq!((health.started, health.lost), (6, 0), "the first was there from the start");
}

#[test]
fn a_full_queue_refuses_and_the_calls_in_it_are_served() {
    let held = Held::new(Instances::one().queue(1));
    let first = held.call();
    let plugin = held.plugin.clone();
    // Either of the two may be the one that waits.
    let waiting = thread::spawn(move || {
        loop {
            match plugin.count(&Empty {}) {
                Err(CallError::Busy { .. }) => {}
                answer => return answer,
            }
        }
    });
    let impatient = held.plugin.with(&CallOptions::default().deadline(Duration::from_millis(5)));
    let error = loop {
        match impatient.count(&Empty {}) {
            Err(error @ CallError::Busy { .. }) => break error,
            Err(CallError::DeadlineExceeded { crash: None, .. }) => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(error, CallError::Busy { waited: None, limit: 1, .. }), "{error:?}");
    assert_eq!(error.code(), hookr::Code::ResourceExhausted);
    assert!(!error.lost_instance());
    held.let_go.send(()).unwrap();
    first.join().unwrap().unwrap();
    assert_eq!(waiting.join().unwrap().unwrap().calls, 1);
}

#[test]
fn a_call_waits_no_longer_than_it_may() {
    let held = Held::new(Instances::one().wait(Duration::from_millis(10)));
    let first = held.call();
    let error = held.plugin.count(&Empty {}).unwrap_err();
    assert!(
        matches!(error, CallError::Busy { waited: Some(time), .. } if time >= Duration::from_millis(10)),
        "{error:?}"
    );
    let late = held.plugin.with(&CallOptions::default().deadline(Duration::from_millis(5)));
    assert!(matches!(late.count(&Empty {}), Err(CallError::DeadlineExceeded { crash: None, .. })));
    let token = CancelToken::new();
    token.cancel();
    let cancelled = held.plugin.with(&CallOptions::default().cancel(&token));
    assert!(matches!(cancelled.count(&Empty {}), Err(CallError::Cancelled { crash: None, .. })));
    held.let_go.send(()).unwrap();
    first.join().unwrap().unwrap();
    assert_eq!(held.plugin.count(&Empty {}).unwrap().calls, 1);
}

#[test]
fn warm_instances_are_there_before_the_first_call() {
    for (instances, started) in [
        (Instances::one(), 1),
        (Instances::pool(4), 1),
        (Instances::pool(4).warm(3), 3),
        (Instances::pool(4).warm(100), 4),
        (Instances::pool(0).warm(0), 1),
    ] {
        let plugin = versions_builder().instances(instances).open(version(1)).unwrap();
        assert_eq!(plugin.health().started, started, "{instances:?}");
        plugin.count(&Empty {}).unwrap();
        assert_eq!(plugin.health().started, started, "{instances:?}");
    }
}

#[test]
fn an_instance_that_is_lost_is_replaced_and_the_others_go_on() {
    let plugin = versions_builder().instances(Instances::pool(2).warm(2)).open(version(1)).unwrap();
    let mut lane = plugin.lane().unwrap();
    assert_eq!(lane.count_owned(&Empty {}).unwrap().calls, 1);
    let other = plugin.clone();
    thread::spawn(move || {
        other.panic(&PanicRequest { message: String::new() }).unwrap_err();
        assert_eq!(other.count(&Empty {}).unwrap().calls, 1, "a fresh one");
    })
    .join()
    .unwrap();
    assert_eq!(lane.count_owned(&Empty {}).unwrap().calls, 2, "this one was not affected");
    let health = plugin.health();
    assert_eq!((health.lost, health.started), (1, 3));
}

#[test]
fn a_plugin_that_fails_fast_stops_with_all_its_instances() {
    let supervision = Supervision::default().on_loss(OnLoss::FailFast);
    let instances = Instances::pool(3).warm(3);
    let plugin = versions_builder().instances(instances).supervision(supervision).open(version(1)).unwrap();
    plugin.panic(&PanicRequest { message: String::new() }).unwrap_err();
    for _ in 0..3 {
        assert!(matches!(plugin.count(&Empty {}), Err(CallError::Unavailable { retry_in: None, .. })));
    }
    assert_eq!(plugin.health().state, State::Stopped);
    plugin.revive().unwrap();
    assert_eq!(plugin.count(&Empty {}).unwrap().calls, 1);
}

#[test]
fn all_instances_go_over_to_the_version_that_is_known_to_work() {
    let good = hookr::Artifact::read(version(2)).unwrap();
    let supervision = Supervision::default().on_loss(OnLoss::LastGood).grace(0);
    let builder = versions_builder().instances(Instances::pool(2).warm(2)).supervision(supervision).last_good(&good);
    let plugin = builder.open(faulty(1, Fault::Broken)).unwrap();
    plugin.get_version(&Empty {}).unwrap_err();
    let answered: Vec<_> = (0..4).map(|_| plugin.get_version(&Empty {}).map(|answer| answer.version)).collect();
    // The other instance of the broken version may be tried before a fresh one is needed.
    let worked: Vec<_> = answered.into_iter().filter_map(Result::ok).collect();
    assert!(worked.len() >= 3 && worked.iter().all(|version| *version == 2), "{worked:?}");
    assert!(plugin.health().on_last_good);
    plugin.revive().unwrap();
    assert_eq!(plugin.count(&Empty {}).unwrap().version, 1);
}

#[test]
fn waiting_callers_are_all_served() {
    let plugin = versions_builder().instances(2).open(version(1)).unwrap();
    let threads: Vec<_> = (0..8)
        .map(|_| plugin.clone())
        .map(|plugin| {
            thread::spawn(move || {
                for _ in 0..200 {
                    plugin.count(&Empty {}).unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let health = plugin.health();
    assert_eq!((health.calls, health.lost), (1600, 0));
    assert!(health.started <= 2);
}

#[test]
fn plugins_of_one_file_share_its_code() {
    let bytes = fs::read(version(3)).unwrap();
    let first = versions_builder().open_bytes(bytes.clone()).unwrap();
    let second = versions_builder().name("second").open(version(3)).unwrap();
    assert_eq!(second.metadata().code().origin(), Origin::Shared);
    assert_eq!(second.metadata().name(), "second");
    assert_eq!(first.count(&Empty {}).unwrap().calls, 1);
    assert_eq!(second.count(&Empty {}).unwrap().calls, 1, "and nothing else");
}
