//! Paths that are relative are those of the folder that the process was in when the plugin was opened.

use std::path::Path;
use std::process::{Command, Stdio};

use hookr::Artifact;
use hookr::lock::{LockFile, LockedPlugin};
use hookr::trust::SecretKey;

use super::*;

/// Tells the test in which folder it has its files.
const FOLDER: &str = "HOOKR_TEST_FOLDER_OF_PATHS";

/// The folder is one for all tests of a process, so that this test has a process of its own.
#[test]
fn a_process_may_change_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "paths::in_another_folder", "--ignored", "--nocapture"]).env(FOLDER, folder.path());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
#[ignore = "it is the one that the test above starts"]
fn in_another_folder() {
    let folder = std::env::var_os(FOLDER).expect("somebody starts it");
    let folder = Path::new(&folder);
    let key = SecretKey::generate().unwrap();
    // A lock file and a signature for this version, and no other.
    let vouch = |number| {
        let artifact = Artifact::from_bytes("plugin", bytes(number)).unwrap();
        let mut lock = LockFile::new(folder);
        lock.insert(LockedPlugin::of(&artifact, "by its path", "plugin.wasm", []).unwrap()).unwrap();
        fs::write(folder.join(LockFile::NAME), lock.to_toml().unwrap()).unwrap();
        fs::write(folder.join("plugin.sig"), key.sign_detached(&bytes(number), None).unwrap()).unwrap();
    };
    let install = |number| {
        fs::write(folder.join("plugin.wasm"), bytes(number)).unwrap();
        vouch(number);
    };
    fs::create_dir_all(folder.join("elsewhere")).unwrap();
    fs::create_dir_all(folder.join("keys")).unwrap();
    fs::write(folder.join("keys/key.pub"), key.public_key().to_openssh().unwrap()).unwrap();
    fs::write(folder.join("revoked.txt"), "").unwrap();
    install(1);

    std::env::set_current_dir(folder).unwrap();
    let builder = PluginHandle::builder(versions::Callbacks { oracle: Arc::new(NoOracle) })
        .lock_file(LockFile::NAME)
        .trust_path("keys")
        .signature_file("plugin.sig")
        .revocations("revoked.txt")
        .reload(Reload::manual());
    let plugin = builder.open("plugin.wasm").unwrap();
    let reloader = plugin.reloader();
    std::env::set_current_dir("elsewhere").unwrap();

    // The lock file is asked for each candidate, too.
    fs::write(folder.join("plugin.wasm"), bytes(2)).unwrap();
    let error = refused(&reloader);
    assert!(matches!(&*error, ReloadError::Open(OpenError::LockedHash { .. })), "{error:?}");
    vouch(2);
    reloaded(&reloader);
    assert_eq!(which(&plugin), 2);
    vouch(1);
    assert!(matches!(reloader.rollback(), Ok(Outcome::Reloaded(_))), "it is found in the lock file by its path");
    assert_eq!(which(&plugin), 1);
    vouch(2);
    fs::write(folder.join("revoked.txt"), format!("plugin {}\n", Digest::of(&bytes(2)))).unwrap();
    let error = refused(&reloader);
    assert!(matches!(&*error, ReloadError::Open(OpenError::Revoked { .. })), "{error:?}");
    assert_eq!(which(&plugin), 1);
}
