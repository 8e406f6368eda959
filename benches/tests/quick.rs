//! The program runs, with a few calls of every way, and writes down what it measured.

use std::collections::BTreeSet;
use std::process::Command;

use hookr_benches::groups::names::{CORE, NATIVE, RAW, TYPED};
use hookr_benches::plugins::NAMES;
use hookr_benches::targets::TARGETS;
use hookr_tests::{command, plugin_bytes, run};
use serde_json::Value;
use tempfile::TempDir;

/// A folder with the plugins, built as those of the tests are.
fn plugins() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in NAMES {
        std::fs::write(folder.path().join(name).with_extension("wasm"), plugin_bytes(name)).unwrap();
    }
    folder
}

fn bench(plugins: &TempDir, arguments: &[&str]) -> Command {
    let mut bench = command(env!("CARGO_BIN_EXE_hookr-bench"));
    bench.arg("--plugins").arg(plugins.path()).args(arguments);
    bench
}

/// The names of the ways in a group of the results.
fn ways<'a>(results: &'a Value, group: &str) -> BTreeSet<&'a str> {
    let groups = results["groups"].as_array().unwrap();
    let group = groups.iter().find(|found| found["name"] == group).unwrap_or_else(|| panic!("there is {group}"));
    group["ways"].as_array().unwrap().iter().map(|way| way["name"].as_str().unwrap()).collect()
}

#[test]
fn a_quick_run_measures_every_way_and_every_target() {
    let plugins = plugins();
    let file = plugins.path().join("results.json");
    let output = run(bench(&plugins, &["--quick", "--json"]).arg(&file)).success();
    let results: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();

    let listed = run(&mut bench(&plugins, &["--list"])).success().stdout;
    let mut measured = String::new();
    for group in results["groups"].as_array().unwrap() {
        let name = group["name"].as_str().unwrap();
        for way in group["ways"].as_array().unwrap() {
            measured.push_str(&format!("{name}: {}\n", way["name"].as_str().unwrap()));
            for number in ["median_ns", "p10_ns", "p90_ns", "ratio"] {
                assert!(way[number].as_f64().unwrap() > 0.0, "{name}: {way}");
            }
            assert!(output.stdout.contains(way["name"].as_str().unwrap()), "{}", output.report());
        }
    }
    assert_eq!(measured, listed);

    for group in ["echo, 64 B", "echo, 1 KiB", "echo, 64 KiB", "step, scalars only", "textfilter"] {
        let ways = ways(&results, group);
        assert!([NATIVE, CORE, RAW, TYPED].iter().all(|way| ways.contains(way)), "{group}: {ways:?}");
    }
    let targets = results["targets"].as_array().unwrap();
    for target in TARGETS {
        let found = targets.iter().any(|found| found["target"] == target.what);
        assert!(found, "{} was measured\n{}", target.what, output.report());
    }
    assert!(output.stderr.is_empty(), "progress is for terminals\n{}", output.report());
}

#[test]
fn a_filter_leaves_what_it_names_and_the_floor() {
    let plugins = plugins();
    let listed = run(&mut bench(&plugins, &["--list", "--filter", "textfilter: raw"])).success().stdout;
    assert_eq!(listed, format!("textfilter: {CORE}\ntextfilter: {RAW}\n"));
    let output = run(&mut bench(&plugins, &["--filter", "no such way"])).exits(1);
    assert!(output.stderr.contains("no way has `no such way` in its name"), "{}", output.report());
}

#[test]
fn a_folder_without_plugins_is_an_error_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&mut bench(&folder, &[])).exits(1);
    assert!(output.stderr.contains("echo.wasm cannot be opened; `cargo xtask bench` builds it"), "{}", output.report());
}

/// A quick run of what is measured by itself, and its results.
fn alone(topic: &str) -> (String, Value) {
    let plugins = plugins();
    let file = plugins.path().join("results.json");
    let output = run(bench(&plugins, &[topic, "--quick", "--json"]).arg(&file)).success();
    (output.stdout, serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap())
}

#[test]
fn calls_go_on_while_new_versions_come_into_service() {
    let (text, results) = alone("reload");
    let rows = results.as_array().unwrap();
    let threads: Vec<_> =
        rows.iter().map(|row| (row["way"].as_str().unwrap(), row["threads"].as_u64().unwrap())).collect();
    assert_eq!(threads, [("typed", 1), ("typed", 2), ("typed", 4), ("lane", 1), ("lane", 2), ("lane", 4)]);
    for row in rows {
        let meanwhile: Vec<_> = row["calls"].as_array().unwrap().iter().map(|calls| &calls["meanwhile"]).collect();
        assert_eq!(meanwhile, ["nothing", "aside", "reloads", "compiles"]);
        assert_eq!(row["swaps"]["calls"], row["calls"][2]["versions"], "each swap is told\n{text}");
        let called = |calls: &Value| calls["tail"]["calls"].as_u64().unwrap() > 0;
        assert!(row["calls"].as_array().unwrap().iter().all(called), "{text}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn idle_plugins_are_opened_called_and_dropped() {
    let (text, results) = alone("idle");
    assert!(results["plugins"].as_u64().unwrap() > 1);
    let resident = |step: &str| results[step]["memory"]["resident"].as_u64().unwrap();
    assert!(resident("opened") > 0 && resident("called") >= resident("dropped"), "{text}");
    assert!(text.contains("each, opened again"), "{text}");
}

#[test]
fn two_threads_are_compared_with_one() {
    let (text, results) = alone("scaling");
    for row in results.as_array().unwrap() {
        assert!(["ratio", "floor"].iter().all(|number| row[number].as_f64().unwrap() > 0.0), "{text}");
        assert!(text.contains(row["name"].as_str().unwrap()), "{text}");
    }
}

#[test]
fn what_is_measured_by_itself_takes_no_filter() {
    let output = run(&mut bench(&plugins(), &["idle", "--filter", "echo"])).exits(1);
    assert!(
        output.stderr.contains("--filter, --turns, --list and --check are for the topic `calls`"),
        "{}",
        output.report()
    );
}
