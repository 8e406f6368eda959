//! Folders: what is in them, and nothing else.

use std::fs;
use std::path::Path;

use chaos::PluginHandle;
use hookr::limits::{Limit, MAX_OPEN};
use hookr::{CallError, GrantError, Grants, Limits, OpenError};
use hookr_tests::hosts::{chain, chaos_builder};
use hookr_tests::wasi::wasi_plugin;

use crate::{ask, asked, open, refused};

pub(crate) const IMPORTS: &str = "wasi:filesystem/preopens get-directories (param i32)
    wasi:filesystem/types [method]descriptor.open-at (param i32 i32 i32 i32 i32 i32 i32)
    wasi:filesystem/types [method]descriptor.read (param i32 i64 i64 i32)
    wasi:filesystem/types [method]descriptor.write (param i32 i32 i32 i64 i32)
    wasi:filesystem/types [method]descriptor.unlink-file-at (param i32 i32 i32 i32)";
/// Opens the file of the question in the first folder, reads 100 bytes of it, or writes its own path to it. The number
/// says how: 1 to read, 2 to write, 256 to create it, 512 to remove it. An error is `!` and a letter for its number.
pub(crate) const OPENS: (&str, &str) = (
    "plugin#ask",
    "(local $folder i32) (local $file i32)
    (call $get-directories (i32.const 32))
    (if (i32.eqz (i32.load (i32.const 36))) (then
      (i32.store8 (i32.const 2000) (i32.const 63))
      (return (call $text (i32.const 2000) (i32.const 1)))))
    (local.set $folder (i32.load (i32.load (i32.const 32))))
    (block $failed
      (if (i32.eq (local.get 2) (i32.const 512)) (then
        (call $unlink-file-at (local.get $folder) (local.get 0) (local.get 1) (i32.const 67))
        (br_if $failed (i32.load8_u (i32.const 67)))
        (return (call $text (i32.const 0) (i32.const 0)))))
      (call $open-at (local.get $folder) (i32.const 1) (local.get 0) (local.get 1)
        (i32.shr_u (local.get 2) (i32.const 8)) (i32.and (local.get 2) (i32.const 255)) (i32.const 64))
      (br_if $failed (i32.load8_u (i32.const 64)))
      (local.set $file (i32.load (i32.const 68)))
      (if (i32.and (local.get 2) (i32.const 2))
        (then
          (call $write (local.get $file) (local.get 0) (local.get 1) (i64.const 0) (i32.const 64))
          (i32.store8 (i32.const 68) (i32.load8_u (i32.const 72)))
          (br_if $failed (i32.load8_u (i32.const 64)))
          (return (call $text (i32.const 0) (i32.const 0))))
        (else
          (call $read (local.get $file) (i64.const 100) (i64.const 0) (i32.const 64))
          (br_if $failed (i32.load8_u (i32.const 64)))
          (return (call $text (i32.load (i32.const 68)) (i32.load (i32.const 72)))))))
    (i32.store8 (i32.const 2000) (i32.const 33))
    (i32.store8 (i32.const 2001) (i32.add (i32.const 65) (i32.load8_u (i32.const 68))))
    (call $text (i32.const 2000) (i32.const 2))",
);
/// Lists the first folder so many times, counts the names of the last listing, and answers with a letter for how many there are.
/// With a question, each listing is dropped before the next. An error is `!` and a letter for its number.
const LISTS: (&str, &str) = (
    "plugin#ask",
    "(local $folder i32) (local $listing i32) (local $names i32)
    (call $get-directories (i32.const 32))
    (local.set $folder (i32.load (i32.load (i32.const 32))))
    (block $failed
      (loop $again
        (call $read-directory (local.get $folder) (i32.const 64))
        (br_if $failed (i32.load8_u (i32.const 64)))
        (local.set $listing (i32.load (i32.const 68)))
        (local.set $names (i32.const 0))
        (block $end (loop $next
          (call $read-directory-entry (local.get $listing) (i32.const 64))
          (br_if $failed (i32.load8_u (i32.const 64)))
          (br_if $end (i32.eqz (i32.load8_u (i32.const 68))))
          (local.set $names (i32.add (local.get $names) (i32.const 1)))
          (br $next)))
        (if (local.get 1) (then (call $drop (local.get $listing))))
        (local.set 2 (i32.sub (local.get 2) (i32.const 1)))
        (br_if $again (local.get 2)))
      (i32.store8 (i32.const 2000) (i32.add (i32.const 65) (local.get $names)))
      (return (call $text (i32.const 2000) (i32.const 1))))
    (i32.store8 (i32.const 2000) (i32.const 33))
    (i32.store8 (i32.const 2001) (i32.add (i32.const 65) (i32.load8_u (i32.const 68))))
    (call $text (i32.const 2000) (i32.const 2))",
);
const LISTS_WITH: &str = "wasi:filesystem/preopens get-directories (param i32)
    wasi:filesystem/types [method]descriptor.read-directory (param i32 i32)
    wasi:filesystem/types [method]directory-entry-stream.read-directory-entry (param i32 i32)
    as $drop wasi:filesystem/types [resource-drop]directory-entry-stream (param i32)";
pub(crate) const READ: u32 = 1;
const WRITE: u32 = 2;
const CREATE: u32 = 256;
const REMOVE: u32 = 512;
const NO_MEMORY: &str = "!W";
const NO_ENTRY: &str = "!U";
const NOT_PERMITTED: &str = "!`";

/// A folder beside a secret file.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("data/sub")).unwrap();
    fs::write(folder.path().join("data/hello.txt"), "hello").unwrap();
    fs::write(folder.path().join("data/sub/deep.txt"), "deep").unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    folder
}

fn opened(grants: impl FnOnce(&Path) -> Grants) -> (tempfile::TempDir, PluginHandle) {
    let folder = folder();
    let plugin = open(grants(&folder.path().join("data")), IMPORTS, &[OPENS]);
    (folder, plugin)
}

#[test]
fn without_a_folder_there_is_none() {
    assert_eq!(asked(&open(Grants::base(), IMPORTS, &[OPENS]), "hello.txt", READ), "?");
}

#[test]
fn files_are_read() {
    let (_folder, plugin) = opened(|path| Grants::base().read_folder(path, "/data"));
    assert_eq!(asked(&plugin, "hello.txt", READ), "hello");
    assert_eq!(asked(&plugin, "sub/../sub/deep.txt", READ), "deep");
    assert_eq!(asked(&plugin, "missing.txt", READ), NO_ENTRY);
}

#[test]
fn a_folder_to_read_is_not_written() {
    let (folder, plugin) = opened(|path| Grants::base().read_folder(path, "/data"));
    for (path, how) in [
        ("hello.txt", READ | WRITE),
        ("hello.txt", WRITE),
        ("new.txt", READ | WRITE | CREATE),
        ("new.txt", READ | CREATE),
        ("hello.txt", REMOVE),
    ] {
        let answer = asked(&plugin, path, how);
        assert!(answer.starts_with('!'), "{path} {how}: {answer}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("data/hello.txt")).unwrap(), "hello");
    assert!(!folder.path().join("data/new.txt").exists());
}

#[test]
fn a_folder_to_write_is_written() {
    let (folder, plugin) = opened(|path| Grants::base().write_folder(path, "/data"));
    assert_eq!(asked(&plugin, "sub/new.txt", READ | WRITE | CREATE), "");
    assert_eq!(fs::read_to_string(folder.path().join("data/sub/new.txt")).unwrap(), "sub/new.txt");
    assert_eq!(asked(&plugin, "hello.txt", REMOVE), "");
    assert!(!folder.path().join("data/hello.txt").exists());
}

#[test]
fn nothing_outside_is_reached() {
    let (folder, plugin) = opened(|path| Grants::base().write_folder(path, "/data"));
    let secret = folder.path().join("secret.txt");
    let absolute = secret.to_str().unwrap();
    for path in ["../secret.txt", "sub/../../secret.txt", "/etc/passwd", absolute, ".."] {
        for how in [READ, READ | WRITE, READ | WRITE | CREATE, REMOVE] {
            assert_eq!(asked(&plugin, path, how), NOT_PERMITTED, "{path} {how}");
        }
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere_outside() {
    use std::os::unix::fs::symlink;
    let (folder, plugin) = opened(|path| Grants::base().write_folder(path, "/data"));
    let data = folder.path().join("data");
    symlink("hello.txt", data.join("inside")).unwrap();
    symlink("../secret.txt", data.join("outside")).unwrap();
    symlink(folder.path().join("secret.txt"), data.join("absolute")).unwrap();
    symlink("..", data.join("parent")).unwrap();
    symlink("loop", data.join("loop")).unwrap();
    assert_eq!(asked(&plugin, "inside", READ), "hello");
    for path in ["outside", "absolute", "parent/secret.txt", "sub/../parent/secret.txt"] {
        for how in [READ, READ | WRITE, READ | WRITE | CREATE] {
            assert_eq!(asked(&plugin, path, how), NOT_PERMITTED, "{path} {how}");
        }
    }
    assert!(asked(&plugin, "loop", READ).starts_with('!'));
    assert_eq!(fs::read_to_string(folder.path().join("secret.txt")).unwrap(), "secret");
}

/// The folder is moved away, and something else stands at its path when the next instance begins.
#[cfg(unix)]
#[test]
fn a_folder_is_the_one_that_was_granted_for_every_instance() {
    let folder = folder();
    let traps = ("plugin#recurse", "(unreachable)");
    let data = folder.path().join("data");
    let plugin = open(Grants::base().read_folder(&data, "/data"), IMPORTS, &[OPENS, traps]);
    assert_eq!(asked(&plugin, "hello.txt", READ), "hello");
    fs::rename(&data, folder.path().join("moved")).unwrap();
    std::os::unix::fs::symlink(folder.path(), &data).unwrap();
    assert!(plugin.recurse(&chaos::Empty {}).unwrap_err().lost_instance());
    assert_eq!(asked(&plugin, "secret.txt", READ), NO_ENTRY);
    assert_eq!(asked(&plugin, "hello.txt", READ), "hello");
}

/// The plugin could put a link in its place, and open whatever that leads to when it is opened again.
#[cfg(unix)]
#[test]
fn a_folder_inside_of_one_to_write_is_not_granted() {
    let folder = folder();
    let (data, sub) = (folder.path().join("data"), folder.path().join("data/sub"));
    fs::create_dir(folder.path().join("other")).unwrap();
    std::os::unix::fs::symlink("../other", data.join("link")).unwrap();
    std::os::unix::fs::symlink("data/sub", folder.path().join("link")).unwrap();
    for inner in [sub.clone(), data.join("link"), folder.path().join("link"), data.join("sub/../sub")] {
        for grants in [
            Grants::base().write_folder(&data, "/data").read_folder(&inner, "/inner"),
            Grants::base().write_folder(&inner, "/inner").write_folder(&data, "/data"),
        ] {
            let OpenError::Grant { source } = refused(grants, IMPORTS, &[OPENS]) else { panic!("{inner:?}") };
            let GrantError::Nested { path, within } = &source else { panic!("{source:?}") };
            assert_eq!((path, within), (&inner, &data));
        }
    }
    // To read, one may be inside of the other, and the same folder may be granted twice.
    open(Grants::base().read_folder(&data, "/data").write_folder(&sub, "/sub"), IMPORTS, &[OPENS]);
    open(Grants::base().write_folder(&data, "/data").read_folder(&data, "/again"), IMPORTS, &[OPENS]);
    open(Grants::base().write_folder(&data, "/data").read_folder(folder.path().join("other"), "/b"), IMPORTS, &[OPENS]);
}

#[test]
fn folders_are_listed_a_few_at_a_time() {
    let folder = folder();
    let grants = Grants::base().read_folder(folder.path(), "/data");
    let plugin = open(grants.clone(), LISTS_WITH, &[LISTS]);
    assert_eq!(asked(&plugin, "", 64), "C", "two names");
    assert_eq!(asked(&plugin, "", 1), NO_MEMORY);
    let plugin = open(grants, LISTS_WITH, &[LISTS]);
    assert_eq!(asked(&plugin, "drop", 100), "C");
}

/// The names of all listings take memory of the host.
#[cfg(unix)]
#[test]
fn a_folder_of_too_many_names_is_not_listed() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits::default().host_memory(16 << 10).response(16 << 10);
    let builder = chaos_builder().grants(Grants::base().read_folder(folder.path(), "/data")).limits(limits);
    let plugin = builder.open_bytes(wasi_plugin(LISTS_WITH, &[LISTS])).unwrap();
    for name in 0..20 {
        fs::write(folder.path().join(name.to_string()), "").unwrap();
    }
    assert_eq!(asked(&plugin, "drop", 3), "U", "20 names");
    for name in 20..33 {
        fs::write(folder.path().join(name.to_string()), "").unwrap();
    }
    assert_eq!(asked(&plugin, "drop", 1), NO_MEMORY, "33 names of 512 bytes");
    fs::remove_file(folder.path().join("0")).unwrap();
    assert_eq!(asked(&plugin, "", 1), "a");
    assert_eq!(asked(&plugin, "", 1), NO_MEMORY, "no second one beside it");
}

/// Each call leaves two handles behind: that of the folder, and that of the file.
#[test]
fn handles_are_limited() {
    let folder = folder();
    let bytes = wasi_plugin(IMPORTS, &[OPENS]);
    let grants = Grants::base().read_folder(folder.path().join("data"), "/data");
    for (limits, allowed) in [(Limits::default().handles(10), 10), (Limits::default(), MAX_OPEN)] {
        let plugin = chaos_builder().grants(grants.clone()).limits(limits).open_bytes(bytes.clone()).unwrap();
        let mut calls = 0..allowed;
        let error = calls.find_map(|_| ask(&plugin, "hello.txt", READ).err()).expect("the handles are used up");
        let CallError::LimitExceeded { exceeded, .. } = &error else { panic!("{}", chain(&error)) };
        assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Handles, allowed as u64));
        assert!(calls.start >= allowed / 2, "{} calls", calls.start);
        assert_eq!(asked(&plugin, "hello.txt", READ), "hello", "a fresh instance has fresh handles");
    }
}
