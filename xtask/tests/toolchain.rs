//! Which way to a guest toolchain is taken, with stand-ins for rustc and rustup: nothing is fetched or installed.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Names a folder per toolchain as rustc does, whether it exists or not; refuses a toolchain that is not linked.
const RUSTC: &str = r#"#!/bin/sh
PATH=/usr/bin:/bin
world=$(dirname "$0")/..
if [ -n "$RUSTUP_TOOLCHAIN" ] && [ ! -d "$world/$RUSTUP_TOOLCHAIN" ]; then
    echo "error: toolchain '$RUSTUP_TOOLCHAIN' is not installed" >&2
    exit 1
fi
case "$*" in
    "--print target-libdir --target wasm32-unknown-unknown") echo "$world/${RUSTUP_TOOLCHAIN:-active}/lib" ;;
    "--print target-libdir --target wasm32-wasip2") echo "$world/${RUSTUP_TOOLCHAIN:-active}/wasi" ;;
    "--print sysroot") echo "$world/active" ;;
    "-vV") echo "host: x86_64-unknown-linux-gnu" ;;
    *) exit 2 ;;
esac
"#;

/// Adds the target where the network is up, and keeps a record of what it was asked.
const RUSTUP: &str = r#"#!/bin/sh
PATH=/usr/bin:/bin
world=$(dirname "$0")/..
echo "$*" >> "$world/rustup.log"
if [ -e "$world/online" ] && [ "$*" = "target add wasm32-unknown-unknown" ]; then
    mkdir -p "$world/active/lib" && touch "$world/active/lib/libcore-0.rlib"
elif [ -e "$world/online" ] && [ "$*" = "target add wasm32-wasip2" ]; then
    mkdir -p "$world/active/wasi" && touch "$world/active/wasi/libcore-0.rlib"
else
    echo "error: no route to host" >&2
    exit 1
fi
"#;

/// A machine with rustup and nothing else.
struct World(PathBuf);

impl World {
    fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("bin")).unwrap();
        for (name, script) in [("rustc", RUSTC), ("rustup", RUSTUP)] {
            let path = folder.join("bin").join(name);
            fs::write(&path, script).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self(folder)
    }

    /// Gives a toolchain the target.
    fn with_target_in(self, toolchain: &str) -> Self {
        let folder = self.0.join(toolchain).join("lib");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("libcore-0.rlib"), "").unwrap();
        self
    }

    fn online(self) -> Self {
        fs::write(self.0.join("online"), "").unwrap();
        self
    }

    fn toolchain(&self, way: &str) -> Output {
        self.toolchain_with(way, &[])
    }

    fn toolchain_with(&self, way: &str, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("toolchain")
            .args(arguments)
            .env_clear()
            .env("PATH", self.0.join("bin"))
            .env("HOOKR_TOOLCHAIN_CACHE", self.0.join("cache"))
            .env("HOOKR_GUEST_TOOLCHAIN", way)
            .output()
            .unwrap()
    }

    /// What rustup was asked for.
    fn rustup_calls(&self) -> String {
        fs::read_to_string(self.0.join("rustup.log")).unwrap_or_default()
    }
}

#[track_caller]
fn assert_answer(output: &Output, answer: &str) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(stdout.trim_end(), answer);
}

const ACTIVE: &str = "plugins are compiled by the active toolchain: cargo build --target wasm32-unknown-unknown";
const LINKED: &str =
    "plugins are compiled by the toolchain `hookr-guest`: cargo +hookr-guest build --target wasm32-unknown-unknown";

#[test]
fn an_active_toolchain_that_has_the_target_is_taken_as_it_is() {
    let world = World::new("active").with_target_in("active").with_target_in("hookr-guest");
    assert_answer(&world.toolchain("auto"), ACTIVE);
    assert_eq!(world.rustup_calls(), "");
}

#[test]
fn a_linked_toolchain_is_taken_before_anything_is_fetched() {
    let world = World::new("linked").with_target_in("hookr-guest").online();
    assert_answer(&world.toolchain("auto"), LINKED);
    assert_eq!(world.rustup_calls(), "");
}

#[test]
fn rustup_adds_the_target_where_it_can() {
    let world = World::new("rustup").online();
    assert_answer(&world.toolchain("auto"), ACTIVE);
    assert_eq!(world.rustup_calls(), "target add wasm32-unknown-unknown\n");
}

#[test]
fn the_target_for_wasi_is_got_when_it_is_asked_for() {
    let world = World::new("wasi").with_target_in("active").online();
    assert_answer(&world.toolchain("auto"), ACTIVE);
    assert_eq!(world.rustup_calls(), "");
    let wasi = ["--target", "wasm32-wasip2"];
    let answer = ACTIVE.replace("wasm32-unknown-unknown", "wasm32-wasip2");
    assert_answer(&world.toolchain_with("auto", &wasi), &answer);
    assert_answer(&world.toolchain_with("auto", &wasi), &answer);
    assert_eq!(world.rustup_calls(), "target add wasm32-wasip2\n");

    // Debian's packages are fetched by programs that this machine does not have.
    let output = world.toolchain_with("debian", &wasi);
    assert!(!output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("cargo xtask toolchain --target wasm32-wasip2 --way debian"), "{stderr}");
}

#[test]
fn the_way_active_fetches_nothing() {
    let world = World::new("only-active").online();
    let output = world.toolchain("active");
    assert!(!output.status.success());
    assert_eq!(world.rustup_calls(), "");
}

#[test]
fn when_no_way_is_left_every_reason_is_given() {
    let world = World::new("nothing");
    let output = world.toolchain("auto");
    assert!(!output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr);
    for part in [
        "the active toolchain:\n      no standard library for wasm32-unknown-unknown in ",
        "rustup:\n      `rustup target add wasm32-unknown-unknown` failed (exit status: 1)\n        error: no route to host",
        "Debian's packages:\n      there is no apt-get",
        "any one of these helps:",
    ] {
        assert!(stderr.contains(part), "{part:?} is not in:\n{stderr}");
    }
    assert!(!world.0.join("cache/guest-toolchain").exists(), "a failed build leaves nothing that counts as one");
}
