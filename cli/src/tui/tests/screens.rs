//! What is seen, as text.

use super::*;
use crate::tui::app::Pane;
use crate::tui::event::Editable;
use crate::tui::stats::Statistics;

const REQUEST: &str = "{\n  \"url\": \"https://example.com\",\n  \"nodes\": [\"a\", \"b\"]\n}\n";

fn statistics() -> Statistics {
    let micros = Duration::from_micros;
    Statistics {
        calls: 12_345,
        errors: 2,
        elapsed: Duration::from_millis(2500),
        min: micros(9),
        mean: micros(21),
        p50: micros(18),
        p90: micros(30),
        p99: micros(95),
        p999: micros(410),
        max: micros(1210),
        trend: (0..40).map(|i| micros(10 + (i * 7) % 23)).collect(),
        buckets: crate::bench::spread(
            9e3,
            410e3,
            1.21e6,
            [(9_000, 1000), (18_000, 7000), (30_000, 4000), (95_000, 300), (410_000, 40), (1_210_000, 5)].into_iter(),
        ),
        last_error: Some("error: the plugin says no\n  hint: ask again\n".to_owned()),
    }
}

#[test]
fn the_start_shows_the_template_of_the_first_method() {
    golden("start", &Bench::new().screen());
}

#[test]
fn a_call_shows_its_response_and_its_callbacks() {
    let mut bench = Bench::new();
    bench.write(REQUEST).called();
    golden("called", &bench.screen());
}

#[test]
fn an_error_shows_its_code_causes_and_hints() {
    let mut bench = Bench::new();
    let message = "there is no node\nin the list\x1b[2J";
    bench.call(Err(failed(hookr::Code::InvalidArgument, message)), Seen::default());
    golden("error", &bench.screen());
    bench.hides("\x1b");
}

#[test]
fn a_wrong_request_shows_where_and_why_while_it_is_written() {
    let mut bench = Bench::new();
    bench.write("{\n  \"url\": 5,\n  \"nodes\": [\"a\",\n  \"cuont\": 1\n}").keys("i");
    golden("wrong", &bench.screen());
    bench.code(KeyCode::Esc).keys("zi");
    // Mended key by key.
    bench.write("{\n  \"url\": \"x\",\n  \"cuont\": 1\n}").shows("count");
    bench.code(KeyCode::Down).code(KeyCode::Down).code(KeyCode::Home);
    for _ in 0..3 {
        bench.code(KeyCode::Right);
    }
    bench.code(KeyCode::Right).code(KeyCode::Delete).code(KeyCode::Delete).keys("ou");
    assert_eq!(bench.request(), "{\n  \"url\": \"x\",\n  \"count\": 1\n}");
    bench.hides("error");
}

#[test]
fn a_response_is_shown_as_annotated_bytes() {
    let mut bench = Bench::new();
    bench.write(REQUEST).called().keys("pz").code(KeyCode::Tab);
    golden("raw", &bench.screen());
    bench.shows("encoded by hookr").shows("$.node string: \"b\"").shows("$.weight scalar Acme.Response.weight: 0.5");
}

#[test]
fn a_loop_shows_how_long_its_calls_take() {
    let mut bench = Bench::new();
    bench.keys("l").event(Event::Tick(Duration::from_millis(2500)));
    let facts = None;
    bench.event(Event::Looped { statistics: Box::new(statistics()), is_over: false, facts });
    golden("loop", &bench.screen());
    bench.keys("z").code(KeyCode::Tab);
    golden("loop-alone", &bench.screen());
    let mut plain = Bench::sized(60, 30, Theme { colors: false, unicode: false });
    plain.keys("l");
    plain.event(Event::Looped { statistics: Box::new(statistics()), is_over: true, facts: None });
    golden("loop-ascii", &plain.screen());
    assert!(plain.screen().is_ascii());
}

#[test]
fn callbacks_are_expanded_and_missing_ones_can_be_added() {
    let mut bench = Bench::new();
    let missing = Err(hookr::Error::unimplemented("the host fixture has no response for Rng.Float"));
    let trace = vec![
        bench.exchange("Rng.Int", "{\"min\": 1, \"max\": 6}", Ok("{\"value\": 4}")),
        bench.exchange("Rng.Float", "{}", missing),
    ];
    let missing = [("Rng".to_owned(), "Float".to_owned())].into();
    bench.call(Ok("{}"), Seen { trace, missing, ..Seen::default() });
    bench.shows("callbacks missing").shows("which the fixture does not answer");
    bench.code(KeyCode::Tab).code(KeyCode::Tab).keys("z\n");
    golden("callbacks", &bench.screen());
    bench.keys("ja").shows("fixture: fixture.json, changed");
    assert_eq!(
        bench.app.answers.text(),
        "{\n  \"Rng.Float\": {\"response\": { \"value\": 0 }},\"Rng.Int\": {\"value\": 4}}\n"
    );
    bench.keys("e");
    assert!(matches!(bench.effects.last(), Some(Effect::Edit { what: Editable::Fixture, .. })));
    let result = Ok("{\"Rng.Int\": {\"valeu\": 4}}".to_owned());
    bench.event(Event::Edited { what: Editable::Fixture, result }).shows("not right").shows("did you mean");
    bench.keys("c").shows("the fixture is not right");
}

#[test]
fn the_history_compares_responses() {
    let mut bench = Bench::new();
    bench.called();
    bench.call(Ok("{\"valid\": true, \"node\": \"a\", \"weight\": 0.5}"), Seen::default()).keys("h");
    golden("history", &bench.screen());
    bench.keys("d");
    golden("diff", &bench.screen());
    bench.keys("qjd").shows("there is no call of the method before this one");
}

#[test]
fn what_is_searched_for_stands_out() {
    let mut bench = Bench::sized(100, 30, PLAIN);
    bench.called().code(KeyCode::Tab).keys("/NODE");
    golden("search-typed", &bench.screen());
    bench.keys("\n").shows("Response does not have `NODE`").keys("/node\n");
    golden("search", &(bench.screen() + &bench.modifiers()));
    bench.code(KeyCode::Esc);
    assert!(bench.app.search.word.is_empty());
}

#[test]
fn the_help_is_made_of_the_keys() {
    let mut bench = Bench::sized(100, 70, COLORED);
    bench.keys("?");
    golden("help", &bench.screen());
}

#[test]
fn a_narrow_terminal_shows_one_pane_at_a_time() {
    let mut bench = Bench::sized(40, 12, COLORED);
    bench.write(REQUEST).called();
    golden("narrow", &bench.screen());
    bench.shows("c call").shows("\"node\": \"b\"");
    let mut all = String::new();
    for _ in 0..5 {
        bench.code(KeyCode::Tab);
        all += &bench.screen();
    }
    golden("narrow-panes", &all);
    bench.app.focus = Pane::Request;
    bench.shows("Request").shows("Plugin.Balance").write("{\n  \"url\": \"long enough to be moved\", \"count\": }");
    golden("narrow-wrong", &bench.screen());
    bench.keys("c").shows("the request is not right").write(REQUEST);
    let missing = [("Rng".to_owned(), "Int".to_owned())].into();
    bench.call(Ok("{}"), Seen { missing, ..Seen::default() }).keys("h").shows("History");
    golden("narrow-history", &bench.screen());
    // Who looks at callbacks goes on with that.
    bench.keys("q").app.focus = Pane::Callbacks;
    bench.called();
    assert_eq!(bench.app.focus, Pane::Callbacks);
    bench.keys("h");
    // Nothing is too small to be drawn.
    for (columns, rows) in [(1, 1), (2, 3), (10, 4), (79, 19), (80, 20), (300, 100)] {
        bench.event(Event::Resize(columns, rows)).screen();
        for mode in ["q", "?", "q", "i"] {
            bench.keys(mode).screen();
        }
        bench.code(KeyCode::Esc).keys("h").screen();
    }
}

#[test]
fn without_colours_there_are_none() {
    let mut bench = Bench::sized(100, 30, PLAIN);
    bench.called().write("{\"url\": 5}");
    golden("no-colours", &(bench.screen() + &bench.modifiers()));
    assert!(!bench.has_colors());
    bench.keys("h");
    assert!(!bench.has_colors());
    let mut colored = Bench::new();
    assert!(colored.called().has_colors());
}

#[test]
fn without_unicode_there_is_none() {
    let mut bench = Bench::sized(100, 30, Theme { colors: true, unicode: false });
    bench.called().keys("h");
    assert!(bench.screen().is_ascii(), "{}", bench.screen());
    bench.keys("q?");
    assert!(bench.screen().is_ascii());
}
