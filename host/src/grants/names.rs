//! Looking up names: only those that are granted.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use wasmtime::component::{HasData, Resource};
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{Host, HostResolveAddressStream, ResolveAddressStream};
use wasmtime_wasi::p2::bindings::sockets::network::{self as network_types, ErrorCode, IpAddress};
use wasmtime_wasi::p2::{DynPollable, Network as NetworkHandle, Pollable as _, SocketError};
use wasmtime_wasi::sockets::WasiSocketsCtxView;

use super::hosts;
use super::network::Network;
use super::wait::Wait;

/// The sockets of an instance, with its grants.
pub(super) struct Names<'a> {
    pub(super) sockets: WasiSocketsCtxView<'a>,
    pub(super) network: &'a Network,
    /// The names behind the answers that the plugin still holds, by the numbers of their handles.
    pub(super) lookups: &'a mut BTreeMap<u32, Arc<str>>,
    pub(super) wait: Wait,
}

/// Says that [`Names`] is what these functions work on.
pub(super) struct HasNames;

impl HasData for HasNames {
    type Data<'a> = Names<'a>;
}

impl network_types::HostNetwork for Names<'_> {
    fn drop(&mut self, network: Resource<NetworkHandle>) -> wasmtime::Result<()> {
        network_types::HostNetwork::drop(&mut self.sockets, network)
    }
}

impl network_types::Host for Names<'_> {
    fn convert_error_code(&mut self, error: SocketError) -> wasmtime::Result<ErrorCode> {
        self.sockets.convert_error_code(error)
    }

    fn network_error_code(&mut self, error: Resource<wasmtime::Error>) -> wasmtime::Result<Option<ErrorCode>> {
        self.sockets.network_error_code(error)
    }
}

impl Host for Names<'_> {
    fn resolve_addresses(
        &mut self,
        network: Resource<NetworkHandle>,
        name: String,
    ) -> Result<Resource<ResolveAddressStream>, SocketError> {
        let host = match name.parse::<IpAddr>() {
            Ok(address) => hosts::Host::Address(address.to_canonical()),
            Err(_) => hosts::Host::parse(&name).map_err(|_| ErrorCode::InvalidArgument)?,
        };
        if !self.network.names(&host) {
            return Err(ErrorCode::AccessDenied.into());
        }
        // What was compared is what is looked up.
        let answer = self.sockets.resolve_addresses(network, host.to_string())?;
        if let hosts::Host::Name(name) = host {
            self.lookups.insert(answer.rep(), name.into());
        }
        Ok(answer)
    }
}

impl HostResolveAddressStream for Names<'_> {
    fn resolve_next_address(
        &mut self,
        answer: Resource<ResolveAddressStream>,
    ) -> Result<Option<IpAddress>, SocketError> {
        let name = self.lookups.get(&answer.rep()).cloned();
        let address = self.sockets.resolve_next_address(answer)?;
        if let (Some(address), Some(name)) = (address, name) {
            self.network.add(ip(address), &name);
        }
        Ok(address)
    }

    fn subscribe(&mut self, answer: Resource<ResolveAddressStream>) -> wasmtime::Result<Resource<DynPollable>> {
        self.sockets.subscribe(answer)
    }

    fn drop(&mut self, answer: Resource<ResolveAddressStream>) -> wasmtime::Result<()> {
        self.lookups.remove(&answer.rep());
        // The system goes on looking up a name when nobody wants to know any more, and takes a thread for each. So a plugin has
        // no more of them than handles.
        self.wait.run(self.sockets.table.get_mut(&answer)?.ready())?;
        HostResolveAddressStream::drop(&mut self.sockets, answer)
    }
}

fn ip(address: IpAddress) -> IpAddr {
    match address {
        IpAddress::Ipv4((a, b, c, d)) => [a, b, c, d].into(),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => [a, b, c, d, e, f, g, h].into(),
    }
}
