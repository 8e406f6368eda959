//! The same components without Hookr: what wasmtime's `bindgen!` makes of the same worlds, called as its documentation
//! shows.

use wasmtime::Result;
use wasmtime::component::{Component, HasSelf, Instance, Linker};
use wasmtime::{Engine, Store};

use crate::host;

/// The world of `benches/echo/echo.fbs`.
#[allow(missing_docs, unreachable_pub)]
pub mod echo {
    wasmtime::component::bindgen!({ path: "echo/contract/wit", world: "echo" });
}

/// The world of `examples/textfilter/textfilter.fbs`.
#[allow(missing_docs, unreachable_pub)]
pub mod textfilter {
    wasmtime::component::bindgen!({ path: "../examples/textfilter/contract/wit", world: "text-filter" });
}

/// The world of `examples/tickloop/tickloop.fbs`.
#[allow(missing_docs, unreachable_pub)]
pub mod tickloop {
    wasmtime::component::bindgen!({ path: "../examples/tickloop/contract/wit", world: "tick-loop" });
}

/// The world of `examples/urlbalancer/urlbalancer.fbs`.
#[allow(missing_docs, unreachable_pub)]
pub mod urlbalancer {
    wasmtime::component::bindgen!({ path: "../examples/urlbalancer/contract/wit", world: "url-balancer" });
}

/// A world of `bindgen!`.
pub trait World: Sized {
    /// Links the callbacks.
    ///
    /// # Errors
    ///
    /// As `bindgen!`'s.
    fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()>;

    /// Finds the exports.
    ///
    /// # Errors
    ///
    /// As `bindgen!`'s.
    fn bind(store: &mut Store<Host>, instance: &Instance) -> wasmtime::Result<Self>;
}

/// An instance of a component.
pub struct Raw<W> {
    /// The store that it is in.
    pub store: Store<Host>,
    /// What it exports.
    pub world: W,
}

/// The callbacks: they answer as those of the other ways do.
pub struct Host;

/// The components' imports that the world does not have are there and trap: nobody calls them.
///
/// # Errors
///
/// As wasmtime's.
pub fn linker<W: World>(component: &Component) -> Result<Linker<Host>> {
    let mut linker = Linker::new(component.engine());
    W::link(&mut linker)?;
    linker.define_unknown_imports_as_traps(component)?;
    Ok(linker)
}

impl<W: World> Raw<W> {
    /// An instance of a component.
    ///
    /// # Errors
    ///
    /// As wasmtime's.
    pub fn new(component: &Component) -> Result<Self> {
        let linker = linker::<W>(component)?;
        let mut store = Store::new(component.engine(), Host);
        let instance = linker.instantiate(&mut store, component)?;
        let world = W::bind(&mut store, &instance)?;
        Ok(Raw { store, world })
    }
}

/// An engine with the one setting of Hookr's that matters to calls.
///
/// # Errors
///
/// As wasmtime's.
pub fn engine() -> Result<Engine> {
    let mut config = wasmtime::Config::new();
    config.concurrency_support(false);
    Engine::new(&config)
}

macro_rules! worlds {
    ($($world:ty,)*) => {$(
        impl World for $world {
            fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
                <$world>::add_to_linker::<_, HasSelf<_>>(linker, |host| host)
            }

            fn bind(store: &mut Store<Host>, instance: &Instance) -> wasmtime::Result<Self> {
                <$world>::new(store, instance)
            }
        }
    )*};
}

worlds! { echo::Echo, tickloop::TickLoop, urlbalancer::UrlBalancer, }

impl World for textfilter::TextFilter {
    // A world without callbacks has nothing to link.
    fn link(_: &mut Linker<Host>) -> wasmtime::Result<()> {
        Ok(())
    }

    fn bind(store: &mut Store<Host>, instance: &Instance) -> wasmtime::Result<Self> {
        textfilter::TextFilter::new(store, instance)
    }
}

mod callbacks {
    use super::{Host, echo, host, tickloop, urlbalancer};

    impl echo::hookr::abi::types::Host for Host {}
    impl echo::hookr_bench::echo::types::Host for Host {}

    impl echo::hookr_bench::echo::mirror::Host for Host {
        fn reflect(
            &mut self,
            request: echo::hookr_bench::echo::types::Bytes,
        ) -> Result<echo::hookr_bench::echo::types::Bytes, echo::hookr::abi::types::Error> {
            Ok(request)
        }
    }

    impl tickloop::hookr::abi::types::Host for Host {}
    impl tickloop::hookr_test::tick_loop::types::Host for Host {}

    impl tickloop::hookr_test::tick_loop::rng::Host for Host {
        fn int(
            &mut self,
            _: tickloop::hookr_test::tick_loop::types::RngIntRequest,
        ) -> Result<tickloop::hookr_test::tick_loop::types::RngIntResponse, tickloop::hookr::abi::types::Error>
        {
            Ok(tickloop::hookr_test::tick_loop::types::RngIntResponse { value: host::INT })
        }
    }

    impl urlbalancer::hookr::abi::types::Host for Host {}
    impl urlbalancer::hookr_test::url_balancer::types::Host for Host {}

    impl urlbalancer::hookr_test::url_balancer::rng::Host for Host {
        fn int(
            &mut self,
            _: urlbalancer::hookr_test::url_balancer::types::RngIntRequest,
        ) -> Result<urlbalancer::hookr_test::url_balancer::types::RngIntResponse, urlbalancer::hookr::abi::types::Error>
        {
            Ok(urlbalancer::hookr_test::url_balancer::types::RngIntResponse { value: host::INT })
        }

        fn float(
            &mut self,
            _: urlbalancer::hookr_test::url_balancer::types::RngFloatRequest,
        ) -> Result<urlbalancer::hookr_test::url_balancer::types::RngFloatResponse, urlbalancer::hookr::abi::types::Error>
        {
            Ok(urlbalancer::hookr_test::url_balancer::types::RngFloatResponse { value: host::FLOAT })
        }
    }
}
