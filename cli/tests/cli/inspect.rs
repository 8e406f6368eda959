//! `hookr inspect`.

use serde_json::Value;

use crate::plugin::{self, SCHEMA, folder, with_section};
use crate::support::{Run, golden, without_bytes};

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{}", run.stdout))
}

#[test]
fn a_plugin_and_its_contract_as_text_and_as_json() {
    let folder = folder();
    for (name, args) in [
        ("plugin", "inspect --plugin calc.wasm"),
        ("schema", "inspect --schema calc.fbs"),
        ("both", "inspect --schema calc.fbs --plugin calc.wasm"),
    ] {
        golden(&format!("inspect/{name}.txt"), &without_bytes(&folder.hookr(args).exits(0).stdout));
        let run = folder.hookr(&format!("{args} --json")).exits(0);
        json(&run);
        golden(&format!("inspect/{name}.json"), &without_bytes(&run.stdout));
    }
}

#[test]
fn size_and_hash_are_those_of_the_file() {
    let folder = folder();
    let found = json(&folder.hookr("inspect --plugin calc.wasm --json").exits(0));
    let bytes = folder.read("calc.wasm");
    assert_eq!(found["plugin"]["size"], bytes.len());
    assert_eq!(found["plugin"]["sha256"], hookr::Digest::of(&bytes).to_string());
}

#[test]
fn another_contract_is_an_exit_code_for_ci() {
    let folder = folder();
    folder.write("calc.fbs", SCHEMA.replace("n: int;", "n: long;").replace("  Trap(Num): Num;\n", ""));
    let run = folder.hookr("inspect --schema calc.fbs --plugin calc.wasm").exits(4);
    let here = plugin::section(&SCHEMA.replace("n: int;", "n: long;").replace("  Trap(Num): Num;\n", "")).contract_id;
    let there = plugin::section(SCHEMA).contract_id;
    assert!(run.stdout.ends_with("The plugin is built for another contract.\n"), "{}", run.stdout);
    run.says(&[
        &here.to_string(),
        &there.to_string(),
        "method `Plugin:Trap` (required, `Acme.Calc.Num` to `Acme.Calc.Num`) is only in the plugin",
        "`Acme.Calc.Num.n` is `long = 0` in slot 0 here and `int = 0` in slot 0 in the plugin",
        "hint: ",
    ]);
    let found = json(&folder.hookr("inspect --schema calc.fbs --plugin calc.wasm --json").exits(4));
    assert_eq!(found["matches"], false);
    assert_eq!(found["differences"].as_array().unwrap().len(), 2);
}

#[test]
fn a_hash_counts_although_nothing_runs() {
    let folder = folder();
    let own = hookr::Digest::of(&folder.read("calc.wasm")).to_string();
    let other = "0".repeat(64);
    folder.hookr(&format!("inspect --plugin calc.wasm --hash {own}")).exits(0);
    let run = folder.hookr(&format!("inspect --plugin calc.wasm --hash {other}"));
    run.exits(3).prints_nothing().says(&[&own, &other]);
}

#[test]
fn a_file_that_is_no_plugin_has_its_own_error() {
    let folder = folder();
    let plugin = folder.read("calc.wasm");
    let text = |text: &str| wat::parse_str(text).unwrap();
    for (name, bytes, code, part) in [
        ("empty", Vec::new(), 4, "the plugin empty.wasm is empty"),
        ("text", b"#!/bin/sh\n".to_vec(), 4, "this is not WebAssembly"),
        ("module", text("(module)"), 4, "a core WebAssembly module"),
        ("bare", text("(component)"), 4, "does not say which contract"),
        ("cut", plugin[..plugin.len() - 1].to_vec(), 4, "truncated or damaged"),
        ("two", with_section(plugin.clone(), &plugin::section(SCHEMA)), 4, "2 sections"),
        ("junk", text(r#"(component (@custom "hookr:contract" "junk"))"#), 4, "cannot be read"),
        ("hollow", with_section(text("(component)"), &plugin::section(SCHEMA)), 4, "acme:calc/plugin.add"),
    ] {
        folder.write(&format!("{name}.wasm"), bytes);
        folder.hookr(&format!("inspect --plugin {name}.wasm")).exits(code).says(&["error: ", part]);
    }
    let expected = plugin::section(SCHEMA).contract_id.to_string();
    let run = folder.hookr("inspect --plugin bare.wasm --schema calc.fbs").exits(4).prints_nothing();
    run.says(&["expected acme:calc", &expected]);
    folder.hookr("inspect --plugin .").exits(1).says(&["is a directory"]);
    folder.hookr("inspect --plugin nothing.wasm").exits(1).says(&["cannot read nothing.wasm", "caused by: "]);
}

#[test]
fn the_contract_of_a_plugin_is_a_schema_again() {
    let folder = folder();
    let run = folder.hookr("inspect --plugin calc.wasm --fbs").exits(0);
    golden("inspect/plugin.fbs", &run.stdout);
    folder.write("printed.fbs", &run.stdout);
    let run = folder.hookr("inspect --plugin calc.wasm --schema printed.fbs").exits(0);
    assert!(run.stdout.ends_with("The plugin is built for this contract.\n"), "{}", run.stdout);
}

#[test]
fn the_schema_of_a_stranger_deceives_nobody() {
    let folder = folder();
    let schema = |text: &str| {
        let loader = fbs2wit::MemoryLoader::new().file("x.fbs", text);
        fbs2wit::compile("x.fbs".as_ref(), &fbs2wit::CompileOptions::default(), &loader).unwrap().schema
    };
    let mut stranger = schema(&format!("{SCHEMA} table Tricky {{ text: string = \"x\"; }}"));
    let tricky = stranger.objects.iter_mut().find(|object| object.name.name == "Tricky").unwrap();
    tricky.docs = vec![" \u{1b}[2J\u{202e}\n}\rtable X {}".to_owned()];
    tricky.fields[0].presence = fbs2wit::model::Presence::DefaultString("\"; } \u{1b}[2J\u{9b}\n".to_owned());
    let mut section = plugin::section(SCHEMA);
    section.schema = fbs2wit::bfbs::write(&stranger, &fbs2wit::bfbs::WriteOptions::default());
    folder.write("stranger.wasm", with_section(plugin::component(), &section));
    let run = folder.hookr("inspect --plugin stranger.wasm --fbs").exits(0);
    let raw: String = run.stdout.chars().filter(|&c| hookr_abi::Printable::escapes(c)).collect();
    assert_eq!(raw, "");
    let expected = r#"
/// \u{1b}[2J\u{202e}
///}
///table X {}
table Tricky {
    text: string = "\"; } \u001b[2J\u009b\n";
}
"#;
    assert!(run.stdout.contains(expected), "{}", run.stdout);
    assert_eq!(schema(&run.stdout).objects.len(), stranger.objects.len());

    section.schema.truncate(20);
    folder.write("stranger.wasm", with_section(plugin::component(), &section));
    let run = folder.hookr("inspect --plugin stranger.wasm --fbs").exits(4).prints_nothing();
    run.says(&["the contract inside of the plugin cannot be read"]);
}

#[test]
fn a_contract_that_is_not_what_its_id_names_is_noticed() {
    let folder = folder();
    let mut section = plugin::section(SCHEMA);
    section.contract_id.0[0] ^= 1;
    folder.write("liar.wasm", with_section(plugin::component(), &section));
    folder.hookr("inspect --plugin liar.wasm").exits(4).says(&["not the one that its contract ID names"]);
    let mut section = plugin::section(SCHEMA);
    section.schema.truncate(20);
    folder.write("liar.wasm", with_section(plugin::component(), &section));
    folder.hookr("inspect --plugin liar.wasm").exits(4).says(&["the contract inside of the plugin cannot be read"]);
    let mut section = plugin::section(SCHEMA);
    "\x1b[2J\nsecond line".clone_into(&mut section.plugin_name);
    folder.write("liar.wasm", with_section(plugin::component(), &section));
    let run = folder.hookr("inspect --plugin liar.wasm").exits(0);
    assert!(run.stdout.contains("name         \\u{1b}[2J\\nsecond line"), "{}", run.stdout);
}

#[test]
fn json_has_no_raw_character_that_deceives() {
    let folder = folder();
    let mut section = plugin::section(SCHEMA);
    let name = "\u{202e}\u{9b}31m\u{61c}\u{7f}\x1b\n\t\u{feff}é\u{1f980}";
    name.clone_into(&mut section.plugin_name);
    folder.write("liar.wasm", with_section(plugin::component(), &section));
    let run = folder.hookr("inspect --plugin liar.wasm --json").exits(0);
    assert_eq!(json(&run)["plugin"]["name"], name);
    let raw: String = run.stdout.chars().filter(|&c| hookr_abi::Printable::escapes(c)).collect();
    assert_eq!(raw, "");
    let written = r#""\u202e\u009b31m\u061c\u007f\u001b\n\t\ufeffé🦀""#;
    assert!(run.stdout.contains(written), "{}", run.stdout);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let folder = folder();
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.wasm")).status().unwrap();
    assert!(made.success());
    for args in ["inspect --plugin pipe.wasm", "call --plugin pipe.wasm --allow-unsigned --method Add"] {
        folder.hookr(args).exits(1).prints_nothing().says(&["pipe.wasm is not a regular file"]);
    }
}

#[test]
fn an_import_without_grant_is_named() {
    let folder = folder();
    folder.write("greedy.wasm", with_section(plugin::component_with_import(), &plugin::section(SCHEMA)));
    folder.hookr("inspect --plugin greedy.wasm").exits(4).says(&["imports what its contract does not name", "`clock`"]);
}

/// Every byte of a plugin is changed once. What comes of it may be an error or not, but never a panic.
#[test]
fn damage_never_panics() {
    let folder = folder();
    let plugin = folder.read("calc.wasm");
    // A process for each byte takes its time: a prime spreads them over the file.
    for (i, at) in (0..plugin.len()).step_by(41).enumerate() {
        let mut damaged = plugin.clone();
        damaged[at] = [0xff, 0, 0x80, damaged[at] ^ 1][i % 4];
        folder.write("damaged.wasm", &damaged);
        let run = folder.hookr("inspect --plugin damaged.wasm");
        assert!(matches!(run.code, 0 | 4), "byte {at}: {run:?}");
        assert!(!run.stderr.contains("panicked"), "byte {at}: {}", run.stderr);
    }
}
