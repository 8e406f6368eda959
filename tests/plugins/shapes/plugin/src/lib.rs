//! Sends every value out to its host and back.
#![forbid(unsafe_code)]

use shapes::{Band, Chain, Error, Everything, Order, Plugin, PluginContext};

struct Echo;

impl Plugin for Echo {
    fn echo(&self, ctx: &PluginContext<'_>, request: Everything) -> Result<Everything, Error> {
        ctx.mirror().reflect(&request)
    }

    fn follow(&self, ctx: &PluginContext<'_>, request: Chain) -> Result<Chain, Error> {
        ctx.mirror().follow(&request)
    }

    fn make(&self, ctx: &PluginContext<'_>, request: Order) -> Result<Chain, Error> {
        let links = 1..request.length;
        let chain = links.fold(Chain::default(), |next, value| Chain { value: value as i32, next: Some(next.into()) });
        if request.through_host { ctx.mirror().follow(&chain) } else { Ok(chain) }
    }

    fn bind(&self, _: &PluginContext<'_>, request: Band) -> Result<Band, Error> {
        Ok(request)
    }
}

shapes::export!(Echo);

#[cfg(test)]
mod tests;
