//! Calls by name: JSON to values of the Component Model or FlatBuffers and back, and callbacks that are answered from a
//! fixture. All commands that call a plugin do it through a [`Session`].

mod convert;
mod fixture;
mod host;
mod input;
mod method;
mod payload;
mod session;

pub(crate) use fixture::Fixture;
#[cfg(test)]
pub(crate) use host::Seen;
pub(crate) use host::{Exchange, Host, Notices};
pub(crate) use input::Text;
pub(crate) use method::{MethodRef, on_one_line};
pub(crate) use payload::Payload;
#[cfg(test)]
pub(crate) use session::NoResponse;
pub(crate) use session::{Candidate, Outcome, Session, Way};
