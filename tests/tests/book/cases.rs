//! docs/src/reference/cases.md: what it says can be written is read, and means what it says.

use std::fs;
use std::path::Path;

use hookr_tests::{Output, command, hookr, plugin, run};
use serde_json::{Value, json};

use super::blocks::block_with;

const PAGE: &str = "docs/src/reference/cases.md";

/// Runs one case of the URL balancer.
fn test(folder: &Path, case: &Value) -> Output {
    let file = folder.join("case.json");
    fs::write(&file, case.to_string()).unwrap();
    let mut test = command(hookr());
    test.args(["test", "--json", "--allow-unsigned", "--plugin"]).arg(plugin("urlbalancer"));
    run(test.arg(file))
}

fn case(callbacks: &Value, expect: &Value) -> Value {
    json!({
        "method": "Balance",
        "request": { "url": "https://example.com", "nodes": ["a", "b", "c"] },
        "callbacks": callbacks,
        "expect": expect,
    })
}

/// The page's own names, from the first column of its tables.
fn names(heading: &str) -> Vec<String> {
    let text = fs::read_to_string(hookr_tests::root().join(PAGE)).unwrap();
    let (_, section) = text.split_once(&format!("\n{heading}\n")).expect(heading);
    let rows = section.lines().take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1)).map(str::trim);
    cells.map(|cell| cell.trim_matches('`').to_owned()).collect()
}

#[test]
fn every_name_of_a_case_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let answers = json!({ "Rng.Int": { "response": {} }, "Rng.Float": { "response": {} } });
    let names = names("## A case");
    assert!(names.len() >= 11, "{names:?}");
    for name in &names {
        let mut case = case(&answers, &json!({}));
        let value = match name.as_str() {
            "steps" => {
                case.as_object_mut().unwrap().retain(|name, _| name == "callbacks");
                json!([{ "method": "GetInfo" }])
            }
            "request_file" => {
                case.as_object_mut().unwrap().remove("request");
                json!(hookr_tests::folder("urlbalancer").join("request.json"))
            }
            "deadline" => json!("5s"),
            "strict" => json!(false),
            "skip" => json!("not today"),
            "description" => json!("words"),
            "$schema" => json!("https://example.com/schema"),
            known => case[known].clone(),
        };
        case[name] = value;
        test(folder.path(), &case).success();
    }
    let mut unknown = case(&answers, &json!({}));
    unknown["requests"] = json!({});
    assert_eq!(test(folder.path(), &unknown).status, Some(1));
}

#[test]
fn every_matcher_and_failure_of_the_page_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let answers = json!({ "Rng.Int": { "response": { "value": 1 } }, "Rng.Float": { "response": { "value": 0.5 } } });
    let matchers = [
        ("selected_node", json!({ "$regex": "^[abc]$" })),
        ("selected_node", json!({ "$contains": "b" })),
        ("rng_float", json!({ "$near": 0.505, "tolerance": 0.01 })),
        ("error", json!({ "$any": true })),
    ];
    let page = fs::read_to_string(hookr_tests::root().join(PAGE)).unwrap();
    for (field, matcher) in matchers {
        let name = matcher.as_object().unwrap().keys().find(|name| name.starts_with('$')).unwrap().clone();
        assert!(page.contains(&format!("| `{{\"{name}\"")), "{name}");
        test(folder.path(), &case(&answers, &json!({ "match": "subset", "response": { field: matcher } }))).success();
    }

    let (_, failures) = page.split_once("**`failure`**").expect("failures");
    let (failures, _) = failures.split_once("\n\n").unwrap();
    let names: Vec<&str> = failures.split('`').skip(1).step_by(2).collect();
    assert!(names.contains(&"trapped") && names.contains(&"no-instance"), "{names:?}");
    for name in names {
        // It is known, and not what happens.
        let output = test(folder.path(), &case(&answers, &json!({ "failure": name })));
        assert_eq!(output.status, Some(7), "{name}: {}", output.stderr);
    }
    assert_eq!(test(folder.path(), &case(&answers, &json!({ "failure": "bored" }))).status, Some(1));
}

#[test]
fn fixtures_have_the_forms_of_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let forms = block_with(PAGE, "text", "rules");
    assert_eq!(forms.lines().count(), 4, "the forms that are tried here");
    let float = json!({ "response": {} });
    for int in [
        json!({ "response": { "value": 1 } }),
        json!({ "value": 1 }),
        json!({ "responses": [{ "value": 1 }, { "value": 2 }] }),
        json!([{ "value": 1 }, { "value": 2 }]),
        json!([{ "when": { "max": 7 }, "response": { "value": 0 } }, { "response": { "value": 1 } }]),
        json!([{ "when": { "max": 2 }, "response": { "value": 1 }, "times": 1, "delay": "1ms" }, { "response": {} }]),
    ] {
        let expect = json!({ "match": "subset", "response": { "selected_node": "b" } });
        test(folder.path(), &case(&json!({ "Rng.Int": int, "Rng.Float": float }), &expect)).success();
    }
    let error = json!({ "error": { "code": "unavailable", "message": "no dice" } });
    test(folder.path(), &case(&json!({ "Rng.Int": error }), &error)).success();
}

/// Every name that a report has stands on the page, and the page names no others of them.
#[test]
fn the_report_has_the_names_of_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let answers = json!({ "Rng.Int": { "response": { "value": 1 } }, "Rng.Float": { "response": {} } });
    let output = test(folder.path(), &case(&answers, &json!({ "response": {} })));
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    let page = fs::read_to_string(hookr_tests::root().join(PAGE)).unwrap();
    let (_, section) = page.split_once("## The report as JSON").unwrap();
    let known = |value: &Value| {
        for name in value.as_object().unwrap().keys() {
            assert!(section.contains(&format!("`{name}`")) || section.contains(&format!("\"{name}\"")), "{name}");
        }
    };
    let case = &report["cases"][0];
    let run = &case["runs"][0];
    let step = &run["steps"][0];
    let parts =
        [&report, &report["summary"], case, run, step, &step["result"], &step["callbacks"][0], &step["problems"][0]];
    parts.into_iter().for_each(known);
    known(&report["coverage"]);
    known(&report["coverage"]["methods"][0]);
    for name in names("## The report as JSON").iter().flat_map(|names| names.split("`, `")) {
        assert!(report.get(name).is_some(), "{name}");
    }
}
