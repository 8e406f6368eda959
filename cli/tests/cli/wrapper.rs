//! `hookr` in the place of the compiler, as cargo calls it for `hookr build`.
#![cfg(unix)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Folder, Run, run};

/// A program that says how it was called and what it read, and ends with the code 3.
fn compiler(folder: &Folder, name: &str) -> PathBuf {
    let text = "#!/bin/sh\nprintf '%s\\n' \"${0##*/}\" \"$@\" \"$(cat)\" \"$HOOKR_WRAPPED_PACKAGES$HOOKR_WRAPPED_NEXT\"\necho said >&2\nexit 3\n";
    let path = folder.write(name, text);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn wrapper<A: AsRef<OsStr>>(folder: &Folder, package: &str, arguments: &[A]) -> Command {
    let mut command = folder.command(arguments);
    command.env("HOOKR_WRAPPED_PACKAGES", r#"{"/x/a":"a","/x/b":"b"}"#).env("CARGO_MANIFEST_DIR", package);
    command
}

/// The lines that a compiler wrote.
#[track_caller]
fn lines(run: Run) -> Vec<String> {
    assert_eq!(run.stderr, "said\n");
    run.exits(3).stdout.lines().map(str::to_owned).collect()
}

#[test]
fn the_compiler_is_called_with_another_hash() {
    let folder = Folder::new();
    let rustc = compiler(&folder, "rustc").display().to_string();
    let call = |package: &str, hash: &str| {
        let arguments = [rustc.as_str(), "--crate-name", "x y", "-C", hash, "-", "", "-Cextra-filename=-1"];
        lines(run(&mut wrapper(&folder, package, &arguments), "in"))
    };
    let found = call("/x/a", "metadata=1");
    let hash = found[4].clone();
    assert!(hash.len() == "metadata=".len() + 16 && hash != "metadata=1", "{hash}");
    assert_eq!(found, ["rustc", "--crate-name", "x y", "-C", &hash, "-", "", "-Cextra-filename=-1", "in", ""]);
    assert_eq!(call("/x/a", "metadata=2"), found);
    assert_ne!(call("/x/b", "metadata=1"), found);
    // What is no such package stays as cargo has it.
    assert_eq!(call("/x/c", "metadata=1")[4], "metadata=1");
    assert_eq!(call("/x/a", "opt-level=1")[4], "opt-level=1");
}

#[test]
fn another_wrapper_is_called_in_between() {
    let folder = Folder::new();
    let next = compiler(&folder, "next");
    let mut command = wrapper(&folder, "/x/c", &["rustc", "-vV"]);
    assert_eq!(lines(run(command.env("HOOKR_WRAPPED_NEXT", next), "")), ["next", "rustc", "-vV", "", ""]);
}

#[test]
fn arguments_need_not_be_unicode() {
    let folder = Folder::new();
    let rustc = compiler(&folder, "rustc");
    let mut command = wrapper(&folder, "/x/a", &[rustc.as_os_str(), OsStr::from_bytes(b"--out-dir=\xff")]);
    let output = command.output().unwrap();
    assert_eq!(output.stdout, b"rustc\n--out-dir=\xff\n\n\n");
}

#[test]
fn commands_stay_commands() {
    let folder = Folder::new();
    assert!(run(&mut wrapper(&folder, "/x/a", &["version"]), "").exits(0).stdout.starts_with("hookr "));
    run(&mut wrapper(&folder, "/x/a", &["--help"]), "").exits(0);
    run(&mut wrapper(&folder, "/x/a", &["no/such/rustc"]), "").exits(6).says(&["no/such/rustc cannot be started"]);
    // Without the variable it is a command that nobody knows.
    folder.hookr("no/such/rustc").exits(2);
}
