//! Plugins that look for more than is in their folder.

use std::fs;
use std::path::Path;

use chaos::Empty;
use hookr::Grants;
use hookr_tests::hostile::Hostile;
use hookr_tests::wasi::wasi;

use crate::case::{ANSWERED, Case};
use crate::component::chaos;
use crate::target::Target;

const IMPORTS: &str = "wasi:filesystem/preopens get-directories (param i32)
    wasi:filesystem/types [method]descriptor.open-at (param i32 i32 i32 i32 i32 i32 i32)
    wasi:filesystem/types [method]descriptor.read (param i32 i64 i64 i32)
    wasi:filesystem/types [method]descriptor.unlink-file-at (param i32 i32 i32 i32)";

/// What `Count` answers with is an error of WASI's, by its number, and this.
const FAILED: u32 = 1000;
const NO_ENTRY: u32 = FAILED + 20;
const NOT_PERMITTED: u32 = FAILED + 31;

const READ: u32 = 1;
const WRITE: u32 = 2;
const CREATE: u32 = 1;

pub(super) fn cases() -> Vec<Case> {
    let opens = |name: &str, about, path: &'static str, flags, answer| opening(name, about, path, flags, false, answer);
    let writes = |name: &str, about, path: &'static str, flags, answer| opening(name, about, path, flags, true, answer);
    let read = (0, READ);
    let create = (CREATE, READ | WRITE);
    let mut cases = vec![
        opens("folder", "a file that is there", "hello.txt", read, 0),
        opens("folder-missing", "a file that is not there", "missing.txt", read, NO_ENTRY),
        opens("folder-above", "the folder that its folder is in", "..", read, NOT_PERMITTED),
        opens("folder-outside", "a file beside its folder", "../secret.txt", read, NOT_PERMITTED),
        opens("folder-around", "the same by another way", "sub/../../secret.txt", read, NOT_PERMITTED),
        opens("folder-absolute", "a file of the system", "/etc/passwd", read, NOT_PERMITTED),
        opens(
            "folder-read-only",
            "a file that it may read, to write to it",
            "hello.txt",
            (0, READ | WRITE),
            NOT_PERMITTED,
        ),
        opens("folder-create", "a file that it may not make", "new.txt", create, NOT_PERMITTED),
        writes("folder-create-outside", "a file to be made beside its folder", "../new.txt", create, NOT_PERMITTED),
        writes(
            "folder-write-outside",
            "a file beside its folder, to write to it",
            "../secret.txt",
            create,
            NOT_PERMITTED,
        ),
        case(
            "folder-remove-outside",
            "removes a file beside its folder",
            "(call $get-directories (i32.const 32))
             (call $unlink-file-at (i32.load (i32.load (i32.const 32))) (i32.const 2064) (i32.const 13) (i32.const 67))
             (if (i32.ne (i32.load16_u (i32.const 67)) (i32.const 0x1f01)) (then unreachable))
             (call $number (i32.const 1))",
            ANSWERED,
        ),
        case(
            "folder-not-granted",
            "a handle of a folder that nobody has given it",
            "(call $open-at (i32.const 5) (i32.const 0) (i32.const 2048) (i32.const 9) (i32.const 0) (i32.const 1)
               (i32.const 64)) (call $number (i32.const 1))",
            "CallError::InvalidResponse",
        ),
        case(
            "folder-long-path",
            "a path of seven megabytes",
            "(drop (memory.grow (i32.const 200)))
             (memory.fill (i32.const 0x10000) (i32.const 46) (i32.const 0x700000))
             (call $get-directories (i32.const 32))
             (call $open-at (i32.load (i32.load (i32.const 32))) (i32.const 0) (i32.const 0x10000) (i32.const 0x700000)
               (i32.const 0) (i32.const 1) (i32.const 64))
             (if (i32.eqz (i32.load8_u (i32.const 64))) (then unreachable))
             (call $number (i32.const 1))",
            ANSWERED,
        ),
        case(
            "folder-deep-path",
            "a path of three million folders",
            "(local $i i32) (drop (memory.grow (i32.const 200)))
             (loop $more
               (i32.store16 (i32.add (i32.const 0x10000) (local.get $i)) (i32.const 0x2f2e))
               (br_if $more
                 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 2))) (i32.const 0x600000))))
             (call $get-directories (i32.const 32))
             (call $open-at (i32.load (i32.load (i32.const 32))) (i32.const 0) (i32.const 0x10000) (i32.const 0x600000)
               (i32.const 0) (i32.const 1) (i32.const 64))
             (if (i32.eqz (i32.load8_u (i32.const 64))) (then unreachable))
             (call $number (i32.const 1))",
            ANSWERED,
        ),
        case(
            "folder-large-file",
            "all of a file of a gigabyte, which is a hole: it gets 64 KiB",
            "(drop (memory.grow (i32.const 2))) (call $get-directories (i32.const 32))
             (call $open-at (i32.load (i32.load (i32.const 32))) (i32.const 0) (i32.const 2080) (i32.const 9)
               (i32.const 0) (i32.const 1) (i32.const 64))
             (if (i32.load8_u (i32.const 64)) (then unreachable))
             (call $read (i32.load (i32.const 68)) (i64.const -1) (i64.const 0) (i32.const 64))
             (if (i32.load8_u (i32.const 64)) (then unreachable))
             (if (i32.ne (i32.load (i32.const 72)) (i32.const 65536)) (then unreachable))
             (call $number (i32.const 1))",
            ANSWERED,
        ),
    ];
    if cfg!(unix) {
        cases.extend([
            opens("folder-link", "a link to a file beside its folder", "outside", read, NOT_PERMITTED),
            opens(
                "folder-link-above",
                "a link to the folder that its folder is in",
                "parent/secret.txt",
                read,
                NOT_PERMITTED,
            ),
            writes("folder-link-to-write", "the same, to write to it", "parent/secret.txt", create, NOT_PERMITTED),
            opens("folder-links-in-turn", "a link that leads to itself", "loop", read, FAILED + 15),
        ]);
    }
    cases
}

/// A folder `data` with a few files beside a secret one.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    fs::create_dir_all(data.join("sub")).expect("a folder can be made");
    fs::write(data.join("hello.txt"), "hello").expect("a file can be written");
    fs::write(folder.path().join("secret.txt"), "secret").expect("a file can be written");
    let large = fs::File::create(data.join("large.txt")).expect("a file can be made");
    large.set_len(1 << 30).expect("a file can have a hole");
    #[cfg(unix)]
    for (to, name) in [("../secret.txt", "outside"), ("..", "parent"), ("loop", "loop")] {
        std::os::unix::fs::symlink(to, data.join(name)).expect("a link can be made");
    }
    folder
}

/// Nothing has changed but what may have.
fn check(folder: &Path) {
    assert_eq!(fs::read_to_string(folder.join("secret.txt")).expect("it is there"), "secret");
    assert_eq!(fs::read_dir(folder).expect("it is there").count(), 2);
    assert_eq!(fs::read_to_string(folder.join("data/hello.txt")).expect("it is there"), "hello");
}

/// `Count` does this with a folder that it may read. There are paths at 2048: `hello.txt`, `../secret.txt` and
/// `large.txt`.
pub(super) fn case(name: &str, about: &'static str, body: &str, expected: &'static str) -> Case {
    let body = body.to_owned();
    let plugin = move || {
        wasi(IMPORTS)
            .data(2048, b"hello.txt")
            .data(2064, b"../secret.txt")
            .data(2080, b"large.txt")
            .body("plugin#count", &body)
    };
    counting(name, about, plugin, false, None, expected)
}

/// `Count` opens a file, with flags to open it and flags of what it is for, and answers with 0, or with the error.
fn opening(
    name: &str,
    about: &'static str,
    path: &'static str,
    (open, access): (u32, u32),
    may_write: bool,
    answer: u32,
) -> Case {
    let body = format!(
        "(call $get-directories (i32.const 32))
         (call $open-at (i32.load (i32.load (i32.const 32))) (i32.const 1) (i32.const 2048) (i32.const {})
           (i32.const {open}) (i32.const {access}) (i32.const 64))
         (call $number (select
           (i32.add (i32.const {FAILED}) (i32.load8_u (i32.const 68))) (i32.const 0) (i32.load8_u (i32.const 64))))",
        path.len()
    );
    let plugin = move || wasi(IMPORTS).data(2048, path.as_bytes()).body("plugin#count", &body);
    counting(name, about, plugin, may_write, Some(answer), ANSWERED)
}

fn counting(
    name: &str,
    about: &'static str,
    plugin: impl Fn() -> Hostile + Send + Sync + 'static,
    may_write: bool,
    expected_answer: Option<u32>,
    expected: &'static str,
) -> Case {
    let drive = move |target: &Target| {
        let folder = folder();
        let data = folder.path().join("data");
        let base = Grants::base();
        let grants = if may_write { base.write_folder(data, "/data") } else { base.read_folder(data, "/data") };
        let answer = super::open(target, &grants)?.count(&Empty {});
        check(folder.path());
        let answer = answer?.calls;
        assert!(expected_answer.is_none_or(|expected| answer == expected), "{answer}");
        Ok(())
    };
    Case::new(format!("wasi/{name}"), about, move || chaos(&plugin()), drive, expected)
}
