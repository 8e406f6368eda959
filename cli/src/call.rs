//! Calls by name: JSON to values of the Component Model or FlatBuffers and back, and callbacks that are answered from a
//! fixture. All commands that call a plugin do it through a [`Session`].

mod convert;
mod fixture;
mod host;
mod input;
mod method;
mod payload;
mod session;

pub(crate) use fixture::{Fixture, Layers, callback_named, code_named, wrong_form};
#[cfg(test)]
pub(crate) use host::Seen;
pub(crate) use host::{Exchange, Host, Notices};
pub(crate) use input::Text;
pub(crate) use method::{MethodRef, TableRef, on_one_line};
pub(crate) use payload::{Payload, PayloadError};
pub(crate) use session::{Candidate, NoResponse, Outcome, Session, Way};
