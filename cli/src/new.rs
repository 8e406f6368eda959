//! A new project: its names, its files, and the folder that they go to.

mod folder;
mod names;
mod templates;

pub(crate) use folder::create;
pub(crate) use names::Names;
pub(crate) use templates::{arguments, files};
