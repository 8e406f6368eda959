//! What changed in plugins since they were locked.

mod change;
mod json;
mod text;

pub(crate) use change::{Change, changes};
pub(crate) use json::json;
pub(crate) use text::text;
