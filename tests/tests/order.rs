//! What runs is what was approved: the file of a plugin is swapped between the decision and everything behind it, in each way
//! in which a file can be swapped.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hookr::trust::Candidate;
use hookr::{Digest, OpenError};
use hookr_tests::plugin_bytes;

/// A plugin's file, reached as a host would, and a way to put another behind the same path.
struct Swap {
    name: &'static str,
    /// Puts the plugin there, and says where to open it.
    place: fn(&Path, &[u8]) -> PathBuf,
    /// Puts other bytes behind that path.
    swap: fn(&Path, &[u8]),
}

const SWAPS: &[Swap] = &[
    Swap {
        name: "another file is renamed onto it",
        place: plain,
        swap: |dir, other| {
            fs::write(dir.join("other.wasm"), other).unwrap();
            fs::rename(dir.join("other.wasm"), dir.join("plugin.wasm")).unwrap();
        },
    },
    Swap {
        name: "it is truncated, and written anew",
        place: plain,
        swap: |dir, other| fs::write(dir.join("plugin.wasm"), other).unwrap(),
    },
    Swap {
        name: "it is truncated to nothing",
        place: plain,
        swap: |dir, _| {
            OpenOptions::new().write(true).open(dir.join("plugin.wasm")).unwrap().set_len(0).unwrap();
        },
    },
    Swap {
        name: "it is overwritten in place",
        place: plain,
        swap: |dir, other| {
            OpenOptions::new().write(true).open(dir.join("plugin.wasm")).unwrap().write_all(other).unwrap();
        },
    },
    Swap { name: "it is removed", place: plain, swap: |dir, _| fs::remove_file(dir.join("plugin.wasm")).unwrap() },
    Swap {
        name: "a symbolic link to it is turned to another",
        place: |dir, bytes| {
            fs::write(dir.join("good.wasm"), bytes).unwrap();
            symlink("good.wasm", dir.join("plugin.wasm")).unwrap();
            dir.join("plugin.wasm")
        },
        swap: |dir, other| {
            fs::write(dir.join("other.wasm"), other).unwrap();
            symlink("other.wasm", dir.join("link")).unwrap();
            fs::rename(dir.join("link"), dir.join("plugin.wasm")).unwrap();
        },
    },
    Swap {
        name: "it becomes a symbolic link",
        place: plain,
        swap: |dir, other| {
            fs::write(dir.join("other.wasm"), other).unwrap();
            fs::remove_file(dir.join("plugin.wasm")).unwrap();
            symlink("other.wasm", dir.join("plugin.wasm")).unwrap();
        },
    },
    Swap {
        name: "a symbolic link to its folder is turned to another",
        place: |dir, bytes| {
            fs::create_dir(dir.join("v1")).unwrap();
            fs::write(dir.join("v1/plugin.wasm"), bytes).unwrap();
            symlink("v1", dir.join("current")).unwrap();
            dir.join("current/plugin.wasm")
        },
        swap: |dir, other| {
            fs::create_dir(dir.join("v2")).unwrap();
            fs::write(dir.join("v2/plugin.wasm"), other).unwrap();
            symlink("v2", dir.join("next")).unwrap();
            fs::rename(dir.join("next"), dir.join("current")).unwrap();
        },
    },
];

fn plain(dir: &Path, bytes: &[u8]) -> PathBuf {
    let path = dir.join("plugin.wasm");
    fs::write(&path, bytes).unwrap();
    path
}

/// A verifier runs between the hash and everything behind it: that is when the file is swapped.
#[test]
fn what_was_hashed_is_what_runs_however_the_file_is_swapped() {
    let approved = plugin_bytes("textfilter");
    // Another plugin, which a host of this contract would not open, and a change that no parser notices.
    let mut forged = approved.clone();
    let middle = forged.len() / 2;
    forged[middle] ^= 0x20;
    for other in [plugin_bytes("urlbalancer"), forged, b"garbage".to_vec()] {
        for swap in SWAPS {
            let dir = tempfile::tempdir().unwrap();
            let path = (swap.place)(dir.path(), &approved);
            let swapped = Arc::new(AtomicUsize::new(0));
            let (count, folder, to) = (swapped.clone(), dir.path().to_owned(), other.clone());
            let verifier = move |candidate: &Candidate<'_>| {
                assert_eq!(candidate.sha256(), Digest::of(candidate.bytes()));
                (swap.swap)(&folder, &to);
                count.fetch_add(1, Ordering::Relaxed);
                Ok(())
            };
            let pin = Digest::of(&approved).to_string();
            let builder = textfilter::PluginHandle::builder().sha256(&pin).verifier(verifier);
            let handle = builder.open(&path).unwrap_or_else(|error| panic!("{}: {error}", swap.name));
            assert_eq!(swapped.load(Ordering::Relaxed), 1, "{}", swap.name);
            assert_ne!(fs::read(&path).ok().as_ref(), Some(&approved), "{}: nothing was swapped", swap.name);
            assert_eq!(handle.metadata().sha256(), Digest::of(&approved), "{}", swap.name);
            assert_eq!(handle.metadata().size(), approved.len(), "{}", swap.name);
            assert_eq!(handle.get_info(&textfilter::Empty {}).unwrap().name, "textfilter", "{}", swap.name);

            // The next one who opens the path meets the other file, and is told so.
            let error = textfilter::PluginHandle::builder().sha256(&pin).open(&path).unwrap_err();
            let refused =
                matches!(error, OpenError::Untrusted { .. } | OpenError::Empty { .. } | OpenError::Read { .. });
            assert!(refused, "{}: {error:?}", swap.name);
        }
    }
}

/// Files that are broken in every part that a parser would look at. As long as nobody trusts them, that they are not trusted
/// is all that is said of them.
#[test]
fn what_is_not_trusted_is_not_parsed() {
    let good = plugin_bytes("textfilter");
    let mut files = vec![b"garbage".to_vec(), b"\0asm".to_vec(), good[..8].to_vec(), good[..good.len() / 2].to_vec()];
    for at in (0..good.len()).step_by(good.len() / 200) {
        let mut broken = good.clone();
        broken[at] ^= 0xff;
        files.push(broken);
    }
    let pin = Digest::of(&good).to_string();
    for file in files {
        let undecided = textfilter::PluginHandle::builder().open_bytes(file.clone()).unwrap_err();
        assert!(matches!(undecided, OpenError::NoTrustDecision { .. }), "{undecided:?}");
        let pinned = textfilter::PluginHandle::builder().sha256(&pin).open_bytes(file.clone()).unwrap_err();
        assert!(matches!(pinned, OpenError::Untrusted { .. }), "{pinned:?}");
        let no = |_: &Candidate<'_>| Err("no".into());
        let rejected = textfilter::PluginHandle::builder().verifier(no).open_bytes(file).unwrap_err();
        assert!(matches!(rejected, OpenError::Rejected { .. }), "{rejected:?}");
    }
}
