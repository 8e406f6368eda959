//! Which addresses the sockets of an instance may use.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime_wasi::sockets::SocketAddrUse;

use super::hosts::{Endpoint, Host};
use super::lookup::Resolver;
use super::prepared::Prepared;

/// What is granted, and what the plugin has looked up.
pub(super) struct Network {
    prepared: Arc<Prepared>,
    /// The addresses of granted names.
    found: Mutex<BTreeSet<(IpAddr, Arc<str>)>>,
}

/// The most addresses that are remembered. Those beyond stay denied: a name server could give others each time.
const MOST: usize = 4096;

impl Network {
    pub(super) fn new(prepared: Arc<Prepared>) -> Self {
        Network { prepared, found: Mutex::default() }
    }

    /// Whether any grant names this host.
    pub(super) fn names(&self, host: &Host) -> bool {
        self.prepared.names(host)
    }

    /// What looks up names for the plugin.
    pub(super) fn resolver(&self) -> Resolver {
        self.prepared.resolver.clone()
    }

    /// Remembers that a granted name has led to this address.
    pub(super) fn add(&self, address: IpAddr, name: &Arc<str>) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found.len() < MOST {
            found.insert((address.to_canonical(), name.clone()));
        }
    }

    /// Whether an address may be used in this way.
    pub(super) fn allows(&self, address: SocketAddr, way: SocketAddrUse) -> bool {
        let Prepared { tcp, udp, .. } = &*self.prepared;
        match way {
            SocketAddrUse::TcpConnect => self.reaches(tcp, address),
            SocketAddrUse::UdpSend | SocketAddrUse::UdpReceive => self.reaches(udp, address),
            // The address that the system chooses. Another could take the place of a service of the machine.
            SocketAddrUse::TcpBind => !tcp.is_empty() && is_any(address),
            SocketAddrUse::UdpBind => !udp.is_empty() && is_any(address),
            // Nobody connects to a plugin.
            SocketAddrUse::TcpListen | SocketAddrUse::TcpAccept => false,
        }
    }

    fn reaches(&self, endpoints: &[Endpoint], address: SocketAddr) -> bool {
        let ip = address.ip().to_canonical();
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        endpoints.iter().any(|endpoint| match &endpoint.host {
            Host::Address(_) => endpoint.allows(address),
            Host::Name(name) => endpoint.has_port(address.port()) && found.contains(&(ip, name.as_str().into())),
        })
    }
}

fn is_any(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_unspecified() && address.port() == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use crate::grants::Grants;

    fn network(grants: &Grants) -> Network {
        Network::new(Arc::new(Prepared::new(grants, &Limits::default()).unwrap()))
    }

    #[test]
    fn an_address_is_allowed_after_its_name_was_looked_up() {
        use SocketAddrUse::{TcpConnect, UdpReceive, UdpSend};
        let network = network(&Grants::base().tcp("example.org:443").udp("other.example:53"));
        let address: SocketAddr = "192.0.2.1:443".parse().unwrap();
        assert!(!network.allows(address, TcpConnect));
        network.add(address.ip(), &"example.org".into());
        assert!(network.allows(address, TcpConnect));
        assert!(!network.allows("192.0.2.1:80".parse().unwrap(), TcpConnect));
        assert!(!network.allows("192.0.2.2:443".parse().unwrap(), TcpConnect));
        // Another name, and another protocol.
        assert!(!network.allows("192.0.2.1:53".parse().unwrap(), UdpSend));
        network.add(address.ip(), &"other.example".into());
        assert!(network.allows("192.0.2.1:53".parse().unwrap(), UdpSend));
        assert!(network.allows("192.0.2.1:53".parse().unwrap(), UdpReceive));
        assert!(!network.allows("192.0.2.1:53".parse().unwrap(), TcpConnect));
    }

    #[test]
    fn nobody_connects_to_a_plugin_and_no_port_is_taken() {
        use SocketAddrUse::{TcpAccept, TcpBind, TcpListen, UdpBind};
        let network = network(&Grants::base().tcp("127.0.0.1:*"));
        let any: SocketAddr = "0.0.0.0:0".parse().unwrap();
        let local: SocketAddr = "127.0.0.1:0".parse().unwrap();
        assert!(network.allows(any, TcpBind) && network.allows("[::]:0".parse().unwrap(), TcpBind));
        assert!(!network.allows(local, TcpBind) && !network.allows("0.0.0.0:80".parse().unwrap(), TcpBind));
        assert!(!network.allows(any, TcpListen) && !network.allows(local, TcpAccept));
        // UDP is not granted at all.
        assert!(!network.allows(any, UdpBind));
    }
}
