//! A large plugin, for what it takes to open one: the compiler of Hookr's own contracts, behind the contract `echo`. What it
//! is asked to echo is a schema.
#![forbid(unsafe_code)]

use echo::{Bytes, Empty, Error, ForwardRequest, Numbers, Plugin, PluginContext};
use fbs2wit::{CompileOptions, MemoryLoader, bfbs, compile, print};

struct Large;

impl Plugin for Large {
    fn echo(&self, _: &PluginContext<'_>, request: Bytes) -> Result<Bytes, Error> {
        let schema = String::from_utf8(request.bytes).map_err(|error| Error::invalid_argument(error.to_string()))?;
        Ok(Bytes { bytes: compiled(&schema).map_err(Error::invalid_argument)? })
    }

    fn forward(&self, ctx: &PluginContext<'_>, request: ForwardRequest) -> Result<Bytes, Error> {
        ctx.mirror().reflect(&Bytes { bytes: request.bytes })
    }

    fn step(&self, _: &PluginContext<'_>, request: Numbers) -> Result<Numbers, Error> {
        Ok(request)
    }

    fn trap(&self, _: &PluginContext<'_>, _: Empty) -> Result<Empty, Error> {
        panic!("asked for")
    }
}

/// What the schema compiles to: itself, printed again, and its binary form.
fn compiled(schema: &str) -> Result<Vec<u8>, String> {
    let loader = MemoryLoader::new().file("contract.fbs", schema);
    let compiled = compile("contract.fbs".as_ref(), &CompileOptions::default(), &loader);
    let schema = compiled.map_err(|error| error.render(false))?.schema;
    let mut out = print(&schema).map_err(|error| error.to_string())?.into_bytes();
    out.extend(bfbs::write(&schema, &bfbs::WriteOptions::default()));
    Ok(out)
}

echo::export!(Large);
