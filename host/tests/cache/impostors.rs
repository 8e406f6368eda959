//! Entries that are whole, and not those of the plugin: of another one, of another engine, of another cache, of another user.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use hookr::cache::Origin;
use hookr::{Cache, Limits};

use crate::support::{Test, answer, builder, give_away, open, pipe, plugin, set_mode, write};

const OTHER_KEY: &str = "the entry of another plugin or for another engine";

#[test]
fn the_entry_of_another_plugin_is_not_used() {
    let test = Test::filled();
    let two = test.entry();
    assert_eq!(test.open(3), (Origin::Stored, vec![]));
    let three = test.files().into_iter().find(|file| *file != two).unwrap();
    let (of_two, of_three) = (fs::read(&two).unwrap(), fs::read(&three).unwrap());
    write(&two, &of_three);
    write(&three, &of_two);
    let (origin, warnings) = test.open(3);
    assert!(origin == Origin::Stored && warnings.len() == 1 && warnings[0].contains(OTHER_KEY), "{warnings:?}");
    test.mends(OTHER_KEY);
    assert_eq!(test.open(3), (Origin::Cached, vec![]));
}

#[test]
fn the_entry_for_other_settings_is_not_used() {
    let test = Test::filled();
    let plain = test.entry();
    let (builder, warnings) = builder(test.cache());
    let engine = hookr::Engine::with(hookr::Settings::default().fuel(true)).unwrap();
    let builder = builder.engine(&engine).limits(Limits::default().fuel(1_000_000));
    let counting = builder.open_bytes(plugin(2)).unwrap();
    assert_eq!((answer(&counting), warnings.take()), (42, vec![]));
    assert_eq!(counting.metadata().code().origin(), Origin::Stored, "its code is another");
    let fuel = test.files().into_iter().find(|file| *file != plain).unwrap();
    fs::rename(fuel, plain).unwrap();
    test.mends(OTHER_KEY);
}

#[test]
fn an_entry_that_was_written_with_another_key_is_not_used() {
    let (test, other) = (Test::filled(), Test::filled());
    assert_eq!(test.entry().file_name(), other.entry().file_name());
    let (ours, theirs) = (fs::read(test.entry()).unwrap(), fs::read(other.entry()).unwrap());
    let (our_code, our_tag) = ours.split_at(ours.len() - 32);
    let (their_code, their_tag) = theirs.split_at(theirs.len() - 32);
    assert!(our_code == their_code && our_tag != their_tag, "nothing but the tag is another");
    fs::copy(other.entry(), test.entry()).unwrap();
    test.mends("was not written with the key of this cache");
}

#[test]
fn what_others_may_write_to_is_not_read() {
    for mode in [0o644, 0o660, 0o602, 0o601, 0o777] {
        let test = Test::filled();
        set_mode(&test.entry(), mode);
        test.mends(&format!("others than its owner may use it (its mode is {mode:o})"));
    }
}

#[test]
fn what_belongs_to_another_user_is_not_read() {
    let test = Test::filled();
    if give_away(&test.entry()) {
        test.mends("it belongs to the user 12345");
    }
}

#[test]
fn a_file_with_a_second_name_is_not_used() {
    let test = Test::filled();
    fs::hard_link(test.entry(), test.beside("again")).unwrap();
    test.mends("the file has 2 names");
}

#[test]
fn what_is_no_file_is_not_opened() {
    let test = Test::filled();
    let (entry, copy) = (test.entry(), test.beside("copy"));
    fs::copy(&entry, &copy).unwrap();
    let place = |make: &dyn Fn()| {
        fs::remove_file(&entry).unwrap();
        make();
    };
    place(&|| symlink(&copy, &entry).unwrap());
    test.mends("it is a symbolic link");
    place(&|| symlink("nowhere", &entry).unwrap());
    test.mends("it is a symbolic link");
    // Whoever opened it to read would wait for ever.
    place(&|| pipe(&entry));
    test.mends("it is not a regular file");
    place(&|| {
        // The name of a socket has to be short when it is made.
        let socket = test.beside("socket");
        drop(UnixListener::bind(&socket).unwrap());
        fs::rename(socket, &entry).unwrap();
    });
    test.mends("it is not a regular file");
    place(&|| fs::create_dir(&entry).unwrap());
    test.mends("it is not a regular file");
    place(&|| fs::create_dir_all(entry.join("full")).unwrap());
    let (origin, warnings) = test.open(2);
    assert_eq!((origin, warnings.len()), (Origin::Compiled, 2), "{warnings:?}");
    assert!(warnings[1].contains("is not kept in the cache"), "{warnings:?}");
}

/// Whoever gets hold of a whole cache of another user's, key and all, has it refused by its owner.
#[test]
fn the_whole_cache_of_another_user_is_not_used() {
    let test = Test::filled();
    let stolen = test.beside("stolen");
    fs::rename(test.path(), &stolen).unwrap();
    if give_away(&stolen) {
        let (origin, warnings) = open(Cache::folder(&stolen), 2);
        assert!(warnings.len() == 1 && warnings[0].contains("it belongs to the user 12345"), "{warnings:?}");
        assert_eq!(origin, Origin::Compiled);
    }
}
