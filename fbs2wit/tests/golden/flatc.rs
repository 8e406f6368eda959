//! The oracle: what flatc makes of a schema, JSON and bytes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// flatc, where `HOOKR_FLATC` says or on the path; `None` with a message where there is none.
pub fn flatc() -> Option<PathBuf> {
    let program = env::var_os("HOOKR_FLATC").map_or_else(|| PathBuf::from("flatc"), PathBuf::from);
    if Command::new(&program).arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Some(program);
    }
    assert!(env::var_os("HOOKR_FLATC").is_none(), "HOOKR_FLATC does not name a flatc");
    eprintln!("skipped: no flatc on the path and HOOKR_FLATC is not set");
    None
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{text}");
}

/// JSON to bytes.
pub fn encode(flatc: &Path, schema: &Path, root: &str, json: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("value.json");
    fs::write(&input, json).unwrap();
    run(Command::new(flatc).args(["--binary", "--root-type", root, "-o"]).arg(folder.path()).arg(schema).arg(&input));
    fs::read(folder.path().join("value.bin")).unwrap()
}

/// Bytes to JSON, in which fields that equal their defaults are, whether the bytes have them or not.
pub fn decode(flatc: &Path, schema: &Path, root: &str, bytes: &[u8]) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("value.bin");
    fs::write(&input, bytes).unwrap();
    run(Command::new(flatc)
        .args(["--json", "--strict-json", "--defaults-json", "--raw-binary", "--root-type", root, "-o"])
        .arg(folder.path())
        .arg(schema)
        .arg("--")
        .arg(&input));
    let text = fs::read_to_string(folder.path().join("value.json")).unwrap();
    // JSON has no NaN and no infinity; flatc writes them bare.
    let text = text.replace(": nan", ": \"nan\"").replace(": -inf", ": \"-inf\"").replace(": inf", ": \"inf\"");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}
