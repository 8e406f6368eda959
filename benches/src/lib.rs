//! What calls cost, by every way: the program behind `cargo xtask bench`.
//!
//! [`groups`] says what is compared, [`measure`] how, [`targets`] what is hoped for, and [`report`] shows it.
//! `docs/benchmarks.md` has the results, and what they do not show.
#![forbid(unsafe_code)]

pub mod by_hand;
pub mod floor;
pub mod groups;
pub mod host;
pub mod machine;
pub mod measure;
pub mod plugins;
pub mod progress;
pub mod raw;
pub mod report;
pub mod requests;
pub mod statistics;
pub mod targets;

/// Looks at the first and the last byte, and the length: enough to see that all of an answer is there.
#[inline]
pub fn look(bytes: &[u8]) -> u64 {
    let end = |byte: Option<&u8>| u64::from(byte.copied().unwrap_or(0));
    end(bytes.first()) + (end(bytes.last()) << 8) + ((bytes.len() as u64) << 16)
}
