//! A plugin for the contract `textfilter`: takes blocked terms out of texts.
//!
//! [`filter()`] has all of the logic and knows nothing of plugins, so that its tests run natively.
#![forbid(unsafe_code)]

mod filter;
mod terms;

use textfilter::{Empty, Error, FilterRequest, FilterResponse, Plugin, PluginContext, PluginInfo};

pub use filter::filter;

/// The plugin. It keeps nothing between two calls.
pub struct Filter;

impl Plugin for Filter {
    fn get_info(&self, _: &PluginContext<'_>, _: Empty) -> Result<PluginInfo, Error> {
        Ok(PluginInfo {
            name: "textfilter".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description: "Takes blocked terms out of texts.".into(),
        })
    }

    fn filter(&self, _: &PluginContext<'_>, request: FilterRequest) -> Result<FilterResponse, Error> {
        filter(&request)
    }
}

textfilter::export!(Filter);
