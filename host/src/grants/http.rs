//! HTTP requests: only to hosts that are granted.

use std::future::Future;
use std::sync::Arc;

use http::uri::Scheme;
use http::{Request, Response, Uri};
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::connect;
use super::hosts::Origin;
use super::lookup::Resolver;

/// The most requests of an instance at a time. For each of them the host keeps what was not sent yet, and what was not read yet.
const MOST: usize = 64;

/// What is asked before a request is sent.
pub(super) struct Hooks {
    origins: Arc<[Origin]>,
    resolver: Resolver,
    requests: Arc<Semaphore>,
}

/// What happens to a body, besides.
type Transfer = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl Hooks {
    pub(super) fn new(origins: Arc<[Origin]>, resolver: Resolver) -> Self {
        Hooks { origins, resolver, requests: Arc::new(Semaphore::new(MOST)) }
    }

    fn allows(&self, uri: &Uri) -> bool {
        let tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return false,
        };
        let Some(authority) = uri.authority() else { return false };
        // A name and a password before the host are what can make two readers see two hosts.
        !authority.as_str().contains('@')
            && self.origins.iter().any(|origin| origin.allows(tls, authority.host(), authority.port_u16()))
    }
}

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Transfer,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Transfer), Error>> + Send> {
        if !self.allows(request.uri()) {
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        }
        let Ok(permit) = self.requests.clone().try_acquire_owned() else {
            return Box::new(std::future::ready(Err(Error::ConnectionLimitReached)));
        };
        let resolver = self.resolver.clone();
        Box::new(async move {
            let (response, transfer) = connect::send(request, options.unwrap_or_default(), resolver).await?;
            let transfer: Transfer = Box::new(async move {
                let ended = transfer.await;
                drop(permit);
                ended
            });
            Ok((response, transfer))
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        64 << 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_granted_hosts_get_requests() {
        let origins = ["https://example.org", "http://localhost:8080"].map(|text| Origin::parse(text).unwrap());
        let hooks = Hooks::new(origins.into(), Resolver::default());
        let allows = |uri: &str| hooks.allows(&uri.parse().unwrap());
        for uri in ["https://example.org/a?b", "https://EXAMPLE.org:443/", "http://localhost:8080/"] {
            assert!(allows(uri), "{uri}");
        }
        for uri in [
            "http://example.org/",
            "https://example.org:8443/",
            "https://www.example.org/",
            "https://example.org@evil.example/",
            "https://evil.example@example.org/",
            "http://localhost/",
            "/path",
        ] {
            assert!(!allows(uri), "{uri}");
        }
    }
}
