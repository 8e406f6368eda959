mod authority;
mod path;

use std::fmt;

/// A URL of the web, in its normal form.
///
/// What RFC 3986 calls syntax-based and scheme-based normalisation, for `http` and `https`. Whatever servers are known to
/// read differently is refused and not repaired: a backslash, a user's name before the host, a number that is no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// All of it, without the fragment.
    pub normalized: String,
    /// `http` or `https`.
    pub scheme: String,
    /// The host in lower case, with the port if it is not the scheme's own.
    pub host: String,
}

/// What is wrong with a URL. Its text shows nothing of the URL but single characters, and those escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidUrl {
    /// There is no `://`.
    NoScheme,
    /// It is neither `http` nor `https`.
    OtherScheme,
    /// There is a user's name or a password before the host.
    Credentials,
    /// The host is missing.
    NoHost,
    /// A label of the host is empty or too long, or all of it is.
    HostLength,
    /// The host is a number, or looks like an address, and is none.
    Address,
    /// The port is no number from 1 to 65535.
    Port,
    /// A `%` without two hexadecimal digits after it.
    PercentEncoding,
    /// A character that has no place there.
    Character(char),
}

impl Url {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`] says what is wrong first.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let (scheme, rest) = text.split_once("://").ok_or(InvalidUrl::NoScheme)?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return Err(InvalidUrl::OtherScheme),
        };
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        let host = authority::normalize(authority, default_port)?;
        // A fragment is for the reader of the document: servers never see it. What is no text of a URL is an error there
        // too.
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        path::encode(fragment, "/?")?;
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(path::encode(query, "/?")?)),
            None => (rest, None),
        };
        let path = path::normalize(path)?;
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Ok(Url { normalized: format!("{scheme}://{host}{path}{query}"), scheme, host })
    }
}

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidUrl::NoScheme => f.write_str("the scheme is missing: http:// or https://"),
            InvalidUrl::OtherScheme => f.write_str("the scheme is neither http nor https"),
            InvalidUrl::Credentials => f.write_str("a user's name or password does not belong into a URL"),
            InvalidUrl::NoHost => f.write_str("the host is missing"),
            InvalidUrl::HostLength => f.write_str("the host has a label without or with more than 63 characters"),
            InvalidUrl::Address => f.write_str("the host is a number, but not an IP address in its usual form"),
            InvalidUrl::Port => f.write_str("the port is not a number from 1 to 65535"),
            InvalidUrl::PercentEncoding => f.write_str("a % without two hexadecimal digits after it"),
            InvalidUrl::Character(c) if c.is_ascii_graphic() => write!(f, "`{c}` must be percent-encoded or left out"),
            InvalidUrl::Character(c) => write!(f, "`{}` must be percent-encoded or left out", c.escape_unicode()),
        }
    }
}

impl std::error::Error for InvalidUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_urls_have_one_form() {
        for (text, expected) in [
            ("http://example.com", "http://example.com/"),
            ("HTTPS://Example.COM:443/a/./b/../api?q=1#top", "https://example.com/a/api?q=1"),
            ("http://example.com:443", "http://example.com:443/"),
            ("http://example.com:080/", "http://example.com/"),
            ("http://example.com:/", "http://example.com/"),
            ("http://example.com/%7euser/%2f%3A", "http://example.com/~user/%2F%3A"),
            ("http://example.com/a/%2e%2E/b", "http://example.com/b"),
            ("http://example.com?", "http://example.com/?"),
            ("http://example.com?a/../b", "http://example.com/?a/../b"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
            ("http://[2001:DB8:0:0::1]/", "http://[2001:db8::1]/"),
            ("http://xn--bcher-kva.example./", "http://xn--bcher-kva.example./"),
        ] {
            let url = Url::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(url.normalized, expected);
            assert_eq!(Url::parse(&url.normalized).as_ref(), Ok(&url), "the normal form of {text} is not its own");
        }
    }

    #[test]
    fn scheme_and_host_are_told_apart() {
        let url = Url::parse("HTTP://EXAMPLE.com:8080/x").unwrap();
        assert_eq!((url.scheme.as_str(), url.host.as_str()), ("http", "example.com:8080"));
    }

    #[test]
    fn what_servers_read_differently_is_refused() {
        use InvalidUrl::*;
        for (text, expected) in [
            ("", NoScheme),
            ("example.com/path", NoScheme),
            ("http:/example.com", NoScheme),
            ("ftp://example.com", OtherScheme),
            (" http://example.com", OtherScheme),
            ("http://user:secret@example.com", Credentials),
            ("http://", NoHost),
            ("http:///path", NoHost),
            ("http://:80", NoHost),
            ("http://a..b", HostLength),
            ("http://.", HostLength),
            ("http://2130706433", Address),
            ("http://0x7f.1", Address),
            ("http://127.0.0.01", Address),
            ("http://[::1", Address),
            ("http://[::1]x", Port),
            ("http://[fe80::1%25eth0]", Address),
            ("http://example.com:0", Port),
            ("http://example.com:65536", Port),
            ("http://example.com:+80", Port),
            ("http://exa mple.com", Character(' ')),
            ("http://bücher.example", Character('ü')),
            ("http://ex%61mple.com", Character('%')),
            ("http://example.com\\@evil.example", Character('\\')),
            ("http://example.com/a b", Character(' ')),
            ("http://example.com/\u{1b}[31m", Character('\u{1b}')),
            ("http://example.com/?\"", Character('"')),
            ("http://example.com/#\n", Character('\n')),
            ("http://example.com/#a#b", Character('#')),
            ("http://example.com/%", PercentEncoding),
            ("http://example.com/%4g", PercentEncoding),
            ("http://example.com/%é", PercentEncoding),
        ] {
            assert_eq!(Url::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn an_error_shows_no_control_character() {
        let error = InvalidUrl::Character('\u{1b}').to_string();
        assert_eq!(error, "`\\u{1b}` must be percent-encoded or left out");
        let error = InvalidUrl::Character('\\').to_string();
        assert_eq!(error, "`\\` must be percent-encoded or left out");
    }
}
