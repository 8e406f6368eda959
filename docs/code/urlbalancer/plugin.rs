use balancer::{BelowRequest, Error, PickRequest, PickResponse, Plugin, PluginContext};

pub struct Balancer;

impl Plugin for Balancer {
    fn pick(&self, ctx: &PluginContext, request: PickRequest) -> Result<PickResponse, Error> {
        if !request.url.starts_with("https://") {
            return Err(Error::invalid_argument("not a URL of https"));
        }
        if request.nodes.is_empty() {
            return Err(Error::invalid_argument("there is no node"));
        }
        let limit = request.nodes.len() as u32;
        // Goes out to the host, and comes back with its answer or its error.
        let index = ctx.rng().below(&BelowRequest { limit })?.value;
        // What the host answers is checked, too.
        match request.nodes.get(index as usize) {
            Some(node) => Ok(PickResponse { node: node.clone() }),
            None => Err(Error::out_of_range(format!("there is no node {index}"))),
        }
    }
}

balancer::export!(Balancer);
