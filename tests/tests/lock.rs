//! What a host with a lock file opens, and what it refuses.

use std::fs;
use std::path::{Path, PathBuf};

use hookr::dynamic::DynamicPlugin;
use hookr::lock::{Difference, LockError, LockFile, LockedPlugin};
use hookr::{Artifact, Builder, Digest, OpenError};
use hookr_tests::hosts::chaos_builder;
use hookr_tests::plugin_bytes;
use tempfile::TempDir;

fn textfilter() -> Builder<textfilter::PluginHandle> {
    textfilter::PluginHandle::builder()
}

/// A folder with a plugin, `filter.wasm`, and a lock file that has it.
struct Locked {
    folder: TempDir,
}

impl Locked {
    fn new() -> Self {
        let locked = Locked { folder: tempfile::tempdir().unwrap() };
        fs::write(locked.path("filter.wasm"), plugin_bytes("textfilter")).unwrap();
        locked.lock(&[("filter", "filter.wasm")]);
        locked
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn lock_file(&self) -> PathBuf {
        self.path(LockFile::NAME)
    }

    fn lock(&self, plugins: &[(&str, &str)]) {
        let mut lock = LockFile::new(self.folder.path());
        for (name, file) in plugins {
            let artifact = Artifact::read(self.path(file)).unwrap();
            let path = lock.path_of(self.path(file)).unwrap();
            lock.insert(LockedPlugin::of(&artifact, name, &path, []).unwrap()).unwrap();
        }
        fs::write(self.lock_file(), lock.to_toml().unwrap()).unwrap();
    }

    fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.lock_file()).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from}\n{text}");
        fs::write(self.lock_file(), text.replace(from, to)).unwrap();
    }

    fn open(&self, name: &str) -> Result<textfilter::PluginHandle, OpenError> {
        textfilter().lock_file(self.lock_file()).open(self.path(name))
    }
}

/// Another file that does the same: a section of no meaning is added.
fn other(mut plugin: Vec<u8>) -> Vec<u8> {
    plugin.extend(*b"\0\x04\x03abc");
    plugin
}

#[test]
fn what_is_locked_is_opened_and_what_was_swapped_is_not() {
    let locked = Locked::new();
    locked.open("filter.wasm").unwrap();
    let (old, new) = (plugin_bytes("textfilter"), other(plugin_bytes("textfilter")));
    fs::write(locked.path("filter.wasm"), &new).unwrap();
    let error = locked.open("filter.wasm").unwrap_err();
    let OpenError::LockedHash { plugin, lock_file, expected, found } = &error else { panic!("{error:?}") };
    assert_eq!((plugin.as_str(), lock_file), ("filter", &locked.lock_file()));
    assert_eq!((*expected, *found), (Digest::of(&old), Digest::of(&new)));
    let text = error.to_string();
    assert!(text.contains(&expected.to_string()) && text.contains(&found.to_string()), "{text}");
    // The lock file counts beside every other decision.
    let open = |builder: Builder<textfilter::PluginHandle>| {
        builder.lock_file(locked.lock_file()).open(locked.path("filter.wasm")).map(drop)
    };
    assert!(matches!(open(textfilter().allow_unsigned()), Err(OpenError::LockedHash { .. })));
    assert!(matches!(open(textfilter().sha256(found.to_string())), Err(OpenError::LockedHash { .. })));
    // What is not even a component is refused for its hash: nothing of it has been read.
    fs::write(locked.path("filter.wasm"), "text").unwrap();
    assert!(matches!(open(textfilter()), Err(OpenError::LockedHash { .. })));
    // The lock file is read each time.
    fs::write(locked.path("filter.wasm"), &new).unwrap();
    locked.lock(&[("filter", "filter.wasm")]);
    locked.open("filter.wasm").unwrap();
    fs::remove_file(locked.lock_file()).unwrap();
    let error = locked.open("filter.wasm").unwrap_err();
    assert!(
        matches!(&error, OpenError::LockFile { source, .. } if matches!(**source, LockError::Read { .. })),
        "{error:?}"
    );
}

#[test]
fn a_plugin_is_found_by_its_name_then_by_its_path_then_by_its_file_name() {
    let locked = Locked::new();
    fs::create_dir(locked.path("sub")).unwrap();
    fs::write(locked.path("sub/filter.wasm"), other(plugin_bytes("textfilter"))).unwrap();
    fs::write(locked.path("chaos.wasm"), plugin_bytes("chaos")).unwrap();
    locked.lock(&[("filter", "filter.wasm"), ("second", "sub/filter.wasm"), ("chaos", "chaos.wasm")]);
    // Two files of one name are known by their paths.
    for file in ["filter.wasm", "sub/filter.wasm", "sub/../filter.wasm"] {
        assert_eq!(locked.open(file).unwrap().metadata().path(), Some(locked.path(file).as_path()));
    }
    // By name, whatever the path; a name that is not there is an error, whatever the path.
    let named = |name: &str, file: &str| {
        textfilter().lock_file(locked.lock_file()).name(name).open(locked.path(file)).map(drop)
    };
    named("second", "sub/filter.wasm").unwrap();
    assert!(matches!(named("second", "filter.wasm"), Err(OpenError::LockedHash { plugin, .. }) if plugin == "second"));
    let error = named("third", "filter.wasm").unwrap_err();
    let OpenError::NotLocked { plugin, locked: names, .. } = &error else { panic!("{error:?}") };
    assert_eq!((plugin.as_str(), names.join(" ")), ("third", "chaos filter second".to_owned()));
    // By the file's name, elsewhere: the hash is compared all the same.
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = |bytes: Vec<u8>, name: &str| {
        fs::write(elsewhere.path().join(name), bytes).unwrap();
        textfilter().lock_file(locked.lock_file()).open(elsewhere.path().join(name)).map(drop)
    };
    moved(plugin_bytes("textfilter"), "filter.wasm").unwrap();
    assert!(matches!(moved(other(plugin_bytes("textfilter")), "filter.wasm"), Err(OpenError::LockedHash { .. })));
    assert!(matches!(moved(plugin_bytes("textfilter"), "renamed.wasm"), Err(OpenError::NotLocked { .. })));
    // From memory, there is a name or nothing.
    let bytes = plugin_bytes("textfilter");
    assert!(matches!(textfilter().lock_file(locked.lock_file()).open_bytes(&*bytes), Err(OpenError::NotLocked { .. })));
    textfilter().lock_file(locked.lock_file()).name("filter").open_bytes(bytes).unwrap();
    // A plugin of another contract is locked, too, and is not what this host wants.
    assert!(matches!(locked.open("chaos.wasm"), Err(OpenError::ContractMismatch { .. })));
}

#[cfg(unix)]
#[test]
fn links_lead_to_what_is_locked() {
    use std::os::unix::fs::symlink;
    let locked = Locked::new();
    symlink("filter.wasm", locked.path("link.wasm")).unwrap();
    locked.open("link.wasm").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(locked.folder.path(), elsewhere.path().join("there")).unwrap();
    let there = elsewhere.path().join("there");
    textfilter().lock_file(there.join(LockFile::NAME)).open(there.join("filter.wasm")).unwrap();
    // The link is swapped: the name is locked, what it leads to is not.
    locked.lock(&[("link", "link.wasm")]);
    fs::write(locked.path("next.wasm"), other(plugin_bytes("textfilter"))).unwrap();
    fs::remove_file(locked.path("link.wasm")).unwrap();
    symlink("next.wasm", locked.path("link.wasm")).unwrap();
    assert!(matches!(locked.open("link.wasm"), Err(OpenError::LockedHash { plugin, .. }) if plugin == "link"));
}

#[test]
fn an_edited_lock_file_is_told_as_such() {
    let found = |from: &str, to: &str| -> Difference {
        let locked = Locked::new();
        locked.edit(from, to);
        match locked.open("filter.wasm").unwrap_err() {
            OpenError::LockEdited { plugin, difference, .. } if plugin == "filter" => *difference,
            other => panic!("{other:?}"),
        }
    };
    let plugin = DynamicPlugin::builder(NoCallbacks).allow_unsigned().open_bytes(plugin_bytes("textfilter")).unwrap();
    let metadata = plugin.metadata();
    let id = metadata.contract_id().to_string();
    let changed = found(&id, &"0".repeat(64));
    assert_eq!((changed.key, changed.locked, changed.found), ("contract-id", "0".repeat(64), id));
    let package = metadata.package();
    assert_eq!(found(&format!("package = \"{package}\""), "package = \"a:b\"").key, "package");
    let version = format!("version = \"{}\"", plugin.metadata().plugin_version());
    assert_eq!(found(&version, "version = \"9.9.9\"").locked, "9.9.9");
    assert_eq!(found("grants = []", "grants = [\"http\"]").locked, "http");
    assert_eq!(found("    \"hookr:abi/types@0.1.0\",\n", "").key, "imports");
    let export = format!("    \"{package}/plugin\",\n");
    assert_eq!(found(&export, &format!("{export}    \"more\",\n")).key, "exports");
}

#[test]
fn a_lock_file_that_cannot_be_read_opens_nothing() {
    let locked = Locked::new();
    let error = || match locked.open("filter.wasm").unwrap_err() {
        OpenError::LockFile { path, source } if path == locked.lock_file() => *source,
        other => panic!("{other:?}"),
    };
    let text = fs::read_to_string(locked.lock_file()).unwrap();
    let with = |text: String| fs::write(locked.lock_file(), text).unwrap();
    with(text.replace("grants = []", "grants = []\nallow = true"));
    assert!(matches!(error(), LockError::Syntax { .. }));
    with(text.replace("\"filter.wasm\"", "\"../filter.wasm\""));
    assert!(matches!(error(), LockError::Value { key: "path", .. }));
    with(text.replace("\"filter.wasm\"", &format!("{:?}", locked.path("filter.wasm"))));
    assert!(matches!(error(), LockError::Value { key: "path", .. }));
    with(text.replace("version = 1\n", "version = 2\n"));
    assert!(matches!(error(), LockError::Version { found: 2, .. }));
    let (_, entry) = text.split_once("\n\n").unwrap();
    with(format!("{text}\n{entry}"));
    assert!(matches!(error(), LockError::Duplicate { key: "name", .. }));
    with(format!("{text}#{}", " ".repeat(4 << 20)));
    assert!(matches!(error(), LockError::TooLarge { .. }));
    with(String::new());
    assert!(matches!(error(), LockError::Syntax { .. }));
    fs::remove_file(locked.lock_file()).unwrap();
    fs::create_dir(locked.lock_file()).unwrap();
    assert!(matches!(error(), LockError::NotAFile { .. }));
    fs::remove_dir(locked.lock_file()).unwrap();
    with(text.replace('\n', "\r\n"));
    locked.open("filter.wasm").unwrap();
}

/// The version to fall back to has a hash of its own, and so an entry of its own.
#[test]
fn the_last_good_version_is_locked_by_its_file() {
    let locked = Locked::new();
    fs::write(locked.path("good.wasm"), plugin_bytes("chaos")).unwrap();
    fs::write(locked.path("new.wasm"), other(plugin_bytes("chaos"))).unwrap();
    let good = Artifact::read(locked.path("good.wasm")).unwrap();
    let open = || {
        let builder = chaos_builder().lock_file(locked.lock_file()).name("chaos").last_good(&good);
        builder.open(locked.path("new.wasm")).map(drop)
    };
    locked.lock(&[("chaos", "new.wasm")]);
    let error = open().unwrap_err();
    let OpenError::LastGood { source } = &error else { panic!("{error:?}") };
    assert!(matches!(source.downcast_ref(), Some(OpenError::NotLocked { plugin, .. }) if plugin == "good"), "{source}");
    locked.lock(&[("chaos", "new.wasm"), ("good", "good.wasm")]);
    open().unwrap();
}

#[test]
fn what_is_locked_is_what_is_there() {
    let artifact = Artifact::from_bytes("x", plugin_bytes("authz")).unwrap();
    let plugin = LockedPlugin::of(&artifact, "x", "x.wasm", []).unwrap();
    assert_eq!((plugin.sha256, plugin.version.as_str()), (artifact.sha256(), env!("CARGO_PKG_VERSION")));
    assert!(plugin.grants.is_empty() && plugin.signers.is_empty());
    let has = |names: &std::collections::BTreeSet<String>, name: &str| names.iter().any(|found| found.ends_with(name));
    assert!(has(&plugin.imports, "/audit") && has(&plugin.exports, "/plugin"), "{plugin:?}");
    assert!(matches!(
        LockedPlugin::of(&Artifact::from_bytes("x", *b"\0asm\x0d\0\x01\0").unwrap(), "x", "x.wasm", []),
        Err(OpenError::NoContract { .. })
    ));
    let lock = LockFile::new(Path::new("."));
    assert!(matches!(lock.path_of("/x.wasm"), Err(LockError::Outside { .. })));
}

struct NoCallbacks;

impl hookr::dynamic::Callbacks for NoCallbacks {
    fn call(
        &self,
        _: &hookr::CallbackContext<'_>,
        _: &str,
        _: &str,
        _: hookr::dynamic::Value,
    ) -> Result<hookr::dynamic::Value, hookr::Error> {
        Err(hookr::Error::unimplemented("there are none"))
    }
}
