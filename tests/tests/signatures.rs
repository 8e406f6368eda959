//! Builders that trust keys, on a real plugin.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use hookr::trust::{Candidate, RevokedBy, SecretKey, SignatureError, TrustStore, signature};
use hookr::{Builder, OpenError};
use hookr_tests::plugin_bytes;
use textfilter::{Empty, PluginHandle};

fn key(name: &str) -> SecretKey {
    SecretKey::generate().unwrap().named(name)
}

fn builder() -> Builder<PluginHandle> {
    PluginHandle::builder()
}

fn plugin() -> Vec<u8> {
    plugin_bytes("textfilter")
}

#[track_caller]
fn refused(result: Result<PluginHandle, OpenError>) -> SignatureError {
    match result.expect_err("this must not be opened") {
        OpenError::Signature { source, .. } => *source,
        other => panic!("{other:?}"),
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), content).unwrap();
        self.path(name)
    }
}

#[test]
fn a_signed_plugin_runs_and_says_who_signed_it() {
    let (one, two) = (key("one"), key("two"));
    let signed = two.sign(&one.sign(&plugin()).unwrap()).unwrap();
    let store = TrustStore::new().key(one.public_key()).key(two.public_key()).threshold(2);
    let opened = builder().trust(store.clone()).open_bytes(signed.clone()).unwrap();
    assert_eq!(opened.get_info(&Empty {}).unwrap().name, "textfilter");
    let signers: Vec<_> = opened.metadata().signers().iter().map(ToString::to_string).collect();
    assert_eq!(
        signers,
        [format!("{} (one)", one.public_key().key_id()), format!("{} (two)", two.public_key().key_id())]
    );
    // Whoever does not ask is not told.
    let opened = builder().allow_unsigned().open_bytes(signed.clone()).unwrap();
    assert!(opened.metadata().signers().is_empty());
    // A store is a verifier as well.
    builder().verifier(store).open_bytes(signed).unwrap();
}

#[test]
fn all_that_is_given_must_agree() {
    let (one, two) = (key("one"), key("two"));
    let signed = one.sign(&plugin()).unwrap();
    let trusts = |key: &SecretKey| TrustStore::new().key(key.public_key());
    let pin = hookr::Digest::of(&signed).to_string();
    builder().trust(trusts(&one)).sha256(&pin).open_bytes(signed.clone()).unwrap();
    let error = refused(builder().trust(trusts(&one)).trust(trusts(&two)).open_bytes(signed.clone()));
    assert!(matches!(error, SignatureError::NoValidSignature { .. }), "{error}");
    refused(builder().trust(trusts(&two)).allow_unsigned().open_bytes(signed.clone()));
    refused(builder().trust(trusts(&two)).sha256(&pin).open_bytes(signed.clone()));
    let error = builder().trust(trusts(&one)).sha256("0".repeat(64)).open_bytes(signed.clone()).unwrap_err();
    assert!(matches!(error, OpenError::Untrusted { .. }), "{error:?}");
    let refuse = |_: &Candidate<'_>| Err("no".into());
    let error = builder().trust(trusts(&one)).verifier(refuse).open_bytes(signed.clone()).unwrap_err();
    assert!(matches!(error, OpenError::Rejected { .. }), "{error:?}");
    let looks = |candidate: &Candidate<'_>| {
        let signatures = candidate.signatures()?.ok_or("not signed")?;
        if signatures.claims().count() == 1 { Ok(()) } else { Err("another number of signatures".into()) }
    };
    builder().verifier(looks).open_bytes(signed.clone()).unwrap();
    let error = builder().verifier(looks).open_bytes(two.sign(&signed).unwrap()).unwrap_err();
    assert!(matches!(error, OpenError::Rejected { .. }), "{error:?}");
}

#[test]
fn what_is_revoked_is_refused_without_a_restart() {
    let folder = Folder::new();
    let (one, two) = (key("one"), key("two"));
    let signed = two.sign(&one.sign(&plugin()).unwrap()).unwrap();
    folder.write("one.pub", one.public_key().to_openssh().unwrap());
    folder.write("revoked.txt", "");
    folder.write("store.toml", "[revoked]\nfiles = [\"revoked.txt\"]\n");
    let builder = builder().trust_path(folder.0.path());
    builder.open_bytes(signed.clone()).unwrap();
    // The key, then another that is trusted, then the plugin by what was signed.
    folder.write("revoked.txt", format!("key {}  # lost\n", one.public_key().key_id()));
    let error = refused(builder.open_bytes(signed.clone()));
    assert!(error.to_string().contains("(one), which has been revoked: lost"), "{error}");
    folder.write("two.pub", two.public_key().to_openssh().unwrap());
    builder.open_bytes(signed.clone()).unwrap();
    folder.write("revoked.txt", format!("plugin {}\n", signature::signed_hash(&signed).unwrap()));
    let other = one.sign(&two.sign(&plugin()).unwrap()).unwrap();
    for bytes in [signed.clone(), other, plugin()] {
        let error = builder.open_bytes(bytes).unwrap_err();
        assert!(matches!(error, OpenError::Revoked { by: RevokedBy::SignedHash, .. }), "{error:?}");
    }
    // A store that cannot be read trusts nothing.
    folder.write("revoked.txt", "nonsense");
    let error = builder.open_bytes(signed.clone()).unwrap_err();
    assert!(matches!(error, OpenError::TrustStore { .. }), "{error:?}");
    fs::remove_file(folder.path("revoked.txt")).unwrap();
    let error = builder.open_bytes(signed).unwrap_err();
    assert!(matches!(error, OpenError::TrustStore { .. }), "{error:?}");
}

#[test]
fn a_signature_in_a_file_of_its_own() {
    let folder = Folder::new();
    let key = key("one");
    let store = TrustStore::new().key_until(key.public_key(), SystemTime::now() + Duration::from_secs(3600));
    let (file, plugin) = (folder.path("plugin.sig"), plugin());
    let builder = builder().trust(store.clone()).signature_file(&file);
    let error = builder.open_bytes(plugin.clone()).unwrap_err();
    assert!(matches!(&error, OpenError::DetachedSignature { path, .. } if *path == file), "{error:?}");
    let detached = key.sign_detached(&plugin, None).unwrap();
    folder.write("plugin.sig", &detached);
    assert_eq!(builder.open_bytes(plugin.clone()).unwrap().metadata().signers().len(), 1);
    let given = self::builder().trust(store).signature(detached);
    given.open_bytes(plugin.clone()).unwrap();
    folder.write("plugin.sig", "junk");
    assert!(matches!(refused(builder.open_bytes(plugin)), SignatureError::Malformed(_)));
    folder.write("plugin.sig", vec![1; 1 << 20]);
    assert!(matches!(refused(builder.open_bytes(self::plugin())), SignatureError::Malformed(_)));
}

/// A file that is damaged, or no plugin at all, is refused by its signature, before any of it is parsed.
#[test]
fn nothing_is_parsed_before_the_signature_counts() {
    let (one, two) = (key("one"), key("two"));
    let builder = builder().trust(TrustStore::new().key(one.public_key()));
    // Sections that no parser of components would take.
    let junk = [&b"\0asm\x0d\0\x01\0"[..], b"\x01\x04junk", b"\x0b\x04junk"].concat();
    refused(builder.open_bytes(two.sign(&junk).unwrap()));
    refused(builder.open_bytes(junk.clone()));
    // Once it is trusted, it is what it is.
    let error = builder.open_bytes(one.sign(&junk).unwrap()).unwrap_err();
    assert!(matches!(error, OpenError::NoContract { .. }), "{error:?}");
    // What is no component at all needs no key to be told so.
    let error = builder.open_bytes(*b"text").unwrap_err();
    assert!(matches!(error, OpenError::NotWasm { .. }), "{error:?}");
    let error = builder.open_bytes(*b"\0asm\x01\0\0\0").unwrap_err();
    assert!(matches!(error, OpenError::CoreModule), "{error:?}");
}

/// The rest of a flipped byte's errors is shown on a small component; here, on a real plugin, some of its bytes.
#[test]
fn a_changed_plugin_is_refused() {
    let key = key("one");
    let builder = builder().trust(TrustStore::new().key(key.public_key()));
    let signed = key.sign(&plugin()).unwrap();
    builder.decide(&hookr::Artifact::from_bytes("plugin", signed.clone()).unwrap()).unwrap();
    let content = signed.len() - plugin().len() + 8;
    for index in (content..signed.len()).step_by(997) {
        let mut bytes = signed.clone();
        bytes[index] ^= 0x10;
        refused(builder.open_bytes(bytes));
    }
    // The file is read once: what is written to it afterwards is another plugin.
    let folder = Folder::new();
    let path = folder.write("plugin.wasm", &signed);
    let artifact = hookr::Artifact::read(&path).unwrap();
    folder.write("plugin.wasm", "something else");
    builder.open_artifact(&artifact).unwrap();
    assert!(builder.open(&path).is_err());
}
