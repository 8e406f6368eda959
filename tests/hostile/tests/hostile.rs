//! Every hostile plugin comes to the error that it has to come to, in time, without taking much memory of its host, and
//! an honest plugin is served by the same process right after.
//!
//! There is a test for each phase. One that fails names the cases; `cargo xtask hostile --filter CASE` runs one of
//! them.

use hookr_hostile::cases::{self, PHASES};
use hookr_hostile::runner::Runner;
use hookr_tests::plugin;

/// Runs the cases of a phase, in a process of their own.
#[track_caller]
fn phase(phase: &str) {
    let mut runner = Runner::new(env!("CARGO_BIN_EXE_hookr-hostile"), plugin("textfilter")).unwrap();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for case in cases::all().iter().filter(|case| case.phase() == phase) {
        seen += 1;
        let report = runner.run(case).unwrap();
        if !report.is_fine() {
            wrong.push(report.to_string());
        }
    }
    assert!(seen > 0, "there are no cases of {phase}");
    assert!(wrong.is_empty(), "{} of {seen} cases are not as expected:\n{}", wrong.len(), wrong.join("\n"));
}

macro_rules! phases {
    ($($name:ident = $phase:literal,)*) => {
        $(
            #[test]
            fn $name() {
                phase($phase);
            }
        )*

        #[test]
        fn every_phase_has_a_test() {
            assert_eq!([$($phase),*], PHASES);
        }
    };
}

phases! {
    file = "file",
    section = "section",
    imports = "imports",
    code = "code",
    instances = "instances",
    start = "start",
    lane_open = "lane-open",
    call = "call",
    realloc = "realloc",
    callback = "callback",
    post_return = "post-return",
    result = "result",
    tree = "tree",
    lane = "lane",
    flatbuffer = "flatbuffer",
    log = "log",
    state = "state",
    wasi = "wasi",
}
