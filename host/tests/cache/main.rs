//! The compile cache: what comes out of it, and that nothing that is wrong with it ever runs, or keeps a plugin from running.
#![cfg(unix)]

mod damage;
mod eviction;
mod flow;
mod folder;
mod impostors;
mod key;
mod processes;
mod support;
