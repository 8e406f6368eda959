//! `hookr verify`, `hookr revoke`, and `--trust` of other commands.

use hookr::Digest;
use hookr::trust::signature;
use serde_json::Value;

use crate::plugin::folder;
use crate::support::{Folder, Run, golden};

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{}", run.stdout))
}

/// The plugin, signed by `one` and `two`, and the key of a `stranger`.
fn signed() -> Folder {
    let folder = folder();
    for name in ["one", "two", "stranger"] {
        folder.hookr(&format!("keygen --out {name}")).exits(0);
    }
    folder.hookr("sign --key one --plugin calc.wasm").exits(0);
    folder.hookr("sign --key two --plugin calc.wasm").exits(0);
    folder
}

fn id(folder: &Folder, name: &str) -> String {
    let key: hookr::trust::PublicKey = String::from_utf8(folder.read(&format!("{name}.pub"))).unwrap().parse().unwrap();
    key.key_id().to_string()
}

#[test]
fn the_exit_code_says_whether_it_is_trusted() {
    let folder = signed();
    let bytes = folder.read("calc.wasm");
    let own = Digest::of(&bytes).to_string();
    let other = "0".repeat(64);
    for (args, code) in [
        ("--trust one.pub", 0),
        ("--trust one.pub --trust two.pub --threshold 2", 0),
        ("--trust stranger.pub", 3),
        ("--trust stranger.pub --trust one.pub --threshold 2", 3),
        ("--trust stranger.pub --allow-unsigned", 3),
        (&format!("--hash {own}"), 0),
        (&format!("--hash {other}"), 3),
        (&format!("--hash {other} --hash {own}"), 0),
        (&format!("--hash {own} --trust stranger.pub"), 3),
        (&format!("--hash {other} --trust one.pub"), 3),
        ("--trust one.pub --threshold 2", 1),
        ("--trust none.pub", 1),
        ("--trust one", 1),
        ("--trust one.pub --signature none.sig", 1),
        ("--trust one.pub --revoked none.txt", 1),
        ("", 2),
        ("--allow-unsigned", 2),
    ] {
        for form in ["", "--json"] {
            folder.hookr(&format!("verify --plugin calc.wasm {args} {form}")).exits(code);
        }
    }
    for (name, content) in [("text.wasm", b"text".to_vec()), ("cut.wasm", bytes[..bytes.len() - 1].to_vec())] {
        folder.write(name, content);
        let code = if name == "text.wasm" { 4 } else { 3 };
        folder.hookr(&format!("verify --plugin {name} --trust one.pub")).exits(code);
    }
}

#[test]
fn each_signature_has_a_verdict() {
    let folder = signed();
    let (one, two) = (id(&folder, "one"), id(&folder, "two"));
    let run = folder.hookr("verify --plugin calc.wasm --trust one.pub").exits(0);
    let hash = signature::signed_hash(&folder.read("calc.wasm")).unwrap().to_string();
    let text = run.stdout.replace(&one, "[one]").replace(&two, "[two]").replace(&hash, "[signed hash]");
    let text = text.replace(&Digest::of(&folder.read("calc.wasm")).to_string(), "[sha256]");
    let size = folder.read("calc.wasm").len().to_string();
    golden("verify/trusted.txt", &text.replace(&format!(" {size} bytes"), " [size] bytes"));
    let found = json(&folder.hookr("verify --plugin calc.wasm --trust one.pub --json").exits(0));
    assert_eq!(found["trusted"], true);
    assert_eq!(found["signatures"]["signed_hash"], hash);
    assert_eq!(found["signatures"]["found"][0]["verdict"], "valid");
    assert_eq!(found["signatures"]["found"][0]["name"], "one");
    assert_eq!(found["signatures"]["found"][1]["verdict"], "unknown-key");
    assert_eq!(found["signatures"]["found"][1]["claimed_key_id"], two);
    assert_eq!(found["signatures"]["found"][1]["key_id"], Value::Null);
    assert_eq!(found["signatures"]["signers"][0]["key_id"], one);
    // Without anybody to trust, a claim is all that there is.
    let run = folder.hookr("verify --plugin calc.wasm --json").exits(2).says(&["nothing is verified", "--trust"]);
    assert_eq!(json(&run)["trusted"], Value::Null);
    assert_eq!(json(&run)["signatures"]["found"][0]["verdict"], Value::Null);
    assert_eq!(json(&run)["signatures"]["found"][0]["claimed_key_id"], one);
}

#[test]
fn json_says_why_it_is_not_trusted() {
    let folder = signed();
    folder.hookr("lock calc.wasm").exits(0);
    let verify =
        |args: &str, code| json(&folder.hookr(&format!("verify --plugin calc.wasm --json {args}")).exits(code));
    for (args, code) in [("--trust one.pub", 0), ("--locked", 0), ("", 2)] {
        assert_eq!(verify(args, code)["error"], Value::Null, "{args}");
    }
    folder.hookr("sign --strip --plugin calc.wasm").exits(0);
    let (own, other) = (Digest::of(&folder.read("calc.wasm")), "0".repeat(64));
    let found = verify("--trust one.pub", 3)["error"].clone();
    assert_eq!(found[0], format!("the trust store does not accept the plugin with sha256 {own}"));
    assert!(found[1].as_str().unwrap().contains("it is not signed") && found[2].is_null(), "{found}");
    let found = verify(&format!("--hash {other}"), 3)["error"].clone();
    assert_eq!(found[0], format!("the plugin is not the pinned one: expected sha256 {other}, found {own}"));
    assert!(verify("--locked", 3)["error"][0].as_str().unwrap().contains("`calc` is not the locked one"));
}

#[test]
fn a_threshold_is_never_lowered() {
    let folder = signed();
    let key = |name: &str| String::from_utf8(folder.read(&format!("{name}.pub"))).unwrap().trim().to_owned();
    let keys = ["one", "stranger"].map(|name| format!("[[key]]\nkey = \"{}\"\n", key(name)));
    folder.write("trust.toml", format!("threshold = 2\n{}", keys.concat()));
    for (args, code) in [
        ("", 3),
        ("--threshold 1", 3),
        ("--trust two.pub", 0),
        ("--trust two.pub --threshold 1", 0),
        ("--trust two.pub --threshold 3", 3),
        ("--threshold 0", 2),
    ] {
        folder.hookr(&format!("verify --plugin calc.wasm --trust trust.toml {args}")).exits(code);
    }
}

#[test]
fn both_sides_are_named() {
    let folder = signed();
    let (one, two, stranger) = (id(&folder, "one"), id(&folder, "two"), id(&folder, "stranger"));
    for args in [
        "verify --plugin calc.wasm --trust stranger.pub",
        "call --plugin calc.wasm --trust stranger.pub --method Extra",
        "inspect --plugin calc.wasm --trust stranger.pub",
    ] {
        folder.hookr(args).exits(3).says(&[&one, &two, &format!("trusted are {stranger} (stranger)")]);
    }
    folder.hookr("call --plugin calc.wasm --trust one.pub --method Extra").exits(0);
    folder.hookr("sign --strip --plugin calc.wasm").exits(0);
    let run = folder.hookr("call --plugin calc.wasm --trust one.pub --method Extra").exits(3).prints_nothing();
    run.says(&["it is not signed", &one, "hookr sign"]);
}

#[test]
fn a_changed_plugin_is_refused() {
    let folder = signed();
    let mut bytes = folder.read("calc.wasm");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    folder.write("calc.wasm", bytes);
    let run = folder.hookr("call --plugin calc.wasm --trust one.pub --method Extra").exits(3).prints_nothing();
    run.says(&["over other content", "(one)"]);
}

#[test]
fn what_is_revoked_is_refused() {
    let folder = signed();
    let verify = "verify --plugin calc.wasm --trust one.pub --trust two.pub --revoked list.txt";
    let mut reason = folder.command(["revoke", "--list", "list.txt", "--key", "one.pub", "--reason", "lost\n# today"]);
    let run = crate::support::run(&mut reason, "").exits(0);
    assert_eq!(run.stdout, format!("key {}  # lost\\n# today\n", id(&folder, "one")));
    folder.hookr(verify).exits(0);
    folder.hookr(&format!("{verify} --threshold 2")).exits(3).says(&["which has been revoked: lost"]);
    folder.hookr(&format!("revoke --list list.txt --key {}", id(&folder, "two"))).exits(0);
    folder.hookr(verify).exits(3);
    // Twice is once.
    let list = folder.read("list.txt");
    folder.hookr("revoke --list list.txt --key two.pub").exits(0).prints_nothing().says(&["has it already"]);
    assert_eq!(folder.read("list.txt"), list);
    // A plugin is refused in whichever order it was signed.
    folder.write("other.txt", "# plugins");
    folder.hookr("revoke --list other.txt --plugin calc.wasm --reason slow").exits(0);
    let hash = signature::signed_hash(&folder.read("calc.wasm")).unwrap();
    assert_eq!(folder.read("other.txt"), format!("# plugins\nplugin {hash}  # slow\n").as_bytes());
    folder.hookr("sign --strip --plugin calc.wasm").exits(0);
    folder.hookr("sign --key two --plugin calc.wasm").exits(0);
    folder.hookr("sign --key one --plugin calc.wasm").exits(0);
    let run = folder.hookr("call --plugin calc.wasm --trust one.pub --revoked other.txt --method Extra").exits(3);
    run.prints_nothing().says(&["has been revoked", "slow"]);
    // So it is without a trust store, whatever accepts it.
    let hash = Digest::of(&folder.read("calc.wasm"));
    folder.hookr("lock calc.wasm").exits(0);
    for command in [
        &format!("call --plugin calc.wasm --hash {hash} --method Extra"),
        "call --plugin calc.wasm --locked --method Extra",
        "call --plugin calc.wasm --allow-unsigned --method Extra",
        "compile --plugin calc.wasm --allow-unsigned --cache-dir cache",
        "inspect --plugin calc.wasm",
        "verify --plugin calc.wasm",
        "verify --plugin calc.wasm --allow-unsigned",
        "verify --plugin calc.wasm --rebuild nothing",
        &format!("verify --plugin calc.wasm --hash {hash}"),
        "lock calc.wasm",
        "lock --check",
    ] {
        folder.hookr(&format!("{command} --revoked other.txt")).exits(3).says(&["has been revoked", "slow"]);
    }
    let run = folder.hookr("verify --plugin calc.wasm --revoked other.txt --json").exits(3);
    assert_eq!(json(&run)["trusted"], false);
    // Not to be revoked is no reason to be trusted.
    let run = folder.hookr("verify --plugin calc.wasm --revoked list.txt --json").exits(2).says(&["whom to trust"]);
    assert_eq!(json(&run)["trusted"], Value::Null);
    let run = folder.hookr("verify --plugin calc.wasm --revoked list.txt --allow-unsigned").exits(2);
    run.says(&["`--allow-unsigned` accepts any file, so that there is nothing to verify"]);
    for args in ["", "--allow-unsigned", "--rebuild nothing", "--locked"] {
        let run = folder.hookr(&format!("verify --plugin calc.wasm --revoked none.txt {args}")).exits(1);
        run.prints_nothing().says(&["the list none.txt of what is revoked cannot be used"]);
    }
    // A file that was exchanged is told as such, whatever it is.
    folder.write("calc.wasm", "garbage");
    for store in ["", "--trust one.pub "] {
        let call = format!("call --plugin calc.wasm --locked {store}--revoked other.txt --method Extra");
        folder.hookr(&call).exits(3).prints_nothing().says(&["is not the locked one"]);
    }
    for (args, part) in [
        ("revoke --list list.txt --key none.pub", "cannot read none.pub"),
        ("revoke --list list.txt --key one", "this is a private key"),
        ("revoke --list calc.fbs --key one.pub", "calc.fbs, line 1"),
    ] {
        folder.hookr(args).exits(1).prints_nothing().says(&[part]);
    }
    assert_eq!(folder.read("list.txt"), list);
    // One more line would make it larger than hosts read.
    let full = "#".repeat((1 << 20) - 10);
    folder.write("full.txt", &full);
    folder.hookr("revoke --list full.txt --key one.pub").exits(1).prints_nothing().says(&["full.txt", "1048576 bytes"]);
    assert_eq!(folder.read("full.txt"), full.as_bytes());
}

#[test]
fn time_is_what_it_is_said_to_be() {
    let folder = signed();
    let key = String::from_utf8(folder.read("one.pub")).unwrap();
    folder.write("trust.toml", format!("[[key]]\nkey = \"{}\"\nexpires = 2027-01-01\n", key.trim()));
    let verify = "verify --plugin calc.wasm --trust trust.toml --at";
    folder.hookr(&format!("{verify} 2026-12-31")).exits(0);
    let run = folder.hookr(&format!("{verify} 2027-01-01T00:00:00Z --json")).exits(3).says(&["expired at 2027-01-01"]);
    assert_eq!(json(&run)["signatures"]["found"][0]["verdict"], "expired");
    assert_eq!(json(&run)["signatures"]["trusted_keys"][0]["state"], "expired");
}

#[test]
fn a_signature_in_a_file_of_its_own() {
    let folder = folder();
    folder.hookr("keygen --out one").exits(0);
    folder.hookr("sign --key one --plugin calc.wasm --detached").exits(0);
    let call = "call --plugin calc.wasm --trust one.pub --method Extra";
    folder.hookr(call).exits(3);
    folder.hookr(&format!("{call} --signature calc.wasm.sig")).exits(0);
    folder.write("calc.wasm.sig", "junk");
    folder.hookr(&format!("{call} --signature calc.wasm.sig")).exits(3).says(&["the detached signature is damaged"]);
    folder.write("calc.wasm.sig", vec![1; 100_000]);
    folder.hookr(&format!("{call} --signature calc.wasm.sig")).exits(3).says(&["more than 65536 bytes"]);
}

#[test]
fn inspect_shows_signatures() {
    let folder = signed();
    let (one, two) = (id(&folder, "one"), id(&folder, "two"));
    let text = folder.hookr("inspect --plugin calc.wasm").exits(0).stdout;
    assert!(
        text.contains(&format!("\nsignatures\n  claims key {one}: not verified\n  claims key {two}: not")),
        "{text}"
    );
    let found = json(&folder.hookr("inspect --plugin calc.wasm --trust two.pub --json").exits(0));
    let signatures = &found["plugin"]["signatures"];
    assert_eq!(signatures["approved"], true);
    assert_eq!(signatures["found"][1]["verdict"], "valid");
    // What cannot be read is said, and the rest is shown.
    let bytes = folder.read("calc.wasm");
    folder.write("junk.wasm", signature_replaced(&bytes));
    let found = json(&folder.hookr("inspect --plugin junk.wasm --json").exits(0));
    assert!(found["plugin"]["signatures"]["problem"].as_str().unwrap().contains("damaged"), "{found}");
    folder.hookr("inspect --plugin junk.wasm --trust two.pub").exits(3).says(&["its signatures cannot be read"]);
}

/// With a signature section that has one byte in it.
fn signature_replaced(bytes: &[u8]) -> Vec<u8> {
    let plain = signature::detach(bytes).unwrap().0;
    [&plain[..8], b"\0\x0b\x09signature\x09", &plain[8..]].concat()
}
