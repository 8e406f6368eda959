//! What plugins have done, as numbers.

use std::fs;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
use hookr::reload::Reload;
use hookr::{CallWay, CallbackContext, Error, Instances, Limits, StateLimits, Stats};
use hookr_tests::installed::Installed;
use hookr_tests::plugin;
use hookr_tests::versions::{version, versions_builder, versions_builder_with};
use versions::{Answer, AskRequest, Empty, PanicRequest, PluginHandle, SpinRequest};

/// Nothing here takes as long, however busy the machine is.
const LONG: Duration = Duration::from_secs(60);

fn question() -> AskRequest {
    AskRequest { question: "?".to_owned() }
}

/// Calls and failures of a method.
#[track_caller]
fn of(stats: &Stats, method: &str) -> (u64, u64) {
    let found = stats.methods.iter().find(|found| found.method == method);
    found.map(|found| (found.calls, found.failed)).expect("the contract has the method")
}

#[test]
fn calls_count_by_what_became_of_them_whichever_way_they_take() {
    for way in [CallWay::Component, CallWay::Lane] {
        let limits = Limits::default().request(1 << 10);
        let plugin = versions_builder().typed_calls(way).limits(limits).open(version(1)).unwrap();
        let before = plugin.stats();
        assert_eq!((before.generation, before.idle, before.busy, before.health.calls), (1, 1, 0, 0));
        assert_eq!(before.timings, None);
        for _ in 0..3 {
            plugin.count(&Empty {}).unwrap();
        }
        plugin.ask(&question()).unwrap_err();
        // The host refuses it.
        plugin.ask(&AskRequest { question: "?".repeat(1 << 11) }).unwrap_err();
        plugin.panic(&PanicRequest::default()).unwrap_err();
        let stats = plugin.stats();
        assert_eq!((stats.health.calls, stats.failed, stats.health.trapped), (5, 1, 1), "{stats:?}");
        assert_eq!(of(&stats, "Plugin:Count"), (3, 0));
        assert_eq!(of(&stats, "Plugin:Ask"), (1, 1));
        assert_eq!(of(&stats, "Plugin:Panic"), (1, 0), "what is lost has not answered");
        assert_eq!(stats.methods.iter().map(|method| method.calls).sum::<u64>(), stats.health.calls);
        assert_eq!(stats.health, plugin.health());
        assert_eq!((stats.idle, stats.memory), (0, 0), "the instance is lost");
        plugin.count(&Empty {}).unwrap();
        let stats = plugin.stats();
        assert_eq!((stats.idle, of(&stats, "Plugin:Count")), (1, (4, 0)));
        // A page at least.
        assert!(stats.memory >= 1 << 16, "{stats:?}");
    }
}

#[test]
fn a_batch_is_a_call_and_has_failed_if_one_answer_is_an_error() {
    let plugin = versions_builder().open(version(1)).unwrap();
    let mut lane = plugin.lane().unwrap();
    let mut failed = 0;
    lane.ask_batch(
        3,
        |_, builder| {
            let question = builder.create_string("?");
            versions::fb::AskRequest::create(builder, &versions::fb::AskRequestArgs { question: Some(question) })
        },
        |_, answer| failed += usize::from(answer.is_err()),
    )
    .unwrap();
    assert_eq!(failed, 3);
    drop(lane);
    let stats = plugin.stats();
    assert_eq!((stats.health.calls, stats.failed, of(&stats, "Plugin:Ask")), (1, 1, (1, 1)));
}

#[test]
fn a_pool_says_who_is_busy_and_who_waits() {
    let (enter, entered) = mpsc::channel();
    let (let_go, may_go) = mpsc::channel::<()>();
    let may_go = std::sync::Mutex::new(may_go);
    let builder = versions_builder_with(move |_, request| {
        enter.send(()).unwrap();
        may_go.lock().unwrap().recv_timeout(LONG).unwrap();
        Ok(Answer { text: request.question })
    });
    let builder = builder.instances(Instances::pool(2).warm(2)).limits(Limits::default().deadline(LONG));
    let plugin = builder.open(version(1)).unwrap();
    let stats = plugin.stats();
    assert_eq!((stats.idle, stats.busy, stats.waiting, stats.health.started), (2, 0, 0, 2));
    let ask = |plugin: &PluginHandle| {
        let plugin = plugin.clone();
        thread::spawn(move || plugin.ask(&question()))
    };
    let calls = [ask(&plugin), ask(&plugin)];
    for _ in &calls {
        entered.recv_timeout(LONG).unwrap();
    }
    let waiting = ask(&plugin);
    let stats = loop {
        let stats = plugin.stats();
        if stats.waiting > 0 {
            break stats;
        }
        thread::yield_now();
    };
    assert_eq!((stats.idle, stats.busy, stats.waiting, stats.waits), (0, 2, 1, 0));
    for _ in 0..3 {
        let_go.send(()).unwrap();
    }
    for call in calls.into_iter().chain([waiting]) {
        call.join().unwrap().unwrap();
    }
    let stats = plugin.stats();
    assert_eq!((stats.idle, stats.busy, stats.waiting, stats.waits), (2, 0, 0, 1));
    assert!(stats.waited > Duration::ZERO);
    assert_eq!(of(&stats, "Plugin:Ask"), (3, 0));
}

#[test]
fn numbers_go_on_over_a_reload() {
    let file = Installed::new(fs::read(version(1)).unwrap());
    let plugin = versions_builder().reload(Reload::manual()).open(file.path()).unwrap();
    let reloader = plugin.reloader();
    plugin.count(&Empty {}).unwrap();
    file.install(fs::read(version(2)).unwrap());
    reloader.reload().unwrap();
    plugin.count(&Empty {}).unwrap();
    file.install(fs::read(hookr_tests::plugin("chaos")).unwrap());
    reloader.reload().unwrap_err();
    let stats = plugin.stats();
    assert_eq!((stats.generation, stats.reloads, stats.failed_reloads), (2, 1, 1));
    assert_eq!((stats.health.calls, of(&stats, "Plugin:Count")), (2, (2, 0)));
    assert_eq!((stats.idle, stats.draining), (1, 0));
}

#[test]
fn fresh_instances_leave_their_numbers_behind() {
    let plugin = versions_builder().instances(Instances::fresh(1)).open(version(1)).unwrap();
    for _ in 0..4 {
        plugin.count(&Empty {}).unwrap();
    }
    let stats = plugin.stats();
    assert_eq!((stats.health.calls, of(&stats, "Plugin:Count"), stats.memory), (4, (4, 0), 0));
}

#[test]
fn timings_are_there_if_they_were_asked_for() {
    let plugin = versions_builder().timings(true).open(version(1)).unwrap();
    for turns in [1, 1, 1_000_000] {
        plugin.spin(&SpinRequest { turns }).unwrap();
    }
    plugin.lane().unwrap().count_owned(&Empty {}).unwrap();
    let timings = plugin.stats().timings.unwrap();
    assert_eq!(timings.calls, 4);
    assert!(timings.p50 <= timings.p99 && timings.p99 <= timings.max && timings.max <= timings.total, "{timings:?}");
    assert!(timings.p50 > Duration::ZERO);
    // What the host refuses is timed, and does not count as a call.
    let _lane = plugin.lane().unwrap();
    plugin.count(&Empty {}).unwrap_err();
    let stats = plugin.stats();
    assert_eq!((stats.timings.unwrap().calls, stats.health.calls, stats.busy), (5, 4, 1));
}

#[test]
fn plugins_that_are_called_by_name_count_by_the_names_of_their_contract() {
    let plugin = DynamicPlugin::builder(Closed).allow_unsigned().open(plugin("chaos")).unwrap();
    // WIT has no record without a field.
    let empty = Value::Record(vec![("reserved".to_owned(), Value::Bool(false))]);
    plugin.call("Count", empty).unwrap();
    plugin.snapshot(&StateLimits::default()).unwrap_err();
    let stats = plugin.stats();
    assert_eq!(of(&stats, "Plugin:Count"), (1, 0));
    assert_eq!(of(&stats, "Plugin:Fail"), (0, 0));
}

struct Closed;

impl Callbacks for Closed {
    fn call(&self, _: &CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, Error> {
        Err(Error::unavailable("closed"))
    }
}
