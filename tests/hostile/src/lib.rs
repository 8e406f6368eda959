//! Plugins that attack their host, and what each of them comes to.
//!
//! A [`Case`](case::Case) is a component that is built here, from text, the limits that it runs under, what the host
//! does with it, and the one typed error that this has to end with. [`runner`] has every case run by a [`worker`], a
//! process of its own: a host that hangs, or dies, or takes too much memory is then a result like any other. One worker
//! runs one case after another, and after each it calls an honest plugin, which it has had open all along, and opens
//! another one.
//!
//! [`soak`] has honest and hostile plugins called side by side, by several threads, for as long as one likes.
//!
//! `cargo test` runs all of it once; `cargo xtask hostile` prints a table, `cargo xtask soak` figures.
#![forbid(unsafe_code)]

pub mod case;
pub mod cases;
mod component;
mod flat;
mod healthy;
pub mod memory;
pub mod outcome;
pub mod report;
pub mod runner;
pub mod soak;
pub mod target;
pub mod worker;
