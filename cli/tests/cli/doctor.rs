//! `hookr doctor`, on machines that are made up: programs in a folder, which say what those of a machine would.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;

use crate::support::{Folder, Run, golden, run};

/// Puts the programs of a machine that has all that is needed into a folder.
pub(crate) fn programs(folder: &Folder) {
    program(folder, "cargo", "echo 'cargo 1.99.0 (made up)'");
    program(folder, "rustup", "echo 'rustup 1.30.0 (made up)'");
    program(folder, "vi", "exit 0");
    let lib = folder.path().join("lib");
    let rustc = format!("[ \"$1\" = --version ] && echo 'rustc 1.99.0 (made up)' || echo {}/$4", lib.display());
    program(folder, "rustc", &rustc);
    folder.write("lib/wasm32-unknown-unknown/libcore-1.rlib", "");
}

fn program(folder: &Folder, name: &str, script: &str) {
    let path = folder.write(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Has a command run where only these programs are.
pub(crate) fn on_machine(folder: &Folder, command: &mut Command) {
    command.env("PATH", folder.path().join("bin")).env("TERM", "xterm").env("EDITOR", "vi -e");
    command.env_remove("VISUAL").env_remove("CARGO").env_remove("RUSTC");
}

/// A machine.
struct Machine(Folder);

impl Machine {
    /// One that has all that is needed.
    fn new() -> Self {
        let machine = Machine(Folder::new());
        programs(&machine.0);
        std::fs::create_dir(machine.0.path().join("here")).unwrap();
        machine
    }

    fn program(&self, name: &str, script: &str) {
        program(&self.0, name, script);
    }

    fn doctor(&self, args: &[&str]) -> Command {
        let mut command = self.0.command(["doctor"].iter().chain(args));
        on_machine(&self.0, command.current_dir(self.0.path().join("here")));
        command
    }

    /// The report without the names of this test's folder, and without versions of this release.
    fn text(&self, run: &Run) -> String {
        let text = run.stdout.replace(&self.0.path().display().to_string(), "[folder]");
        let text = text.replace(env!("CARGO_PKG_VERSION"), "[hookr]");
        text.replace(&format!("{},", hookr::WASMTIME_VERSION), "[wasmtime],")
    }
}

fn check<'a>(json: &'a Value, name: &str) -> &'a Value {
    let mut checks = json["checks"].as_array().unwrap().iter();
    checks.find(|check| check["name"] == name).unwrap_or_else(|| panic!("{name} in {json}"))
}

fn json(command: &mut Command, code: i32) -> Value {
    serde_json::from_str(&run(command.arg("--json"), "").exits(code).stdout).unwrap()
}

#[test]
fn a_machine_that_has_everything_is_fine() {
    let machine = Machine::new();
    let found = run(&mut machine.doctor(&[]), "").exits(0);
    assert_eq!(found.stderr, "");
    golden("doctor/fine.txt", &machine.text(&found));
}

#[test]
fn what_is_missing_is_named_with_what_mends_it() {
    let machine = Machine::new();
    machine.program("rustc", "[ \"$1\" = --version ] && echo 'rustc 1.70.0 (made up)' || echo /nowhere");
    let mut command = machine.doctor(&[]);
    command.env("EDITOR", "emacs");
    let found = run(&mut command, "").exits(6).says(&["not everything is there: rustc, wasm32-unknown-unknown"]);
    golden("doctor/missing.txt", &machine.text(&found));

    let json = json(&mut command, 6);
    assert_eq!(json["ok"], false);
    assert_eq!(check(&json, "wasm32-unknown-unknown")["fix"], "rustup target add wasm32-unknown-unknown");
    assert_eq!(check(&json, "wasm32-wasip2")["status"], "info");
    assert_eq!(check(&json, "editor")["status"], "warning");
}

#[test]
fn a_machine_without_rust_is_told_where_it_is() {
    let machine = Machine::new();
    for program in ["cargo", "rustc", "rustup"] {
        std::fs::remove_file(machine.0.path().join("bin").join(program)).unwrap();
    }
    let json = json(&mut machine.doctor(&[]), 6);
    for name in ["cargo", "rustc", "wasm32-unknown-unknown"] {
        assert_eq!(check(&json, name)["status"], "missing");
        assert!(check(&json, name)["fix"].as_str().unwrap().contains("https://rustup.rs"));
    }
    let mut command = machine.doctor(&[]);
    let json = self::json(command.env("HOOKR_GUEST_TOOLCHAIN", "nix"), 6);
    assert_eq!(check(&json, "rustup")["status"], "info");
}

#[test]
fn the_cache_is_looked_at_and_left_as_it_is() {
    let machine = Machine::new();
    let path = machine.0.path().join("compiled");
    let status = |expected: &str| {
        let json = json(machine.doctor(&[]).env("HOOKR_CACHE", &path), 0);
        assert_eq!(check(&json, "cache")["status"], expected, "{json}");
        check(&json, "cache")["fix"].as_str().unwrap_or_default().to_owned()
    };
    status("ok");
    assert!(!path.exists());
    std::fs::create_dir(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o750)).unwrap();
    assert_eq!(status("warning"), format!("chmod 700 {}", path.display()));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    status("ok");
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
}

/// With the machine's own programs: what cargo says of a project matters here.
#[test]
fn a_project_is_looked_at() {
    let folder = Folder::new();
    folder.hookr("new greeter").exits(0);
    let doctor = |args: &[&str], code: &[i32]| -> Value {
        let mut command = folder.command(["doctor", "--json"].iter().chain(args));
        let found = run(command.current_dir(folder.path().join("greeter")), "");
        // Whether there is a toolchain for plugins is this machine's business.
        assert!(code.contains(&found.code), "{}\n{}", found.stdout, found.stderr);
        serde_json::from_str(&found.stdout).unwrap()
    };
    let found = doctor(&[], &[0, 6]);
    for name in ["plugin", "contract", "schema"] {
        assert_eq!(check(&found, name)["status"], "ok", "{found}");
    }
    assert!(!folder.path().join("greeter/Cargo.lock").exists(), "nothing is written");

    let schema = String::from_utf8(folder.read("greeter/greeter.fbs")).unwrap();
    folder.write("greeter/greeter.fbs", schema.replace("name: string", "full_name: string"));
    let manifest = String::from_utf8(folder.read("greeter/contract/Cargo.toml")).unwrap();
    let older = manifest.replacen(env!("CARGO_PKG_VERSION"), "0.0.1", 1);
    folder.write("greeter/contract/Cargo.toml", older);
    let found = doctor(&["--plugin", "plugin"], &[0, 6]);
    for name in ["contract", "schema"] {
        assert_eq!(check(&found, name)["status"], "warning");
        assert!(check(&found, name)["fix"].as_str().unwrap().starts_with("hookr gen --schema "), "{found}");
    }

    let plugin = String::from_utf8(folder.read("greeter/plugin/Cargo.toml")).unwrap();
    folder.write("greeter/plugin/Cargo.toml", plugin.replace("\"cdylib\", ", ""));
    let found = doctor(&["--plugin", "plugin"], &[6]);
    assert_eq!(check(&found, "plugin")["status"], "missing");
    assert!(check(&found, "plugin")["fix"].as_str().unwrap().contains("crate-type"));
    let found = doctor(&["--plugin", "nowhere"], &[6]);
    assert!(check(&found, "plugin")["found"].as_str().unwrap().contains("is not a folder"));
}
