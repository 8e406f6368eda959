//! `hookr test`.

use regex::Regex;
use serde_json::Value;

use crate::plugin::folder;
use crate::support::{Folder, Run, golden};

const TEST: &str = "test --plugin calc.wasm --allow-unsigned";

/// Adds three and what `Rng.Int` gives.
fn add(gives: i32, sum: i32) -> String {
    format!(
        r#"{{"method": "Add", "request": {{"n": 3}}, "callbacks": {{"Rng.Int": {{"response": {{"n": {gives}}}}}}},
            "expect": {{"response": {{"n": {sum}}}}}}}"#
    )
}

fn with_cases(cases: &[(&str, &str)]) -> Folder {
    let folder = folder();
    for (name, text) in cases {
        folder.write(&format!("cases/{name}.json"), text);
    }
    folder
}

/// A report with every time the same.
fn without_times(text: &str) -> String {
    Regex::new(r"\d+(\.\d+)? (µs|ms|s)\b").unwrap().replace_all(text, "[time]").into_owned()
}

fn text(folder: &Folder, name: &str) -> String {
    String::from_utf8(folder.read(name)).unwrap()
}

fn report(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

#[test]
fn cases_that_pass_are_one_line_each() {
    let folder = with_cases(&[
        ("a/add", &add(4, 7)),
        (
            "b",
            r#"{"method": "Fail", "expect": {"error": {"code": "invalid-argument", "message": {"$contains": "red"}}}}"#,
        ),
        ("c", r#"{"method": "Trap", "expect": {"failure": "trapped"}}"#),
        ("d", r#"{"method": "Garbage", "expect": {"failure": "invalid-response"}}"#),
        ("e", r#"{"method": "Extra", "skip": "not yet", "expect": {"response": {}}}"#),
    ]);
    let run = folder.hookr(TEST).exits(0);
    assert_eq!(run.stderr, "");
    assert_eq!(
        without_times(&run.stdout),
        "ok      a/add  [time]\nok      b  [time]\nok      c  [time]\nok      d  [time]\nskipped e  not yet\n\n\
         4 passed, 1 skipped in [time]; 4 of 5 methods and 1 of 1 callback called\n"
    );
}

#[test]
fn a_failure_shows_what_was_expected_and_what_was_found() {
    let folder = with_cases(&[
        (
            "code",
            "{\n  \"method\": \"Fail\",\n  \"expect\": {\"error\": {\"code\": \"internal\", \"message\": \"blue\"}}\n}\n",
        ),
        ("nothing", r#"{"method": "Extra"}"#),
        (
            "sum",
            "{\n  \"description\": \"three and four\",\n  \"method\": \"Add\",\n  \"request\": {\"n\": 3},\n  \"callbacks\": {\"Rng.Int\": {\"n\": 4}},\n  \"expect\": {\n    \"response\": {\n      \"n\": 8,\n      \"reason\": {\"$regex\": \"^because\"}\n    },\n    \"calls\": [\"Rng.Int\", \"Rng.Int\"]\n  }\n}\n",
        ),
        ("trap", r#"{"method": "Trap", "expect": {"response": {}}}"#),
    ]);
    let run = folder.hookr(TEST).exits(7).says(&["error: 4 of 4 cases failed"]);
    golden("test/failures.stdout", &without_times(&run.stdout));
    let colored = folder.hookr(&format!("{TEST} --color always --filter sum")).exits(7);
    assert!(colored.stdout.contains("\u{1b}[31m-"), "{}", colored.stdout);
}

#[test]
fn a_case_that_is_wrong_is_told_with_all_others() {
    let folder = with_cases(&[("a", r#"{"method": "Ad"}"#), ("b", r#"{"method": "Add", "expct": {}}"#)]);
    folder.write("request.json", r#"{"m": 1}"#);
    folder.write("cases/c.json", r#"{"method": "Add", "request_file": "../request.json"}"#);
    let run = folder.hookr(TEST).exits(1).prints_nothing();
    run.says(&["did you mean `Add`?", "did you mean `expect`?", "cases/../request.json:1:2", "error[E0752]"]);
    folder.hookr(&format!("{TEST} nowhere")).exits(1).says(&["cannot read nowhere"]);
    folder.hookr(&format!("{TEST} --filter nobody")).exits(1).says(&["none of the 3 cases has such a name"]);
    folder.write("empty/x.txt", "");
    folder.hookr(&format!("{TEST} empty")).exits(1).says(&["there are no cases in empty"]);
    folder.hookr("test --plugin calc.wasm --list").exits(0);
    folder.hookr("test --plugin calc.wasm").exits(3).says(&["--allow-unsigned"]);
}

#[test]
fn strict_cases_answer_what_is_called_and_call_what_is_answered() {
    let folder = with_cases(&[
        (
            "lenient",
            r#"{"method": "Add", "strict": false, "expect": {"error": {"code": "unimplemented"}},
            "callbacks": {"Rng.Int": {"when": {"n": 9}, "response": {"n": 1}, "times": 2}}}"#,
        ),
        ("unanswered", r#"{"method": "Add", "request": {"n": 5}, "expect": {"error": {"code": "unimplemented"}}}"#),
        (
            "unmet",
            r#"{"method": "Add", "expect": {"response": {"n": 1}},
            "callbacks": {"Rng.Int": {"response": {"n": 1}, "times": 2}}}"#,
        ),
        (
            "used-up",
            r#"{"callbacks": {"Rng.Int": [{"response": {"n": 1}, "times": 1}, {"response": {"n": 2}, "times": 1}]},
            "steps": [{"method": "Add", "expect": {"response": {"n": 1}}}, {"method": "Add", "expect": {"response": {"n": 2}}},
              {"method": "Add", "expect": {"error": {"code": "unimplemented"}}}]}"#,
        ),
    ]);
    let run = folder.hookr(TEST).exits(7);
    for expected in [
        "ok      lenient",
        r#"callback Rng.Int: expected no such call, found a call that the case does not answer, with {"n": 5}"#,
        "callback Rng.Int: expected 2 calls, found 1 call (cases/unmet.json:2)",
        "step 3: callback Rng.Int: expected no such call",
    ] {
        assert!(run.stdout.contains(expected), "{expected} is not in\n{}", run.stdout);
    }
}

#[test]
fn requests_are_told_apart_and_steps_have_answers_of_their_own() {
    let folder = with_cases(&[(
        "rules",
        r#"{
          "callbacks": {"Rng.Int": [
            {"when": {"n": {"$near": 5, "tolerance": 1}}, "responses": [{"n": 10}, {"n": 20}]},
            {"when": {"n": 7}, "error": {"code": "unavailable", "message": "later"}},
            {"n": 100}
          ]},
          "steps": [
            {"method": "Add", "request": {"n": 4}, "expect": {"response": {"n": 14}}},
            {"method": "Add", "request": {"n": 6}, "expect": {"response": {"n": 26}, "calls": {"Rng.Int": 1}}},
            {"method": "Add", "request": {"n": 5}, "expect": {"response": {"n": 25}}},
            {"method": "Add", "request": {"n": 7}, "expect": {"error": {"code": "unavailable", "message": "later"}}},
            {"method": "Add", "request": {"n": 8}, "expect": {"response": {"n": 108}, "calls": ["Rng.Int"]}},
            {"method": "Add", "request": {"n": 5}, "callbacks": {"Rng.Int": {"n": 1}}, "expect": {"response": {"n": 6}}},
            {"method": "Add"}
          ]
        }"#,
    )]);
    folder.hookr(TEST).exits(0);
    // `hookr call` takes the same fixtures.
    folder.write(
        "fixture.json",
        r#"{"Rng.Int": [{"when": {"n": 1}, "response": {"n": 1}}, {"response": {"n": 2}, "times": 1}]}"#,
    );
    let call = "call --plugin calc.wasm --allow-unsigned --method Add --host-fixture fixture.json --compact --input -";
    assert_eq!(folder.hookr_with(call, "{n: 1}").exits(0).stdout, "{\"n\":2}\n");
    assert_eq!(folder.hookr_with(call, "{n: 5}").exits(0).stdout, "{\"n\":7}\n");
    folder.write("fixture.json", r#"{"Rng.Int": {"when": {"n": 1}, "response": {"n": 1}}}"#);
    folder.hookr_with(call, "{n: 5}").exits(1).says(&["`Rng.Int`"]);
}

#[test]
fn errors_are_injected_and_answers_come_late_but_never_after_the_deadline() {
    let folder = with_cases(&[
        (
            "error",
            r#"{"method": "Add", "callbacks": {"Rng.Int": {"error": {"code": "data-loss", "message": "m"}, "delay": "30ms"}},
            "expect": {"error": {"code": "data-loss", "message": "m"}}}"#,
        ),
        (
            "late",
            r#"{"method": "Add", "deadline": "200ms", "callbacks": {"Rng.Int": {"response": {"n": 1}, "delay": "10m"}},
            "expect": {"failure": "deadline-exceeded"}}"#,
        ),
    ]);
    let start = std::time::Instant::now();
    let run = folder.hookr(&format!("{TEST} --json")).exits(0);
    assert!(start.elapsed() < std::time::Duration::from_secs(60));
    let report = report(&run);
    let callback = &report["cases"][0]["runs"][0]["steps"][0]["callbacks"][0];
    assert!(callback["elapsed_micros"].as_u64().unwrap() >= 30_000, "{callback}");
    assert_eq!(report["cases"][1]["runs"][0]["steps"][0]["result"]["failure"], "deadline-exceeded");
}

#[test]
fn cases_do_not_see_each_other_and_the_report_does_not_depend_on_how_many_run() {
    let cases: Vec<(String, String)> =
        (0..40).map(|i| (format!("c{i:02}"), add(i, if i % 7 == 3 { 0 } else { 3 + i }))).collect();
    let cases: Vec<(&str, &str)> = cases.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = with_cases(&cases);
    let one = folder.hookr(&format!("{TEST} --jobs 1")).exits(7);
    let many = folder.hookr(&format!("{TEST} --jobs 8")).exits(7);
    assert_eq!(without_times(&one.stdout), without_times(&many.stdout));
    assert!(one.stdout.contains("34 passed, 6 failed"), "{}", one.stdout);
    let fast = |jobs: u8| without_times(&folder.hookr(&format!("{TEST} --fail-fast --jobs {jobs}")).exits(7).stdout);
    assert_eq!(fast(1), fast(8));
    assert!(fast(8).contains("not run c04\n"), "{}", fast(8));
}

#[test]
fn cases_are_chosen_and_listed() {
    let (one, two) = (add(1, 4), add(2, 5));
    let folder = with_cases(&[("sums/one", &one), ("sums/two", &two), ("three", &one), ("_notes", "x")]);
    let list = |args: &str| folder.hookr(&format!("test --plugin calc.wasm --list {args}")).exits(0).stdout;
    assert_eq!(list(""), "sums/one\nsums/two\nthree\n");
    assert_eq!(list("--filter t"), "sums/two\nthree\n");
    assert_eq!(list("--filter sums/* --filter thr"), "sums/one\nsums/two\nthree\n");
    assert_eq!(list("cases/sums cases/three.json"), "one\nthree\ntwo\n");
    let run = folder.hookr(&format!("{TEST} --filter one --filter ?hree")).exits(0);
    assert!(run.stdout.contains("2 passed in "), "{}", run.stdout);
}

#[test]
fn reports_for_programs_say_everything() {
    let folder = with_cases(&[
        ("bad<&>\"", "{\"method\": \"Fail\", \"expect\": {\"response\": {\"reason\": \"]]>\"}}}"),
        ("fine/add", &add(1, 4)),
        ("skipped", r#"{"method": "Extra", "skip": true, "expect": {}}"#),
    ]);
    let run = folder.hookr(&format!("{TEST} --json --junit out/report.xml")).exits(7).says(&["1 of 3 cases failed"]);
    let report = report(&run);
    let summary = serde_json::json!({"total": 3, "passed": 1, "failed": 1, "updated": 0, "skipped": 1, "not_run": 0});
    assert_eq!(report["summary"], summary);
    assert_eq!(report["sha256"], hookr::Digest::of(&folder.read("calc.wasm")).to_string());
    let step = &report["cases"][0]["runs"][0]["steps"][0];
    assert_eq!(step["result"]["error"], serde_json::json!({"code": "invalid-argument", "message": "\u{1b}[31mred"}));
    assert_eq!(step["problems"][0]["expected"], "a response");
    assert_eq!(report["cases"][1]["runs"][0]["steps"][0]["callbacks"][0]["response"], serde_json::json!({"n": 1}));
    assert_eq!(report["coverage"]["methods"][1]["errors"], serde_json::json!({"invalid-argument": 1}));

    let xml = text(&folder, "out/report.xml");
    let document = roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    let cases: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
    let names: Vec<_> = cases.iter().map(|case| (case.attribute("classname"), case.attribute("name"))).collect();
    let expected = [(Some("cases"), Some("bad<&>\"")), (Some("fine"), Some("add")), (Some("cases"), Some("skipped"))];
    assert_eq!(names, expected);
    let failure = cases[0].first_element_child().unwrap();
    assert!(failure.attribute("message").unwrap().contains("expected a response"), "{xml}");
    assert!(failure.text().unwrap().contains("\\u{1b}[31mred"), "{xml}");
    assert!(cases[2].first_element_child().unwrap().has_tag_name("skipped"));
    let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
    assert_eq!((suite.attribute("tests"), suite.attribute("failures")), (Some("3"), Some("1")));
}

#[test]
fn what_nobody_calls_is_told_and_may_be_a_failure() {
    let folder =
        with_cases(&[("add", &add(1, 4)), ("trap", r#"{"method": "Trap", "expect": {"failure": "trapped"}}"#)]);
    let run = folder.hookr(&format!("{TEST} --require-coverage")).exits(7);
    let run = run.says(&["no case calls `Plugin.Fail`, `Plugin.Garbage`, `Plugin.Extra`"]);
    golden("test/coverage.stdout", &without_times(&run.stdout));
    for method in ["Fail", "Garbage", "Extra"] {
        folder.write(&format!("cases/{method}.json"), format!(r#"{{"steps": [{{"method": "{method}"}}]}}"#));
    }
    let run = folder.hookr(&format!("{TEST} --require-coverage")).exits(7);
    assert!(!run.stderr.contains("no case calls"), "{}", run.stderr);
}

const STALE: &str = r#"{
  // Three and what comes.
  "method": "Add", "request": { "n": 3 },
  "callbacks": {"Rng.Int": {"n": 4}},
  "expect": {
    "response": {
      "n": 9,
      "reason": {"$any": true}
    },
    "calls": {"Rng.Int": 3}
  },
  "description": "kept" // also this
}
"#;

#[test]
fn what_was_found_becomes_what_is_expected() {
    let folder = with_cases(&[
        ("bare", "{\n  \"method\": \"Extra\" // no more\n}\n"),
        ("code", r#"{"method": "Fail", "expect": {"error": {"code": "internal", "message": {"$contains": "red"}}}}"#),
        ("fine", &add(1, 4)),
        ("kind", "{\"method\": \"Extra\", \"expect\": {\"error\": {\"code\": \"internal\"}, \"calls\": []}}"),
        ("line", "{\"method\": \"Extra\"}"),
        ("missing", r#"{"method": "Add", "expect": {"response": {"n": 1}}}"#),
        ("stale", STALE),
        (
            "steps",
            "{\n  \"steps\": [\n    {\"method\": \"Extra\", \"expect\": {\"response\": { \"n\": 1 }}},\n    {\"method\": \"Extra\", \"expect\": {\"match\": \"subset\", \"response\": {\"n\": 2}}}\n  ]\n}\n",
        ),
        ("trap", r#"{"method": "Trap", "expect": {"response": {}}}"#),
    ]);
    let run = folder.hookr(&format!("{TEST} --update")).exits(7).says(&["2 of 9 cases failed"]);
    for expected in [
        "updated stale  $.n, calls of Rng.Int\n",
        "not updated: its callbacks are not as it says",
        "not updated: a call ended without an answer of the plugin",
        "1 passed, 2 failed, 6 updated",
    ] {
        assert!(run.stdout.contains(expected), "{expected} is not in\n{}", run.stdout);
    }
    let read = |name: &str| text(&folder, &format!("cases/{name}.json"));
    assert_eq!(read("stale"), STALE.replace("\"n\": 9", "\"n\": 7").replace("\"Rng.Int\": 3", "\"Rng.Int\": 1"));
    let bare = "{\n  \"method\": \"Extra\", // no more\n  \"expect\": {\n    \"response\": {\n      \"n\": 42\n    }\n  }\n}\n";
    assert_eq!(read("bare"), bare);
    assert_eq!(read("line"), r#"{"method": "Extra", "expect": {"response": {"n": 42}}}"#);
    let code =
        r#"{"method": "Fail", "expect": {"error": {"code": "invalid-argument", "message": {"$contains": "red"}}}}"#;
    assert_eq!(read("code"), code);
    assert_eq!(read("kind"), r#"{"method": "Extra", "expect": {"response": {"n": 42}, "calls": []}}"#);
    assert_eq!(read("fine"), add(1, 4));
    assert!(read("steps").contains("{ \"n\": 42 }") && read("steps").contains("\"subset\", \"response\": {\"n\": 42}"));
    assert_eq!(read("missing"), r#"{"method": "Add", "expect": {"response": {"n": 1}}}"#);
    let again = folder.hookr(&format!("{TEST} --update")).exits(7);
    assert!(again.stdout.contains("7 passed, 2 failed"), "{}", again.stdout);
    let names: Vec<_> = std::fs::read_dir(folder.path().join("cases")).unwrap().collect();
    assert_eq!(names.len(), 9, "no other files are left");
}

#[test]
fn a_call_is_recorded_as_a_case_that_passes() {
    let folder = folder();
    folder.write("three.json", r#"{"n": 3}"#);
    folder.write("fixture.json", r#"{"Rng.Int": {"response": {"n": 4}}}"#);
    let record = |name: &str, args: &str| folder.hookr(&format!("{TEST} --record cases/{name}.json {args}"));
    record("add", "--method Add --input three.json --host-fixture fixture.json").exits(0).prints_nothing();
    golden("test/recorded.json", &text(&folder, "cases/add.json"));
    record("fail", "--method Fail").exits(0);
    record("trap", "--method Plugin.Trap").exits(0);
    record("extra", "--method Extra").exits(0);
    folder.write("fixture.json", r#"{"Rng.Int": {"error": {"code": "unavailable", "message": "later"}}}"#);
    record("error", "--method Add --host-fixture fixture.json").exits(0);
    let run = folder.hookr(TEST).exits(0);
    assert!(run.stdout.contains("5 passed in "), "{}", run.stdout);
    record("add", "--method Extra").exits(1).says(&["exists already, and is kept"]);
    record("missing", "--method Add").exits(1).says(&["`Rng.Int`"]);
    assert!(!folder.path().join("cases/missing.json").exists());
    record("both", "--method Extra --way both").exits(2);
    folder.hookr(&format!("{TEST} --record cases/x.json")).exits(2);
}

#[test]
fn a_plugin_without_a_lane_is_not_called_over_it() {
    let folder = with_cases(&[("add", &add(1, 4))]);
    for way in ["lane", "both"] {
        folder.hookr(&format!("{TEST} --way {way}")).exits(4).prints_nothing().says(&["over the lane"]);
    }
}

#[cfg(unix)]
#[test]
fn folders_that_lead_into_themselves_end() {
    let folder = with_cases(&[("a/add", &add(1, 4))]);
    std::os::unix::fs::symlink("..", folder.path().join("cases/a/up")).unwrap();
    let run = folder.hookr(TEST).exits(0);
    assert!(run.stdout.contains("1 passed"), "{}", run.stdout);
}

#[test]
fn a_field_that_comes_or_goes_leaves_the_others_as_they_are() {
    let came = "{\n  \"method\": \"Fail\",\n  \"expect\": { // twice\n    \"calls\": [], // none\n    \"response\": {\n      \"n\": 1\n    }\n  }\n}\n";
    let add = "{\r\n  \"method\": \"Add\",\r\n  \"callbacks\": {\"Rng.Int\": {\"n\": 4}},\r\n  \"expect\": {\r\n    \"response\": { // all\r\n      \"reason\" : {\"$any\": true}, // kept\r\n    }\r\n  }\r\n}\r\n";
    let folder = with_cases(&[("add", add), ("came", came)]);
    folder.hookr(&format!("{TEST} --update")).exits(0);
    let expected = add.replace("{ // all\r\n", "{ // all\r\n      \"n\": 4,\r\n");
    assert_eq!(text(&folder, "cases/add.json"), expected);
    let error = "\"error\": {\n      \"code\": \"invalid-argument\",\n      \"message\": \"\\u001b[31mred\"\n    }";
    let expected = came.replace("\"response\": {\n      \"n\": 1\n    }", error);
    assert_eq!(text(&folder, "cases/came.json"), expected);
    let gone = add.replace("\"reason\"", "\"n\": 4, \"reason\"").replace("{\"$any\": true}", "\"why\"");
    folder.write("cases/add.json", &gone);
    folder.hookr(&format!("{TEST} --update --filter add")).exits(0);
    let found = text(&folder, "cases/add.json");
    assert!(found.contains("{ // all\r\n      \"n\": 4"), "{found}");
    folder.hookr(TEST).exits(0);
}

#[test]
fn files_that_cannot_be_read_hide_no_other_error() {
    let folder = with_cases(&[("a", r#"{"method": "Ad"}"#), ("c", r#"{"method": "Add", "expct": {}}"#)]);
    folder.write("cases/b.json", b"\xff");
    let run = folder.hookr(TEST).exits(1).prints_nothing();
    run.says(&["did you mean `Add`?", "cases/b.json is not UTF-8", "did you mean `expect`?"]);
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_are_warned_of_and_pipes_are_refused() {
    let folder = with_cases(&[("add", &add(1, 4))]);
    std::os::unix::fs::symlink("nowhere", folder.path().join("cases/lost.json")).unwrap();
    let pipe = |name: &str| {
        let made = std::process::Command::new("mkfifo").arg(folder.path().join(name)).status().unwrap();
        assert!(made.success());
    };
    pipe("cases/pipe.json");
    let run = folder.hookr(TEST).exits(0);
    assert!(run.stdout.contains("1 passed"), "{}", run.stdout);
    run.says(&["warning: cases/lost.json is not run: ", "cases/pipe.json is not run: it is not a regular file"]);
    let refused = folder.hookr(&format!("{TEST} cases/pipe.json")).exits(1);
    refused.says(&["cannot read cases/pipe.json", "it is not a regular file"]);
    pipe("_request.json");
    folder.write("cases/add.json", r#"{"method": "Add", "request_file": "../_request.json"}"#);
    folder.hookr(TEST).exits(1).says(&["it is not a regular file"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_read_only_is_not_brought_up_to_date() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = with_cases(&[("line", "{\"method\": \"Extra\"}")]);
    let path = folder.path().join("cases/line.json");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    let run = folder.hookr(&format!("{TEST} --update")).exits(7).says(&["error: 1 of 1 case failed"]);
    assert!(run.stdout.contains("not updated: cases/line.json is read-only"), "{}", run.stdout);
    assert_eq!(text(&folder, "cases/line.json"), "{\"method\": \"Extra\"}");
}

/// Presses Ctrl-C so many times as soon as the first case is over.
#[cfg(unix)]
fn interrupted(folder: &Folder, args: &str, times: usize) -> Run {
    use std::io::{BufRead as _, Read as _};
    let args = format!("{TEST} --jobs 1 {args}");
    let mut command = folder.command(args.split_whitespace());
    let command = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut stdout = String::new();
    out.read_line(&mut stdout).unwrap();
    // The next case begins in a moment, and takes seconds.
    std::thread::sleep(std::time::Duration::from_secs(1));
    for _ in 0..times {
        let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    out.read_to_string(&mut stdout).unwrap();
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    Run { code: child.wait().unwrap().code().expect("no signal ends it"), stdout, stderr }
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_report_of_what_was_run() {
    let late = |delay: &str| {
        format!(
            r#"{{"method": "Add", "callbacks": {{"Rng.Int": {{"response": {{"n": 1}}, "delay": "{delay}"}}}},
            "expect": {{"response": {{"n": 1}}}}, "deadline": "5m"}}"#
        )
    };
    let folder = with_cases(&[("a", &add(1, 4)), ("b", &late("5s")), ("c", &add(1, 4)), ("d", &add(1, 4))]);
    let run = interrupted(&folder, "--junit report.xml", 1).exits(130);
    // The second case may not have begun when the signal comes: then there is one more that is not run.
    let left = if run.stdout.contains("not run b") { 3 } else { 2 };
    let summary = format!("not run c\nnot run d\n\n{} passed, {left} not run in ", 4 - left);
    assert!(run.stdout.contains(&summary), "{}", run.stdout);
    run.says(&[&format!("error: Ctrl-C: {left} of 4 cases not run")]);
    let xml = text(&folder, "report.xml");
    assert_eq!(xml.matches("<skipped message=\"Ctrl-C\"/>").count(), left, "{xml}");
    folder.write("cases/b.json", late("4m"));
    let start = std::time::Instant::now();
    let run = interrupted(&folder, "", 2).exits(130);
    assert!(start.elapsed() < std::time::Duration::from_secs(120));
    assert!(!run.stdout.contains("not run"), "{}", run.stdout);
}
