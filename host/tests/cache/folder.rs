//! Which folders are used.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use hookr::Cache;
use hookr::cache::{Origin, Removed};

use crate::support::{Test, give_away, open, set_mode};

#[test]
fn it_is_made_for_its_owner_alone() {
    let test = Test::new();
    let deep = test.path().join("deep/inside");
    assert_eq!(open(Cache::folder(&deep), 2), (Origin::Stored, vec![]));
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!([mode(test.path()), mode(test.path().join("deep")), mode(deep.clone())], [0o700; 3]);
    for file in fs::read_dir(&deep).unwrap() {
        assert_eq!(mode(file.unwrap().path()), 0o600);
    }
    assert_eq!(open(Cache::folder(&deep), 2), (Origin::Cached, vec![]));
}

#[test]
fn one_that_others_may_use_is_refused() {
    for mode in [0o777, 0o1777, 0o770, 0o750, 0o701, 0o711] {
        let test = Test::filled();
        set_mode(&test.path(), mode);
        test.does_without(&format!("others than its owner may use it (its mode is {mode:o})"));
        let problem = test.cache().entries().unwrap_err().to_string();
        assert!(problem.contains("others than its owner"), "{problem}");
        assert!(test.cache().clear().is_err() && test.cache().evict().is_err());
        set_mode(&test.path(), 0o700);
        assert_eq!(test.open(2), (Origin::Cached, vec![]), "nothing was changed meanwhile");
    }
}

#[test]
fn one_of_another_user_is_refused() {
    let test = Test::filled();
    if give_away(&test.path()) {
        test.does_without("it belongs to the user 12345");
    }
}

#[test]
fn a_link_is_refused() {
    let test = Test::filled();
    let link = test.beside("link");
    symlink(test.path(), &link).unwrap();
    for path in [link.clone(), link.join(""), link.join(".")] {
        let (origin, warnings) = open(Cache::folder(&path), 2);
        assert_eq!((origin, warnings.len()), (Origin::Compiled, 1), "{}", path.display());
        assert!(warnings[0].contains("it is a symbolic link"), "{warnings:?}");
    }
    let nowhere = test.beside("nowhere");
    symlink("not there", &nowhere).unwrap();
    let (origin, warnings) = open(Cache::folder(nowhere), 2);
    assert_eq!((origin, warnings.len()), (Origin::Compiled, 1), "{warnings:?}");
}

#[test]
fn a_file_is_no_folder() {
    let test = Test::new();
    fs::write(test.path(), "x").unwrap();
    test.does_without("it is not a folder");
    let (origin, warnings) = open(Cache::folder(test.path().join("inside")), 2);
    assert_eq!((origin, warnings.len()), (Origin::Compiled, 1), "{warnings:?}");
    assert_eq!(fs::read(test.path()).unwrap(), b"x");
}

/// Nothing can be made there, not even by root.
#[cfg(target_os = "linux")]
#[test]
fn a_place_where_nothing_can_be_written_is_told() {
    let (origin, warnings) = open(Cache::folder("/proc/hookr"), 2);
    assert_eq!((origin, warnings.len()), (Origin::Compiled, 1), "{warnings:?}");
    assert!(warnings[0].contains("the cache /proc/hookr is not used"), "{warnings:?}");
}

/// A folder of the user's that somebody has led the cache to loses nothing.
#[test]
fn files_of_others_stay() {
    let test = Test::filled();
    let own = ["id_ed25519", "hookr.txt", ".hookr-notes", "notes.compiled", ".hookr-0123456789abcdef.tmp"];
    for name in own {
        fs::write(test.path().join(name), "mine").unwrap();
    }
    let name = test
        .files()
        .into_iter()
        .find(|file| file.to_string_lossy().ends_with(".compiled") && !file.ends_with("notes.compiled"))
        .unwrap();
    let size = fs::metadata(name).unwrap().len();
    assert_eq!(test.cache().entries().unwrap().len(), 1);
    let removed = test.cache().max_age(std::time::Duration::ZERO).evict().unwrap();
    assert_eq!((removed.entries, removed.bytes), (1, size));
    assert_eq!(test.cache().clear().unwrap(), Removed::default());
    for name in own {
        assert_eq!(fs::read(test.path().join(name)).unwrap(), b"mine", "{name}");
    }
}
