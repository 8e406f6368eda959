//! Plugins that import parts of WASI: `hookr inspect` shows what they ask for, `hookr call --grants` gives it to them.

use serde_json::Value;

use crate::plugin;
use crate::support::{Folder, golden};

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("calc.wasm", plugin::plugin_with_wasi());
    folder.write("grants.toml", "output = true\nmonotonic-clock = true\n");
    folder
}

const CALL: &str = "call --plugin calc.wasm --allow-unsigned --method Extra";

#[test]
fn without_grants_the_plugin_is_refused_with_what_to_do() {
    let folder = folder();
    folder.hookr(CALL).exits(4).prints_nothing().says(&[
        "error: the plugin imports what nobody grants: `",
        "`wasi:cli/stdout@0.2.0`",
        "`wasi:clocks/monotonic-clock@0.2.0`",
        "hint: `hookr inspect --plugin FILE.wasm` shows what the plugin asks for",
        "`--grants FILE.toml`",
    ]);
    // Granted in part.
    folder.write("part.toml", "output = true\n");
    let run = folder.hookr(&format!("{CALL} --grants part.toml")).exits(4);
    assert!(!run.stderr.contains("wasi:cli"), "{}", run.stderr);
    run.says(&["`wasi:clocks/monotonic-clock@0.2.0`"]);
}

#[test]
fn with_grants_it_is_called_and_what_it_writes_goes_to_stderr_escaped() {
    let folder = folder();
    let run = folder.hookr(&format!("{CALL} --compact --grants grants.toml")).exits(0);
    assert_eq!(run.stdout, "{\"n\":42}\n");
    assert_eq!(run.stderr, "calc stdout: \\u{1b}[31mred\n");
}

#[test]
fn output_that_is_not_granted_goes_nowhere() {
    let folder = folder();
    folder.write("grants.toml", "monotonic-clock = true\n");
    assert_eq!(folder.hookr(&format!("{CALL} --grants grants.toml")).exits(0).stderr, "");
}

#[test]
fn exit_is_the_failure_of_a_call() {
    let folder = folder();
    let run = folder.hookr("call --plugin calc.wasm --allow-unsigned --method Trap --grants grants.toml").exits(5);
    run.prints_nothing().says(&["the plugin ended itself in Plugin:Trap, with the exit code 1"]);
}

#[test]
fn a_grants_file_that_cannot_be_read_is_an_error_with_its_place() {
    let folder = folder();
    let call = |name| folder.hookr(&format!("{CALL} --grants {name}"));
    folder.write("typo.toml", "output = true\nmonotonic-clok = true\n");
    call("typo.toml").exits(1).prints_nothing().says(&[
        "the grants file typo.toml cannot be used",
        "line 2, column 1: there is no key `monotonic-clok`; there are `stubs`, `output`, ",
    ]);
    folder.write("host.toml", "tcp = [\"example.org\"]\n");
    call("host.toml").exits(1).says(&["line 1, column 8: the grant `tcp`", "it says no port"]);
    call("missing.toml").exits(1).says(&["cannot read missing.toml"]);
    folder.write("folder.toml", "folders = [{ path = \"gone\", as = \"/gone\", access = \"read\" }]\n");
    call("folder.toml").exits(1).says(&["gone cannot be granted"]);
}

#[test]
fn inspect_shows_what_a_plugin_asks_for_and_the_file_that_grants_it() {
    let folder = folder();
    let text = folder.hookr("inspect --plugin calc.wasm").stdout;
    let (_, asks) = text.split_once("\nasks for\n").unwrap_or_else(|| panic!("{text}"));
    golden("inspect/asks_for.txt", asks);

    let run = folder.hookr("inspect --plugin calc.wasm --json");
    let found: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{}", run.stdout));
    let plugin = &found["plugin"];
    assert_eq!(plugin["asks_for"][1]["what"], "standard streams");
    assert_eq!(plugin["asks_for"][1]["imports"], serde_json::json!(["wasi:cli/stdout@0.2.0"]));
    // What it prints is what it takes.
    folder.write("printed.toml", plugin["grants"].as_str().unwrap());
    folder.hookr(&format!("{CALL} --grants printed.toml")).exits(0);
}
