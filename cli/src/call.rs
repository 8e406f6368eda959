//! A call by name: JSON to values of the Component Model and back, and callbacks that are answered from a fixture.

mod convert;
mod fixture;
mod host;
mod input;

pub(crate) use convert::Converter;
pub(crate) use fixture::{Fixture, template};
pub(crate) use host::Answers;
pub(crate) use input::Text;
