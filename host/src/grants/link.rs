//! Which imports of WASI a plugin gets.

use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, ResourceType};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, random, sockets, sync};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, IoError};
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView as _};
use wasmtime_wasi_io::bindings::wasi::io::error;

use super::io::HasIo;
use super::prepared::Prepared;
use super::random::HasRandom;
use super::{Level, Random, files, listings, names, requests};
use crate::Need;
use crate::call::Stop;
use crate::instance::StoreData;

/// What became of the imports that the contract does not name.
pub(crate) struct Linked {
    /// Those that nothing grants: the plugin is to be refused if there are any.
    pub(crate) refused: Vec<String>,
    /// Whether an instance needs state.
    pub(crate) stateful: bool,
}

/// Links those of these imports that are granted.
pub(crate) fn link<C: Send + Sync + 'static>(
    linker: &mut Linker<StoreData<C>>,
    engine: &Engine,
    component: &Component,
    prepared: &Prepared,
    imports: Vec<String>,
) -> wasmtime::Result<Linked> {
    let mut linked = Linked { refused: Vec::new(), stateful: false };
    let mut stubs = Vec::new();
    let ty = component.component_type();
    for name in imports {
        let item = ty.get_import(engine, &name).map(|import| import.ty);
        let (Some(need), Some(item)) = (Need::of(&name), item) else {
            linked.refused.push(name);
            continue;
        };
        let content = content(&item, engine);
        if content == Content::Names {
            continue;
        }
        linked.stateful = true;
        match prepared.decide(need) {
            Decision::Granted => {}
            Decision::Stub => stubs.push((name, item)),
            // Of a clock, say, for the sake of a type that something else uses.
            Decision::Refused if content == Content::Handles && prepared.level > Level::None => {
                stubs.push((name, item))
            }
            Decision::Refused => linked.refused.push(name),
        }
    }
    if linked.stateful && linked.refused.is_empty() {
        base(linker)?;
        granted(linker, prepared)?;
        for (name, item) in &stubs {
            stub(linker, engine, name, item)?;
        }
    }
    Ok(linked)
}

/// What becomes of an import.
enum Decision {
    Granted,
    /// It is there, and its functions end the call.
    Stub,
    Refused,
}

impl Prepared {
    fn decide(&self, need: Need) -> Decision {
        let granted = match need {
            Need::WallClock => self.wall_clock,
            Need::MonotonicClock => self.monotonic_clock,
            // Both of these know themselves what is denied.
            Need::Random => self.random != Random::Denied || self.level == Level::Stubs,
            Need::Http => !self.http.is_empty() || self.level == Level::Stubs,
            Need::Unknown => false,
            _ => self.level >= Level::Base,
        };
        match self.level {
            _ if granted => Decision::Granted,
            Level::Stubs => Decision::Stub,
            Level::None | Level::Base => Decision::Refused,
        }
    }
}

/// The most that is in an import.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    /// Names of types, for which nothing has to be there.
    Names,
    /// Types of handles, which have to be there and give nothing by themselves.
    Handles,
    Functions,
}

fn content(item: &ComponentItem, engine: &Engine) -> Content {
    let ComponentItem::ComponentInstance(instance) = item else { return Content::Functions };
    let contents = instance.exports(engine).map(|(_, export)| match export.ty {
        ComponentItem::Type(_) => Content::Names,
        ComponentItem::Resource(_) => Content::Handles,
        _ => Content::Functions,
    });
    contents.max().unwrap_or(Content::Names)
}

/// Links what there is in every case.
fn base<C: Send + Sync + 'static>(l: &mut Linker<StoreData<C>>) -> wasmtime::Result<()> {
    type Data<C> = StoreData<C>;
    error::add_to_linker::<Data<C>, HasIo>(l, Data::io)?;
    sync::io::poll::add_to_linker::<Data<C>, HasIo>(l, Data::io)?;
    sync::io::streams::add_to_linker::<Data<C>, HasIo>(l, Data::io)?;
    cli::exit::add_to_linker::<Data<C>, HasIo>(l, Data::io)?;
    cli::environment::add_to_linker::<Data<C>, WasiCli>(l, Data::cli)?;
    cli::stdin::add_to_linker::<Data<C>, WasiCli>(l, Data::cli)?;
    cli::stdout::add_to_linker::<Data<C>, WasiCli>(l, Data::cli)?;
    cli::stderr::add_to_linker::<Data<C>, WasiCli>(l, Data::cli)?;
    cli::terminal_input::add_to_linker::<Data<C>, WasiCli>(l, Data::cli)?;
    cli::terminal_output::add_to_linker::<Data<C>, WasiCli>(l, Data::cli)?;
    cli::terminal_stdin::add_to_linker::<Data<C>, WasiCli>(l, Data::cli)?;
    cli::terminal_stdout::add_to_linker::<Data<C>, WasiCli>(l, Data::cli)?;
    cli::terminal_stderr::add_to_linker::<Data<C>, WasiCli>(l, Data::cli)?;
    filesystem::preopens::add_to_linker::<Data<C>, WasiFilesystem>(l, Data::filesystem)?;
    sync::filesystem::types::add_to_linker::<Data<C>, WasiFilesystem>(l, Data::filesystem)?;
    let options = sockets::network::LinkOptions::default();
    sockets::network::add_to_linker::<Data<C>, WasiSockets>(l, &options, Data::sockets)?;
    sockets::instance_network::add_to_linker::<Data<C>, WasiSockets>(l, Data::sockets)?;
    sockets::ip_name_lookup::add_to_linker::<Data<C>, WasiSockets>(l, Data::sockets)?;
    sockets::tcp_create_socket::add_to_linker::<Data<C>, WasiSockets>(l, Data::sockets)?;
    sync::sockets::tcp::add_to_linker::<Data<C>, WasiSockets>(l, Data::sockets)?;
    sync::sockets::udp::add_to_linker::<Data<C>, WasiSockets>(l, Data::sockets)?;
    sync::sockets::udp_create_socket::add_to_linker::<Data<C>, WasiSockets>(l, Data::sockets)?;
    l.allow_shadowing(true);
    files::shadow(l)?;
    listings::shadow(l)?;
    names::shadow(l)?;
    super::sockets::shadow(l)?;
    l.allow_shadowing(false);
    Ok(())
}

/// Links what there is if it is granted. What the others deny themselves is linked with stubs, too.
fn granted<C: Send + Sync + 'static>(l: &mut Linker<StoreData<C>>, prepared: &Prepared) -> wasmtime::Result<()> {
    type Data<C> = StoreData<C>;
    if prepared.wall_clock {
        clocks::wall_clock::add_to_linker::<Data<C>, WasiClocks>(l, Data::clocks)?;
    }
    if prepared.monotonic_clock {
        clocks::monotonic_clock::add_to_linker::<Data<C>, WasiClocks>(l, Data::clocks)?;
    }
    if matches!(prepared.decide(Need::Random), Decision::Granted) {
        random::random::add_to_linker::<Data<C>, HasRandom>(l, Data::random)?;
        random::insecure::add_to_linker::<Data<C>, HasRandom>(l, Data::random)?;
        random::insecure_seed::add_to_linker::<Data<C>, HasRandom>(l, Data::random)?;
    }
    if matches!(prepared.decide(Need::Http), Decision::Granted) {
        wasmtime_wasi_http::p2::add_only_http_to_linker_sync(l)?;
        l.allow_shadowing(true);
        requests::shadow(l)?;
        l.allow_shadowing(false);
    }
    Ok(())
}

/// The handles of a stub. There are none, since functions of stubs return nothing.
struct Nothing;

/// Links an import whose functions all end the call.
fn stub<C: 'static>(
    linker: &mut Linker<StoreData<C>>,
    engine: &Engine,
    name: &str,
    item: &ComponentItem,
) -> wasmtime::Result<()> {
    let ComponentItem::ComponentInstance(instance) = item else { return Ok(()) };
    let interface = name.split('@').next().unwrap_or(name);
    let mut linked = linker.instance(name)?;
    for (name, export) in instance.exports(engine) {
        match export.ty {
            ComponentItem::ComponentFunc(_) => {
                let function = format!("{interface}#{name}");
                linked.func_new(name, move |_, _, _, _| Err(Stop::Denied { function: function.clone() }.into()))?;
            }
            // Those of other interfaces appear here again, and have to be what they are there.
            ComponentItem::Resource(_) => linked.resource(name, resource(name), |_, _| Ok(()))?,
            _ => {}
        }
    }
    Ok(())
}

fn resource(name: &str) -> ResourceType {
    match name {
        "error" => ResourceType::host::<IoError>(),
        "input-stream" => ResourceType::host::<DynInputStream>(),
        "output-stream" => ResourceType::host::<DynOutputStream>(),
        "pollable" => ResourceType::host::<DynPollable>(),
        _ => ResourceType::host::<Nothing>(),
    }
}

/// The full name of an interface, in the version that wasmtime links. Plugins of other versions get it, too.
pub(super) fn interface(name: &str) -> String {
    format!("wasi:{name}@0.2.12")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that wasmtime does not know would be a function beside its own, and not in the place of that.
    #[test]
    fn what_is_replaced_is_there() {
        type Data = StoreData<()>;
        let engine = Engine::default();
        let linker = || {
            let mut linker = Linker::<Data>::new(&engine);
            base(&mut linker).unwrap();
            linker
        };
        assert!(files::shadow(&mut linker()).is_err());
        assert!(listings::shadow(&mut linker()).is_err());
        assert!(names::shadow(&mut linker()).is_err());
        assert!(super::super::sockets::shadow(&mut linker()).is_err());
        let mut with_http = linker();
        wasmtime_wasi_http::p2::add_only_http_to_linker_sync(&mut with_http).unwrap();
        assert!(requests::shadow(&mut with_http).is_err());
        for (name, function) in [
            ("filesystem/types", "[method]directory-entry-stream.read-directory-entry"),
            ("filesystem/types", "[method]descriptor.read-directory"),
            ("sockets/ip-name-lookup", "resolve-addresses"),
            ("sockets/ip-name-lookup", "[method]resolve-address-stream.resolve-next-address"),
            ("sockets/ip-name-lookup", "[method]resolve-address-stream.subscribe"),
            ("sockets/tcp", "[method]tcp-socket.start-listen"),
            ("sockets/udp", "[method]udp-socket.stream"),
            ("sockets/udp-create-socket", "create-udp-socket"),
            ("http/types", "[method]outgoing-request.set-method"),
            ("http/types", "[method]outgoing-request.set-scheme"),
            ("http/types", "[method]outgoing-request.set-authority"),
            ("http/types", "[method]outgoing-request.set-path-with-query"),
        ] {
            let mut linker = Linker::<Data>::new(&engine);
            sync::filesystem::types::add_to_linker::<Data, WasiFilesystem>(&mut linker, Data::filesystem).unwrap();
            sockets::ip_name_lookup::add_to_linker::<Data, WasiSockets>(&mut linker, Data::sockets).unwrap();
            sync::sockets::tcp::add_to_linker::<Data, WasiSockets>(&mut linker, Data::sockets).unwrap();
            sync::sockets::udp::add_to_linker::<Data, WasiSockets>(&mut linker, Data::sockets).unwrap();
            sync::sockets::udp_create_socket::add_to_linker::<Data, WasiSockets>(&mut linker, Data::sockets).unwrap();
            wasmtime_wasi_http::p2::add_only_http_to_linker_sync(&mut linker).unwrap();
            let mut instance = linker.instance(&interface(name)).unwrap();
            let defined = instance.func_new(function, |_, _, _, _| Ok(()));
            assert!(defined.is_err(), "{name} has no {function}");
        }
    }
}
