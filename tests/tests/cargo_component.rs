//! `cargo component build` instead of `hookr build --plugin`, where that tool is installed.

use std::fs;
use std::path::Path;

use hookr::Grants;
use hookr_tests::{cargo, command, folder, hookr, plugin, run, scratch_dir};
use serde_json::Value;

const BARE: &str = "wasm32-unknown-unknown";
const WASI: &str = "wasm32-wasip1";

/// Says `true` where there is `cargo component`, and else that the test does not happen.
fn is_installed() -> bool {
    let installed = run(cargo().args(["component", "--version"])).status == Some(0);
    if !installed {
        eprintln!("skipped: `cargo component` is not installed");
    }
    installed
}

fn active_toolchain_has(target: &str) -> bool {
    let output = run(command("rustc").args(["--print", "target-libdir", "--target", target])).success();
    Path::new(output.stdout.trim()).is_dir()
}

/// Makes `out` of what cargo component builds of a plugin.
fn build(name: &str, target: &str, out: &Path) {
    let built = scratch_dir().join("cargo-component");
    let mut build = cargo();
    build.current_dir(folder(name).join("plugin")).env("CARGO_TARGET_DIR", &built);
    build.args(["component", "build", "--release", "--locked", "--target", target]);
    // `hookr build` looks for a toolchain; cargo component takes the one that it is given.
    if !active_toolchain_has(target) {
        build.env("RUSTUP_TOOLCHAIN", "hookr-guest");
    }
    run(&mut build).success();
    let component = built.join(target).join("release").join(format!("{name}_plugin.wasm"));
    run(command(hookr()).args(["build", "--component"]).arg(&component).arg("--out").arg(out)).success();
}

#[test]
fn what_cargo_component_builds_becomes_the_same_plugin() {
    if !is_installed() {
        return;
    }
    let expected = plugin("textfilter");
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("textfilter.wasm");
    build("textfilter", BARE, &out);

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

#[test]
fn what_cargo_component_builds_for_wasi_works_with_grants() {
    if !is_installed() {
        return;
    }
    if !active_toolchain_has(WASI) {
        eprintln!("skipped: the active toolchain does not compile for {WASI}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("wasi.wasm");
    build("wasi", WASI, &out);
    fs::write(dir.path().join("words.txt"), "some words").unwrap();
    let grants = Grants::base().wall_clock().monotonic_clock().random();
    let grants = grants.env("LANG", "C").read_folder(dir.path(), "/in");
    let plugin = wasi::PluginHandle::builder().allow_unsigned().grants(grants).open(&out).unwrap();
    let name = |name: &str| wasi::Name { name: name.to_owned() };
    assert_eq!(plugin.variable(&name("LANG")).unwrap().text, "C");
    assert_eq!(plugin.read(&name("/in/words.txt")).unwrap().text, "some words");
    assert_eq!(plugin.lane().unwrap().variable_owned(&name("LANG")).unwrap().text, "C");
}
