//! Trust stores: what counts, and the files that they come from.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use hookr::trust::{Moment, SecretKey, SignatureError, TrustStore, TrustStoreError};

use crate::support::{check, component, key, trusting};

fn time(text: &str) -> SystemTime {
    text.parse::<Moment>().unwrap().into()
}

#[test]
fn keys_expire() {
    let key = key("release");
    let signed = key.sign(&component()).unwrap();
    let store = TrustStore::new().key_until(key.public_key(), time("2027-01-01"));
    check(&store.clone().at(time("2026-12-31T23:59:59Z")), &signed).unwrap();
    for at in ["2027-01-01", "2040-01-01"] {
        let error = check(&store.clone().at(time(at)), &signed).unwrap_err();
        assert_eq!(error.findings()[0].verdict.as_str(), "expired");
        assert!(error.to_string().contains("(release), which expired at 2027-01-01T00:00:00Z"), "{error}");
    }
    // Now is what counts, if nothing else is said.
    let hour = Duration::from_secs(3600);
    check(&TrustStore::new().key_until(key.public_key(), SystemTime::now() + hour), &signed).unwrap();
    assert!(check(&TrustStore::new().key_until(key.public_key(), SystemTime::now() - hour), &signed).is_err());
    // The first end counts.
    let twice = store.key(key.public_key()).key_until(key.public_key(), time("2030-01-01"));
    assert!(check(&twice.at(time("2028-01-01")), &signed).is_err());
}

#[test]
fn keys_are_revoked() {
    let (one, two) = (key("one"), key("two"));
    let store = trusting(&[&one, &two]).revoke_key(one.public_key().key_id());
    let error = check(&store, &one.sign(&component()).unwrap()).unwrap_err();
    assert_eq!(error.findings()[0].verdict.as_str(), "revoked");
    let both = two.sign(&one.sign(&component()).unwrap()).unwrap();
    check(&store, &both).unwrap();
    assert!(matches!(check(&store.threshold(2), &both), Err(SignatureError::TooFew { .. })));
    // In whichever order they come.
    let store = TrustStore::new().revoke_key(one.public_key().key_id()).key(one.public_key());
    assert!(check(&store, &both).is_err());
    assert!(check(&trusting(&[&one]).merge(TrustStore::new().revoke_key(one.public_key().key_id())), &both).is_err());
}

#[test]
fn a_store_that_can_trust_nothing_says_so() {
    let (one, two) = (key("one"), key("two"));
    let signed = two.sign(&one.sign(&component()).unwrap()).unwrap();
    assert_eq!(check(&TrustStore::new(), &signed), Err(SignatureError::NoKeys));
    let store = trusting(&[&one, &two, &one]);
    for threshold in [0, 3] {
        let error = check(&store.clone().threshold(threshold), &signed);
        assert_eq!(error, Err(SignatureError::Threshold { threshold, keys: 2 }));
    }
    check(&store.threshold(2), &signed).unwrap();
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn read(&self, name: &str, text: impl AsRef<[u8]>) -> Result<TrustStore, TrustStoreError> {
        TrustStore::read(self.write(name, text))
    }
}

fn line(key: &SecretKey) -> String {
    key.public_key().to_openssh().unwrap()
}

fn names(store: &TrustStore) -> Vec<String> {
    store.keys().map(|key| key.signer.name).collect()
}

#[test]
fn keys_come_from_lines_blocks_and_folders() {
    let folder = Folder::new();
    let (one, two, three) = (key("one"), key("two words"), key("three"));
    let store = folder.read("some.pub", format!("# keys\n\n{}\r\n  {}\n", line(&one), line(&two))).unwrap();
    assert_eq!(names(&store), ["one", "two words"]);
    let pem =
        format!("# {}\n{}\n{}", "a comment", one.public_key().to_pem().unwrap(), two.public_key().to_pem().unwrap());
    assert_eq!(folder.read("other.pem", &pem).unwrap().keys().count(), 2);
    folder.write("third.toml", format!("[[key]]\nkey = \"{}\"\n", line(&three)));
    folder.write("notes.txt", "nothing of it");
    fs::create_dir(folder.0.path().join("folder.pub")).unwrap();
    let all = TrustStore::read(folder.0.path()).unwrap();
    // By the names of the files: PEM has no names, and a key that is there twice has the one that it has somewhere.
    assert_eq!(names(&all), ["one", "two words", "three"]);
    check(&all, &three.sign(&component()).unwrap()).unwrap();
    let empty = Folder::new();
    assert_eq!(check(&TrustStore::read(empty.0.path()).unwrap(), &component()), Err(SignatureError::NoKeys));
}

#[test]
fn lines_have_an_end() {
    let folder = Folder::new();
    let key = key("");
    let signed = key.sign(&component()).unwrap();
    let store = folder.read("a.pub", format!("expiry-time=\"20270101Z\" {}", line(&key))).unwrap();
    check(&store.clone().at(time("2026-12-31")), &signed).unwrap();
    assert!(check(&store.at(time("2027-01-01")), &signed).is_err());
    let line = line(&key);
    for (options, part) in [
        ("command=\"x\"", "the option `command=\"x\"` has no meaning"),
        ("expiry-time=\"20270101Z\",restrict", "the option `restrict` has no meaning"),
        ("cert-authority", "the option `cert-authority` has no meaning"),
        ("expiry-time=\"soon\"", "`soon` is no time"),
        ("expiry-time=20270101Z", "has no meaning"),
    ] {
        let error = folder.read("a.pub", format!("\n{options} {line}")).unwrap_err();
        assert!(matches!(error, TrustStoreError::Line { line: 2, .. }), "{error:?}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn what_is_no_store_names_the_file_and_the_line() {
    let folder = Folder::new();
    let secret = key("one");
    let line = line(&secret);
    let fails = |name: &str, text: &str, parts: &[&str]| {
        let error = folder.read(name, text).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        let text = format!("{error}: {source}");
        for part in [name].iter().chain(parts) {
            assert!(text.contains(part), "`{part}`: {text}");
        }
    };
    let (ssh, pem) = (secret.to_openssh(None).unwrap(), secret.to_pem().unwrap());
    let rsa = include_str!("keys/test-only-rsa.pub");
    fails("a.pub", &format!("{line}\n{rsa}"), &["line 2", "`ssh-rsa`"]);
    fails("a.pub", "hello", &["line 1", "no line `ssh-ed25519"]);
    fails("a.pub", &ssh, &["line 1", "private key"]);
    fails("a.pub", &pem, &["line 1", "private key"]);
    fails("a.pem", &pem, &["line 1", "private key"]);
    fails("a.pem", &format!("{}\n{}", secret.public_key().to_pem().unwrap(), &*pem), &["line 5", "private key"]);
    fails("a.pem", &pem[..pem.len() - 10], &["private key"]);
    fails("a.pem", "-----BEGIN PUBLIC KEY-----\nMCow", &["line 1", "has no end"]);
    fails("a.pem", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", &["line 1", "`CERTIFICATE`"]);
    fails("a.pem", &format!("{}\n{line}", secret.public_key().to_pem().unwrap()), &["line 5", "something else"]);
    fails("a.pub", &"#".repeat((1 << 20) + 1), &["more than 1048576 bytes"]);
    // A folder is as good as the worst of its files.
    let all = Folder::new();
    all.write("a.pub", &line);
    all.write("secret.pem", &*pem);
    let error = TrustStore::read(all.0.path()).unwrap_err();
    assert!(error.to_string().contains("secret.pem"), "{error}");
    assert!(matches!(TrustStore::read(folder.0.path().join("none")), Err(TrustStoreError::Read { .. })));
    let error = folder.read("b.pub", b"\xff").unwrap_err();
    assert!(matches!(error, TrustStoreError::Read { .. }));
}

#[test]
fn trust_files() {
    let folder = Folder::new();
    let (one, two, three) = (key("one"), key("two"), key("three"));
    folder.write("two.pub", format!("expiry-time=\"20280101Z\" {}", line(&two)));
    folder.write("list.txt", format!("key {}  # lost\n\n# more\n", three.public_key().key_id()));
    let plugin = "0".repeat(64);
    let text = format!(
        "threshold = 2\n[[key]]\nname = \"first\"\nkey = \"{}\"\nexpires = 2027-01-01T12:00:00+02:00\n[[key]]\n\
         file = \"two.pub\"\nexpires = 2030-01-01\n[[key]]\nkey = \"\"\"\n{}\"\"\"\n[revoked]\nplugins = [\"{plugin}\"]\n\
         files = [\"list.txt\"]\nkeys = []\n",
        line(&one),
        three.public_key().to_pem().unwrap(),
    );
    let store = folder.read("trust.toml", &text).unwrap();
    assert_eq!(names(&store), ["first", "two", ""]);
    assert_eq!(store.signers_needed(), 2);
    let both = two.sign(&one.sign(&component()).unwrap()).unwrap();
    check(&store.clone().at(time("2026-06-01")), &both).unwrap();
    for at in ["2027-01-01T10:00:00Z", "2029-01-01"] {
        assert!(check(&store.clone().at(time(at)), &both).is_err(), "{at}");
    }
    let revoked = three.sign(&one.sign(&component()).unwrap()).unwrap();
    let error = check(&store.at(time("2026-06-01")), &revoked).unwrap_err();
    assert!(error.to_string().contains("which has been revoked: lost"), "{error}");
}

#[test]
fn what_is_wrong_with_a_trust_file() {
    let folder = Folder::new();
    let line = line(&key("one"));
    folder.write("one.pub", &line);
    folder.write("two.pub", format!("{line}\n{}", self::line(&key("two"))));
    let key = format!("[[key]]\nkey = \"{line}\"\n");
    for (text, at, part) in [
        ("threshold = \"2\"", 1, "a number"),
        ("threshold = -1", 1, "a number"),
        ("\nthreshhold = 2", 2, "`threshhold` is not known"),
        ("key = 1", 1, "an array"),
        ("[[key]]\nname = \"x\"", 1, "needs `key` or `file`"),
        (&format!("{key}file = \"one.pub\""), 2, "not both"),
        ("[[key]]\nfile = \"two.pub\"", 2, "has 2 keys"),
        (&format!("{key}expires = 12:00:00"), 3, "it has to be a date"),
        (&format!("{key}expires = 2027-01-01T12:00:00"), 3, "it has to be a date"),
        (&format!("{key}expire = 2027-01-01"), 3, "`expire` is not known"),
        ("[revoked]\nkeys = [\"12\"]", 2, "24 hexadecimal digits"),
        ("[revoked]\nplugins = [\"12\"]", 2, "64 hexadecimal digits"),
        ("[revoked]\nplugin = []", 2, "`plugin` is not known"),
        ("revoked = \"x\"", 1, "a table"),
        ("threshold = 1\nthreshold = 1", 2, "duplicate"),
    ] {
        let error = folder.read("trust.toml", text).unwrap_err();
        assert!(matches!(error, TrustStoreError::Line { line, .. } if line == at), "{text}: {error:?}");
        assert!(error.to_string().contains(part), "{text}: {error}");
    }
    let error = folder.read("trust.toml", "[[key]]\nkey = \"ssh-rsa AAAA\"").unwrap_err();
    assert!(matches!(error, TrustStoreError::Key { line: 2, .. }), "{error:?}");
    for file in ["[[key]]\nfile = \"none.pub\"", "[revoked]\nfiles = [\"none.txt\"]"] {
        assert!(matches!(folder.read("trust.toml", file), Err(TrustStoreError::Read { .. })));
    }
}

#[test]
fn lists_of_revocations() {
    let folder = Folder::new();
    let key = key("one");
    let signed = key.sign(&component()).unwrap();
    let hash = check(&trusting(&[&key]), &signed).unwrap().signed_hash();
    let path = folder.write("list.txt", format!("# what went wrong\n\nplugin {hash}  # answers wrongly\n"));
    let error = check(&trusting(&[&key]).revocations(&path).unwrap(), &signed).unwrap_err();
    assert_eq!(error.to_string(), format!("the plugin has been revoked, by its signed hash {hash}: answers wrongly"));
    for (text, part) in [
        ("key 12", "24 hexadecimal digits"),
        ("plugin 12", "64 hexadecimal digits"),
        ("keys x", "a line is"),
        ("key", "a line is"),
        ("key a b", "a line is"),
    ] {
        let path = folder.write("list.txt", format!("\n{text}"));
        let error = TrustStore::new().revocations(path).unwrap_err();
        assert!(matches!(error, TrustStoreError::Line { line: 2, .. }), "{error:?}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn stores_are_merged() {
    let (one, two) = (key("one"), key("two"));
    let store = trusting(&[&one]).threshold(2).merge(trusting(&[&two, &one]));
    assert_eq!((names(&store), store.signers_needed()), (vec!["one".to_owned(), "two".to_owned()], 2));
    check(&store, &two.sign(&one.sign(&component()).unwrap()).unwrap()).unwrap();
}

#[cfg(unix)]
#[test]
fn a_pipe_does_not_keep_anybody_waiting() {
    let folder = Folder::new();
    let path = folder.0.path().join("a.pub");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert!(matches!(TrustStore::read(&path), Err(TrustStoreError::Read { .. })));
    assert!(matches!(TrustStore::read(folder.0.path()), Err(TrustStoreError::Read { .. })));
}
