//! What a plugin and a contract say, side by side.

mod compare;
mod fbs;
mod json;
mod provenance;
mod report;
mod text;
mod wasi;

pub(crate) use compare::same_contract;
pub(crate) use fbs::fbs;
pub(crate) use json::json;
pub(crate) use report::{PluginReport, Report, SchemaReport};
pub(crate) use text::text;
