//! What calls cost, by every way: the program behind `cargo xtask bench`.
//!
//! [`groups`] says what is compared, [`measure`] how, [`targets`] what is hoped for, and [`report`] shows it. Three more
//! things are measured by themselves: [`reload`], [`idle`] and [`scaling`].
//! `docs/src/reference/benchmarks.md` has the results, and what they do not show.
#![forbid(unsafe_code)]

pub mod by_hand;
pub mod floor;
pub mod groups;
pub mod host;
pub mod idle;
pub mod machine;
pub mod measure;
pub mod memory;
pub mod plugins;
pub mod progress;
pub mod raw;
pub mod reload;
pub mod report;
pub mod requests;
pub mod scaling;
pub mod statistics;
pub mod targets;
pub mod together;

/// Looks at the first and the last byte, and the length: enough to see that all of an answer is there.
#[inline]
pub fn look(bytes: &[u8]) -> u64 {
    let end = |byte: Option<&u8>| u64::from(byte.copied().unwrap_or(0));
    end(bytes.first()) + (end(bytes.last()) << 8) + ((bytes.len() as u64) << 16)
}
