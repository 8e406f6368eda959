//! A plugin for the contract `echo` that is written by hand, in the text form of WebAssembly. It does nothing that it
//! need not do, so that what is left of a call is what the host takes for it.

use std::convert::Infallible;
use std::sync::Arc;

use hookr::__private::{Bindings, Contract, Lane, MethodSpec, Opened, Plugin, StoreData};
use hookr::{Builder, Cache, CallError, MethodId};
use hookr_abi::section::{NAME, Section};
use wasm_encoder::{ComponentSection as _, CustomSection};
use wasmtime::component::{Instance, Linker};
use wasmtime::error::Context as _;
use wasmtime::{Result, Store};

/// The section of the contract: what every plugin of it carries.
const SECTION: &[u8] = include_bytes!("../echo/contract/contract.section");

/// The plugin as a component.
///
/// # Errors
///
/// Its text is no component.
pub fn component() -> Result<Vec<u8>> {
    assemble(include_str!("by_hand.wat"))
}

/// The same plugin with 256 MiB of memory, whose `Forward` does not answer but runs these instructions again and again.
///
/// # Errors
///
/// Its text is no component.
pub fn endless(instructions: &str) -> Result<Vec<u8>> {
    let text = include_str!("by_hand.wat")
        .replace("(call $forward (local.get $offset))", &format!("(loop $endless {instructions} (br $endless))"))
        .replace("\"memory\") 208)", "\"memory\") 4096)")
        .replace("(memory 208)", "(memory 4096)");
    assemble(&text)
}

fn assemble(text: &str) -> Result<Vec<u8>> {
    let mut component = wat::parse_str(text).context("the plugin by hand")?;
    CustomSection { name: NAME.into(), data: SECTION.into() }.append_to_component(&mut component);
    Ok(component)
}

/// The plugin by the handle of its contract: messages are built and verified as with any other plugin.
///
/// # Errors
///
/// It cannot be opened.
pub fn open(builder: &Builder<echo::PluginHandle>) -> Result<echo::PluginHandle> {
    builder.open_bytes(component()?).context("the plugin by hand")
}

/// The plugin without its contract: bytes cross as they are, and nothing is built or verified.
pub struct Bare(Plugin<NoWorld>);

impl Bare {
    /// Opens it.
    ///
    /// # Errors
    ///
    /// It cannot be opened.
    pub fn open() -> Result<Self> {
        Builder::new(Arc::new(()))
            .allow_unsigned()
            .cache(Cache::off())
            .open_bytes(component()?)
            .context("the plugin by hand")
    }

    /// Locks it.
    ///
    /// # Errors
    ///
    /// As the lane of a generated handle.
    pub fn lane(&self) -> Result<BareLane<'_>, CallError> {
        self.0.lane().map(BareLane)
    }
}

/// The lane of a [`Bare`] plugin, which is locked.
pub struct BareLane<'p>(Lane<'p, NoWorld>);

impl BareLane<'_> {
    /// Passes bytes to the method `Echo`, and gives what it answers.
    ///
    /// # Errors
    ///
    /// As a call over the lane.
    #[inline]
    pub fn echo(&mut self, bytes: &[u8]) -> Result<&[u8], CallError> {
        const ECHO: MethodSpec =
            MethodSpec { id: MethodId::of("Plugin", "Echo"), name: "Plugin:Echo", callback: false };
        self.0.call_encoded(&ECHO, bytes, Ok::<_, Infallible>)
    }
}

/// The joint to no world at all.
#[doc(hidden)]
pub struct NoWorld;

impl Bindings for NoWorld {
    type Callbacks = ();

    fn contract() -> Option<&'static Contract> {
        None
    }

    fn link(_: &mut Linker<StoreData<()>>, _: &Section) -> Result<()> {
        Ok(())
    }

    fn bind(_: &mut Store<StoreData<()>>, _: &Instance, _: &Section) -> Result<Self> {
        Ok(NoWorld)
    }
}

impl Opened for Bare {
    type Bindings = NoWorld;

    fn new(plugin: Plugin<NoWorld>) -> Self {
        Bare(plugin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use echo::{Bytes, Empty, ForwardRequest};
    use hookr::lane::{LaneChoice, LaneState};

    use crate::plugins;

    fn bytes(len: usize) -> Bytes {
        Bytes { bytes: (1..=250).cycle().take(len).collect() }
    }

    #[test]
    fn it_keeps_to_its_contract_on_both_engines() {
        for (choice, state) in [(LaneChoice::Direct, LaneState::Direct), (LaneChoice::Portable, LaneState::Portable)] {
            let plugin = open(&plugins::echo().lane(choice)).unwrap();
            assert_eq!(*plugin.metadata().lane(), state);
            let mut lane = plugin.lane().unwrap();
            // More than the region has at first, and less again.
            for len in [0, 1, 64, 65_536, 3 << 20, 64] {
                assert_eq!(lane.echo_owned(&bytes(len)).unwrap(), bytes(len));
            }
            for len in [0, 64, 1024, 100_000, 64] {
                let request = ForwardRequest { times: 3, bytes: bytes(len).bytes };
                assert_eq!(lane.forward_owned(&request).unwrap(), bytes(len));
            }
            assert_eq!(lane.forward_owned(&ForwardRequest { times: 0, bytes: vec![1] }).unwrap(), bytes(0));
            let error = lane.trap_owned(&Empty {}).unwrap_err();
            assert!(matches!(error, CallError::Failed { .. }), "{error:?}");
        }
    }

    #[test]
    fn bytes_cross_as_they_are() {
        let bare = Bare::open().unwrap();
        let mut lane = bare.lane().unwrap();
        assert_eq!(lane.echo(b"no message at all").unwrap()[..17], *b"no message at all");
    }
}
