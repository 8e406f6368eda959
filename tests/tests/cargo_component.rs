//! `cargo component build` instead of `hookr build --plugin`, where that tool is installed.

use std::fs;
use std::path::Path;

use hookr_tests::{cargo, command, folder, hookr, plugin, run, scratch_dir};
use serde_json::Value;

const TARGET: &str = "wasm32-unknown-unknown";

/// Says `true` where there is `cargo component`, and else that the test does not happen.
fn is_installed() -> bool {
    let installed = run(cargo().args(["component", "--version"])).status == Some(0);
    if !installed {
        eprintln!("skipped: `cargo component` is not installed");
    }
    installed
}

fn active_toolchain_has_target() -> bool {
    let output = run(command("rustc").args(["--print", "target-libdir", "--target", TARGET])).success();
    Path::new(output.stdout.trim()).is_dir()
}

#[test]
fn what_cargo_component_builds_becomes_the_same_plugin() {
    if !is_installed() {
        return;
    }
    let expected = plugin("textfilter");
    let dir = tempfile::tempdir().unwrap();
    let target = scratch_dir().join("cargo-component");
    let mut build = cargo();
    build.current_dir(folder("textfilter").join("plugin")).env("CARGO_TARGET_DIR", &target);
    build.args(["component", "build", "--release", "--locked", "--target", TARGET]);
    // `hookr build` looks for a toolchain; cargo component takes the one that it is given.
    if !active_toolchain_has_target() {
        build.env("RUSTUP_TOOLCHAIN", "hookr-guest");
    }
    run(&mut build).success();

    let component = target.join(TARGET).join("release/textfilter_plugin.wasm");
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
