//! Plugins that are called by name, in both ways: with values of the Component Model, and with FlatBuffers over the lane.

use std::sync::Mutex;

use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
use hookr::lane::Refusal;
use hookr::{CallError, CallbackContext, Error, MethodId};
use hookr_tests::{Output, hookr_with, plugin, run};
use lanes::{FlatBuffer, Message};

/// `hookr call` on an example's plugin in a way.
fn call(way: &str, name: &str, method: &str, arguments: &[&str]) -> Output {
    let mut command = hookr_with(&["call", "--allow-unsigned", "--way", way, "--method", method]);
    run(command.arg("--plugin").arg(plugin(name)).args(arguments))
}

/// A file of an example.
fn file(name: &str, file: &str) -> String {
    format!("examples/{name}/{file}")
}

#[test]
fn both_ways_print_the_same() {
    for (name, method, request, has_fixture) in [
        ("textfilter", "Filter", "request.json", false),
        ("urlbalancer", "Balance", "request.json", true),
        ("tickloop", "Tick", "request.json", true),
        ("authz", "CheckAuth", "request-denied.json", true),
    ] {
        let (input, fixture) = (file(name, request), file(name, "fixture.json"));
        let mut arguments = vec!["--input", &input];
        if has_fixture {
            arguments.extend(["--host-fixture", &fixture]);
        }
        let typed = call("typed", name, method, &arguments).success();
        let lane = call("lane", name, method, &arguments).success();
        assert_eq!(lane.stdout, typed.stdout, "{name}");
        assert!(typed.stdout.len() > 5, "{name}: {}", typed.stdout);
    }
}

#[test]
fn both_ways_fail_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.json");
    std::fs::write(&path, r#"{"url": "https://example.com", "nodes": []}"#).unwrap();
    let none = path.to_str().unwrap();
    let request = file("urlbalancer", "request.json");
    for arguments in [vec!["--input", none], vec!["--input", &request]] {
        let [typed, lane] = ["typed", "lane"].map(|way| call(way, "urlbalancer", "Balance", &arguments));
        assert!(typed.status.is_some_and(|code| code != 0), "{}", typed.stdout);
        assert_eq!((lane.status, lane.stderr), (typed.status, typed.stderr));
    }
}

/// Answers over the lane with what it is given, and remembers what it was asked.
struct Desk {
    answer: Box<dyn Fn() -> Result<Vec<u8>, Refusal> + Send + Sync>,
    asked: Mutex<Vec<(MethodId, Vec<u8>)>>,
}

impl Callbacks for &'static Desk {
    fn call(&self, _: &CallbackContext<'_>, service: &str, method: &str, _: Value) -> Result<Value, Error> {
        Err(Error::internal(format!("{service}.{method} came the other way")))
    }

    fn call_encoded(&self, _: &CallbackContext<'_>, method: MethodId, request: &[u8]) -> Result<Vec<u8>, Refusal> {
        self.asked.lock().unwrap().push((method, request.to_vec()));
        (self.answer)()
    }
}

fn desk(answer: impl Fn() -> Result<Vec<u8>, Refusal> + Send + Sync + 'static) -> (&'static Desk, DynamicPlugin) {
    let desk: &'static Desk = Box::leak(Box::new(Desk { answer: Box::new(answer), asked: Mutex::default() }));
    (desk, DynamicPlugin::builder(desk).allow_unsigned().open(plugin("lanes")).unwrap())
}

fn message(words: usize) -> Message {
    Message { text: "t".into(), words: (0..words).map(|i| format!("word {i}")).collect(), ..Message::default() }
}

fn read(bytes: &[u8]) -> Result<Message, lanes::DecodeError> {
    Message::from_flatbuffer(bytes)
}

#[test]
fn callbacks_over_the_lane_are_flatbuffers_both_ways() {
    // The second is larger than the region that answers have, and comes aside.
    for words in [0, 3, 30_000] {
        let (desk, plugin) = desk(move || Ok(message(words).to_flatbuffer()));
        let mut lane = plugin.lane().unwrap();
        for turn in 1..=3 {
            let answer = lane.call("Forward", &message(2).to_flatbuffer(), read).unwrap();
            assert_eq!(answer, message(words));
            let asked = desk.asked.lock().unwrap();
            assert_eq!(asked.len(), turn);
            let (method, request) = &asked[turn - 1];
            assert_eq!((*method, read(request).unwrap()), (MethodId::of("Desk", "Relay"), message(2)));
        }
    }
}

#[test]
fn what_a_callback_refuses_is_the_plugins_to_answer() {
    let (_, plugin) = desk(|| Err(Error::unavailable("closed today").into()));
    let error = plugin.lane().unwrap().call("Forward", &message(0).to_flatbuffer(), read).unwrap_err();
    assert!(matches!(&error, CallError::Failed { error, .. } if error.message.contains("closed today")), "{error}");
    assert_eq!(plugin.health().lost, 0);

    let (_, plugin) = desk(|| Err(Refusal::unreadable("not what I read")));
    let error = plugin.lane().unwrap().call("Forward", &message(0).to_flatbuffer(), read).unwrap_err();
    assert!(!matches!(error, CallError::Failed { .. }), "{error}");
    assert_eq!(plugin.health().lost, 1, "the plugin sent what is no request, so it lost its instance");
}

#[test]
fn the_lane_knows_the_methods_of_the_plugin() {
    let (_, plugin) = desk(|| Ok(Vec::new()));
    let mut lane = plugin.lane().unwrap();
    let request = message(1).to_flatbuffer();
    let error = lane.call("Ecko", &request, read).unwrap_err();
    assert!(matches!(&error, CallError::NoSuchMethod { available, .. } if available.contains(&"Echo".to_owned())));
    let error = lane.call("Nowhere", &request, read).unwrap_err();
    assert!(matches!(&error, CallError::Unimplemented { method } if method == "Plugin:Nowhere"), "{error}");
    assert_eq!(lane.call("There", &request, read).unwrap(), message(1));
    // What its caller cannot read is no response.
    let refused = lane.call("Echo", &request, |_| Err::<(), _>("I do not read this")).unwrap_err();
    assert!(matches!(refused, CallError::InvalidResponse { .. }), "{refused}");
    assert_eq!(lane.call("Echo", &request, read).unwrap(), message(1), "the next call has a fresh instance");
    assert!(matches!(plugin.call("Count", Value::Record(Vec::new())), Err(CallError::Reentrant { .. })));
}
