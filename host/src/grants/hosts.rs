//! Which hosts a plugin may talk to: how they are written, and what is compared with them.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// A host of the network and a port of it: `example.org:443`, `192.0.2.1:53`, `[2001:db8::1]:8080`, `localhost:*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) host: Host,
    /// `None` is every port.
    pub(crate) port: Option<u16>,
}

/// Where requests may go: `https://example.org`, `http://localhost:8080`, `https://example.org:*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) tls: bool,
    pub(crate) endpoint: Endpoint,
}

/// A name or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// In lower case, without a dot at its end.
    Name(String),
    /// Never an IPv4 address in the clothes of IPv6.
    Address(IpAddr),
}

/// Why a host cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// There is no port.
    #[error("it says no port: write `HOST:443`, or `HOST:*` for every port")]
    NoPort,
    /// The port is not a number from 1 to 65535, and not `*`.
    #[error("its port is neither a number from 1 to 65535 nor `*`")]
    Port,
    /// The host is neither a name nor an address.
    #[error(
        "its host is neither a name (of ASCII letters, digits, `-` and `_` between dots) nor an address; addresses of IPv6 stand in brackets"
    )]
    Host,
    /// It stands for all hosts.
    #[error("its host is a wildcard: name the hosts one by one")]
    Wildcard,
    /// It is not of the form of an origin.
    #[error("it is not of the form `https://HOST`, `https://HOST:PORT`, `http://HOST` or `http://HOST:PORT`")]
    Origin,
}

impl Endpoint {
    /// Reads `HOST:PORT`.
    pub(crate) fn parse(text: &str) -> Result<Self, HostError> {
        let (host, port) = split(text)?;
        let port = port.ok_or(HostError::NoPort)?;
        Ok(Endpoint { host: Host::parse(host)?, port: parse_port(port)? })
    }

    /// Whether this is about the port.
    pub(crate) fn has_port(&self, port: u16) -> bool {
        self.port.is_none_or(|own| own == port)
    }

    /// Whether this allows the address by itself, without a name.
    pub(crate) fn allows(&self, address: SocketAddr) -> bool {
        self.host == Host::Address(address.ip().to_canonical()) && self.has_port(address.port())
    }
}

impl Origin {
    /// Reads `https://HOST`.
    pub(crate) fn parse(text: &str) -> Result<Self, HostError> {
        let (scheme, rest) = text.split_once("://").ok_or(HostError::Origin)?;
        let tls = match scheme {
            "https" => true,
            "http" => false,
            _ => return Err(HostError::Origin),
        };
        if rest.contains(['/', '?', '#', '@']) {
            return Err(HostError::Origin);
        }
        let (host, port) = split(rest)?;
        let port = port.map_or(Ok(Some(default_port(tls))), parse_port)?;
        Ok(Origin { tls, endpoint: Endpoint { host: Host::parse(host)?, port } })
    }

    /// Whether a request to this host may be sent; `port` is `None` where the request does not say it.
    pub(crate) fn allows(&self, tls: bool, host: &str, port: Option<u16>) -> bool {
        self.tls == tls
            && self.endpoint.has_port(port.unwrap_or(default_port(tls)))
            && Host::parse(host).is_ok_and(|host| host == self.endpoint.host)
    }
}

impl Host {
    /// Reads a name or an address; one of IPv6 stands in brackets.
    pub(crate) fn parse(text: &str) -> Result<Self, HostError> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or(HostError::Host)?;
            let address: std::net::Ipv6Addr = inner.parse().map_err(|_| HostError::Host)?;
            return Ok(Host::Address(IpAddr::V6(address).to_canonical()));
        }
        if let Ok(address) = text.parse::<std::net::Ipv4Addr>() {
            return Ok(Host::Address(address.into()));
        }
        if text.contains('*') {
            return Err(HostError::Wildcard);
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let labels_fit = name.split('.').all(|label| (1..=63).contains(&label.len()) && label.chars().all(letter));
        // `127.1` and `0x7f.0.0.1` are addresses for some that read them, and are none here.
        let is_name = name.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_alphabetic()));
        if !labels_fit || !is_name || name.len() > 253 {
            return Err(HostError::Host);
        }
        Ok(Host::Name(name.to_ascii_lowercase()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Host::Address(address) => write!(f, "{address}"),
        }
    }
}

/// The port of a request that says none.
pub(super) fn default_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

/// The host, and the port if there is one.
fn split(text: &str) -> Result<(&str, Option<&str>), HostError> {
    let after_brackets = match text.find(']') {
        Some(end) if text.starts_with('[') => end + 1,
        Some(_) => return Err(HostError::Host),
        None => 0,
    };
    let (brackets, rest) = text.split_at(after_brackets);
    match rest.split_once(':') {
        None if rest.is_empty() || brackets.is_empty() => Ok((text, None)),
        Some((host, port)) if brackets.is_empty() => Ok((host, Some(port))),
        Some(("", port)) => Ok((brackets, Some(port))),
        _ => Err(HostError::Host),
    }
}

fn parse_port(text: &str) -> Result<Option<u16>, HostError> {
    if text == "*" {
        return Ok(None);
    }
    // `parse` takes a sign, too.
    let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u16>().ok()).flatten();
    number.filter(|&port| port != 0).map(Some).ok_or(HostError::Port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Host {
        Host::Name(text.to_owned())
    }

    #[test]
    fn endpoints_are_read() {
        let port = |text| Endpoint::parse(text).map(|endpoint| (endpoint.host, endpoint.port));
        assert_eq!(port("Example.ORG.:443"), Ok((name("example.org"), Some(443))));
        assert_eq!(port("localhost:*"), Ok((name("localhost"), None)));
        assert_eq!(port("192.0.2.1:53"), Ok((Host::Address([192, 0, 2, 1].into()), Some(53))));
        assert_eq!(port("[::1]:80"), Ok((Host::Address(std::net::Ipv6Addr::LOCALHOST.into()), Some(80))));
        assert_eq!(port("[::ffff:192.0.2.1]:80"), Ok((Host::Address([192, 0, 2, 1].into()), Some(80))));
    }

    #[test]
    fn what_is_no_endpoint_says_why() {
        let error = |text| Endpoint::parse(text).expect_err(text);
        for text in ["example.org", "[::1]", ""] {
            assert_eq!(error(text), HostError::NoPort, "{text}");
        }
        for text in ["a:0", "a:65536", "a:+1", "a:", "a:http", "a:1:2", "::1:80"] {
            assert!(matches!(error(text), HostError::Port | HostError::Host), "{text}");
        }
        for text in [
            "127.1:80",
            "0x7f000001:80",
            "1.2.3.4.5:80",
            "a..b:1",
            "-ü:1",
            "[1.2.3.4]:80",
            "[::1:80",
            "::1]:80",
            "[::1]x:80",
            "a b:1",
            "a@b:1",
            ":1",
        ] {
            assert_eq!(error(text), HostError::Host, "{text}");
        }
        for text in ["*:443", "*.example.org:443"] {
            assert_eq!(error(text), HostError::Wildcard, "{text}");
        }
    }

    #[test]
    fn an_address_is_allowed_in_both_of_its_forms() {
        let endpoint = Endpoint::parse("192.0.2.1:53").unwrap();
        assert!(endpoint.allows("192.0.2.1:53".parse().unwrap()));
        assert!(endpoint.allows("[::ffff:192.0.2.1]:53".parse().unwrap()));
        assert!(!endpoint.allows("192.0.2.1:54".parse().unwrap()));
        assert!(!endpoint.allows("192.0.2.2:53".parse().unwrap()));
        assert!(!Endpoint::parse("localhost:*").unwrap().allows("127.0.0.1:1".parse().unwrap()));
    }

    #[test]
    fn origins_are_read_and_compared() {
        let origin = Origin::parse("https://Example.org").unwrap();
        assert!(origin.allows(true, "example.ORG", None) && origin.allows(true, "example.org.", Some(443)));
        assert!(!origin.allows(false, "example.org", None) && !origin.allows(true, "example.org", Some(80)));
        assert!(
            !origin.allows(true, "example.org.evil.example", None) && !origin.allows(true, "www.example.org", None)
        );
        let local = Origin::parse("http://[::1]:*").unwrap();
        assert!(local.allows(false, "[::1]", Some(8080)) && !local.allows(false, "[::2]", Some(8080)));
        for text in ["example.org", "ftp://a", "HTTPS://a", "https://a/", "https://u@a", "https://a?b", "https://"] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }
}
