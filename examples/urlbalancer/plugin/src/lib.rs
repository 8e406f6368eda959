//! A plugin for the contract `urlbalancer`: checks URLs, picks the nodes that serve them.
//!
//! A plugin has no source of chance. This one calls its host back for random numbers; what it makes of them is in
//! [`pick`], what it makes of a URL in [`Url`], and neither knows of plugins.
#![forbid(unsafe_code)]

pub mod pick;
mod url;

use urlbalancer::{
    BalanceRequest, BalanceResponse, Empty, Error, Plugin, PluginContext, PluginInfo, RngFloatRequest, RngIntRequest,
};

pub use url::{InvalidUrl, Url};

/// The plugin. It keeps nothing between two calls.
pub struct Balancer;

impl Plugin for Balancer {
    fn get_info(&self, _: &PluginContext<'_>, _: Empty) -> Result<PluginInfo, Error> {
        Ok(PluginInfo {
            name: "urlbalancer".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description: "Checks URLs and picks the nodes that serve them.".into(),
        })
    }

    fn balance(&self, ctx: &PluginContext<'_>, request: BalanceRequest) -> Result<BalanceResponse, Error> {
        let max = pick::last_index(&request.nodes)?;
        let url = match Url::parse(&request.url) {
            Ok(url) => url,
            Err(error) => return Ok(pick::invalid(&error)),
        };
        let index = ctx.rng().int(&RngIntRequest { min: 0, max })?;
        let jitter = ctx.rng().float(&RngFloatRequest {})?;
        pick::node(url, &request.nodes, index.value, jitter.value)
    }
}

urlbalancer::export!(Balancer);
