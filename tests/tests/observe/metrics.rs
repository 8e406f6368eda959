//! Metrics of the crate `metrics`.

use std::collections::BTreeMap;
use std::fs;

use hookr::CallWay;
use hookr::reload::Reload;
use hookr_tests::installed::Installed;
use hookr_tests::versions::{version, versions_builder};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use versions::{AskRequest, Empty, PanicRequest};

/// What was recorded: counters and gauges as they are, histograms by how many values they have.
fn recorded(snapshotter: &Snapshotter) -> BTreeMap<String, f64> {
    let text = |key: &metrics_util::CompositeKey| {
        let labels: Vec<_> = key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        format!("{}{{{}}}", key.key().name(), labels.join(","))
    };
    let snapshot = snapshotter.snapshot().into_vec();
    let values = snapshot.iter().map(|(key, _, _, value)| {
        let number = match value {
            DebugValue::Counter(count) => *count as f64,
            DebugValue::Gauge(number) => **number,
            DebugValue::Histogram(values) => values.len() as f64,
        };
        (text(key), number)
    });
    values.filter(|(_, number)| *number != 0.0).collect()
}

#[test]
fn what_becomes_of_calls_and_instances_is_counted_by_plugin_and_method() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        let file = Installed::new(fs::read(version(1)).unwrap());
        let builder = versions_builder().name("p").typed_calls(CallWay::Component);
        let plugin = builder.reload(Reload::manual()).open(file.path()).unwrap();
        plugin.count(&Empty {}).unwrap();
        plugin.lane().unwrap().count_owned(&Empty {}).unwrap();
        plugin.ask(&AskRequest { question: "?".to_owned() }).unwrap_err();
        plugin.panic(&PanicRequest::default()).unwrap_err();
        plugin.count(&Empty {}).unwrap();
        file.install(fs::read(version(2)).unwrap());
        plugin.reloader().reload().unwrap();
        file.install(b"no component");
        plugin.reloader().reload().unwrap_err();
        let expected = [
            ("hookr_call_seconds{plugin=p,method=Plugin:Ask,way=component}", 1.0),
            ("hookr_call_seconds{plugin=p,method=Plugin:Count,way=component}", 2.0),
            ("hookr_call_seconds{plugin=p,method=Plugin:Count,way=lane}", 1.0),
            ("hookr_call_seconds{plugin=p,method=Plugin:Panic,way=component}", 1.0),
            ("hookr_calls_total{plugin=p,method=Plugin:Ask,way=component,outcome=failed}", 1.0),
            ("hookr_calls_total{plugin=p,method=Plugin:Count,way=component,outcome=ok}", 2.0),
            ("hookr_calls_total{plugin=p,method=Plugin:Count,way=lane,outcome=ok}", 1.0),
            ("hookr_calls_total{plugin=p,method=Plugin:Panic,way=component,outcome=trapped}", 1.0),
            ("hookr_instances_lost_total{plugin=p,reason=trapped}", 1.0),
            ("hookr_instances{plugin=p}", 1.0),
            ("hookr_reloads_total{plugin=p,outcome=not_wasm}", 1.0),
            ("hookr_reloads_total{plugin=p,outcome=ok}", 1.0),
        ];
        let recorded = recorded(&snapshotter);
        let recorded: Vec<_> = recorded.iter().map(|(name, number)| (name.as_str(), *number)).collect();
        assert_eq!(recorded, expected);
        drop(plugin);
        // A snapshot begins anew with 0: there is one less.
        let left = self::recorded(&snapshotter);
        assert_eq!(left.get("hookr_instances{plugin=p}"), Some(&-1.0), "{left:?}");
    });
}

#[test]
fn every_name_that_is_documented_is_recorded() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        let plugin = versions_builder().reload(Reload::manual()).open(version(1)).unwrap();
        plugin.count(&Empty {}).unwrap();
        plugin.reloader().rollback().unwrap_err();
    });
    let mut names: Vec<String> =
        snapshotter.snapshot().into_vec().iter().map(|(key, ..)| key.key().name().to_owned()).collect();
    names.sort();
    names.dedup();
    let source = fs::read_to_string(hookr_tests::root().join("host/src/observe.rs")).unwrap();
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | `hookr_"));
    let mut documented: Vec<String> =
        rows.filter_map(|row| row.split_once('`')).map(|(name, _)| format!("hookr_{name}")).collect();
    documented.sort();
    assert_eq!(names, documented);
}
