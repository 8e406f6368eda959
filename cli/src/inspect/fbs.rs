//! The contract inside of a plugin as a schema.

use fbs2wit::{bfbs, print};

use super::report::PluginReport;
use crate::exit::Exit;
use crate::failure::{Context as _, Result};

/// The text of the schema that the plugin carries. What could deceive a reader or a terminal is escaped.
pub(crate) fn fbs(plugin: &PluginReport) -> Result<String> {
    let schema = bfbs::read(&plugin.section.schema)
        .or_fail(Exit::Unfit, || "the contract inside of the plugin cannot be read".to_owned())?;
    print(&schema).or_fail(Exit::Unfit, || "the contract inside of the plugin cannot be written as a schema".to_owned())
}
