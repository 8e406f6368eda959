//! docs/src/how-to/from-go-hookr.md.

use std::sync::Arc;
use std::time::Duration;

use hookr::{CallOptions, MethodId};
use urlbalancer::{
    BalanceRequest, CallbackContext, Callbacks, Error, PluginHandle, Rng, RngFloatRequest, RngFloatResponse,
    RngIntRequest, RngIntResponse,
};

mod guest {
    use urlbalancer::{
        BalanceRequest, BalanceResponse, Empty, Error, Plugin, PluginContext, PluginInfo, RngIntRequest,
    };

    // ANCHOR: plugin
    struct Balancer;

    impl Plugin for Balancer {
        fn get_info(&self, _: &PluginContext<'_>, _: Empty) -> Result<PluginInfo, Error> {
            Ok(PluginInfo { name: "urlbalancer".into(), version: "2.0.0".into(), ..PluginInfo::default() })
        }

        fn balance(&self, ctx: &PluginContext<'_>, request: BalanceRequest) -> Result<BalanceResponse, Error> {
            let Some(last) = request.nodes.len().checked_sub(1) else {
                return Err(Error::invalid_argument("nodes is empty"));
            };
            let max = i32::try_from(last).map_err(|_| Error::invalid_argument("there are too many nodes"))?;
            let rng_int = ctx.rng().int(&RngIntRequest { min: 0, max })?.value;
            let chosen = usize::try_from(rng_int).ok().and_then(|index| request.nodes.get(index));
            let selected_node = chosen.ok_or_else(|| Error::out_of_range("the host named no node"))?.clone();
            Ok(BalanceResponse { valid: true, selected_node, rng_int, ..BalanceResponse::default() })
        }
    }
    // ANCHOR_END: plugin

    #[test]
    fn it_answers_as_the_plugin_in_go_did() {
        use urlbalancer::RngIntResponse;
        use urlbalancer::mock::Host;

        let host = Host::new();
        host.rng().int().returns(RngIntResponse { value: 1 });
        let request = || BalanceRequest { url: "https://example.com".into(), nodes: vec!["a".into(), "b".into()] };
        let response = host.call(|ctx| Balancer.balance(ctx, request())).unwrap();
        assert_eq!(response.selected_node, "b");
        assert_eq!(host.call(|ctx| Balancer.get_info(ctx, Empty {})).unwrap().version, "2.0.0");
        host.verify();
    }
}

// ANCHOR: host
struct Midpoint;

impl Rng for Midpoint {
    fn int(&self, _: &CallbackContext<'_>, request: RngIntRequest) -> Result<RngIntResponse, Error> {
        Ok(RngIntResponse { value: request.min.midpoint(request.max) })
    }

    fn float(&self, _: &CallbackContext<'_>, _: RngFloatRequest) -> Result<RngFloatResponse, Error> {
        Ok(RngFloatResponse { value: 0.5 })
    }
}

fn balance(path: &std::path::Path, hash: &str) -> Result<String, Box<dyn std::error::Error>> {
    let plugin = PluginHandle::builder(Callbacks { rng: Arc::new(Midpoint) }).sha256(hash).open(path)?;
    let request = BalanceRequest {
        url: "https://example.com/api".into(),
        nodes: vec!["node-a".into(), "node-b".into(), "node-c".into()],
    };
    let response = plugin.with(&CallOptions::default().deadline(Duration::from_secs(1))).balance(&request)?;
    Ok(response.selected_node)
}
// ANCHOR_END: host

#[test]
fn the_host_does_what_the_host_in_go_did() {
    let plugin = hookr_tests::plugin("urlbalancer");
    let hash = hookr::Digest::of(&std::fs::read(&plugin).unwrap()).to_string();
    assert_eq!(balance(&plugin, &hash).unwrap(), "node-b");
}

/// The numbers that the generated Go has.
#[test]
fn method_ids_are_those_of_the_go_hookr() {
    for (name, number, shown) in [("GetInfo", 1_820_692_256, "0x6c858f20"), ("Filter", 2_740_233_554, "0xa354a552")] {
        let id = MethodId::of("Plugin", name);
        assert_eq!((id.0, id.to_string().as_str()), (number, shown));
    }
}
