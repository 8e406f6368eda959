use shout_contract::{
    Empty, Error, FilterRequest, FilterResponse, Plugin, PluginContext, PluginInfo,
};

struct Shout;

impl Plugin for Shout {
    fn get_info(&self, _: &PluginContext, _: Empty) -> Result<PluginInfo, Error> {
        Ok(PluginInfo {
            name: "shout".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description: "Lets nobody shout.".into(),
        })
    }

    fn filter(&self, _: &PluginContext, request: FilterRequest) -> Result<FilterResponse, Error> {
        let output = request.input.to_lowercase();
        Ok(FilterResponse {
            changed: output != request.input,
            output,
            ..FilterResponse::default()
        })
    }
}

shout_contract::export!(Shout);
