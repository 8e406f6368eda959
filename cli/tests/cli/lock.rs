//! `hookr lock`, and what `--locked` makes of its file.

use hookr::{Digest, LockFile};
use serde_json::{Value, json};

use crate::plugin::{self, folder};
use crate::support::{Folder, golden, run};

/// A plugin of a different hash that asks for the same: a section of no meaning is added.
fn changed(mut plugin: Vec<u8>) -> Vec<u8> {
    plugin.extend(*b"\0\x04\x03abc");
    plugin
}

fn lock_file(folder: &Folder) -> String {
    String::from_utf8(folder.read("hookr.lock")).unwrap()
}

/// A text without the hashes of files: they change with every release of the tools that write components.
fn without_hashes(text: &str, folder: &Folder) -> String {
    let mut text = text.to_owned();
    for (plugin, name) in
        [(folder.read("calc.wasm"), "[now]"), (plugin::plugin(), "[plain]"), (plugin::plugin_with_wasi(), "[wasi]")]
    {
        text = text.replace(&Digest::of(&plugin).to_string(), name);
    }
    text
}

const CALL: &str = "call --plugin calc.wasm --method Extra";

#[test]
fn a_plugin_is_locked_changed_seen_and_locked_again() {
    let folder = folder();
    // Nothing is locked yet.
    folder.hookr("lock").exits(1).prints_nothing().says(&["hookr.lock", "`hookr lock FILE.wasm`"]);
    folder
        .hookr(&format!("{CALL} --locked"))
        .exits(1)
        .says(&["the lock file hookr.lock cannot be used", "hint: `hookr lock FILE.wasm`"]);

    let run = folder.hookr("lock calc.wasm").exits(0);
    run.says(&["wrote hookr.lock: calc"]);
    golden("lock/unchanged.json", &folder.hookr("lock --json").exits(0).stdout);
    golden("lock/hookr.lock", &without_hashes(&lock_file(&folder), &folder));
    let locked = lock_file(&folder);
    folder.hookr("lock --check").exits(0).prints_nothing().says(&["nothing changed"]);
    folder.hookr(&format!("{CALL} --locked")).exits(0);
    folder.hookr(&format!("{CALL} --lock-file hookr.lock")).exits(0);
    folder.hookr("inspect --plugin calc.wasm --locked").exits(0);

    // Another plugin is there now, which asks for more.
    folder.write("calc.wasm", plugin::plugin_with_wasi());
    let (old, new) = (Digest::of(&plugin::plugin()).to_string(), Digest::of(&plugin::plugin_with_wasi()).to_string());
    for command in [CALL, "inspect --plugin calc.wasm"] {
        let run = folder.hookr(&format!("{command} --locked")).exits(3).prints_nothing();
        run.says(&[
            &format!("expected sha256 {old}, found {new}"),
            "hint: ",
            "`hookr lock --check`",
            "`hookr lock FILE.wasm --trust PATH`",
        ]);
    }
    // No other decision outweighs the lock file.
    folder.hookr(&format!("{CALL} --locked --allow-unsigned")).exits(3);
    folder.hookr(&format!("{CALL} --locked --hash {new}")).exits(3);
    let check = folder.hookr("lock --check").exits(7);
    assert_eq!(lock_file(&folder), locked, "--check writes nothing");
    golden("lock/changed.txt", &without_hashes(&check.stdout, &folder));
    let written = folder.hookr("lock").exits(0);
    assert_eq!(written.stdout, check.stdout);
    folder.hookr(&format!("{CALL} --locked")).exits(4).says(&["the plugin imports what nobody grants"]);
    folder.hookr("inspect --plugin calc.wasm --locked").exits(0);

    // And back, as JSON.
    folder.write("calc.wasm", plugin::plugin());
    let json: Value = serde_json::from_str(&folder.hookr("lock --check --json").exits(7).stdout).unwrap();
    assert_eq!((&json["changed"], &json["written"]), (&json!(true), &json!(false)));
    let calc = &json["plugins"][0];
    assert_eq!((&calc["change"], &calc["asks_for_more"]), (&json!("changed"), &json!(false)));
    assert_eq!(calc["changes"]["sha256"], json!({ "removed": [new], "added": [old] }));
    let less = folder.hookr("lock").exits(0).stdout;
    assert!(less.contains("grants: it asks for less than before\n"), "{less}");
    assert_eq!(lock_file(&folder), locked);
}

#[test]
fn what_a_plugin_asks_for_stands_out() {
    let folder = folder();
    folder.write("calc.wasm", plugin::plugin_with_wasi());
    golden("lock/asks.txt", &without_hashes(&folder.hookr("lock calc.wasm").exits(0).stdout, &folder));
    folder.write("calc.wasm", plugin::plugin());
    folder.hookr("lock").exits(0);
    folder.write("calc.wasm", plugin::plugin_with_wasi());
    let colored = folder.hookr("--color always lock").exits(0).stdout;
    assert!(colored.contains("\x1b[1;33mgrants: IT ASKS FOR MORE THAN BEFORE\x1b[0m"), "{colored}");
    assert!(colored.contains("\x1b[32m+ output (standard streams)\x1b[0m"), "{colored}");
}

#[test]
fn the_others_stay_as_they_are() {
    let folder = folder();
    folder.write("plugins/other.wasm", changed(plugin::plugin()));
    folder.hookr("lock calc.wasm").exits(0);
    let first = lock_file(&folder);
    let run = folder.hookr("lock plugins/other.wasm --name second").exits(0);
    assert!(run.stdout.starts_with("second: added\n") && !run.stdout.contains("calc:"), "{}", run.stdout);
    let both = lock_file(&folder);
    assert!(both.starts_with(&first) && both.contains("path = \"plugins/other.wasm\""), "{both}");

    // One is looked at, the other is not, although it has changed.
    folder.write("calc.wasm", changed(plugin::plugin()));
    folder.hookr("lock plugins/other.wasm").exits(0).says(&["nothing changed"]);
    assert_eq!(lock_file(&folder), both);
    let run = folder.hookr("lock --check").exits(7);
    assert!(run.stdout.starts_with("calc: changed\n") && !run.stdout.contains("second"), "{}", run.stdout);

    let run = folder.hookr("lock --remove calc").exits(0);
    assert!(run.stdout.starts_with("calc: removed\n  path\n    - calc.wasm\n"), "{}", run.stdout);
    assert!(!run.stderr.contains("signatures"), "{}", run.stderr);
    assert!(!lock_file(&folder).contains("calc.wasm"));
    folder.hookr("lock --remove secnd").exits(2).says(&["no plugin `secnd`", "did you mean `second`?"]);
    // A plugin that was not locked is refused by name.
    let run = folder.hookr(&format!("{CALL} --locked")).exits(3).prints_nothing();
    run.says(&[
        "the plugin `calc` is not in the lock file hookr.lock, which has `second`",
        "hint: check where",
        "`hookr lock FILE.wasm`",
    ]);
}

#[test]
fn what_fails_leaves_the_lock_file() {
    let folder = folder();
    folder.write("b.wasm", plugin::plugin());
    folder.hookr("lock calc.wasm b.wasm").exits(0);
    let before = lock_file(&folder);
    folder.write("calc.wasm", changed(plugin::plugin()));
    std::fs::remove_file(folder.path().join("b.wasm")).unwrap();
    folder.hookr("lock").exits(1).prints_nothing().says(&[
        "cannot read",
        "b.wasm",
        "`hookr lock --remove b` takes it out",
    ]);
    assert_eq!(lock_file(&folder), before);
    folder.write("b.wasm", wat::parse_str("(component)").unwrap());
    folder.hookr("lock").exits(4).prints_nothing().says(&["does not say which contract", "b.wasm"]);
    folder.write("b.wasm", b"junk");
    folder.hookr("lock").exits(4).prints_nothing().says(&["not WebAssembly"]);
    assert_eq!(lock_file(&folder), before);
    folder.write("hookr.lock", before.replace("version = 1\n", "version = 1\nlines = 3\n"));
    folder.hookr("lock calc.wasm").exits(1).prints_nothing().says(&[
        "hookr.lock cannot be used",
        "line 3, column 1",
        "lines",
    ]);
    folder.hookr(&format!("{CALL} --locked")).exits(1).says(&["line 3, column 1"]);
}

#[test]
fn names_and_folders_are_told_apart() {
    let folder = folder();
    folder.write("a/calc.wasm", plugin::plugin());
    folder.write("b/calc.wasm", changed(plugin::plugin()));
    folder.hookr("lock a/calc.wasm b/calc.wasm").exits(2).says(&["have one name", "--name"]);
    folder.hookr("lock a/calc.wasm").exits(0);
    folder.hookr("lock b/calc.wasm").exits(2).says(&["a/calc.wasm is locked already as `calc`", "--name"]);
    folder.hookr("lock a/calc.wasm --name another").exits(2).says(&["is locked already, as `calc`"]);
    folder.hookr("lock b/calc.wasm --name b").exits(0);
    folder.hookr("lock a/calc.wasm b/calc.wasm --name c").exits(2).says(&["`--name` is for one plugin"]);
    folder.hookr("lock a/calc.wasm --name=").exits(2);
    // Each is known by its path.
    for name in ["a", "b"] {
        folder.hookr(&format!("call --plugin {name}/calc.wasm --method Extra --locked")).exits(0);
    }
    // A name can go to another file.
    let run = folder.hookr("lock calc.wasm --name b").exits(0);
    assert!(run.stdout.contains("  path\n    - b/calc.wasm\n    + calc.wasm\n"), "{}", run.stdout);

    // What is outside of the folder has no path in it.
    folder.hookr("lock calc.wasm --lock-file a/hookr.lock").exits(2).says(&["is not in the folder of the lock file"]);
    folder.hookr("lock a/calc.wasm --lock-file a/my.lock").exits(0);
    assert!(String::from_utf8(folder.read("a/my.lock")).unwrap().contains("path = \"calc.wasm\""));
    folder.hookr("inspect --plugin a/calc.wasm --lock-file a/my.lock").exits(0);
    // The stem is the same, and the file another.
    folder.hookr("inspect --plugin b/calc.wasm --lock-file a/my.lock").exits(3).says(&["`calc` is not the locked one"]);
}

#[cfg(unix)]
#[test]
fn links_are_followed() {
    let folder = folder();
    std::os::unix::fs::symlink("calc.wasm", folder.path().join("current.wasm")).unwrap();
    folder.hookr("lock calc.wasm").exits(0);
    // Another name, the same file.
    folder.hookr("inspect --plugin current.wasm --locked").exits(0);
    folder.hookr("lock --remove calc").exits(0);
    folder.hookr("lock current.wasm").exits(0);
    folder.hookr("inspect --plugin current.wasm --locked").exits(0);
    folder.write("next.wasm", changed(plugin::plugin()));
    std::fs::remove_file(folder.path().join("current.wasm")).unwrap();
    std::os::unix::fs::symlink("next.wasm", folder.path().join("current.wasm")).unwrap();
    folder.hookr("inspect --plugin current.wasm --locked").exits(3);
}

/// Whatever of an entry is changed by hand is noticed.
#[test]
fn an_edited_entry_is_an_error() {
    let folder = folder();
    folder.write("calc.wasm", plugin::plugin_with_wasi());
    folder.hookr("lock calc.wasm").exits(0);
    let locked = lock_file(&folder);
    let id = plugin::section(plugin::SCHEMA).contract_id.to_string();
    for (from, to, key) in [
        (id.as_str(), "0".repeat(64).as_str(), "`contract-id` is "),
        ("\"acme:calc\"", "\"acme:other\"", "`package` is `acme:other` there, and `acme:calc` in the plugin"),
        ("version = \"\"", "version = \"1.0.0\"", "`version` is `1.0.0` there, and empty in the plugin"),
        ("    \"output\",\n", "", "`grants` is "),
        ("    \"wasi:cli/exit@0.2.0\",\n", "", "`imports` is "),
        ("    \"acme:calc/plugin\",\n", "", "`exports` is empty there, and `acme:calc/plugin` in the plugin"),
    ] {
        assert_eq!(locked.matches(from).count(), 1, "{from}");
        folder.write("hookr.lock", locked.replace(from, to));
        let run = folder.hookr(&format!("{CALL} --locked")).exits(3).prints_nothing();
        run.says(&["the lock file hookr.lock was edited by hand: of the plugin `calc`, ", key]);
        // So do the commands that only look.
        for command in ["verify", "inspect"] {
            let run = folder.hookr(&format!("{command} --plugin calc.wasm --locked")).exits(3);
            run.says(&["the lock file hookr.lock was edited by hand: of the plugin `calc`, ", key]);
        }
        // The command that writes lock files mends it, and says so.
        folder.hookr("lock --check").exits(7);
    }
    folder.write("hookr.lock", locked.replace("name = \"calc\"", "name = \"other\""));
    folder.hookr("inspect --plugin calc.wasm --locked").exits(0);
    folder.write("hookr.lock", locked.replace("path = \"calc.wasm\"", "path = \"other.wasm\""));
    folder.hookr("inspect --plugin calc.wasm --locked").exits(0);
    folder.write("hookr.lock", locked.replace('\n', "\r\n"));
    folder.hookr("lock --check").exits(0);
}

#[test]
fn a_lock_file_is_bounded() {
    let folder = folder();
    folder.write("hookr.lock", format!("version = 1\n#{}\n", " ".repeat(usize::try_from(LockFile::MAX_SIZE).unwrap())));
    folder.hookr("inspect --plugin calc.wasm --locked").exits(1).says(&["no more than 4194304 bytes"]);
    folder.write("hookr.lock", b"version = 1 # \xff\n");
    folder.hookr("lock").exits(1).says(&["a lock file is UTF-8"]);
    std::fs::remove_file(folder.path().join("hookr.lock")).unwrap();
    std::fs::create_dir(folder.path().join("hookr.lock")).unwrap();
    folder.hookr("lock calc.wasm").exits(1).says(&["is not a regular file"]);
    run(&mut folder.command(["lock", "calc.wasm", "--lock-file", "new/deep.lock"]), "").exits(2);
}

#[test]
fn signers_are_locked_and_have_to_stay() {
    let folder = folder();
    let id = |name: &str| {
        let text = String::from_utf8(folder.read(&format!("{name}.pub"))).unwrap();
        text.parse::<hookr::trust::PublicKey>().unwrap().key_id().to_string()
    };
    for name in ["one", "two"] {
        folder.hookr(&format!("keygen --out {name}")).exits(0);
    }
    // Nothing is locked that is not signed as it should be.
    folder.hookr("lock calc.wasm --trust one.pub").exits(3).prints_nothing().says(&["this is calc.wasm"]);
    assert!(!folder.path().join("hookr.lock").exists());
    folder.hookr("sign --key one --plugin calc.wasm").exits(0);
    let run = folder.hookr("lock calc.wasm").exits(0).says(&["signatures were not looked at: there is no `--trust`"]);
    assert!(!run.stdout.contains("signers"), "{}", run.stdout);
    let run = folder.hookr("lock --trust one.pub --trust two.pub").exits(0);
    assert_eq!(run.stdout, format!("calc: changed\n  signers\n    + {}\n", id("one")));
    assert!(!run.stderr.contains("not looked at"), "{}", run.stderr);
    // Nobody looks, and nothing is forgotten.
    folder.hookr("lock --check").exits(0);

    for (args, code) in
        [("", 0), ("--trust one.pub", 0), ("--trust one.pub --trust two.pub", 0), ("--trust two.pub", 3)]
    {
        folder.hookr(&format!("verify --plugin calc.wasm --locked {args}")).exits(code);
        folder.hookr(&format!("{CALL} --locked {args}")).exits(code);
    }
    // The other key has signed, too, and the lock file wants the first.
    let signed = folder.read("calc.wasm");
    folder.hookr("sign --key two --plugin calc.wasm --detached two.sig").exits(0);
    assert_eq!(folder.read("calc.wasm"), signed);
    let run = folder.hookr("verify --plugin calc.wasm --locked --trust two.pub --signature two.sig").exits(3);
    run.says(&["`calc` was locked with the signature of", &id("one"), "the valid signatures are", &id("two")]);

    // Other bytes: what was known of the keys is gone, and that is shown.
    folder.hookr("sign --key two --plugin calc.wasm").exits(0);
    let lost = "`calc` was locked with signatures and has other bytes now, whose signatures nobody looked at";
    let hints = ["hint: pass `--trust PATH`", "`hookr lock --remove calc` first"];
    let run = folder.hookr("lock --check").exits(7).says(&[&format!("note: {lost}")]).says(&hints);
    assert!(run.stdout.contains(&format!("  signers\n    - {}\n", id("one"))), "{}", run.stdout);
    // Nobody can have them forgotten by the way.
    let locked = lock_file(&folder);
    folder.write("next.wasm", changed(folder.read("calc.wasm")));
    for args in ["lock", "lock calc.wasm", "lock --json", "lock next.wasm --name calc"] {
        folder.hookr(args).exits(3).prints_nothing().says(&[&format!("error: {lost}")]).says(&hints);
        assert_eq!(lock_file(&folder), locked, "{args}");
    }
    folder.write("same.wasm", signed);
    folder.hookr("lock same.wasm --name calc").exits(0);
    assert!(lock_file(&folder).contains(&id("one")), "the same bytes have the same signatures, wherever they are");
    folder.hookr("lock --remove calc").exits(0);
    folder.hookr("lock calc.wasm").exits(0);
    assert!(!lock_file(&folder).contains(&id("one")));
    folder.write("hookr.lock", locked);
    let run = folder.hookr("lock --trust one.pub --trust two.pub").exits(0);
    assert!(run.stdout.contains(&format!("  signers\n    + {}\n", id("two"))), "{}", run.stdout);
    folder.hookr("lock --trust one.pub --signature two.sig").exits(2).says(&["`--signature` is for one plugin"]);
    folder.hookr("lock --signature two.sig calc.wasm").exits(2);
}
