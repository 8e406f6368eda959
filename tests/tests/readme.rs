//! The README's five steps, pasted into a shell by this test as a newcomer would paste them.

use std::fs;
use std::path::Path;

use hookr_tests::project::{Built, dev_profile};
use hookr_tests::{book, command, hookr, root, run, target_dir};
use serde_json::Value;

/// Printed between two steps. It cannot be part of their output.
const SEPARATOR: char = '\x1e';

#[test]
fn the_five_steps_work_when_they_are_pasted() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let steps = blocks("sh");
    assert_eq!(steps.len(), 5, "five steps, a block each");

    let dir = tempfile::tempdir().unwrap();
    let home = Newcomer::new(dir.path());
    let separator = format!("\nprintf '{SEPARATOR}'\n");
    let script = format!("set -euo pipefail\n{}", steps.join(&separator));
    let output = run(home.shell().arg(script)).success();
    let printed: Vec<&str> = output.stdout.split(SEPARATOR).collect();
    assert_eq!(printed.len(), 5, "{}", output.report());

    // Step 4 prints what the plugin is, then the response that the README shows.
    let shown = blocks("json");
    let [response] = shown.as_slice() else { panic!("the README shows one response, not {}", shown.len()) };
    let (inspected, answered) = printed[3].split_once("\n{").expect("step 4 prints JSON at its end");
    let answered: Value = serde_json::from_str(&format!("{{{answered}")).unwrap();
    assert_eq!(answered, serde_json::from_str::<Value>(response).unwrap());
    for part in ["acme:greeter", "Plugin:Greet", "Friends:Nickname"] {
        assert!(inspected.contains(part), "{part} is not in\n{inspected}");
    }

    // Step 5 prints what the sentence behind it says.
    assert!(readme.contains("It prints `Hello, Eliz!` three times."), "the sentence that this test holds true");
    assert_eq!(printed[4], "Hello, Eliz!\n".repeat(3));
}

/// A folder with a checkout called `hookr` in it, and `hookr` installed.
struct Newcomer<'a> {
    dir: &'a Path,
    _built: Built,
}

impl<'a> Newcomer<'a> {
    fn new(dir: &'a Path) -> Self {
        std::os::unix::fs::symlink(root(), dir.join("hookr")).unwrap();
        let bin = dir.join("bin");
        fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(hookr(), bin.join("hookr")).unwrap();

        // What a newcomer's cargo builds for minutes is built already: the new crates get this workspace's versions and
        // build settings, so that wasmtime is found in its target folder.
        fs::create_dir(dir.join(".cargo")).unwrap();
        fs::write(dir.join(".cargo/config.toml"), dev_profile()).unwrap();
        let cargo = bin.join("cargo");
        let lock = root().join("Cargo.lock");
        let script = format!(
            "#!/bin/bash\nset -e\nPATH=\"${{PATH#*:}}\"\ncargo \"$@\"\n\
             if [[ \"$1\" == new ]]; then for crate in */src; do\n\
             [[ -e \"${{crate%src}}Cargo.lock\" ]] || cp '{}' \"${{crate%src}}\"\ndone; fi\n",
            lock.display()
        );
        fs::write(&cargo, script).unwrap();
        make_executable(&cargo);
        Newcomer { dir, _built: Built::of("greeter") }
    }

    fn shell(&self) -> std::process::Command {
        let path = std::env::var("PATH").expect("there is a PATH");
        let mut shell = command("bash");
        shell.current_dir(self.dir).env("CARGO_TARGET_DIR", target_dir());
        shell.env("PATH", format!("{}:{path}", self.dir.join("bin").display())).arg("-c");
        shell
    }
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The fenced blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let blocks = book::blocks("README.md").into_iter();
    blocks.filter(|block| block.language == language).map(|block| block.body).collect()
}
