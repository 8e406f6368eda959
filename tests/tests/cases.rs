//! The cases of the examples, run by `hookr test` on their plugins.

use std::path::Path;

use hookr_tests::{Output, hookr_with, plugin, root, run};
use serde_json::Value;

const DIFFERENT: i32 = 7;

/// `hookr test` on an example's plugin.
fn test(name: &str, cases: &Path, arguments: &[&str]) -> Output {
    let mut command = hookr_with(&["test", "--allow-unsigned"]);
    run(command.arg("--plugin").arg(plugin(name)).arg(cases).args(arguments))
}

fn cases_of(name: &str) -> std::path::PathBuf {
    root().join("examples").join(name).join("cases")
}

#[track_caller]
fn all_pass(name: &str, count: u64) {
    let output = test(name, &cases_of(name), &["--way", "both", "--json", "--require-coverage"]).success();
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["summary"]["passed"], count, "{}", output.stdout);
    assert_eq!(report["summary"]["total"], count, "{}", output.stdout);
    for row in report["coverage"]["callbacks"].as_array().unwrap() {
        assert!(row["calls"].as_u64().unwrap() > 0, "{row}");
    }
    for case in report["cases"].as_array().unwrap() {
        let ways: Vec<&Value> = case["runs"].as_array().unwrap().iter().map(|run| &run["way"]).collect();
        assert_eq!(ways, ["typed", "lane"], "{case}");
    }
}

#[test]
fn textfilter_does_what_its_cases_say() {
    all_pass("textfilter", 6);
}

#[test]
fn urlbalancer_does_what_its_cases_say() {
    all_pass("urlbalancer", 7);
}

#[test]
fn tickloop_does_what_its_cases_say() {
    all_pass("tickloop", 6);
}

#[test]
fn authz_does_what_its_cases_say() {
    all_pass("authz", 5);
}

#[test]
fn the_cases_are_about_the_plugin() {
    // Those of one plugin that another one is given are no cases at all.
    let output = test("textfilter", &cases_of("authz"), &[]).exits(1);
    output.says(&["error[E0752]", "no such method"]);

    // A case that expects something else fails, over the lane as well, and says where.
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(cases_of("urlbalancer").join("nodes/picks-by-number.json")).unwrap();
    let request = root().join("examples/urlbalancer/request.json");
    let text = text.replace("../../request.json", request.to_str().unwrap()).replace("node-b", "node-a");
    let path = folder.path().join("picks.json");
    std::fs::write(&path, &text).unwrap();
    let output = test("urlbalancer", &path, &["--way", "both"]).exits(DIFFERENT);
    for expected in [
        r#"$.selected_node (both ways): expected "node-a", found "node-b""#,
        r#"-   "selected_node": "node-a","#,
        r#"+   "selected_node": "node-b","#,
        r#"1  Rng.Int {"max": 2} → {"value": 1}"#,
        "picks.json:15",
    ] {
        assert!(output.stdout.contains(expected), "{expected} is not in\n{}", output.stdout);
    }
    // `--update` takes what was found, and keeps the matcher of what fits.
    test("urlbalancer", &path, &["--way", "both", "--update"]).success();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text.replace("node-a", "node-b"));
}

#[test]
fn a_recorded_call_is_a_case_that_passes() {
    let folder = tempfile::tempdir().unwrap();
    for (name, method, way) in
        [("urlbalancer", "Balance", "typed"), ("tickloop", "Tick", "lane"), ("authz", "CheckAuth", "lane")]
    {
        let case = folder.path().join(name).join("recorded.json");
        let example = |file: &str| root().join("examples").join(name).join(file);
        let mut command = hookr_with(&["test", "--allow-unsigned", "--method", method, "--way", way]);
        command.arg("--plugin").arg(plugin(name)).arg("--record").arg(&case);
        command.arg("--input").arg(example("request.json")).arg("--host-fixture").arg(example("fixture.json"));
        run(&mut command).success();
        test(name, case.parent().unwrap(), &["--way", "both"]).success();
        let again = run(&mut command).exits(1);
        again.says(&["exists already"]);
    }
}
