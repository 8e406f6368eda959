//! The line that says what goes on: there where somebody watches and waits, and nowhere else.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::support::{Folder, run};

/// What takes its time here: a cargo that needs two seconds to say no.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("plugin/Cargo.toml", "");
    let cargo = folder.write("bin/cargo", "#!/bin/sh\nsleep 2.5\necho 'error: no' >&2\nexit 1\n");
    std::fs::set_permissions(cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

const LINE: &str = "looking at the package in plugin  ";
const ERASED: &str = "\r\x1b[K";
const ERROR: &str = "error: cargo cannot read the package: no";

/// What a terminal gets of `hookr build`; `None` where there is no `script` to make one.
fn on_a_terminal(folder: &Folder, args: &str, environment: &[(&str, &str)]) -> Option<String> {
    // That of util-linux; others have other options.
    let version = Command::new("script").arg("--version").output();
    if !version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("util-linux")) {
        eprintln!("skipped: there is no `script` of util-linux");
        return None;
    }
    let line = format!("'{}' build --plugin plugin {args}", env!("CARGO_BIN_EXE_hookr"));
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(folder.path());
    let path = format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").unwrap());
    command.env("PATH", path).env("TERM", "xterm").env_remove("NO_COLOR").envs(environment.iter().copied());
    let run = run(&mut command, "").exits(6);
    Some(run.stdout + &run.stderr)
}

#[test]
fn a_line_is_shown_on_a_terminal_and_taken_away_again() {
    let folder = folder();
    let Some(found) = on_a_terminal(&folder, "--color never", &[]) else { return };
    let (before, behind) = found.split_at(found.rfind(ERASED).unwrap_or_else(|| panic!("{found:?}")));
    assert!(before.contains(&format!("{LINE}1 s")) && before.contains(&format!("{LINE}2 s")), "{found:?}");
    assert_eq!(behind.trim_start_matches(ERASED).trim_end(), ERROR, "{found:?}");
}

#[test]
fn nobody_gets_a_line_who_does_not_want_one() {
    let folder = folder();
    for (args, environment) in [("--quiet --color never", &[][..]), ("", &[("TERM", "dumb")])] {
        let Some(found) = on_a_terminal(&folder, args, environment) else { return };
        assert_eq!(found.trim_end(), ERROR, "{args}");
    }
}

#[test]
fn a_pipe_gets_no_line() {
    let folder = folder();
    let mut command = folder.command(["build", "--plugin", "plugin"]);
    let path = format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").unwrap());
    let run = run(command.env("PATH", path), "").exits(6);
    assert_eq!((run.stdout.as_str(), run.stderr.trim_end()), ("", ERROR));
}
