use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::http::Hooks;
use super::io::Io;
use super::listings::Listings;
use super::names::Names;
use super::network::Network;
use super::output::Captured;
use super::prepared::Prepared;
use super::random::Source;
use super::requests;
use super::wait::Wait;
use crate::instance::StoreData;
use crate::log::{Log, LogSource};

/// What an instance has of WASI: open files, sockets and streams, the lines that it has begun.
pub(crate) struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    http: WasiHttpCtx,
    hooks: Hooks,
    random: Source,
    network: Arc<Network>,
    lookups: BTreeMap<u32, Arc<str>>,
    listings: Listings,
}

impl State {
    /// Fresh state.
    pub(crate) fn new(prepared: &Arc<Prepared>, log: Option<&Log>) -> Self {
        let mut wasi = WasiCtx::builder();
        if let Some(log) = log.filter(|_| prepared.output) {
            wasi.stdout(Captured { log: log.clone(), source: LogSource::Stdout });
            wasi.stderr(Captured { log: log.clone(), source: LogSource::Stderr });
        }
        wasi.envs(&prepared.env);
        let (tcp, udp) = (!prepared.tcp.is_empty(), !prepared.udp.is_empty());
        wasi.allow_tcp(tcp).allow_udp(udp);
        let network = Arc::new(Network::new(prepared.clone()));
        let check = network.clone();
        wasi.socket_addr_check(move |address, way| Box::pin(std::future::ready(check.allows(address, way))));
        let mut wasi = wasi.build();
        *wasi.filesystem() = prepared.folders.clone();
        let mut table = ResourceTable::new();
        table.set_max_capacity(prepared.handles);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(requests::FIELDS);
        State {
            wasi,
            table,
            http,
            hooks: Hooks::new(prepared.http.clone(), prepared.resolver.clone()),
            random: Source::new(prepared.random, prepared.host_memory),
            network,
            lookups: BTreeMap::new(),
            listings: Listings::new(prepared.host_memory),
        }
    }
}

/// The views that functions of WASI work on.
impl<C: Send + Sync + 'static> StoreData<C> {
    /// The state. Whatever links functions of WASI makes it, too; a store without gets one that has nothing.
    fn state(&mut self) -> &mut State {
        self.wasi.get_or_insert_with(|| Box::new(State::new(&Arc::default(), None)))
    }

    pub(super) fn random(&mut self) -> &mut Source {
        &mut self.state().random
    }

    pub(super) fn listings(&mut self) -> &mut Listings {
        &mut self.state().listings
    }

    pub(super) fn io(&mut self) -> Io<'_> {
        let wait = Wait::of(self);
        Io { table: &mut self.state().table, wait }
    }

    pub(super) fn names(&mut self) -> Names<'_> {
        let State { table, network, lookups, .. } = self.state();
        Names { table, network, lookups }
    }
}

impl<C: Send + Sync + 'static> WasiView for StoreData<C> {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let State { wasi, table, .. } = self.state();
        WasiCtxView { ctx: wasi, table }
    }
}

impl<C: Send + Sync + 'static> WasiHttpView for StoreData<C> {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let State { http, hooks, table, .. } = self.state();
        WasiHttpCtxView { ctx: http, hooks, table }
    }
}
