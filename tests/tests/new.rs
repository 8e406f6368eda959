//! `hookr new`: every template, from an empty folder, as its README.md says, and then a new version of its plugin.

use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
use hookr::reload::{Outcome, Reload};
use hookr::{CallbackContext, Error};
use hookr_tests::project::{Project, Session};
use hookr_tests::{Output, command, profile_dir, root, run};

const LIB: &str = "plugin/src/lib.rs";

/// Builds the plugin and the host, and runs what runs without the host; there is nothing to complain about.
fn build(project: &Project, name: &str, native_tests: u32, cases: u32) {
    build_plugin(project, name);
    let native = run(&mut project.cargo(&["test", "-p", &format!("{name}-plugin")])).success();
    assert!(native.stdout.contains(&format!("{native_tests} passed; 0 failed")), "{}", native.report());
    assert_quiet(&native, name);
    for way in ["typed", "both"] {
        let wasm = format!("{name}.wasm");
        let test = ["test", "--plugin", &wasm, "--allow-unsigned", "--way", way, "--require-coverage", "cases"];
        let tested = run(&mut project.hookr(&test)).success();
        assert_eq!(tested.stdout.lines().filter(|line| line.starts_with("ok ")).count(), cases as usize);
        assert!(!tested.stdout.contains("FAILED"), "{}", tested.report());
    }
    let host = run(&mut project.cargo(&["build"])).success();
    assert_quiet(&host, name);
    let [plugin, host] = ["plugin", "host"].map(|side| format!("{name}-{side}"));
    run(&mut project.cargo(&["fmt", "--check", "-p", &plugin, "-p", &host])).success();
    let schema = format!("{name}.fbs");
    let check = ["gen", "--check", "--schema", &schema, "--out", "contract", "--package", name, "--hookr-path"];
    run(project.hookr(&check).arg(root())).success();
}

fn build_plugin(project: &Project, name: &str) {
    let wasm = format!("{name}.wasm");
    let built = run(&mut project.hookr(&["build", "--plugin", "plugin", "--out", &wasm])).success();
    assert_quiet(&built, name);
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

/// A host that runs while its plugin is changed and built again. Each of the templates has one method.
struct Running<'a> {
    project: &'a Project,
    name: &'a str,
    plugin: DynamicPlugin,
}

impl<'a> Running<'a> {
    fn start(project: &'a Project, name: &'a str) -> Self {
        let builder = DynamicPlugin::builder(Liz).allow_unsigned().reload(Reload::manual());
        Running { project, name, plugin: builder.open(project.path(&format!("{name}.wasm"))).unwrap() }
    }

    fn call(&self, method: &str, request: &[(&str, Value)]) -> Value {
        self.plugin.call(method, record(request)).unwrap()
    }

    /// Puts another version of the plugin in service, which has `new` for `old` in its code.
    fn change(&self, old: &str, new: &str) {
        let before = self.plugin.metadata().sha256();
        self.project.edit(LIB, old, new);
        build_plugin(self.project, self.name);
        assert_eq!(self.plugin.metadata().sha256(), before, "the old one serves until the host says so");
        match self.plugin.reloader().reload() {
            Ok(Outcome::Reloaded(event)) => assert_eq!((event.from.generation, event.to.generation), (1, 2)),
            other => panic!("{other:?}"),
        }
        assert_ne!(self.plugin.metadata().sha256(), before);
    }
}

/// Everybody's nickname is Liz.
struct Liz;

impl Callbacks for Liz {
    fn call(&self, _: &CallbackContext<'_>, service: &str, method: &str, _: Value) -> Result<Value, Error> {
        assert_eq!((service, method), ("Friends", "Nickname"));
        Ok(record(&[("nickname", text("Liz"))]))
    }
}

fn record(fields: &[(&str, Value)]) -> Value {
    Value::Record(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

#[test]
fn minimal_greets() {
    let name = "new-minimal-2nd";
    let project = Project::new(name, "minimal");
    build(&project, name, 2, 2);
    assert_eq!(host(&project, &["new-minimal-2nd.wasm"]), "Hello, World!\n");
    assert_eq!(host(&project, &["new-minimal-2nd.wasm", "Elizabeth"]), "Hello, Elizabeth!\n");
    assert_eq!(call(&project, name, "Greet", &[]).trim(), r#"{"text":"Hello, Elizabeth!"}"#);

    let refused = run(&mut project.cargo(&["run", "--quiet", "--", "new-minimal-2nd.wasm", ""])).exits(1);
    refused.says(&["error: ", "whom shall I greet?"]);
    let refused = run(&mut project.cargo(&["run", "--quiet", "--", "nothing.wasm"])).exits(1);
    refused.says(&["error: ", "nothing.wasm", "caused by: ", "No such file"]);
    run(&mut project.hookr(&["doctor"])).success();

    let running = Running::start(&project, name);
    let greet = || running.call("Greet", &[("name", text("Zoe"))]);
    assert_eq!(greet(), record(&[("text", text("Hello, Zoe!"))]));
    running.change("Hello, {name}!", "Welcome, {name}!");
    assert_eq!(greet(), record(&[("text", text("Welcome, Zoe!"))]));
    assert_eq!(host(&project, &["new-minimal-2nd.wasm"]), "Welcome, World!\n");
}

#[test]
fn callbacks_are_answered_by_the_host() {
    let name = "new-callbacks";
    let project = Project::new(name, "callbacks");
    build(&project, name, 4, 4);
    assert_eq!(host(&project, &["new-callbacks.wasm", "Elizabeth"]), "Hello, Liz!\n");
    assert_eq!(host(&project, &["new-callbacks.wasm", "Zoe"]), "Hello, Zoe!\n");
    let called = call(&project, name, "Greet", &["--host-fixture", "fixture.json"]);
    assert_eq!(called.trim(), r#"{"text":"Hello, Liz!"}"#);

    let running = Running::start(&project, name);
    let greet = || running.call("Greet", &[("name", text("Elizabeth"))]);
    assert_eq!(greet(), record(&[("text", text("Hello, Liz!"))]));
    running.change("Hello, {name}!", "Welcome, {name}!");
    assert_eq!(greet(), record(&[("text", text("Welcome, Liz!"))]));
    assert_eq!(host(&project, &["new-callbacks.wasm", "William"]), "Welcome, Bill!\n");
}

#[test]
fn the_lane_is_for_loops() {
    let name = "new-lane";
    let project = Project::new(name, "lane");
    build(&project, name, 2, 3);
    assert_eq!(host(&project, &["new-lane.wasm"]), expected_ball(0.9));
    let called = call(&project, name, "Step", &[]);
    assert!(called.contains(r#""bounces":2"#), "{called}");

    let running = Running::start(&project, name);
    // With the speed that it has after a second, it is 15 metres under the ground.
    let step = || {
        let start = [("height", 1.0), ("speed", -6.0), ("seconds", 1.0)].map(|(name, is)| (name, Value::Float64(is)));
        let [height, speed, seconds] = start;
        running.call("Step", &[height, speed, ("bounces", Value::U32(2)), seconds])
    };
    let bounced = |bounce: f64| {
        let speed = -6.0 - 9.81;
        let [height, speed] = [1.0 + speed, speed].map(|is: f64| Value::Float64(-is * bounce));
        record(&[("height", height), ("speed", speed), ("bounces", Value::U32(3))])
    };
    assert_eq!(step(), bounced(0.9));
    running.change("const BOUNCE: f64 = 0.9;", "const BOUNCE: f64 = 0.5;");
    assert_eq!(step(), bounced(0.5));
    assert_eq!(host(&project, &["new-lane.wasm"]), expected_ball(0.5));
}

/// What the host of the template has to print: the same numbers, without a plugin.
fn expected_ball(bounce: f64) -> String {
    let (mut height, mut speed, mut bounces) = (10.0f64, 0.0f64, 0);
    for _ in 0..100_000 {
        speed -= 9.81 * 0.001;
        height += speed * 0.001;
        if height < 0.0 {
            (height, speed, bounces) = (-height * bounce, -speed * bounce, bounces + 1);
        }
    }
    format!("after 100000 steps: {bounces} bounces, {height:.6} m high, {speed:.6} m/s\n")
}

#[test]
fn a_new_version_is_there_while_the_host_runs() {
    let name = "new-reload";
    let project = Project::new(name, "reload");
    build(&project, name, 2, 2);
    let program = profile_dir().join("new-reload-host");
    let mut host = Session::start(command(program).arg(project.path("new-reload.wasm")));
    host.write("milk");
    host.waits_for("out 1: milk");
    host.write("bread");
    host.waits_for("out 2: bread");

    project.edit(LIB, "\"{number}: {text}\"", "\"no. {number} is {text}\"");
    build_plugin(&project, name);
    host.waits_for("err version 2 is in service");
    host.write("eggs");
    host.waits_for("out no. 3 is eggs");
    host.write("");
    host.waits_for("an empty note");

    let (status, seen) = host.ends();
    assert!(status.success(), "{seen}");
}
