//! Sends every value out to its host and back.
#![forbid(unsafe_code)]

use shapes::{Error, Everything, Plugin, PluginContext};

struct Echo;

impl Plugin for Echo {
    fn echo(&self, ctx: &PluginContext<'_>, request: Everything) -> Result<Everything, Error> {
        ctx.mirror().reflect(&request)
    }
}

shapes::export!(Echo);
