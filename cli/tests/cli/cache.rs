//! `hookr compile`, `hookr cache`, and the cache of `hookr call`.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::plugin::folder;
use crate::support::{Folder, run};

const CALL: &str = "call --plugin calc.wasm --allow-unsigned --method Extra --compact";
const COMPILE: &str = "compile --plugin calc.wasm --allow-unsigned --cache-dir kept";

fn entries(folder: &Folder) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(folder.path().join("kept")).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "compiled")).collect()
}

#[test]
fn a_plugin_is_compiled_once_and_then_found() {
    let folder = folder();
    let first = folder.hookr(COMPILE).exits(0).prints_nothing();
    first.says(&["compiled calc.wasm in ", "s; its code is in "]);
    folder.hookr(COMPILE).exits(0).prints_nothing().says(&["calc.wasm was compiled before; its code is in "]);
    let call = folder.hookr(&format!("{CALL} --cache-dir kept")).exits(0);
    assert_eq!((call.stdout.as_str(), call.stderr.as_str()), ("{\"n\":42}\n", ""));
    assert_eq!(entries(&folder).len(), 1);
    // Code that counts instructions is another.
    folder.hookr(&format!("{CALL} --cache-dir kept --fuel 1000000")).exits(0);
    assert_eq!(entries(&folder).len(), 2);
    folder.hookr(&format!("{COMPILE} --fuel")).exits(0).says(&["was compiled before"]);
    folder.hookr(&format!("{COMPILE} --core-dumps")).exits(0).says(&["compiled calc.wasm in"]);
    let json: serde_json::Value =
        serde_json::from_str(&folder.hookr(&format!("{COMPILE} --json")).exits(0).stdout).unwrap();
    assert_eq!(json["cached"], true);
    assert_eq!(json["sha256"], hookr::Digest::of(&folder.read("calc.wasm")).to_string());
}

#[test]
fn nothing_is_compiled_without_a_trust_decision() {
    let folder = folder();
    folder.hookr("compile --plugin calc.wasm --cache-dir kept").exits(3).prints_nothing().says(&["--allow-unsigned"]);
    let other = "1".repeat(64);
    folder.hookr(&format!("compile --plugin calc.wasm --cache-dir kept --hash {other}")).exits(3);
    assert!(!folder.path().join("kept").exists());
    let own = hookr::Digest::of(&folder.read("calc.wasm"));
    folder.hookr(&format!("compile --plugin calc.wasm --cache-dir kept --hash {own}")).exits(0);
}

#[test]
fn a_damaged_entry_is_told_and_mended() {
    let folder = folder();
    folder.hookr(COMPILE).exits(0);
    let [entry] = entries(&folder).try_into().unwrap();
    let mut bytes = fs::read(&entry).unwrap();
    bytes[5000] ^= 1;
    fs::write(&entry, bytes).unwrap();
    let list = folder.hookr("cache list --cache-dir kept").exits(0);
    assert!(list.stdout.contains("(damaged)"), "{}", list.stdout);
    let call = folder.hookr(&format!("{CALL} --cache-dir kept")).exits(0);
    assert_eq!(call.stdout, "{\"n\":42}\n");
    assert!(call.stderr.starts_with("warning: ") && call.stderr.lines().count() == 1, "{}", call.stderr);
    call.says(&["is not used: it is damaged"]);
    assert_eq!(folder.hookr(&format!("{CALL} --cache-dir kept")).exits(0).stderr, "");
}

#[test]
fn a_cache_that_cannot_be_used_is_told() {
    let folder = folder();
    fs::create_dir(folder.path().join("kept")).unwrap();
    fs::set_permissions(folder.path().join("kept"), fs::Permissions::from_mode(0o777)).unwrap();
    let call = folder.hookr(&format!("{CALL} --cache-dir kept")).exits(0);
    assert_eq!(call.stdout, "{\"n\":42}\n");
    call.says(&["warning: the cache ", "others than its owner may use it (its mode is 777)"])
        .says(&["\n  hint: `chmod 700 ", "kept`\n"]);
    // To compile ahead of time is in vain then.
    folder.hookr(COMPILE).exits(1).prints_nothing().says(&["others than its owner", "error: "]);
    let list = folder.hookr("cache list --cache-dir kept").exits(1).prints_nothing();
    list.says(&["others than its owner", "hint: `chmod 700 "]);
    folder.hookr("cache clear --cache-dir kept").exits(1);
}

#[test]
fn what_is_in_it_is_shown_and_removed() {
    let folder = folder();
    let empty = folder.hookr("cache list --cache-dir kept").exits(0).prints_nothing();
    empty.says(&["kept: 0 compiled plugins of 0 bytes"]);
    folder.hookr(COMPILE).exits(0);
    folder.hookr(&format!("{COMPILE} --fuel")).exits(0);
    let hash = hookr::Digest::of(&folder.read("calc.wasm")).to_string();
    let list = folder.hookr("cache list --cache-dir kept").exits(0);
    assert_eq!(list.stdout.lines().count(), 2);
    assert!(
        list.stdout.lines().all(|line| line.starts_with(&hash) && line.contains("  calc  (ready")),
        "{}",
        list.stdout
    );
    assert!(list.stdout.contains(", wasmtime ") && list.stdout.contains("(ready for fuel, hookr "), "{}", list.stdout);
    let json = folder.hookr("cache list --json --cache-dir kept").exits(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let [one, _] = json["entries"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!((&one["sha256"], &one["name"]), (&hash.into(), &"calc".into()));
    let kept = "cache evict --cache-dir kept";
    folder.hookr(kept).exits(0).says(&["removed 0 compiled plugins of 0 bytes"]);
    folder.hookr(&format!("{kept} --max-size 1KiB")).exits(0).says(&["removed 2 compiled plugins of "]);
    folder.hookr(COMPILE).exits(0);
    folder.hookr("cache clear --cache-dir kept").exits(0).prints_nothing().says(&["removed 1 compiled plugin of "]);
    assert!(entries(&folder).is_empty());
}

#[test]
fn the_environment_says_where_it_is() {
    let folder = folder();
    let with = |args: &str, name: &str, value: &str| {
        let mut command = folder.command(args.split_whitespace());
        if name != "HOOKR_CACHE" {
            command.env_remove("HOOKR_CACHE");
        }
        run(command.env(name, value), "")
    };
    let root = folder.path().display().to_string();
    assert_eq!(with("cache path", "XDG_CACHE_HOME", &root).exits(0).stdout, format!("{root}/hookr/compiled\n"));
    assert_eq!(with("cache path", "HOOKR_CACHE", &root).exits(0).stdout, format!("{root}\n"));
    with("cache path", "HOOKR_CACHE", "off").exits(1).says(&["there is no cache", "--cache-dir"]);
    with("cache list", "HOOKR_CACHE", "off").exits(0).says(&["the cache is off"]);
    let wrong = "HOOKR_CACHE is `there`, expected `off` or the absolute path of a folder";
    with("cache path", "HOOKR_CACHE", "there").exits(1).says(&[wrong]);
    let call = with(CALL, "HOOKR_CACHE", "there").exits(0);
    assert_eq!(call.stderr, format!("warning: {wrong}\n"));
    with(CALL, "HOOKR_CACHE", &format!("{root}/kept")).exits(0);
    assert_eq!(entries(&folder).len(), 1);
    let without = with(&format!("{CALL} --no-cache"), "HOOKR_CACHE", "there").exits(0);
    assert_eq!(without.stderr, "");
    let home = with(CALL, "XDG_CACHE_HOME", &format!("{root}/xdg")).exits(0);
    assert_eq!(home.stderr, "");
    assert!(folder.path().join("xdg/hookr/compiled/hookr.key").is_file());
}
