//! `hookr bench`. How long calls take is not tested, only what is said of them.

use serde_json::Value;

use crate::plugin::{self, SCHEMA, folder};
use crate::support::{Folder, Run};

const BENCH: &str = "bench --plugin calc.wasm --allow-unsigned --warm-up 0s --iterations 60";

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

fn with_fixture() -> Folder {
    let folder = folder();
    folder.write("fixture.json", r#"{"Rng.Int": {"response": {"n": 4}}}"#);
    folder.write("three.json", r#"{"n": 3}"#);
    folder
}

#[test]
fn as_many_calls_are_measured_as_are_asked_for() {
    let folder = with_fixture();
    let line = format!("{BENCH} --method Add --input three.json --host-fixture fixture.json");
    let run = folder.hookr(&format!("{line} --json")).exits(0);
    assert_eq!(run.stderr, "", "progress is for terminals");
    let report = json(&run);
    assert_eq!((&report["method"], &report["interrupted"]), (&"Plugin.Add".into(), &false.into()));
    assert_eq!(report["settings"]["iterations"], 60);
    assert_eq!(report["environment"]["wasmtime"], hookr::WASMTIME_VERSION);
    let sha256 = hookr::Digest::of(&folder.read("calc.wasm")).to_string();
    assert_eq!(report["plugins"][0]["sha256"], sha256);
    let [result] = report["results"].as_array().unwrap().as_slice() else { panic!("{report:#}") };
    assert_eq!((&result["calls"], &result["way"], &result["plugin"]), (&60.into(), &"typed".into(), &"new".into()));
    let buckets = result["histogram"].as_array().unwrap();
    assert_eq!(buckets.iter().map(|bucket| bucket["calls"].as_u64().unwrap()).sum::<u64>(), 60);
    let order = ["min", "p50", "p90", "p99", "p99_9"].map(|name| result["latency_ns"][name].as_f64().unwrap());
    assert!(order.windows(2).all(|pair| pair[0] <= pair[1] * 1.001), "{result:#}");
    assert!(result["host_allocations"]["count_per_call"].as_f64().unwrap() > 0.0, "values are made: {result:#}");
    assert_eq!((&result["instructions"], &report["comparisons"]), (&Value::Null, &Value::Array(Vec::new())));

    let text = folder.hookr(&line).exits(0).stdout;
    for part in ["Plugin.Add", &sha256, "throughput", "p99.9", "allocations of the host", "known at run time only"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn the_same_call_takes_the_same_instructions() {
    let folder = with_fixture();
    let line = format!("{BENCH} --method Extra --fuel 1000000 --json");
    let instructions = || json(&folder.hookr(&line).exits(0))["results"][0]["instructions"].clone();
    let first = instructions();
    assert_eq!(first["min"], first["max"], "{first}");
    assert!(first["min"].as_u64().unwrap() > 0, "{first}");
    assert_eq!(instructions(), first);
}

#[test]
fn two_plugins_are_compared() {
    let folder = with_fixture();
    folder.write("old.wasm", plugin::plugin());
    let line = format!("{BENCH} --method Extra --compare old.wasm");
    let report = json(&folder.hookr(&format!("{line} --json")).exits(0));
    assert_eq!(report["results"].as_array().unwrap().len(), 2);
    assert_eq!(report["responses_differ"], false);
    let found = &report["comparisons"][0];
    assert_eq!((&found["way"], &found["tolerance_percent"]), (&"typed".into(), &2.0.into()));
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{found:#}"));
    let (change, noise) = (number(&found["change_percent"]), number(&found["noise_percent"]));
    let (low, high) = (number(&found["interval_percent"][0]), number(&found["interval_percent"][1]));
    assert!(low <= change && change <= high && noise >= 0.0, "{found:#}");
    match found["verdict"].as_str().unwrap() {
        "slower" => assert!(low > 0.0 && change > 2.0, "{found:#}"),
        "faster" => assert!(high < 0.0 && change < -1.9, "{found:#}"),
        "no_difference" => assert!(low > -2.0 && high < 2.0, "{found:#}"),
        "too_noisy" => assert!(low < -1.9 || high > 2.0 || noise > change.abs(), "{found:#}"),
        other => panic!("{other}"),
    }
    let text = folder.hookr(&line).exits(0).stdout;
    assert!(text.contains("old typed") && text.contains("new typed") && text.contains("\ntyped: "), "{text}");
}

#[test]
fn plugins_of_two_contracts_are_not_compared() {
    let folder = folder();
    let other = SCHEMA.replace("reason: string;", "reason: string;\n  more: int;");
    folder.write("other.wasm", plugin::with_section(plugin::component(), &plugin::section(&other)));
    let run = folder.hookr(&format!("{BENCH} --method Extra --compare other.wasm")).exits(4).prints_nothing();
    run.says(&["Num.more", "only plugins of one contract are compared"]);
}

#[test]
fn both_plugins_need_a_trust_decision() {
    let folder = folder();
    folder.write("old.wasm", plugin::with_section(plugin::plugin(), &plugin::section(SCHEMA)));
    folder.write("same.wasm", plugin::plugin());
    let own = hookr::Digest::of(&folder.read("calc.wasm")).to_string();
    let line = "bench --plugin calc.wasm --method Extra --warm-up 0s --iterations 2";
    folder.hookr(line).exits(3).prints_nothing().says(&[&own]);
    folder.hookr(&format!("{line} --hash {own} --compare same.wasm")).exits(0);
    let old = hookr::Digest::of(&folder.read("old.wasm")).to_string();
    folder.hookr(&format!("{line} --hash {own} --compare old.wasm")).exits(3).prints_nothing().says(&[&old]);
}

#[test]
fn a_call_that_fails_ends_it() {
    let folder = folder();
    folder.hookr(&format!("{BENCH} --method Fail")).exits(5).prints_nothing().says(&["Plugin:Fail failed"]);
    folder.hookr(&format!("{BENCH} --method Trap")).exits(5).prints_nothing().says(&["the plugin trapped"]);
    folder
        .hookr(&format!("{BENCH} --method Add"))
        .exits(1)
        .prints_nothing()
        .says(&["`Rng.Int`", "hint: add a response"]);
    folder.hookr(&format!("{BENCH} --method Extra --way lane")).exits(5).prints_nothing().says(&["lane"]);
    // Later calls count as the first does.
    folder.write("fixture.json", r#"{"Rng.Int": [{"n": 1}, {"error": {"code": "unavailable", "message": "later"}}]}"#);
    let run = folder.hookr(&format!("{BENCH} --method Add --host-fixture fixture.json")).exits(5).prints_nothing();
    run.says(&["Plugin:Add failed: unavailable: later"]);
}
