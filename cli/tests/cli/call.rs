//! `hookr call`.

use crate::plugin::{self, SCHEMA, folder};
use crate::support::Folder;

const CALL: &str = "call --plugin calc.wasm --allow-unsigned";

fn with_fixture(fixture: &str) -> Folder {
    let folder = folder();
    folder.write("fixture.json", fixture);
    folder.write("three.json", r#"{"n": 3}"#);
    folder
}

#[test]
fn json_goes_in_and_comes_out() {
    let folder = with_fixture(r#"{"Rng.Int": {"response": {"n": 4}}}"#);
    let call = format!("{CALL} --host-fixture fixture.json --method Add");
    let run = folder.hookr(&format!("{call} --input three.json")).exits(0);
    assert_eq!(run.stdout, "{\n  \"n\": 7\n}\n");
    assert_eq!(run.stderr, "", "progress is for terminals");
    let run = folder.hookr_with(&format!("{call} --input - --compact --defaults"), "{n: -4}").exits(0);
    assert_eq!(run.stdout, "{\"n\":0,\"reason\":\"\"}\n");
    assert_eq!(folder.hookr(&format!("{CALL} --method Plugin.Extra --compact")).exits(0).stdout, "{\"n\":42}\n");
    assert_eq!(folder.hookr(&format!("{CALL} --method Plugin:Extra --compact")).exits(0).stdout, "{\"n\":42}\n");
    folder.hookr(&format!("{CALL} --method Extra --schema calc.fbs")).exits(0);
}

#[test]
fn a_plugin_needs_a_trust_decision() {
    let folder = folder();
    let own = hookr::Digest::of(&folder.read("calc.wasm")).to_string();
    let call = "call --plugin calc.wasm --method Extra";
    folder.hookr(call).exits(3).prints_nothing().says(&[&own, "hint: ", "--hash", "--allow-unsigned"]);
    let other = "1".repeat(64);
    folder.hookr(&format!("{call} --hash {other}")).exits(3).prints_nothing().says(&[&own, &other]);
    folder.hookr(&format!("{call} --hash {other} --allow-unsigned")).exits(3).says(&[&own, &other]);
    folder.hookr(&format!("{call} --hash {own}")).exits(0);
    folder.hookr(&format!("{call} --hash sha256:{}", own.to_uppercase())).exits(0);
}

#[test]
fn a_schema_is_what_a_component_without_a_contract_is_told() {
    let folder = folder();
    folder.write("bare.wasm", plugin::component());
    let id = plugin::section(SCHEMA).contract_id.to_string();
    let call = "call --plugin bare.wasm --allow-unsigned --method Extra";
    folder.hookr(&format!("{call} --schema calc.fbs")).exits(4).prints_nothing().says(&["expected acme:calc", &id]);
    let run = folder.hookr(call).exits(4);
    assert!(!run.stderr.contains("expected"), "{}", run.stderr);
}

#[test]
fn trust_comes_before_everything_else() {
    let folder = folder();
    folder.write("junk.wasm", "junk");
    folder.hookr("call --plugin junk.wasm --method M --input nothing.json").exits(3);
    folder.hookr("call --plugin junk.wasm --method M --allow-unsigned").exits(4).says(&["not WebAssembly"]);
}

#[test]
fn what_the_plugin_answers_is_told() {
    let folder = folder();
    let run = folder.hookr(&format!("{CALL} --method Fail")).exits(5).prints_nothing();
    assert_eq!(run.stderr, "error: Plugin:Fail failed: invalid-argument: \\u{1b}[31mred\n");
    folder
        .hookr(&format!("{CALL} --method Trap"))
        .exits(5)
        .prints_nothing()
        .says(&["the plugin trapped in Plugin:Trap"]);
    folder.hookr(&format!("{CALL} --method Garbage")).exits(5).prints_nothing().says(&["returned what cannot be read"]);
}

#[test]
fn a_request_that_does_not_fit_is_shown() {
    let folder = folder();
    folder.write("request.json", "{\"n\": 3000000000, \"reasn\": \"\"}");
    let run = folder.hookr(&format!("{CALL} --method Extra --input request.json")).exits(1).prints_nothing();
    run.says(&["$.n", "$.reasn", "request.json:1:7", "did you mean `reason`?"]);
    folder.hookr(&format!("{CALL} --method Extra --input nothing.json")).exits(1).says(&["cannot read nothing.json"]);
    folder.hookr_with(&format!("{CALL} --method Extra --input -"), "{").exits(1).says(&["<standard input>"]);
    folder.hookr(&format!("{CALL} --method Extr")).exits(1).says(&["no method `Extr`", "did you mean `Extra`?"]);
    folder.hookr(&format!("{CALL} --method Rng.Int")).exits(1).says(&["no method `Rng.Int`", "`Add`, `Fail`"]);
}

#[test]
fn a_fixture_answers_callbacks_in_order() {
    let folder = with_fixture(r#"{"Rng.Int": [{"n": 1}, {"error": {"code": "unavailable", "message": "later"}}]}"#);
    let call = format!("{CALL} --host-fixture fixture.json --method Add --input three.json --compact");
    assert_eq!(folder.hookr(&call).exits(0).stdout, "{\"n\":4}\n");
    folder.write("fixture.json", r#"{"Rng.Int": {"error": {"code": "unavailable", "message": "later"}}}"#);
    folder.hookr(&call).exits(5).prints_nothing().says(&["Plugin:Add failed: unavailable: later"]);
}

#[test]
fn a_callback_without_fixture_is_an_error_with_a_line_to_paste() {
    let folder = with_fixture("{}");
    for args in ["", " --host-fixture fixture.json"] {
        let run = folder.hookr(&format!("{CALL} --method Add{args}")).exits(1).prints_nothing();
        run.says(&["`Rng.Int`", r#""Rng.Int": {"response": { "n": 0, "reason": "" }}"#]);
    }
    // What the hint says works.
    folder.write("fixture.json", r#"{"Rng.Int": {"response": { "n": 0, "reason": "" }}}"#);
    folder.hookr(&format!("{CALL} --method Add --host-fixture fixture.json")).exits(0);
}

#[test]
fn a_fixture_is_checked_before_the_call() {
    let folder = with_fixture(r#"{"Rng.Int": {"responses": [{"n": 1}, {"n": "x"}]}, "Rng.Itn": {}}"#);
    let run = folder.hookr(&format!("{CALL} --method Extra --host-fixture fixture.json")).exits(1).prints_nothing();
    run.says(&[r#"$["Rng.Int"].responses[1].n"#, "fixture.json:1:", "did you mean `Rng.Int`?"]);
}

#[test]
fn the_schema_must_be_the_plugins() {
    let folder = folder();
    let other = SCHEMA.replace("n: int;", "n: int = 1;");
    folder.write("other.fbs", &other);
    let run = folder.hookr(&format!("{CALL} --method Extra --schema other.fbs")).exits(4).prints_nothing();
    let (here, there) = (plugin::section(&other).contract_id, plugin::section(SCHEMA).contract_id);
    run.says(&[&here.to_string(), &there.to_string(), "`Acme.Calc.Num.n`"]);
}

#[test]
fn optional_methods_of_any_attribute_are_known_without_the_schema() {
    let folder = folder();
    let schema = SCHEMA.replace("hookr_optional", "maybe");
    folder.write("maybe.fbs", &schema);
    folder.write("bare.wasm", plugin::component());
    let build = "build --component bare.wasm --schema maybe.fbs --optional-attribute maybe --out maybe.wasm";
    folder.hookr(build).exits(0);
    let run = folder.hookr("call --plugin maybe.wasm --allow-unsigned --method Extra --compact").exits(0);
    assert_eq!(run.stdout, "{\"n\":42}\n");
}

#[test]
fn a_plugin_without_a_lane_says_which_way_it_can_be_called() {
    let run = folder().hookr(&format!("{CALL} --method Extra --way lane")).exits(5).prints_nothing();
    assert!(run.stderr.contains("hint: `--way typed`"), "{}", run.stderr);
}
