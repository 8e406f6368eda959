//! What the command says of itself, and command lines that mean nothing.

use crate::support::{Folder, golden, run};

#[test]
fn the_help_of_every_command_is_as_it_was() {
    let folder = Folder::new();
    golden("help/hookr.txt", &folder.hookr("--help").exits(0).stdout);
    for command in [
        "gen", "wit", "build", "keygen", "sign", "verify", "revoke", "inspect", "lock", "compile", "call", "tui",
        "cache", "encode", "decode", "explain", "version",
    ] {
        let found = folder.hookr(&format!("{command} --help")).exits(0).stdout;
        golden(&format!("help/{command}.txt"), &found);
        assert!(found.contains("EXAMPLE"), "{command}");
        assert!(found.lines().all(|line| line.chars().count() <= 100), "{command} is too wide");
    }
}

#[test]
fn a_command_line_that_means_nothing_is_a_usage_error() {
    let folder = Folder::new();
    for (args, part) in [
        ("frobnicate", "unrecognized subcommand"),
        ("gen --schema a.fbs", "--out"),
        ("inspect", "--plugin"),
        ("inspect --fbs --schema a.fbs", "cannot be used with"),
        ("inspect --fbs", "--plugin"),
        ("inspect --plugin a.wasm --fbs --json", "cannot be used with"),
        ("build", "--plugin"),
        ("build --plugin a --component b.wasm", "cannot be used with"),
        ("call --plugin a.wasm", "--method"),
        ("call --plugin a.wasm --method M --hash 12", "a SHA-256 hash is 64 hexadecimal digits"),
        ("call --plugin a.wasm --method M --threshold 2", "--trust"),
        ("tui --allow-unsigned", "--plugin"),
        ("tui --plugin a.wasm --allow-unsigned", "needs a terminal"),
        ("keygen", "--out"),
        ("keygen --out -", "never to standard output"),
        ("keygen --out ..", "no name of a file"),
        ("sign --plugin a.wasm", "--key"),
        ("sign --plugin a.wasm --key k --strip", "cannot be used with"),
        ("sign --plugin a.wasm --key k --out b --detached", "cannot be used with"),
        ("verify --plugin a.wasm --signature s", "--trust"),
        ("verify --plugin a.wasm --trust t --at yesterday", "is no date like 2027-01-01"),
        ("revoke --list r", "--plugin"),
        ("gen --schema a.fbs --out b --package 1x", "a crate's name"),
        ("gen --schema a.fbs --out b --package self", "`self` is a keyword of Rust"),
        ("gen --schema a.fbs --out b --package fn", "`fn` is a keyword of Rust"),
        ("gen --schema a.fbs --out b --package gen", "`gen` is a keyword of Rust"),
        ("gen --schema a.fbs --out b --package test", "Rust has a crate `test`"),
        ("gen --schema a.fbs --out b --package core", "Rust has a crate `core`"),
        ("gen --schema a.fbs --out b --package proc-macro", "Rust has a crate `proc_macro`"),
        ("gen --schema a.fbs --out b --package hookr", "depends on a crate `hookr`"),
        ("gen --schema a.fbs --out b --package hookr-guest", "depends on a crate `hookr-guest`"),
        ("gen --schema a.fbs --out b --package hookr_abi", "depends on a crate `hookr_abi`"),
        ("gen --schema a.fbs --out b --package flatbuffers", "depends on a crate `flatbuffers`"),
        ("call --plugin a.wasm --method M --input - --host-fixture -", "cannot both read standard input"),
        ("encode --schema a.fbs", "--out"),
        ("decode --input a.bin", "--schema"),
        ("decode --schema a.fbs --plugin b.wasm --input a.bin", "cannot be used with"),
        ("call --plugin a.wasm --method M --no-cache --cache-dir b", "cannot be used with"),
        ("compile --allow-unsigned", "--plugin"),
        ("cache", "Usage: hookr cache"),
        ("cache evict --max-age 3s", "an age is a number"),
        ("explain E9999", "there is no error code `E9999`"),
    ] {
        folder.hookr(args).exits(2).prints_nothing().says(&[part]);
    }
}

#[test]
fn every_code_is_explained() {
    let folder = Folder::new();
    let list = folder.hookr("explain").exits(0).stdout;
    for line in list.lines() {
        let (code, title) = line.split_once("  ").unwrap();
        let text = folder.hookr(&format!("explain {}", code.to_lowercase())).exits(0).stdout;
        assert!(text.starts_with(&format!("{code}: {title}\n\n")), "{text}");
    }
    assert!(list.lines().count() > 50);
}

#[test]
fn the_version_is_for_people_and_for_programs() {
    let folder = Folder::new();
    assert_eq!(folder.hookr("version").exits(0).stdout, format!("hookr {}\n", env!("CARGO_PKG_VERSION")));
    let json: serde_json::Value = serde_json::from_str(&folder.hookr("version --json").exits(0).stdout).unwrap();
    assert_eq!(json["hookr"], env!("CARGO_PKG_VERSION"));
    assert_eq!(json["wasmtime"], hookr::WASMTIME_VERSION);
    assert_eq!(json["abi"], "hookr:abi@0.1.0");
}

#[test]
fn colours_are_where_they_are_wanted() {
    let folder = Folder::new();
    folder.write("bad.fbs", "table T { x:nothing; }");
    for (args, colored) in [
        ("inspect --plugin nothing.wasm", false),
        ("--color always inspect --plugin nothing.wasm", true),
        ("--color never inspect --plugin nothing.wasm", false),
        ("wit --schema bad.fbs", false),
        ("wit --schema bad.fbs --color always", true),
    ] {
        assert_eq!(folder.hookr(args).exits(1).stderr.contains('\x1b'), colored, "{args}");
    }
    let run = run(folder.command(["--color=always", "wit", "--schema", "bad.fbs"]).env("NO_COLOR", "1"), "");
    assert!(run.stderr.contains('\x1b'), "what is said on the command line counts");
}

#[cfg(unix)]
#[test]
fn nobody_reading_is_no_error() {
    let folder = Folder::new();
    let mut command = folder.command(["explain"]);
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_retired_code_is_no_typing_error() {
    let folder = Folder::new();
    let text = folder.hookr("explain e0501").exits(0).stdout;
    assert_eq!(text, "E0501: retired: what it refused is translated now\n");
}
