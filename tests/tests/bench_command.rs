//! `hookr bench` on real plugins. No test looks at how long anything took.

use hookr_tests::{Output, hookr_with, plugin, run};
use serde_json::Value;

/// `hookr bench --json` on an example's plugin.
fn bench(name: &str, method: &str, arguments: &[&str]) -> Output {
    let mut command = hookr_with(&["bench", "--json", "--allow-unsigned", "--warm-up", "0ms", "--method", method]);
    run(command.arg("--plugin").arg(plugin(name)).args(arguments))
}

#[track_caller]
fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.report()))
}

#[track_caller]
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

const FILTER: [&str; 2] = ["--input", "examples/textfilter/request.json"];

#[test]
fn both_ways_are_measured_side_by_side() {
    let arguments = [&FILTER[..], &["--way", "both", "--iterations", "400", "--fuel", "100000000"]].concat();
    let report = json(&bench("textfilter", "Filter", &arguments).success());
    let results = report["results"].as_array().unwrap();
    assert_eq!(results.iter().map(|row| row["way"].as_str().unwrap()).collect::<Vec<_>>(), ["typed", "lane"]);
    for row in results {
        assert_eq!(row["calls"], 400, "{row}");
        let calls: f64 = row["histogram"].as_array().unwrap().iter().map(|bucket| number(&bucket["calls"])).sum();
        assert_eq!(calls, 400.0, "every call is in the histogram");
        let latency = &row["latency_ns"];
        let order = ["min", "p50", "p90", "p99", "p99_9", "max"].map(|name| number(&latency[name]));
        assert!(order.is_sorted() && order[0] > 0.0, "{latency}");
        let found = &row["instructions"];
        assert_eq!(found["min"], found["max"], "the same request takes the same instructions: {found}");
        assert!(number(&found["min"]) > 100.0, "{found}");
    }
    let allocations = |row: &Value| number(&row["host_allocations"]["count_per_call"]);
    assert!(allocations(&results[0]) >= 1.0, "values that are built at run time take memory");
    assert_eq!(allocations(&results[1]), 0.0, "a call over the lane takes none");
    assert_eq!(report["plugins"][0]["lane"], "direct");
}

#[test]
fn callbacks_are_answered_from_the_fixture() {
    let input = ["--input", "examples/urlbalancer/request.json"];
    for way in ["typed", "lane"] {
        let arguments = [&input[..], &["--way", way, "--iterations", "50"]].concat();
        let fixture = ["--host-fixture", "examples/urlbalancer/fixture.json"];
        let report = json(&bench("urlbalancer", "Balance", &[&arguments[..], &fixture].concat()).success());
        assert_eq!(report["results"][0]["calls"], 50);
        // Without the answers it ends as `hookr call` does.
        let output = bench("urlbalancer", "Balance", &arguments).exits(1);
        assert!(output.stdout.is_empty() && output.stderr.contains("Rng.Int"), "{}", output.report());
    }
}

#[test]
fn a_plugin_is_compared_with_another_version_of_it() {
    let same = plugin("textfilter");
    let arguments = [&FILTER[..], &["--iterations", "2000", "--compare", same.to_str().unwrap()]].concat();
    let report = json(&bench("textfilter", "Filter", &arguments).success());
    let found = &report["comparisons"][0];
    let (change, tolerance) = (number(&found["change_percent"]), number(&found["tolerance_percent"]));
    match found["verdict"].as_str().unwrap() {
        "faster" => assert!(change < -tolerance, "{found}"),
        "slower" => assert!(change > tolerance, "{found}"),
        "no_difference" => {
            let [low, high] = [0, 1].map(|side| number(&found["interval_percent"][side]));
            assert!(-tolerance <= low && high <= tolerance, "{found}");
        }
        other => assert_eq!(other, "too_noisy"),
    }
    assert_eq!(report["responses_differ"], false);

    let other = plugin("urlbalancer");
    let arguments = [&FILTER[..], &["--iterations", "20", "--compare", other.to_str().unwrap()]].concat();
    let output = bench("textfilter", "Filter", &arguments).exits(4);
    assert!(output.stdout.is_empty(), "{}", output.report());
}
