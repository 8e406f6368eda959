//! `hookr keygen` and `hookr sign`.

use std::path::Path;

use hookr::Digest;
use hookr::trust::{PublicKey, SecretKey, signature};

use crate::plugin::folder;
use crate::support::{Folder, run};

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(not(unix))]
fn mode(_: &Path) -> u32 {
    0o600
}

#[test]
fn a_private_key_is_for_its_owner_alone_and_never_printed() {
    let folder = Folder::new();
    for (args, secret, public) in [
        ("keygen --out a", "a", "a.pub"),
        ("keygen --out b --json", "b", "b.pub"),
        ("keygen --out c --format pem", "c.pem", "c.pub.pem"),
        ("keygen --out d.pem --format pem --json", "d.pem", "d.pub.pem"),
        ("keygen --out a --force", "a", "a.pub"),
    ] {
        let run = folder.hookr(args).exits(0);
        assert_eq!(mode(&folder.path().join(secret)), 0o600, "{args}");
        let text = String::from_utf8(folder.read(secret)).unwrap();
        let key = SecretKey::parse(&text, None).unwrap();
        let pem = key.to_pem().unwrap();
        for line in text.lines().chain(pem.lines()).filter(|line| !line.starts_with("-----")) {
            assert!(!run.stdout.contains(line) && !run.stderr.contains(line), "{args}");
        }
        let found: PublicKey = String::from_utf8(folder.read(public)).unwrap().parse().unwrap();
        assert_eq!(found.as_bytes(), key.public_key().as_bytes());
        assert!(run.stdout.contains(&found.key_id().to_string()), "{}", run.stdout);
        assert!(run.stdout.contains(public), "{}", run.stdout);
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 8, "{left:?}");
}

#[test]
fn no_key_is_overwritten_unasked() {
    let folder = Folder::new();
    folder.hookr("keygen --out a --comment first").exits(0);
    let before = (folder.read("a"), folder.read("a.pub"));
    assert!(String::from_utf8(before.1.clone()).unwrap().ends_with(" first\n"));
    folder.hookr("keygen --out a").exits(1).prints_nothing().says(&["a is there already", "--force"]);
    std::fs::remove_file(folder.path().join("a")).unwrap();
    folder.hookr("keygen --out a").exits(1).prints_nothing().says(&["a.pub is there already"]);
    assert!(!folder.path().join("a").exists(), "a private key without its public key is of no use");
    assert_eq!(folder.read("a.pub"), before.1);
    folder.hookr("keygen --out none/a").exits(1).prints_nothing().says(&["cannot write none/a"]);
    // A folder is never replaced, and nothing is written beside it.
    for (taken, other) in [("b", "b.pub"), ("c.pub", "c")] {
        std::fs::create_dir(folder.path().join(taken)).unwrap();
        for force in ["", "--force"] {
            let run = folder.hookr(&format!("keygen --out {} {force}", &taken[..1])).exits(1).prints_nothing();
            run.says(&[&format!("{taken} is a folder, and a key is a file")]);
            assert!(!folder.path().join(other).exists(), "{other}");
        }
    }
    // A link that leads nowhere is there, too.
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("elsewhere", folder.path().join("link")).unwrap();
        folder.hookr("keygen --out link").exits(1).says(&["link is there already"]);
        assert!(!folder.path().join("elsewhere").exists());
    }
}

#[test]
fn a_comment_stays_on_its_line() {
    let folder = Folder::new();
    run(&mut folder.command(["keygen", "--out", "a", "--comment", "one\nssh-ed25519 two\x1b[31m"]), "").exits(0);
    let public = String::from_utf8(folder.read("a.pub")).unwrap();
    assert_eq!(public.lines().count(), 1, "{public}");
    assert!(!public.contains('\x1b'));
    assert!(SecretKey::parse(&String::from_utf8(folder.read("a")).unwrap(), None).is_ok());
}

#[test]
fn pem_has_no_name() {
    let folder = Folder::new();
    let run = folder.hookr("keygen --out a --format pem --comment release").exits(2).prints_nothing();
    run.says(&["`pem` has no room for it"]);
    assert!(!folder.path().join("a.pem").exists());
    for (format, name) in [("pem", ""), ("openssh", "a")] {
        let run = folder.hookr(&format!("keygen --out a --json --format {format}")).exits(0);
        assert_eq!(json(&run.stdout)["name"], name, "{format}");
    }
}

#[test]
fn a_passphrase_encrypts() {
    let folder = folder();
    let secret = folder.write("passphrase", "correct horse\nnot this line\n");
    private(&secret);
    folder.hookr("keygen --out a --passphrase-file passphrase").exits(0).says(&["a, encrypted"]);
    let text = String::from_utf8(folder.read("a")).unwrap();
    assert!(SecretKey::parse(&text, None).is_err());
    assert!(SecretKey::parse(&text, Some(b"correct horse")).is_ok());
    let sign = "sign --key a --plugin calc.wasm";
    folder.hookr(sign).exits(1).prints_nothing().says(&["is encrypted", "HOOKR_KEY_PASSPHRASE"]);
    folder.hookr(&format!("{sign} --passphrase-file passphrase")).exits(0);
    let signed = folder.read("calc.wasm");
    let with = |passphrase: &str| run(folder.command(sign.split(' ')).env("HOOKR_KEY_PASSPHRASE", passphrase), "");
    with("wrong").exits(1).prints_nothing().says(&["the passphrase is not that"]);
    with("correct horse").exits(0);
    assert_eq!(folder.read("calc.wasm"), signed, "signing twice changes nothing");
    let run = run(folder.command("keygen --out b --format pem".split(' ')).env("HOOKR_KEY_PASSPHRASE", "x"), "");
    run.exits(2).prints_nothing().says(&["`pem` is not encrypted"]);
    assert!(!folder.path().join("b.pem").exists());
    private(&folder.write("empty", "\n"));
    folder.hookr("keygen --out b --passphrase-file empty").exits(1).says(&["there is no passphrase in empty"]);
}

fn private(path: &Path) {
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let _ = path;
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    folder.hookr("keygen --out a").exits(0);
    for mode in [0o644, 0o640, 0o604, 0o622] {
        std::fs::set_permissions(folder.path().join("a"), std::fs::Permissions::from_mode(mode)).unwrap();
        let run = folder.hookr("sign --key a --plugin calc.wasm").exits(1).prints_nothing();
        run.says(&["a is not for you alone", &format!("(mode {mode:03o})"), "hint: `chmod 600 a`"]);
    }
    std::fs::set_permissions(folder.path().join("a"), std::fs::Permissions::from_mode(0o400)).unwrap();
    folder.hookr("sign --key a --plugin calc.wasm").exits(0);
}

#[test]
fn signing_says_what_it_did() {
    let folder = folder();
    folder.hookr("keygen --out a").exits(0);
    folder.hookr("keygen --out b").exits(0);
    let plain = folder.read("calc.wasm");
    let hash = signature::signed_hash(&plain).unwrap().to_string();
    let found = json(&folder.hookr("sign --key a --plugin calc.wasm --json").exits(0).stdout);
    let signed = folder.read("calc.wasm");
    assert_eq!(found["sha256_before"], Digest::of(&plain).to_string());
    assert_eq!(found["sha256"], Digest::of(&signed).to_string());
    assert_eq!(found["signed_hash"], hash);
    let text = folder.hookr("sign --key b --plugin calc.wasm --out both.wasm").exits(0).stdout;
    assert_eq!(folder.read("calc.wasm"), signed, "another file was asked for");
    let both = folder.read("both.wasm");
    for part in [&Digest::of(&signed).to_string(), &Digest::of(&both).to_string(), &hash] {
        assert!(text.contains(part), "{text}");
    }
    for line in [format!("sha256         {}", Digest::of(&both)), format!("sha256 before  {}", Digest::of(&signed))] {
        assert!(text.contains(&line), "{text}");
    }
    assert_eq!(signature::Signatures::of(&both).unwrap().unwrap().claims().count(), 2);
    folder.hookr("sign --strip --plugin both.wasm --out plain.wasm").exits(0);
    assert_eq!(folder.read("plain.wasm"), plain);
    // A signature of its own, beside which another is put.
    folder.hookr("sign --key a --plugin plain.wasm --detached").exits(0);
    folder.hookr("sign --key b --plugin plain.wasm --detached plain.wasm.sig").exits(0);
    assert_eq!(folder.read("plain.wasm"), plain);
    assert_eq!(signature::attach(&plain, &folder.read("plain.wasm.sig")).unwrap(), both);
}

#[test]
fn a_key_comes_over_standard_input() {
    let folder = folder();
    folder.hookr("keygen --out a").exits(0);
    let text = String::from_utf8(folder.read("a")).unwrap();
    folder.hookr_with("sign --key - --plugin calc.wasm", &text).exits(0);
    folder.hookr("verify --trust a.pub --plugin calc.wasm").exits(0);
    folder.hookr("sign --key - --plugin calc.wasm").exits(1).prints_nothing().says(&["no private key"]);
}

#[test]
fn what_cannot_be_signed_has_its_own_error() {
    let folder = folder();
    folder.hookr("keygen --out a").exits(0);
    private(&folder.path().join("a.pub"));
    folder.write("text.wasm", "text");
    folder.write("module.wasm", wat::parse_str("(module)").unwrap());
    let signed = {
        folder.hookr("sign --key a --plugin calc.wasm").exits(0);
        folder.read("calc.wasm")
    };
    let section_end = signed.len() - signature::detach(&signed).unwrap().0.len() + 8;
    let twice = [&signed[..section_end], &signed[8..]].concat();
    folder.write("twice.wasm", twice);
    folder.write("junk.sig", "junk");
    for (args, code, part) in [
        ("sign --key a --plugin none.wasm", 1, "cannot read none.wasm"),
        ("sign --key none --plugin calc.wasm", 1, "cannot read none"),
        ("sign --key . --plugin calc.wasm", 1, "not a regular file"),
        ("sign --key a.pub --plugin calc.wasm", 1, "this is a public key"),
        ("sign --key a --plugin text.wasm", 4, "not WebAssembly"),
        ("sign --key a --plugin module.wasm", 4, "core WebAssembly module"),
        ("sign --key a --plugin twice.wasm", 4, "a second signature section"),
        ("sign --key a --plugin calc.wasm --detached junk.sig", 4, "junk.sig cannot be signed"),
    ] {
        folder.hookr(args).exits(code).prints_nothing().says(&[part]);
    }
    assert_eq!(folder.read("junk.sig"), b"junk");
    assert_eq!(folder.read("calc.wasm"), signed);
}

#[cfg(unix)]
#[test]
fn a_signed_file_keeps_its_rights() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    folder.hookr("keygen --out a").exits(0);
    let path = folder.path().join("calc.wasm");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o754)).unwrap();
    folder.hookr("sign --key a --plugin calc.wasm").exits(0);
    assert_eq!(mode(&path), 0o754);
}
