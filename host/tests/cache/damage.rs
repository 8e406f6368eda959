//! Every way in which an entry can be damaged.

use std::fs;
use std::ops::Range;

use hookr::cache::Origin;

use crate::support::{Test, write};

/// What is behind the code: the table in `host/src/cache/footer.rs` adds up to this.
const FOOTER: usize = 8 + 8 + 32 + 32 + 8 + 15 * 8 + 64 + 32 + 32 + 32;

/// Puts these bytes in the place of the entry; the plugin runs, somebody is told, and the entry is what it was before.
#[track_caller]
fn is_mended(test: &Test, good: &[u8], bad: &[u8], what: &str) {
    assert_ne!(good, bad, "{what}");
    let entry = test.entry();
    write(&entry, bad);
    let (origin, warnings) = test.open(2);
    assert_eq!((origin, warnings.len()), (Origin::Stored, 1), "{what}: {warnings:?}");
    let is_told = warnings[0].contains("damaged") || warnings[0].contains("which such a file cannot have");
    assert!(is_told, "{what}: {warnings:?}");
    assert_eq!(fs::read(&entry).unwrap(), good, "{what}: what is compiled again is the same");
}

fn flipped(good: &[u8], at: usize) -> Vec<u8> {
    let mut bad = good.to_vec();
    bad[at] ^= 1 << (at % 8);
    bad
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> usize {
    let mut number = [0; 8];
    number[..N].copy_from_slice(&bytes[at..at + N]);
    usize::try_from(u64::from_le_bytes(number)).unwrap()
}

/// Where the sections of an ELF file are.
fn sections(elf: &[u8]) -> Vec<Range<usize>> {
    assert_eq!(&elf[..5], b"\x7fELF\x02", "it is of 64 bits");
    let (table, size, count) = (number::<8>(elf, 0x28), number::<2>(elf, 0x3a), number::<2>(elf, 0x3c));
    let headers = (0..count).map(|at| &elf[table + at * size..][..size]);
    // Those without a place in the file left out.
    let headers = headers.filter(|header| ![0, 8].contains(&number::<4>(header, 4)));
    let sections = headers.map(|header| {
        let start = number::<8>(header, 0x18);
        start..start + number::<8>(header, 0x20)
    });
    sections.chain(std::iter::once(table..table + count * size)).filter(|section| !section.is_empty()).collect()
}

#[test]
fn every_byte_behind_the_code_counts() {
    let test = Test::filled();
    let good = fs::read(test.entry()).unwrap();
    for at in good.len() - FOOTER..good.len() {
        is_mended(&test, &good, &flipped(&good, at), &format!("byte {at} of {}", good.len()));
    }
}

#[test]
fn every_part_of_the_code_counts() {
    let test = Test::filled();
    let good = fs::read(test.entry()).unwrap();
    let sections = sections(&good);
    assert!(sections.len() > 5, "{sections:?}");
    let mut places: Vec<usize> = (0..64).collect();
    for Range { start, end } in sections {
        places.extend([start, start + (end - start) / 2, end - 1]);
    }
    // Between sections, too, where nobody reads.
    places.extend((0..good.len()).step_by(good.len() / 64));
    places.sort_unstable();
    places.dedup();
    for at in places {
        is_mended(&test, &good, &flipped(&good, at), &format!("byte {at} of {}", good.len()));
    }
}

#[test]
fn a_file_that_was_not_written_to_its_end_is_not_used() {
    let test = Test::filled();
    let good = fs::read(test.entry()).unwrap();
    let len = good.len();
    let mut lens = vec![0, 1, 63, 64, 4095, 4096, 4097, len / 2, len - FOOTER, len - 32, len - 31, len - 2, len - 1];
    lens.extend([FOOTER - 1, FOOTER, FOOTER + 1]);
    lens.extend(sections(&good).into_iter().flat_map(|section| [section.start, section.end]));
    lens.retain(|end| *end < len);
    for end in lens {
        is_mended(&test, &good, &good[..end], &format!("{end} bytes of {len}"));
        // As a power failure leaves it: of the right length, without all of its content.
        let mut zeros = good[..end].to_vec();
        zeros.resize(len, 0);
        is_mended(&test, &good, &zeros, &format!("{end} bytes of {len}, then zeros"));
    }
}

#[test]
fn a_file_that_is_too_long_is_not_used() {
    let test = Test::filled();
    let good = fs::read(test.entry()).unwrap();
    for more in [1, 32, FOOTER, 4096] {
        is_mended(&test, &good, &[good.as_slice(), &vec![0; more]].concat(), &format!("{more} bytes more"));
        let tail = &good[good.len() - more.min(good.len())..];
        is_mended(&test, &good, &[good.as_slice(), tail].concat(), &format!("the last {more} bytes twice"));
    }
    is_mended(&test, &good, &good.repeat(2), "all of it twice");
}

/// Sparse: nothing of it is on the disk.
#[test]
fn a_file_of_a_terabyte_is_not_read() {
    let test = Test::filled();
    fs::File::options().write(true).open(test.entry()).unwrap().set_len(1 << 40).unwrap();
    test.mends("which such a file cannot have");
}
