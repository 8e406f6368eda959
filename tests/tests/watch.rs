//! `hookr watch`, as whoever writes a plugin sees it.

use std::fs;

use hookr_tests::project::{Project, Session};

const LIB: &str = "plugin/src/lib.rs";

#[test]
fn each_change_is_built_and_tried() {
    let project = Project::new("new-watched", "minimal");
    let call =
        ["call", "--plugin", "new-watched.wasm", "--allow-unsigned", "--method", "Greet", "--input", "request.json"];
    let mut watch = project.hookr(&["watch", "--plugin", "plugin", "--out", "new-watched.wasm", "--"]);
    watch.arg(hookr_tests::hookr()).args(call).arg("--compact");
    let mut watch = Session::start(&mut watch);
    watch.waits_for("building");
    watch.waits_for("built new-watched.wasm in ");
    watch.waits_for("out {\"text\":\"Hello, Elizabeth!\"}");

    project.edit(LIB, "Hello, {name}", "Good morning, {name}");
    assert!(watch.waits_for("changed: ").contains("plugin/src/lib.rs"));
    watch.waits_for("out {\"text\":\"Good morning, Elizabeth!\"}");

    project.edit(LIB, "Good morning, {name}", "Good morning, {nobody}");
    watch.waits_for("cannot find value `nobody`");
    watch.waits_for("the build failed");
    project.edit(LIB, "Good morning, {nobody}", "Good evening, {name}");
    watch.waits_for("out {\"text\":\"Good evening, Elizabeth!\"}");

    // A new file, in a new folder.
    fs::create_dir(project.path("plugin/src/words")).unwrap();
    fs::write(project.path("plugin/src/words/mod.rs"), "pub const HELLO: &str = \"Salut\";\n").unwrap();
    project.edit(LIB, "format!(\"Good evening, {name}!\")", "format!(\"{}, {name}!\", words::HELLO)");
    project.edit(LIB, "/// The plugin. ", "mod words;\n\n/// The plugin. ");
    watch.waits_for("out {\"text\":\"Salut, Elizabeth!\"}");
    project.edit("plugin/src/words/mod.rs", "Salut", "Bonjour");
    watch.waits_for("out {\"text\":\"Bonjour, Elizabeth!\"}");

    // The crate of the contract follows its schema.
    project.edit("new-watched.fbs", "/// Whom to greet.", "/// The name of whom to greet.");
    watch.waits_for("generating its crate");
    watch.waits_for("out {\"text\":\"Bonjour, Elizabeth!\"}");
    let types = fs::read_to_string(project.path("contract/src/types.rs")).unwrap();
    assert!(types.contains("The name of whom to greet."), "{types}");
    project.edit("new-watched.fbs", "table GreetResponse {", "table GreetResponse");
    watch.waits_for("E0101");
    watch.waits_for("the contract's crate stays as it is");
    project.edit("new-watched.fbs", "table GreetResponse", "table GreetResponse {");
    watch.waits_for("out {\"text\":\"Bonjour, Elizabeth!\"}");

    watch.signal("INT");
    let (status, seen) = watch.ends();
    assert_eq!(status.code(), Some(130), "{seen}");
}

#[test]
fn a_command_that_runs_on_is_started_anew_and_ends_with_the_watch() {
    let project = Project::new("new-restarted", "minimal");
    let script = "echo started; sleep 100000 & wait";
    let mut watch = project.hookr(&["watch", "--plugin", "plugin", "--poll", "--restart", "--", "sh", "-c", script]);
    let mut watch = Session::start(&mut watch);
    watch.waits_for("out started");
    project.edit(LIB, "Hello, {name}", "Good morning, {name}");
    watch.waits_for("ending `sh -c");
    watch.waits_for("out started");
    watch.signal("TERM");
    // Also what the command has started is gone: nobody writes to the pipe any more.
    let (status, seen) = watch.ends();
    assert_eq!(status.code(), Some(143), "{seen}");
}

#[test]
fn a_command_that_runs_on_is_left_alone() {
    let project = Project::new("new-continued", "minimal");
    // What it runs has colours as it has itself.
    let watch = ["--color", "always", "watch", "--plugin", "plugin", "--", "sh", "-c", "echo started; sleep 100000"];
    let mut watch = project.hookr(&watch);
    let mut watch = Session::start(&mut watch);
    watch.waits_for("Finished\u{1b}[0m");
    watch.waits_for("\u{1b}[32mbuilt\u{1b}[0m ");
    watch.waits_for("out started");
    project.edit(LIB, "Hello, {name}", "Good morning, {name}");
    watch.waits_for("still runs");
    watch.signal("INT");
    let (status, seen) = watch.ends();
    assert_eq!(status.code(), Some(130), "{seen}");
    assert_eq!(seen.matches("out started").count(), 1, "{seen}");
}

#[test]
fn what_fails_its_cases_does_not_reach_the_output() {
    let project = Project::new("new-tried", "minimal");
    let arguments = ["watch", "--plugin", "plugin", "--out", "new-tried.wasm", "--cases", "cases", "--", "echo", "ran"];
    let mut watch = Session::start(&mut project.hookr(&arguments));
    watch.waits_for("the cases passed in ");
    watch.waits_for("out ran");
    let good = fs::read(project.path("new-tried.wasm")).unwrap();

    project.edit(LIB, "Hello, {name}", "Good morning, {name}");
    watch.waits_for("the cases failed, after ");
    watch.waits_for("waiting");
    assert!(fs::read(project.path("new-tried.wasm")).unwrap() == good, "a plugin that fails its cases was written");

    // Nor is it the end if the output cannot be written.
    fs::remove_file(project.path("new-tried.wasm")).unwrap();
    fs::create_dir(project.path("new-tried.wasm")).unwrap();
    project.edit(LIB, "Good morning, {name}", "Hello, {name}");
    watch.waits_for("the output stays as it is: cannot write new-tried.wasm");
    watch.waits_for("waiting");
    fs::remove_dir(project.path("new-tried.wasm")).unwrap();
    project.edit(LIB, "Hello, {name}", "Hello,  {name}");
    project.edit(LIB, "Hello,  {name}", "Hello, {name}");
    watch.waits_for("wrote new-tried.wasm");
    watch.waits_for("out ran");
    watch.signal("INT");
    let (status, seen) = watch.ends();
    assert_eq!(status.code(), Some(130), "{seen}");
    assert_eq!(seen.matches("out ran").count(), 2, "{seen}");
}
