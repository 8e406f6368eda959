//! The secret of a cache.

use std::fs;
use std::os::unix::fs::symlink;

use hookr::cache::Origin;

use crate::support::{Test, give_away, pipe, set_mode, write};

#[test]
fn another_key_makes_all_entries_worthless() {
    let test = Test::filled();
    assert_eq!(test.open(3), (Origin::Stored, vec![]));
    write(&test.key(), &[7; 32]);
    test.mends("was not written with the key of this cache");
    assert_eq!(fs::read(test.key()).unwrap(), [7; 32], "a key that can be used is kept");
    let (origin, warnings) = test.open(3);
    assert_eq!((origin, warnings.len()), (Origin::Stored, 1), "{warnings:?}");
}

#[test]
fn every_bit_of_the_key_counts() {
    let test = Test::filled();
    let good = fs::read(test.key()).unwrap();
    assert_eq!(good.len(), 32);
    let entry = fs::read(test.entry()).unwrap();
    for at in 0..32 {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        write(&test.key(), &bad);
        let (origin, warnings) = test.open(2);
        assert_eq!((origin, warnings.len()), (Origin::Stored, 1), "byte {at}: {warnings:?}");
        write(&test.key(), &good);
        write(&test.entry(), &entry);
        assert_eq!(test.open(2), (Origin::Cached, vec![]));
    }
}

#[test]
fn keys_are_random() {
    let keys: std::collections::BTreeSet<Vec<u8>> = (0..8).map(|_| fs::read(Test::filled().key()).unwrap()).collect();
    assert_eq!(keys.len(), 8);
}

#[test]
fn a_key_that_cannot_be_used_is_replaced() {
    let test = Test::filled();
    for size in [0, 1, 16, 31, 33, 4096] {
        write(&test.key(), &vec![1; size]);
        test.mends(&format!("it has {size} bytes"));
    }
    // Others may have read it.
    for mode in [0o644, 0o640, 0o620] {
        let old = fs::read(test.key()).unwrap();
        set_mode(&test.key(), mode);
        test.mends(&format!("others than its owner may use it (its mode is {mode:o})"));
        assert_ne!(fs::read(test.key()).unwrap(), old);
    }
    if give_away(&test.key()) {
        test.mends("it belongs to the user 12345");
    }
    fs::remove_file(test.key()).unwrap();
    test.mends("it is not there");
    let copy = test.beside("copy");
    fs::rename(test.key(), &copy).unwrap();
    symlink(&copy, test.key()).unwrap();
    test.mends("it is a symbolic link");
    fs::remove_file(test.key()).unwrap();
    pipe(&test.key());
    test.mends("it is not a regular file");
    fs::remove_file(test.key()).unwrap();
    fs::create_dir(test.key()).unwrap();
    test.mends("it is not a regular file");
}

#[test]
fn a_key_that_cannot_be_replaced_is_done_without() {
    let test = Test::filled();
    fs::remove_file(test.key()).unwrap();
    fs::create_dir_all(test.key().join("full")).unwrap();
    let (origin, warnings) = test.open(2);
    assert_eq!(origin, Origin::Compiled);
    assert!(!warnings.is_empty() && warnings.iter().all(|warning| warning.contains("hookr.key")), "{warnings:?}");
}
