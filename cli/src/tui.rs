//! `hookr tui`: a plugin in the hand, on a terminal.
//!
//! [`app`] is the state, [`update`] what becomes of it when something happens, [`view`] what of it is seen. None of them does
//! anything else: what is to be done is an [`Effect`](event::Effect), which [`runtime`] sees to. Calls are made by
//! [`worker`], on a thread of its own.

mod app;
mod editor;
mod event;
mod external;
mod fixture;
mod keys;
mod record;
mod request;
mod runtime;
mod save;
mod screen;
mod search;
mod stats;
mod text;
mod theme;
mod update;
mod view;
mod watch;
mod worker;

pub(crate) use runtime::run;

#[cfg(test)]
mod tests;
