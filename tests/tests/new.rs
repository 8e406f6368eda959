//! `hookr new`: every template, from an empty folder, as its README.md says.

use hookr_tests::project::{Project, Session};
use hookr_tests::{Output, command, root, run, target_dir};

/// Builds the plugin, and compiles and runs what runs natively; there is nothing to complain about.
fn build(project: &Project, name: &str) {
    let wasm = format!("{name}.wasm");
    let built = run(&mut project.hookr(&["build", "--plugin", "plugin", "--out", &wasm])).success();
    assert_quiet(&built, name);
    let native = run(&mut project.cargo(&["test", "-p", &format!("{name}-plugin")])).success();
    assert!(native.stdout.contains("2 passed"), "{}", native.report());
    assert_quiet(&native, name);
    let host = run(&mut project.cargo(&["build"])).success();
    assert_quiet(&host, name);
    let [plugin, host] = ["plugin", "host"].map(|side| format!("{name}-{side}"));
    run(&mut project.cargo(&["fmt", "--check", "-p", &plugin, "-p", &host])).success();
    let schema = format!("{name}.fbs");
    let check = ["gen", "--check", "--schema", &schema, "--out", "contract", "--package", name, "--hookr-path"];
    run(project.hookr(&check).arg(root())).success();
}

/// The compiler has nothing to say of the project's own crates.
#[track_caller]
fn assert_quiet(output: &Output, name: &str) {
    assert!(!output.stderr.contains(&format!("warning: `{name}")), "{}", output.report());
}

/// What the host prints.
fn host(project: &Project, arguments: &[&str]) -> String {
    run(&mut project.cargo(&[&["run", "--quiet", "--"], arguments].concat())).success().stdout
}

fn call(project: &Project, name: &str, method: &str, more: &[&str]) -> String {
    let wasm = format!("{name}.wasm");
    let call =
        ["call", "--compact", "--plugin", &wasm, "--allow-unsigned", "--method", method, "--input", "request.json"];
    run(&mut project.hookr(&[&call, more].concat())).success().stdout
}

#[test]
fn minimal_greets() {
    let name = "new-minimal-2nd";
    let project = Project::new(name, "minimal");
    build(&project, name);
    assert_eq!(host(&project, &["new-minimal-2nd.wasm"]), "Hello, World!\n");
    assert_eq!(host(&project, &["new-minimal-2nd.wasm", "Elizabeth"]), "Hello, Elizabeth!\n");
    assert_eq!(call(&project, name, "Greet", &[]).trim(), r#"{"text":"Hello, Elizabeth!"}"#);

    let refused = run(&mut project.cargo(&["run", "--quiet", "--", "new-minimal-2nd.wasm", ""])).exits(1);
    refused.says(&["error: ", "whom shall I greet?"]);
    run(&mut project.hookr(&["doctor"])).success();
}

#[test]
fn callbacks_are_answered_by_the_host() {
    let name = "new-callbacks";
    let project = Project::new(name, "callbacks");
    build(&project, name);
    assert_eq!(host(&project, &["new-callbacks.wasm", "Elizabeth"]), "Hello, Liz!\n");
    assert_eq!(host(&project, &["new-callbacks.wasm", "Zoe"]), "Hello, Zoe!\n");
    let called = call(&project, name, "Greet", &["--host-fixture", "fixture.json"]);
    assert_eq!(called.trim(), r#"{"text":"Hello, Liz!"}"#);
}

#[test]
fn the_lane_is_for_loops() {
    let name = "new-lane";
    let project = Project::new(name, "lane");
    build(&project, name);
    assert_eq!(host(&project, &["new-lane.wasm"]), expected_ball());
    let called = call(&project, name, "Step", &[]);
    assert!(called.contains(r#""bounces":2"#), "{called}");
}

/// What the host of the template has to print: the same numbers, without a plugin.
fn expected_ball() -> String {
    let (mut height, mut speed, mut bounces) = (10.0f64, 0.0f64, 0);
    for _ in 0..100_000 {
        speed -= 9.81 * 0.001;
        height += speed * 0.001;
        if height < 0.0 {
            (height, speed, bounces) = (-height * 0.9, -speed * 0.9, bounces + 1);
        }
    }
    format!("after 100000 steps: {bounces} bounces, {height:.6} m high, {speed:.6} m/s\n")
}

#[test]
fn a_new_version_is_there_while_the_host_runs() {
    let name = "new-reload";
    let project = Project::new(name, "reload");
    build(&project, name);
    let program = target_dir().join("debug").join("new-reload-host");
    let mut host = Session::start(command(program).arg(project.path("new-reload.wasm")));
    host.write("milk");
    host.waits_for("out 1: milk");
    host.write("bread");
    host.waits_for("out 2: bread");

    project.edit("plugin/src/lib.rs", "\"{number}: {text}\"", "\"no. {number} is {text}\"");
    run(&mut project.hookr(&["build", "--plugin", "plugin", "--out", "new-reload.wasm"])).success();
    host.waits_for("err version 2 is in service");
    host.write("eggs");
    host.waits_for("out no. 3 is eggs");
    host.write("");
    host.waits_for("an empty note");

    let (status, seen) = host.ends();
    assert!(status.success(), "{seen}");
}
