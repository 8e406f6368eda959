//! What goes, and when.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use hookr::cache::{Origin, Removed};

use crate::support::{Test, builder, open, plugin};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn age(path: &Path, age: Duration) {
    File::open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
}

fn unused(path: &Path) -> Duration {
    SystemTime::now().duration_since(fs::metadata(path).unwrap().modified().unwrap()).unwrap_or_default()
}

/// The entry that this opening writes.
#[track_caller]
fn stored(test: &Test, adds: u32) -> std::path::PathBuf {
    let before = test.files();
    assert_eq!(test.open(adds), (Origin::Stored, vec![]));
    let new: Vec<_> = test.files().into_iter().filter(|file| !before.contains(file)).collect();
    assert_eq!(new.len(), 1);
    new[0].clone()
}

#[test]
fn the_oldest_go_first_and_the_new_one_stays() {
    let test = Test::new();
    let entries: Vec<_> = (0..4).map(|adds| stored(&test, adds)).collect();
    let size = fs::metadata(&entries[0]).unwrap().len();
    for (path, days) in entries.iter().zip([2, 4, 1, 3]) {
        age(path, DAY * days);
    }
    // Room for three, of which the new one is the first.
    let room = size * 3 + size / 2;
    assert_eq!(open(test.cache().max_size(room), 9), (Origin::Stored, vec![]));
    let left: Vec<bool> = entries.iter().map(|path| path.exists()).collect();
    assert_eq!(left, [true, false, true, false]);
    assert_eq!(test.files().len(), 3);
    // Used so long ago that it would go first, but used again: it is as good as new.
    age(&entries[0], DAY * 20);
    assert_eq!(test.open(0), (Origin::Cached, vec![]));
    age(&entries[2], DAY * 2);
    assert_eq!(open(test.cache().max_size(room), 10), (Origin::Stored, vec![]));
    assert!(entries[0].exists() && !entries[2].exists());
}

#[test]
fn what_nobody_uses_goes_in_the_end() {
    let test = Test::new();
    let old = stored(&test, 1).clone();
    let young = stored(&test, 2);
    age(&old, DAY * 31);
    age(&young, DAY * 29);
    let new = stored(&test, 3);
    assert_eq!([&old, &young, &new].map(|path| path.exists()), [false, true, true]);
    assert_eq!(open(test.cache().max_age(DAY * 20), 4), (Origin::Stored, vec![]));
    assert!(!young.exists() && new.exists());
}

#[test]
fn the_time_of_use_is_noted_once_a_day() {
    let test = Test::filled();
    for (before, after) in [(DAY / 2, DAY / 2), (DAY * 3, Duration::ZERO)] {
        age(&test.entry(), before);
        assert_eq!(test.open(2), (Origin::Cached, vec![]));
        assert!(unused(&test.entry()).abs_diff(after) < DAY / 4, "{before:?}");
    }
    // A clock that was wrong when it was written.
    File::open(test.entry()).unwrap().set_modified(SystemTime::now() + DAY * 300).unwrap();
    assert_eq!(test.open(2), (Origin::Cached, vec![]));
    let modified = fs::metadata(test.entry()).unwrap().modified().unwrap();
    assert!(modified < SystemTime::now() + DAY);
}

#[test]
fn what_writers_have_left_behind_goes_after_an_hour() {
    let test = Test::filled();
    let left = |digit: &str| test.path().join(format!(".hookr-{}", digit.repeat(32)));
    let (old, young) = (left("1"), left("2"));
    for path in [&old, &young] {
        fs::write(path, "half").unwrap();
    }
    age(&old, Duration::from_secs(3700));
    assert_eq!(test.open(3), (Origin::Stored, vec![]));
    assert!(!old.exists() && young.exists());
    let removed = test.cache().clear().unwrap();
    assert_eq!(removed.entries, 2, "it is no entry");
    assert!(young.exists() && test.key().exists(), "somebody may be writing to it");
}

#[test]
fn code_that_is_larger_than_the_cache_is_not_kept() {
    let test = Test::filled();
    let size = fs::metadata(test.entry()).unwrap().len();
    for _ in 0..2 {
        let (origin, warnings) = open(test.cache().max_size(size / 2), 3);
        assert_eq!((origin, warnings.len()), (Origin::Compiled, 1));
        assert!(warnings[0].contains("is not kept: it has"), "{warnings:?}");
    }
    assert_eq!(test.open(2), (Origin::Cached, vec![]), "others stay");
}

#[test]
fn an_entry_may_go_while_its_code_is_in_use() {
    let test = Test::filled();
    let (builder, _) = builder(test.cache());
    let opened = builder.open_bytes(plugin(2)).unwrap();
    assert_eq!(opened.metadata().code().origin(), Origin::Cached);
    let size = fs::metadata(test.entry()).unwrap().len();
    assert_eq!(test.cache().clear().unwrap().bytes, size);
    assert_eq!(test.cache().clear().unwrap(), Removed::default());
    assert!(test.files().is_empty());
    assert_eq!(crate::support::answer(&opened), 42);
    assert_eq!(test.open(2), (Origin::Stored, vec![]));
}

#[test]
fn entries_are_listed_with_what_they_are_good_for() {
    let test = Test::filled();
    let engine = hookr::Engine::new().unwrap();
    let counting = hookr::Engine::with(hookr::Settings::default().fuel(true)).unwrap();
    let [entry] = test.cache().entries().unwrap().try_into().unwrap();
    assert_eq!(entry.sha256, hookr::Digest::of(&plugin(2)));
    assert_eq!(entry.size, fs::metadata(test.entry()).unwrap().len());
    let content = entry.content.unwrap();
    assert_eq!((content.name.as_str(), content.plugin_size), ("plugin", plugin(2).len() as u64));
    assert_eq!(
        (content.hookr.as_str(), content.wasmtime.as_str()),
        (env!("CARGO_PKG_VERSION"), hookr::WASMTIME_VERSION)
    );
    assert!(content.is_for(&engine) && !content.is_for(&counting));
    // One under the name of another is good for nothing.
    let name = test.entry().file_name().unwrap().to_string_lossy().replace(&entry.sha256.to_string(), &"0".repeat(64));
    fs::rename(test.entry(), test.path().join(name)).unwrap();
    let [entry] = test.cache().entries().unwrap().try_into().unwrap();
    assert!(entry.content.is_none() && entry.sha256.as_bytes() == &[0; 32]);
}
