//! The Rust of the how-to pages in `docs/src/how-to/`. Each page includes parts of its module by their anchors, and what is
//! included runs here against real plugins.
#![forbid(unsafe_code)]

mod blocks;
mod cases;
mod from_go_hookr;
mod grants;
mod testing;
mod trust;
