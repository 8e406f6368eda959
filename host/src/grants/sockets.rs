//! The functions of sockets that may wait: as wasmtime has them, but that they end with the call.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, Host as _, IpAddressFamily, IpSocketAddress, Network};
use wasmtime_wasi::p2::bindings::sockets::tcp::HostTcpSocket;
use wasmtime_wasi::p2::bindings::sockets::udp::{
    HostOutgoingDatagramStream, HostUdpSocket, IncomingDatagramStream, OutgoingDatagramStream,
};
use wasmtime_wasi::p2::bindings::sockets::udp_create_socket::Host as CreateUdp;
use wasmtime_wasi::p2::{SocketResult, TcpSocket, UdpSocket};
use wasmtime_wasi::sockets::{WasiSocketsCtxView, WasiSocketsView as _};

use super::link::interface;
use super::wait::Wait;
use crate::instance::StoreData;

/// Puts functions in the place of those that wasmtime links for hosts without async, which wait for as long as it takes.
pub(super) fn shadow<C: Send + Sync + 'static>(linker: &mut Linker<StoreData<C>>) -> wasmtime::Result<()> {
    type Context<'a, C> = StoreContextMut<'a, StoreData<C>>;
    type Tcp = Resource<TcpSocket>;
    type Udp = Resource<UdpSocket>;
    type Datagrams = (Resource<IncomingDatagramStream>, Resource<OutgoingDatagramStream>);

    let mut tcp = linker.instance(&interface("sockets/tcp"))?;
    tcp.func_wrap(
        "[method]tcp-socket.start-bind",
        |mut store: Context<'_, C>, (socket, network, address): (Tcp, Resource<Network>, IpSocketAddress)| {
            let wait = Wait::of(store.data());
            let mut sockets = store.data_mut().sockets();
            let answer = wait.run(HostTcpSocket::start_bind(&mut sockets, socket, network, address))?;
            settle(&mut sockets, answer)
        },
    )?;
    tcp.func_wrap("[method]tcp-socket.start-listen", |mut store: Context<'_, C>, (socket,): (Tcp,)| {
        let wait = Wait::of(store.data());
        let mut sockets = store.data_mut().sockets();
        let answer = wait.run(HostTcpSocket::start_listen(&mut sockets, socket))?;
        settle(&mut sockets, answer)
    })?;

    let mut udp = linker.instance(&interface("sockets/udp"))?;
    udp.func_wrap(
        "[method]udp-socket.start-bind",
        |mut store: Context<'_, C>, (socket, network, address): (Udp, Resource<Network>, IpSocketAddress)| {
            let wait = Wait::of(store.data());
            let mut sockets = store.data_mut().sockets();
            let answer = wait.run(HostUdpSocket::start_bind(&mut sockets, socket, network, address))?;
            settle(&mut sockets, answer)
        },
    )?;
    udp.func_wrap(
        "[method]udp-socket.stream",
        |mut store: Context<'_, C>, (socket, remote): (Udp, Option<IpSocketAddress>)| {
            let wait = Wait::of(store.data());
            let mut sockets = store.data_mut().sockets();
            let answer: SocketResult<Datagrams> = wait.run(HostUdpSocket::stream(&mut sockets, socket, remote))?;
            settle(&mut sockets, answer)
        },
    )?;
    // It waits until what was sent is on its way.
    udp.resource(
        "outgoing-datagram-stream",
        ResourceType::host::<OutgoingDatagramStream>(),
        |mut store: Context<'_, C>, rep| {
            let wait = Wait::of(store.data());
            let mut sockets = store.data_mut().sockets();
            wait.run(HostOutgoingDatagramStream::drop(&mut sockets, Resource::new_own(rep)))?
        },
    )?;

    let mut create = linker.instance(&interface("sockets/udp-create-socket"))?;
    create.func_wrap("create-udp-socket", |mut store: Context<'_, C>, (family,): (IpAddressFamily,)| {
        let wait = Wait::of(store.data());
        let mut sockets = store.data_mut().sockets();
        let answer = wait.run(CreateUdp::create_udp_socket(&mut sockets, family))?;
        settle(&mut sockets, answer)
    })
}

/// Makes of an answer what the plugin gets.
fn settle<T>(
    sockets: &mut WasiSocketsCtxView<'_>,
    answer: SocketResult<T>,
) -> wasmtime::Result<(Result<T, ErrorCode>,)> {
    match answer {
        Ok(value) => Ok((Ok(value),)),
        Err(error) => Ok((Err(sockets.convert_error_code(error)?),)),
    }
}
