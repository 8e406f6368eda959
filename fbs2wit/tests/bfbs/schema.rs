//! Schemas from text.

use fbs2wit::model::Schema;
use fbs2wit::{CompileOptions, MemoryLoader, compile};

/// A checked schema of a text.
pub(crate) fn schema(text: &str) -> Schema {
    let loader = MemoryLoader::new().file("contract.fbs", text);
    let compiled = compile("contract.fbs".as_ref(), &CompileOptions::default(), &loader);
    compiled.unwrap_or_else(|error| panic!("{error}")).schema
}
