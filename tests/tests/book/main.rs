//! The Rust of the how-to pages in `docs/src/how-to/`. Each page includes parts of its module by their anchors, and what is
//! included runs here against real plugins.
#![forbid(unsafe_code)]

mod blocks;
mod callbacks;
mod cases;
mod deadlines;
mod error_codes;
mod errors;
mod figures;
mod from_go_hookr;
mod grants;
mod lane;
mod limits;
mod observe;
mod open_and_call;
mod pools_and_async;
mod registry;
mod reload;
mod testing;
mod trust;
