//! docs/src/how-to/grants.md and docs/src/reference/grants-file.md.

use std::path::Path;

use hookr::{Grants, GrantsFileError, OpenError};
use hookr_tests::wasip2_plugin;
use wasi::{Name, PluginHandle, WriteRequest};

use super::blocks::blocks;

// ANCHOR: host
fn open(file: &Path, dictionaries: &Path) -> Result<PluginHandle, OpenError> {
    let grants =
        Grants::base().output().wall_clock().monotonic_clock().random().read_folder(dictionaries, "/dictionaries");
    PluginHandle::builder()
        .allow_unsigned() // of this repository
        .grants(grants)
        .log(|record| eprintln!("{record}"))
        .open(file)
}
// ANCHOR_END: host

#[test]
fn what_is_granted_is_there_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("words.txt"), "some words\n").unwrap();
    let file = wasip2_plugin("wasi");
    let plugin = open(&file, folder.path()).unwrap();
    let name = |name: &str| Name { name: name.to_owned() };
    assert_eq!(plugin.read(&name("/dictionaries/words.txt")).unwrap().text, "some words\n");
    assert!(plugin.read(&name("/etc/passwd")).is_err());
    let path = "/dictionaries/words.txt".to_owned();
    assert!(plugin.write(&WriteRequest { path, text: "others".to_owned() }).is_err());

    let error = PluginHandle::builder().allow_unsigned().open(&file).unwrap_err();
    assert!(matches!(error, OpenError::Imports { .. }), "{error:?}");
}

/// `host/src/grants/file.rs` compares the example of the reference with what it should grant; the others are read here.
#[test]
fn grants_of_the_pages_are_read() -> Result<(), GrantsFileError> {
    let blocks = blocks("docs/src/reference/grants-file.md", "toml");
    assert!(!blocks.is_empty());
    blocks.iter().try_for_each(|block| Grants::from_toml(block, "").map(drop))
}
