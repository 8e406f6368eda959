//! What becomes of the state.

use super::*;
use crate::tui::app::{Busy, Mode, Pane};
use crate::tui::event::{Editable, SaveError};
use crate::tui::save;

#[test]
fn a_call_runs_once_at_a_time_and_can_be_cancelled() {
    let mut bench = Bench::new();
    bench.keys("c").keys("c").shows("a call is running");
    assert_eq!(bench.effects.iter().filter(|effect| matches!(effect, Effect::Call(..))).count(), 1);
    bench.event(Event::Tick(Duration::from_millis(1500))).shows("calling 1.5 s").shows("x cancel");
    bench.code(KeyCode::Esc).shows("cancelling");
    assert!(matches!(bench.effects.last(), Some(Effect::Cancel)));
    let order = bench.order();
    let result = Err(failed(hookr::Code::Cancelled, "no"));
    let outcome = Box::new(Outcome { result, elapsed: Duration::from_secs(2), seen: Seen::default() });
    let facts = Facts::default();
    bench.event(Event::Called { order, outcome, facts });
    assert_eq!(bench.app.busy, Busy::Idle);
    bench.hides("x cancel").shows("cancelled");
}

#[test]
fn a_wrong_request_is_not_called_with() {
    let mut bench = Bench::new();
    bench.write("{\"url\": }").keys("c").shows("the request is not right");
    assert!(bench.effects.is_empty());
}

#[test]
fn each_method_keeps_its_request() {
    let mut bench = Bench::new();
    let first = bench.request();
    bench.write("{\"url\": \"mine\"}");
    bench.app.focus = Pane::Methods;
    bench.keys("j\n");
    assert_eq!(bench.app.chosen().unwrap().name, "Info");
    assert_eq!(bench.request(), "{}");
    bench.keys("k\n");
    assert_eq!(bench.request(), "{\"url\": \"mine\"}");
    bench.keys("r");
    assert_eq!(bench.request(), first);
    bench.keys("i").control('u');
    assert_eq!(bench.request(), "{\"url\": \"mine\"}", "what was reset can be undone");
}

#[test]
fn keys_are_text_while_one_edits() {
    let mut bench = Bench::new();
    bench.write("{}").keys("iq");
    assert!(bench.effects.is_empty() && bench.request().contains('q'));
    bench.event(Event::Paste("a\nb".to_owned()));
    assert!(bench.request().contains("a\nb"));
    bench.code(KeyCode::Esc).keys("q");
    assert!(matches!(bench.effects.last(), Some(Effect::Quit)));
    bench.keys("i").control('c');
    assert_eq!(bench.effects.iter().filter(|effect| matches!(effect, Effect::Quit)).count(), 2);
    bench.control('z');
    assert!(matches!(bench.effects.last(), Some(Effect::Suspend)));
}

#[test]
fn what_is_pasted_elsewhere_does_nothing() {
    let mut bench = Bench::new();
    let before = bench.request();
    bench.event(Event::Paste("cq".to_owned())).shows("edit it first");
    assert!(bench.effects.is_empty());
    assert_eq!(bench.request(), before);
}

#[test]
fn the_request_goes_to_the_editor_and_comes_back() {
    let mut bench = Bench::new();
    bench.keys("e");
    let Some(Effect::Edit { what: Editable::Request, text }) = bench.effects.pop() else { panic!("no editor") };
    assert_eq!(text, bench.request() + "\n");
    bench.write("{\"count\": 9}\n").shows("the request was edited");
    assert_eq!(bench.request(), "{\"count\": 9}");
    let (what, result) = (Editable::Request, Err("`ed` has failed".to_owned()));
    bench.event(Event::Edited { what, result }).shows("has failed");
    assert_eq!(bench.request(), "{\"count\": 9}");
}

#[test]
fn a_loop_stops_when_it_is_told_to_and_when_the_plugin_changes() {
    let mut bench = Bench::new();
    bench.keys("wtl");
    let Some(Effect::Loop(order, _, stop_at_error)) = bench.effects.pop() else { panic!("no loop") };
    assert_eq!((order.way, stop_at_error), (Way::Lane, false));
    bench.keys("l").shows("stopping");
    assert!(matches!(bench.effects.pop(), Some(Effect::StopLoop)));
    bench.event(Event::Looped { statistics: Box::default(), is_over: true, facts: None });
    assert_eq!(bench.app.busy, Busy::Idle);
}

/// Another version, of this schema.
fn opened(schema: &str) -> Event {
    let (lacking, facts, notices) = Default::default();
    Event::Opened(Ok(Box::new(Opened { contract: contract(schema), lacking, facts, notices })))
}

fn looped(calls: u64, is_over: bool) -> Event {
    let statistics = Box::new(crate::tui::stats::Statistics { calls, ..Default::default() });
    Event::Looped { statistics, is_over, facts: None }
}

#[test]
fn a_loop_goes_on_with_another_version() {
    let mut bench = Bench::new();
    bench.write("{\"url\": \"looped\"}").keys("l").event(looped(77, false)).shows("77, ");
    bench.effects.clear();
    // Until it is known to be good, the old one is called; and for ever if it is not.
    bench.event(Event::Opening).shows("the plugin's file has changed").shows("looping");
    bench.event(Event::Opened(Err("error: no\n".to_owned()))).shows("the old version stays, and its loop goes on");
    assert!(bench.effects.is_empty());
    bench.shows("looping").shows("77, ");
    // What is edited meanwhile is not called.
    bench.write("{\"url\": }").event(Event::Opening).event(opened(SCHEMA));
    bench.shows("version 2; the request is kept; the loop goes on, counted anew").shows("looping").hides("77, ");
    assert_eq!(bench.order().text, "{\"url\": \"looped\"}");
    // One that cannot be called like this ends it.
    bench.event(Event::Opening).event(opened(&SCHEMA.replace("url: string", "link: string")));
    assert_eq!((bench.app.busy, bench.effects.len()), (Busy::Idle, 0));
    assert!(bench.app.status.1.ends_with("the loop has ended: it cannot call like this"), "{:?}", bench.app.status);
}

#[test]
fn a_loop_that_is_stopping_does_not_go_on_with_another_version() {
    let mut bench = Bench::new();
    bench.keys("l").event(Event::Opening).keys("l").event(looped(5, false)).event(opened(SCHEMA));
    bench.shows("reloaded: version 2; the request is kept; the loop has ended: 5 calls");
    assert_eq!(bench.app.busy, Busy::Idle);
    assert!(matches!(bench.effects.last(), Some(Effect::StopLoop)));
}

#[test]
fn a_file_that_is_gone_is_told_of() {
    let mut bench = Bench::new();
    bench.event(Event::Vanished { is_back: false }).shows("the plugin's file is gone; version 1 stays in service");
    bench.event(Event::Vanished { is_back: true }).shows("the plugin's file is there again");
}

#[test]
fn statistics_are_kept_beside_the_response() {
    let mut bench = Bench::new();
    bench.keys("l").event(looped(77, true)).keys("p").shows("there is no call yet to show").shows("77, ");
    bench.called().hides("77, ").shows("\"node\": \"b\"");
    bench.keys("p").shows("encoded by hookr").keys("p").shows("77, ").shows("Plugin.Balance, typed");
    bench.keys("p").hides("77, ").shows("\"node\": \"b\"");
    // Of a plugin that is in no loop, there are none.
    let mut other = Bench::new();
    other.called().keys("pp").shows("\"node\": \"b\"");
}

#[test]
fn another_version_keeps_the_request_and_checks_it_anew() {
    let mut bench = Bench::new();
    bench.write("{\"url\": \"x\"}").called();
    let opened = |schema: &str| Opened {
        contract: contract(schema),
        lacking: Vec::new(),
        facts: Facts::default(),
        notices: Vec::new(),
    };
    bench.event(Event::Opening).keys("c").shows("being opened");
    let renamed = SCHEMA.replace("url: string", "link: string").replace("Info(Empty)", "About(Empty)");
    bench.event(Event::Opened(Ok(Box::new(opened(&renamed))))).shows("reloaded: version 2").shows("About");
    assert_eq!(bench.request(), "{\"url\": \"x\"}");
    bench.shows("error").keys("c").shows("the request is not right");
    assert_eq!(bench.app.history.len(), 1);
    bench.event(Event::Opening).event(Event::Opened(Err("error: no\n  hint: do\n".to_owned())));
    bench.shows("The new version is not in service").shows("the old version stays");
    bench.event(Event::Opening).event(Event::Opened(Ok(Box::new(opened(SCHEMA))))).hides("is not in service");
    // A method that is gone is not called.
    bench.event(Event::Opened(Ok(Box::new(opened(&SCHEMA.replace("Balance", "Other")))))).keys("h\n");
    bench.shows("does not have the method any more");
}

#[test]
fn a_call_is_restored_from_the_history() {
    let mut bench = Bench::new();
    bench.write("{\"url\": \"first\"}").called().keys("w").write("{\"url\": \"second\"}").called();
    bench.keys("hj\n").shows("restored: call 1");
    assert_eq!(bench.request(), "{\"url\": \"first\"}");
    assert_eq!(bench.app.way, Way::Typed);
    assert_eq!(bench.app.shown.as_ref().unwrap().number, 1);
    assert!(matches!(bench.app.mode, Mode::Panes));
}

#[test]
fn a_call_is_saved_as_a_case_and_as_fixtures() {
    let mut bench = Bench::new();
    bench.keys("s").shows("there is no call yet to save");
    bench.write("{\"url\": \"x\"}").called().keys("s").shows("save as: balance");
    bench.code(KeyCode::Backspace).keys("d\n");
    let Some(Effect::Save { bundle, overwrite: false }) = bench.effects.pop() else { panic!("nothing is saved") };
    let files: Vec<_> = bundle.files().iter().map(|(path, text)| (path.to_str().unwrap(), text.as_str())).collect();
    let names: Vec<_> = files.iter().map(|(path, _)| *path).collect();
    let expected = ["cases/balancd.json", "balancd.request.json", "balancd.fixture.json", "balancd.response.json"];
    assert_eq!(names, expected);
    let case: serde_json::Value = serde_json::from_str(files[0].1).unwrap();
    assert_eq!(
        case,
        serde_json::json!({
            "method": "Balance",
            "request": {"url": "x"},
            "callbacks": {"Rng.Int": [{"when": {"min": 1, "max": 6}, "response": {"value": 4}, "times": 1}]},
            "expect": {"response": {"valid": true, "node": "b", "weight": 0.5}},
        })
    );
    for (path, text) in files {
        assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{path}: {text}");
    }
    // Somebody is asked before anything is lost.
    let paths = vec![PathBuf::from("cases/balancd.json")];
    bench.event(Event::Saved(Err(SaveError::Exists { bundle, paths }))).shows("replace cases/balancd.json?");
    bench.keys("c").shows("replace").keys("y");
    assert!(matches!(bench.effects.pop(), Some(Effect::Save { overwrite: true, .. })));
}

/// A call of which a callback has no answer, and which the plugin has answered all the same.
fn unanswered(bench: &mut Bench) -> &mut Bench {
    let missing = Err(hookr::Error::unimplemented("the host fixture has no response for Rng.Float"));
    let trace = vec![
        bench.exchange("Rng.Int", "{\"min\": 1, \"max\": 6}", Ok("{\"value\": 4}")),
        bench.exchange("Rng.Float", "{}", missing),
    ];
    let missing = [("Rng".to_owned(), "Float".to_owned())].into();
    bench.call(Ok("{}"), Seen { trace, missing, ..Seen::default() })
}

#[test]
fn a_call_with_callbacks_that_nothing_answers_is_no_case() {
    let mut bench = Bench::new();
    unanswered(&mut bench).keys("s").shows("no case, as callbacks are missing; save request and fixture as: balance");
    bench.keys("\n");
    let Some(Effect::Save { bundle, .. }) = bench.effects.pop() else { panic!("nothing is saved") };
    let names: Vec<_> = bundle.files().iter().map(|(path, _)| path.to_str().unwrap()).collect();
    assert_eq!(names, ["balance.request.json", "balance.fixture.json"]);
    let folder = tempfile::tempdir().unwrap();
    let said = save::write(bundle.within(folder.path()), false).unwrap();
    assert!(said.ends_with("; no case: nothing answers Rng.Float"), "{said}");
    let mut narrow = Bench::sized(40, 12, COLORED);
    unanswered(&mut narrow).keys("s").shows("no case; files as: balance");
    // With an answer, it is one.
    bench.called().keys("s").shows("save as: balance").hides("no case");
}

#[test]
fn a_call_with_callbacks_that_nothing_answers_is_not_recorded() {
    let mut bench = Bench::new();
    bench.app.record = Some((PathBuf::from("all"), 1));
    unanswered(&mut bench).shows("not recorded, as nothing answers Rng.Float");
    assert!(!bench.effects.iter().any(|effect| matches!(effect, Effect::Save { .. })));
    bench.shows("call 1 was not recorded").called();
    assert!(matches!(bench.effects.last(), Some(Effect::Save { .. })));
}

#[test]
fn another_contract_is_told_of_and_what_became_of_method_and_request() {
    let mut bench = Bench::new();
    bench.event(opened(SCHEMA)).shows("reloaded: version 2; the request is kept");
    bench.app.focus = Pane::Methods;
    bench.keys("j\n").event(opened(&SCHEMA.replace("count: int = 3", "count: int = 3; more: int")));
    bench.shows("reloaded: version 3, another contract; Plugin.Info and its request are kept");
    bench.keys("k\n").write("{\"url\": \"x\"}").event(opened(&SCHEMA.replace("url: string", "link: string")));
    bench.shows("version 4, another contract; Plugin.Balance is kept, its request is not right");
    bench.event(opened(&SCHEMA.replace("Balance", "Weigh")));
    bench.shows("version 5, another contract without Plugin.Balance; selected: Plugin.Weigh").hides("is kept");
    // It comes back, with the request that it had.
    bench.event(opened(SCHEMA)).app.method_cursor = 0;
    bench.app.focus = Pane::Methods;
    bench.keys("\n");
    assert_eq!(bench.request(), "{\"url\": \"x\"}");
}

#[test]
fn an_error_is_a_case_too() {
    let mut bench = Bench::new();
    bench.call(Err(failed(hookr::Code::NotFound, "\"no\"")), Seen::default());
    let case: serde_json::Value = serde_json::from_str(&save::case(&bench.app.history[0])).unwrap();
    assert_eq!(case["expect"], serde_json::json!({"error": {"code": "not-found", "message": "\"no\""}}));
}

#[test]
fn answers_that_differ_follow_each_other() {
    let mut bench = Bench::new();
    let answer = |bench: &Bench, json: &'static str| bench.exchange("Rng.Int", "{}", Ok(json));
    let mut trace: Vec<_> =
        ["{\"value\": 1}", "{\"value\": 2}", "{\"value\": 2}"].map(|json| answer(&bench, json)).into();
    trace.push(bench.exchange("Rng.Float", "{}", Err(hookr::Error::internal("full"))));
    bench.call(Ok("{}"), Seen { trace, ..Seen::default() });
    let case: serde_json::Value = serde_json::from_str(&save::case(&bench.app.history[0])).unwrap();
    assert_eq!(
        case["callbacks"],
        serde_json::json!({
            "Rng.Int": [
                {"when": {"min": 0, "max": 0}, "response": {"value": 1}, "times": 1},
                {"when": {"min": 0, "max": 0}, "response": {"value": 2}, "times": 2},
            ],
            "Rng.Float": [{"when": {}, "error": {"code": "internal", "message": "full"}, "times": 1}],
        })
    );
}

#[test]
fn files_go_to_this_folder_or_below() {
    let mut bench = Bench::new();
    bench.called();
    let record = bench.app.history[0].clone();
    for name in ["", "  ", "/x", "../x", "a/../b", "x/", "a\u{7}"] {
        assert!(save::bundle(&record, name).is_err(), "{name}");
    }
    assert_eq!(save::bundle(&record, "deep/x.json").unwrap().files()[0].0, Path::new("cases/deep/x.json"));
}

#[test]
fn every_call_is_recorded_if_that_is_wanted() {
    let mut bench = Bench::new();
    bench.app.record = Some((PathBuf::from("all"), 7));
    bench.called().called();
    let paths: Vec<_> = bench
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Save { bundle, overwrite: false } => Some(bundle.files()[0].0.clone()),
            _ => None,
        })
        .collect();
    // The first effect was taken by the second call.
    assert_eq!(paths, [Path::new("all/0008-Balance.json")]);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(save::next_number(folder.path()), 1);
    std::fs::write(folder.path().join("0041-Balance.json"), "").unwrap();
    std::fs::write(folder.path().join("other.json"), "").unwrap();
    assert_eq!(save::next_number(folder.path()), 42);
}

#[test]
fn files_are_only_replaced_if_that_is_agreed_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fixture.json");
    let bundle = || save::fixture(path.clone(), "{}");
    assert!(save::write(bundle(), false).is_ok());
    std::fs::write(&path, "mine").unwrap();
    let Err(SaveError::Exists { paths, .. }) = save::write(bundle(), false) else { panic!("it is there already") };
    assert_eq!(paths, std::slice::from_ref(&path));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    assert!(save::write(bundle(), true).is_ok());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}\n");
}

#[test]
fn a_fixture_that_was_changed_here_is_not_lost() {
    let mut bench = Bench::new();
    bench.event(Event::FixtureRead(Ok("{}".to_owned()))).shows("read again");
    bench.app.focus = Pane::Callbacks;
    bench.keys("a");
    let mine = bench.app.answers.text().to_owned();
    bench.event(Event::FixtureRead(Ok("{ }".to_owned()))).shows("has changed, and so has");
    assert_eq!(bench.app.answers.text(), mine);
    bench.keys("S");
    assert!(matches!(bench.effects.last(), Some(Effect::Save { overwrite: false, .. })));
    bench.event(Event::Saved(Ok("saved fixture.json".to_owned()))).hides("changed");
}

#[test]
fn long_texts_are_moved_through() {
    let mut bench = Bench::sized(60, 16, COLORED);
    let nodes: Vec<String> = (0..100).map(|i| format!("\"node-{i}\"")).collect();
    bench.write(&format!("{{\"nodes\": [\n{}\n]}}", nodes.join(",\n"))).shows("node-0").hides("node-99");
    bench.keys("G").shows("node-99").hides("node-0\"").keys("gj").hides("nodes");
    bench.code(KeyCode::PageDown).shows("node-13").keys("g/node-77\n").shows("node-77");
    bench.keys("gi");
    for _ in 0..100 {
        bench.code(KeyCode::Down);
    }
    bench.shows("node-99");
    bench.code(KeyCode::End).keys(&"x".repeat(100)).shows("xxxxx");
}
