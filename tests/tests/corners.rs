//! What few contracts have crosses the boundary like the rest: bit flags that are integers, a union without members, vectors
//! sorted by structs and arrays, aligned vectors, FlexBuffers.

use std::fs;
use std::sync::Arc;

use corners::{Block, Callbacks, Corners, FlatBuffer, Mirror, Nothing, PluginHandle, Release, Version, marks, rights};
use hookr::{CallbackContext, Error};
use hookr_tests::{folder, hookr_with, plugin, run};
use serde_json::{Value, json};

struct Reflects;

impl Mirror for Reflects {
    fn reflect(&self, _: &CallbackContext<'_>, request: Corners) -> Result<Corners, Error> {
        Ok(request)
    }
}

fn release(major: u16, minor: u32, name: &str) -> Release {
    Release { version: Some(Version { major, minor, marks: marks::HIGH | 1 << 7 }), name: name.into() }
}

fn full() -> Corners {
    Corners {
        rights: rights::READ | rights::OWN | 1 << 50,
        marks: u8::MAX,
        maybe: Some(rights::R32),
        all: vec![0, u64::MAX, rights::WRITE],
        nothing: Nothing::None,
        nothings: vec![Nothing::None; 3],
        releases: vec![release(2, 0, "b"), Release { version: None, name: "none".into() }, release(1, 9, "a")],
        blocks: [[9, 0, 0, 0], [1, 255, 0, 0]].map(|hash| Block { hash, rights: rights::READ }).into(),
        aligned: vec![7; 33],
        anything: vec![5, 4, 1],
    }
}

#[test]
fn values_come_back_as_they_went() {
    let plugin = PluginHandle::builder(Callbacks { mirror: Arc::new(Reflects) });
    let plugin = plugin.allow_unsigned().open(plugin_file()).unwrap();
    assert_eq!(Corners::default().marks, 2, "the default, which has no name");
    for request in [full(), Corners::default()] {
        assert_eq!(plugin.echo(&request).unwrap(), request, "in the order of the caller");
    }
}

fn plugin_file() -> std::path::PathBuf {
    plugin("corners")
}

#[test]
fn flatbuffers_keep_them_and_sort() {
    let value = full();
    let read = Corners::from_flatbuffer(&value.to_flatbuffer()).unwrap();
    assert_eq!(read.releases.iter().map(|release| release.name.as_str()).collect::<Vec<_>>(), ["none", "a", "b"]);
    assert_eq!(read.blocks.iter().map(|block| block.hash[0]).collect::<Vec<_>>(), [1, 9]);
    let sorted = Corners { releases: read.releases.clone(), blocks: read.blocks.clone(), ..value };
    assert_eq!(read, sorted);
}

/// `hookr call` sends the request, and answers the callback with the same.
#[track_caller]
fn echo(request: &Value) -> Value {
    let files = tempfile::tempdir().unwrap();
    let [input, fixture] = ["request.json", "fixture.json"].map(|name| files.path().join(name));
    fs::write(&input, request.to_string()).unwrap();
    fs::write(&fixture, json!({ "Mirror.Reflect": { "response": request } }).to_string()).unwrap();
    let mut command = hookr_with(&["call", "--allow-unsigned", "--method", "Echo"]);
    command.arg("--plugin").arg(plugin_file()).arg("--input").arg(input).arg("--host-fixture").arg(fixture);
    let schema = folder("corners").join("corners.fbs");
    let output = run(command.arg("--schema").arg(schema)).success();
    serde_json::from_str(&output.stdout).unwrap()
}

#[test]
fn json_goes_in_and_comes_out() {
    let all = json!({
        "rights": "Read Own",
        "marks": 130,
        "maybe": 0,
        "all": ["Write r32", 4611686018427387904u64],
        "nothings_type": ["NONE", "NONE"],
        "nothings": [null, null],
        "releases": [{ "version": { "major": 2, "minor": 1, "marks": "Low High" }, "name": "r" }],
        "blocks": [{ "hash": [1, 2, 3, 4], "rights": 0 }],
        "aligned": [1, 2, 3],
        "anything": { "a": [1, 2.5, null, "text", { "deep": true }], "b": 18446744073709551615u64 }
    });
    for request in [all, json!({})] {
        assert_eq!(echo(&request), request);
    }
}

#[test]
fn bytes_that_are_no_flexbuffer_are_an_error_that_names_the_field() {
    let files = tempfile::tempdir().unwrap();
    let path = files.path().join("corners.bin");
    let value = Corners { anything: vec![1, 2, 3], ..Corners::default() };
    fs::write(&path, value.to_flatbuffer()).unwrap();
    let mut command = hookr_with(&["decode", "--type", "Corners"]);
    command.arg("--schema").arg(folder("corners").join("corners.fbs")).arg("--input").arg(path);
    let message = "the field `anything` of `Acme.Corners.Corners` holds no FlexBuffer: a width of 3 bytes cannot be";
    run(&mut command).exits(1).says(&[message]);
}
