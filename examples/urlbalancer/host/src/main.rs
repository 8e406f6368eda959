//! Spreads requests over nodes: a plugin chooses, the host throws the dice.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use examples_shared::{Arguments, Failure, Random, remark, run};
use hookr::Printable;
use urlbalancer::{
    BalanceRequest, CallbackContext, Callbacks, Error, PluginHandle, Rng, RngFloatRequest, RngFloatResponse,
    RngIntRequest, RngIntResponse,
};

const NODES: [&str; 4] = ["node-a", "node-b", "node-c", "node-d"];
const CALLS: u32 = 1000;

/// The service that the plugin calls back. It is the host's own type: calls of all threads arrive here.
struct Dice(Random);

impl Rng for Dice {
    fn int(&self, ctx: &CallbackContext<'_>, request: RngIntRequest) -> Result<RngIntResponse, Error> {
        // What a plugin asks for is input from outside. An error goes back to the plugin as it is.
        let value = self.0.integer(request.min, request.max).ok_or_else(|| {
            Error::invalid_argument(format!("{} asks for {} to {}", ctx.plugin(), request.min, request.max))
        })?;
        Ok(RngIntResponse { value })
    }

    fn float(&self, _: &CallbackContext<'_>, _: RngFloatRequest) -> Result<RngFloatResponse, Error> {
        Ok(RngFloatResponse { value: self.0.fraction() })
    }
}

fn main() -> ExitCode {
    run(balance)
}

fn balance(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    // A service without an implementation does not compile.
    let builder = PluginHandle::builder(Callbacks { rng: Arc::new(Dice(Random::new(2026))) });
    let builder = match &arguments.sha256 {
        Some(hash) => builder.sha256(hash),
        None => {
            remark("no --sha256 given: running the plugin whatever it is");
            builder.allow_unsigned()
        }
    };
    let plugin = builder.open(&arguments.plugin)?;
    let request = |url: &str| BalanceRequest { url: url.into(), nodes: NODES.map(String::from).to_vec() };

    for url in ["HTTPS://Example.com:443/shop/./cart/../pay?id=7#total", "https://example.com\\@elsewhere.example/"] {
        let response = plugin.balance(&request(url))?;
        writeln!(out, "{url}")?;
        if response.valid {
            writeln!(out, "  is       {}", Printable(&response.normalized_url))?;
            writeln!(out, "  goes to  {}, by Rng.Int = {}", Printable(&response.selected_node), response.rng_int)?;
            writeln!(out, "  retries  after {:.3} of the usual delay, by Rng.Float", response.rng_float)?;
        } else {
            writeln!(out, "  refused  {}", Printable(&response.error))?;
        }
    }

    let mut chosen: BTreeMap<String, u32> = NODES.map(|node| (node.to_owned(), 0)).into();
    for call in 0..CALLS {
        let response = plugin.balance(&request(&format!("https://example.com/item/{call}")))?;
        *chosen.entry(response.selected_node).or_default() += 1;
    }
    writeln!(out, "\n{CALLS} requests:")?;
    for (node, calls) in chosen {
        writeln!(out, "  {} {calls:4} {}", Printable(&node), "#".repeat(calls as usize / 10))?;
    }

    // A request that makes no sense is an error with a code, not an answer.
    match plugin.balance(&BalanceRequest { nodes: Vec::new(), ..request("https://example.com/") }) {
        Err(error) => writeln!(out, "\nwithout nodes: {error}")?,
        Ok(_) => return Err("the plugin chose among no nodes".into()),
    }
    Ok(())
}
