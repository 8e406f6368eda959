use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use balancer::{
    BelowRequest, BelowResponse, CallbackContext, Callbacks, Error, PickRequest, PluginHandle, Rng,
};
use hookr::{Causes, Printable};

/// The service that plugins call back, from whichever thread calls them.
struct Dice {
    thrown: AtomicU32,
}

impl Rng for Dice {
    fn below(&self, _: &CallbackContext, request: BelowRequest) -> Result<BelowResponse, Error> {
        // What a plugin asks for is checked.
        if request.limit == 0 {
            return Err(Error::invalid_argument("nothing is below 0"));
        }
        // Numbers that look like chance, and are the same in every run.
        let number = self.thrown.fetch_add(1, Ordering::Relaxed);
        let mixed = number.wrapping_mul(0x9e37_79b9) >> 7;
        let value = mixed % request.limit;
        Ok(BelowResponse { value })
    }
}

fn main() -> ExitCode {
    match balance() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", Causes(&*error));
            ExitCode::FAILURE
        }
    }
}

fn balance() -> Result<(), Box<dyn std::error::Error>> {
    let dice = Dice {
        thrown: AtomicU32::new(1),
    };
    // One field for each service: a forgotten one does not compile.
    let callbacks = Callbacks {
        rng: Arc::new(dice),
    };
    let plugin = PluginHandle::builder(callbacks)
        .allow_unsigned()
        .open("balancer.wasm")?;

    let nodes = ["node-a", "node-b", "node-c"].map(String::from);
    let mut picked = BTreeMap::new();
    for item in 0..900 {
        let response = plugin.pick(&PickRequest {
            url: format!("https://example.com/item/{item}"),
            nodes: nodes.to_vec(),
        })?;
        *picked.entry(response.node).or_insert(0) += 1;
    }
    for (node, times) in picked {
        println!("{} {times}", Printable(&node));
    }

    // What a plugin refuses is an error with a code, not an answer.
    let nowhere = PickRequest {
        url: "https://example.com/".into(),
        nodes: Vec::new(),
    };
    if let Err(error) = plugin.pick(&nowhere) {
        println!("{error}");
    }
    Ok(())
}
