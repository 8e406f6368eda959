//! `cargo component build` instead of `hookr build --plugin`, where that tool is installed.

use std::fs;

use hookr_tests::{cargo, command, folder, hookr, plugin, run, target_dir};
use serde_json::Value;

/// Says `true` where there is `cargo component`, and else that the test does not happen.
fn is_installed() -> bool {
    let installed = run(cargo().args(["component", "--version"])).status == Some(0);
    if !installed {
        eprintln!("skipped: `cargo component` is not installed");
    }
    installed
}

#[test]
fn what_cargo_component_builds_becomes_the_same_plugin() {
    if !is_installed() {
        return;
    }
    // `hookr build` finds the toolchain, or says how to get one; cargo component takes that which it is given.
    let expected = plugin("textfilter");
    let dir = tempfile::tempdir().unwrap();
    let target = target_dir().join("hookr-tests/cargo-component");
    let mut build = cargo();
    build.current_dir(folder("textfilter").join("plugin")).env("CARGO_TARGET_DIR", &target);
    build.args(["component", "build", "--release", "--locked", "--target", "wasm32-unknown-unknown"]);
    let active = run(&mut build);
    if active.status != Some(0) {
        run(build.env("RUSTUP_TOOLCHAIN", "hookr-guest")).success();
    }

    let component = target.join("wasm32-unknown-unknown/release/textfilter_plugin.wasm");
    let out = dir.path().join("textfilter.wasm");
    run(command(hookr()).args(["build", "--component"]).arg(&component).arg("--out").arg(&out)).success();

    let inspect = |path| {
        let output = run(command(hookr()).args(["inspect", "--json", "--plugin"]).arg(path)).success();
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        (report["plugin"]["contract_id"].clone(), report["plugin"]["imports"].clone(), report["methods"].clone())
    };
    assert_eq!(inspect(&out), inspect(&expected));

    let request = dir.path().join("request.json");
    fs::write(&request, r#"{"input": "as it is"}"#).unwrap();
    let mut call = command(hookr());
    call.args(["call", "--allow-unsigned", "--compact", "--method", "Filter", "--plugin"]).arg(&out);
    let output = run(call.arg("--input").arg(&request)).success();
    assert_eq!(output.stdout, "{\"output\":\"as it is\"}\n");
}
