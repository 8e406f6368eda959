//! Sends every value out to its host and back.
#![forbid(unsafe_code)]

use corners::{Corners, Error, Plugin, PluginContext};

struct Echo;

impl Plugin for Echo {
    fn echo(&self, ctx: &PluginContext<'_>, request: Corners) -> Result<Corners, Error> {
        ctx.mirror().reflect(&request)
    }
}

corners::export!(Echo);
