//! HTTP requests: only to hosts that are granted.

use std::future::Future;
use std::sync::Arc;

use http::uri::Scheme;
use http::{Request, Response, Uri};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::hosts::Origin;

/// What is asked before a request is sent.
pub(super) struct Hooks {
    pub(super) origins: Arc<[Origin]>,
}

/// What happens to a body, besides.
type Transfer = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl Hooks {
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
        transfer: Transfer,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Transfer), Error>> + Send> {
        if self.allows(request.uri()) {
            wasmtime_wasi_http::default_hooks().send_request(request, options, transfer)
        } else {
            Box::new(std::future::ready(Err(Error::HttpRequestDenied)))
        }
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
        let hooks = Hooks { origins: origins.into() };
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
