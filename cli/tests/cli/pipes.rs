//! Pipes where files are expected: nobody waits for somebody to write into them.
#![cfg(unix)]

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Mode, mkfifoat};

use crate::plugin::folder;
use crate::support::Folder;

/// Longer than any of these commands takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// The exit code of a command, and what it said on stderr. One that waits is ended, and has none.
fn outcome(folder: &Folder, args: &str) -> (Option<i32>, String) {
    let mut command = folder.command(args.split_whitespace());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    if !ends(&mut child) {
        child.kill().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn ends(child: &mut Child) -> bool {
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

#[test]
fn no_pipe_is_waited_for() {
    let folder = folder();
    folder.hookr("keygen --out a").exits(0);
    for name in ["pipe", "calc.wasm.sig"] {
        mkfifoat(CWD, folder.path().join(name), Mode::RUSR | Mode::WUSR).unwrap();
    }
    let plugin = folder.read("calc.wasm");
    for args in [
        "verify --plugin calc.wasm --trust a.pub --signature pipe",
        "inspect --plugin calc.wasm --trust a.pub --signature pipe",
        "verify --plugin calc.wasm --trust a.pub --signature /dev/zero",
        "sign --key a --plugin calc.wasm --detached",
        "sign --key a --plugin calc.wasm --detached pipe",
        "sign --key pipe --plugin calc.wasm",
        "sign --key a --plugin calc.wasm --passphrase-file pipe",
        "keygen --out b --passphrase-file pipe",
        "revoke --list list.txt --key pipe",
        "revoke --list list.txt --key /dev/zero",
        "revoke --list pipe --key a.pub",
        "verify --plugin calc.wasm --trust a.pub --revoked pipe",
        "verify --plugin pipe --trust a.pub",
        "lock calc.wasm --lock-file pipe",
    ] {
        let (code, stderr) = outcome(&folder, args);
        assert_eq!(code, Some(1), "{args}: {stderr}");
        assert!(stderr.contains("regular file"), "{args}: {stderr}");
    }
    assert_eq!(folder.read("calc.wasm"), plugin);
    for name in ["list.txt", "b", "b.pub"] {
        assert!(!folder.path().join(name).exists(), "{name}");
    }
}

#[test]
fn what_has_no_end_can_still_be_a_schema() {
    let folder = folder();
    let schema = String::from_utf8(folder.read("calc.fbs")).unwrap();
    let expected = folder.hookr("wit --schema calc.fbs").stdout;
    assert!(!expected.is_empty());
    assert_eq!(folder.hookr_with("wit --schema /dev/stdin", &schema).exits(0).stdout, expected);
    let key = String::from_utf8({
        folder.hookr("keygen --out a").exits(0);
        folder.read("a.pub")
    });
    folder.hookr_with("revoke --list list.txt --key -", &key.unwrap()).exits(0);
}
