//! docs/src/how-to/trust.md and docs/src/reference/trust-files.md.

use std::fs;
use std::path::Path;

use hookr::trust::{Candidate, Moment, SecretKey, TrustStore};
use hookr::{LockFile, LockedPlugin, OpenError};
use hookr_tests::plugin_bytes;
use textfilter::PluginHandle;

use super::blocks::{block_with, blocks};

// ANCHOR: host
/// Opens a plugin that the keys of a folder have signed, that the lock file names, and that no list revokes.
fn open(config: &Path, plugins: &Path) -> Result<PluginHandle, OpenError> {
    let plugin = PluginHandle::builder()
        .trust_path(config.join("plugin-keys"))
        .revocations(config.join("revoked.txt"))
        .lock_file(plugins.join("hookr.lock"))
        .open(plugins.join("textfilter.wasm"))?;
    for signer in plugin.metadata().signers() {
        println!("signed by {signer}");
    }
    Ok(plugin)
}
// ANCHOR_END: host

// ANCHOR: refusals
/// What an operator should be told.
fn advice(error: &OpenError) -> String {
    match error {
        OpenError::NotLocked { plugin, locked, .. } => {
            format!("{plugin} is not locked; locked are {}", locked.join(", "))
        }
        OpenError::LockedHash { plugin, expected, found, .. } => {
            format!("{plugin} is another file than the one that was reviewed: {found} instead of {expected}")
        }
        OpenError::Signature { sha256, source } => format!("the file {sha256} is not signed as it should be: {source}"),
        other => other.to_string(),
    }
}
// ANCHOR_END: refusals

// ANCHOR: verifier
/// Accepts plugins of at most 8 MiB that lie in a folder which only the operator can write to.
fn of_the_operator(candidate: &Candidate<'_>) -> Result<(), hookr::Source> {
    let path = candidate.path().ok_or("a plugin comes from a file here")?;
    if !path.starts_with("/srv/plugins") {
        return Err(format!("{} is not one of the operator's plugins", path.display()).into());
    }
    if candidate.bytes().len() > 8 << 20 {
        return Err("a plugin has 8 MiB at the most here".into());
    }
    Ok(())
}
// ANCHOR_END: verifier

/// A host's folder of configuration and its folder of plugins, with a plugin that is signed and locked.
fn signed_and_locked() -> (tempfile::TempDir, SecretKey) {
    let folder = tempfile::tempdir().unwrap();
    let (config, plugins) = (folder.path().join("config"), folder.path().join("plugins"));
    fs::create_dir_all(config.join("plugin-keys")).unwrap();
    fs::create_dir(&plugins).unwrap();
    let key = SecretKey::generate().unwrap().named("release");
    fs::write(config.join("plugin-keys/release.pub"), key.public_key().to_openssh().unwrap()).unwrap();
    fs::write(config.join("revoked.txt"), "").unwrap();
    let file = plugins.join("textfilter.wasm");
    fs::write(&file, key.sign(&plugin_bytes("textfilter")).unwrap()).unwrap();
    hookr_tests::run(hookr_tests::command(hookr_tests::hookr()).current_dir(&plugins).args([
        "lock",
        "textfilter.wasm",
        "--trust",
        "../config/plugin-keys",
    ]))
    .success();
    (folder, key)
}

#[test]
fn what_is_signed_and_locked_is_opened_and_what_is_not_is_refused() {
    let (folder, key) = signed_and_locked();
    let (config, plugins) = (folder.path().join("config"), folder.path().join("plugins"));
    let opened = open(&config, &plugins).unwrap();
    assert_eq!(opened.metadata().signers().len(), 1);

    // The same content without its signature is another file.
    fs::write(plugins.join("textfilter.wasm"), plugin_bytes("textfilter")).unwrap();
    let error = open(&config, &plugins).unwrap_err();
    assert!(advice(&error).starts_with("textfilter is another file than the one that was reviewed"), "{error:?}");

    // Signed again, it is that file, until the list names its key.
    fs::write(plugins.join("textfilter.wasm"), key.sign(&plugin_bytes("textfilter")).unwrap()).unwrap();
    open(&config, &plugins).unwrap();
    fs::write(config.join("revoked.txt"), format!("key {}  # lost\n", key.public_key().key_id())).unwrap();
    let error = open(&config, &plugins).unwrap_err();
    assert!(advice(&error).contains("is not signed as it should be"), "{error:?}");

    fs::rename(plugins.join("textfilter.wasm"), plugins.join("filter.wasm")).unwrap();
    let lock_file = plugins.join("hookr.lock");
    let error = PluginHandle::builder().lock_file(lock_file).open(plugins.join("filter.wasm")).unwrap_err();
    assert_eq!(advice(&error), "filter is not locked; locked are textfilter");
}

#[test]
fn a_verifier_of_the_hosts_own_decides() {
    let plugin = hookr_tests::plugin("textfilter");
    let error = PluginHandle::builder().verifier(of_the_operator).open(plugin).unwrap_err();
    let OpenError::Rejected { source, .. } = error else { panic!("{error:?}") };
    assert!(source.to_string().contains("is not one of the operator's plugins"), "{source}");
}

/// The trust file, the list of revocations and the lock file that the reference shows.
#[test]
fn the_files_of_the_reference_are_read() {
    const PAGE: &str = "docs/src/reference/trust-files.md";
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let key = |name: &str| SecretKey::generate().unwrap().named(name).public_key();
    let [trust_file, lock_file] = blocks(PAGE, "toml").try_into().expect("two examples");

    let ops = key("ops");
    write("ops.pub", &ops.to_openssh().unwrap());
    let revoked = write("revoked.txt", &block_with(PAGE, "text", "plugin "));
    let at: Moment = "2026-06-01".parse().unwrap();
    let store = TrustStore::read(write("trust.toml", &trust_file)).unwrap().at(at.into());
    assert_eq!(store.signers_needed(), 2);
    let names: Vec<_> = store.keys().map(|key| key.signer.to_string()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(names.last().map(String::as_str), Some(format!("{} (ops)", ops.key_id()).as_str()));
    TrustStore::new().revocations(revoked).unwrap();

    // Every key of an entry is needed, so that the example has all of them.
    let lock = LockFile::from_toml(&lock_file, folder.path()).unwrap();
    let plugins: Vec<&LockedPlugin> = lock.plugins().collect();
    assert_eq!(plugins.len(), 1);
    assert_eq!(lock.to_toml().unwrap(), lock_file, "what `hookr lock` writes looks like this");

    // A key that is there twice counts once.
    let public = key("any").to_openssh().unwrap();
    let public = public.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let keys = block_with(PAGE, "text", "ssh-ed25519 ").replace("ssh-ed25519 AAAA…", &public);
    assert_eq!(TrustStore::read(write("keys.pub", &keys)).unwrap().keys().count(), 1);
}
