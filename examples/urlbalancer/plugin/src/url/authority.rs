use std::net::{Ipv4Addr, Ipv6Addr};

use super::InvalidUrl;

/// The longest name of a host that DNS can hold, and the longest of its labels, in bytes.
const MAX_HOST: usize = 253;
const MAX_LABEL: usize = 63;

/// Host and port in their normal form: lower case, shortest form of an address, no port that goes without saying.
pub(super) fn normalize(authority: &str, default_port: u16) -> Result<String, InvalidUrl> {
    if authority.contains('@') {
        return Err(InvalidUrl::Credentials);
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']').ok_or(InvalidUrl::Address)?;
            let address: Ipv6Addr = address.parse().map_err(|_| InvalidUrl::Address)?;
            let port = if port.is_empty() { port } else { port.strip_prefix(':').ok_or(InvalidUrl::Port)? };
            (format!("[{address}]"), port)
        }
        None => {
            let (name, port) = authority.split_once(':').unwrap_or((authority, ""));
            (normalize_name(name)?, port)
        }
    };
    match parse_port(port)? {
        Some(port) if port != default_port => Ok(format!("{host}:{port}")),
        _ => Ok(host),
    }
}

fn normalize_name(name: &str) -> Result<String, InvalidUrl> {
    if name.is_empty() {
        return Err(InvalidUrl::NoHost);
    }
    if let Some(stray) = name.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')) {
        return Err(InvalidUrl::Character(stray));
    }
    // One dot at the end is the root of DNS.
    let labels = name.strip_suffix('.').unwrap_or(name);
    if name.len() > MAX_HOST || labels.split('.').any(|label| label.is_empty() || label.len() > MAX_LABEL) {
        return Err(InvalidUrl::HostLength);
    }
    // No name of the web ends in a number. What does is an address, and some programs read octal or hexadecimal ones.
    let last = labels.rsplit('.').next().unwrap_or(labels);
    if last.starts_with(|c: char| c.is_ascii_digit()) && name.parse::<Ipv4Addr>().is_err() {
        return Err(InvalidUrl::Address);
    }
    Ok(name.to_ascii_lowercase())
}

/// `None` for an empty port: the colon may stand there without one.
fn parse_port(text: &str) -> Result<Option<u16>, InvalidUrl> {
    if text.is_empty() {
        return Ok(None);
    }
    // The parser of numbers takes a sign; a port has none.
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidUrl::Port);
    }
    match text.parse() {
        Ok(0) | Err(_) => Err(InvalidUrl::Port),
        Ok(port) => Ok(Some(port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_long_as_dns_allows() {
        let label = "a".repeat(63);
        assert!(normalize_name(&label).is_ok());
        assert_eq!(normalize_name(&format!("{label}a")), Err(InvalidUrl::HostLength));
        let name = [label.as_str(); 4].join(".");
        assert_eq!(name.len(), 255);
        assert_eq!(normalize_name(&name), Err(InvalidUrl::HostLength));
        assert!(normalize_name(&name[2..]).is_ok());
    }

    #[test]
    fn a_name_may_start_with_a_digit_but_not_end_in_a_number() {
        assert!(normalize_name("3com.example").is_ok());
        assert!(normalize_name("127.0.0.1").is_ok());
        assert_eq!(normalize_name("example.0x10"), Err(InvalidUrl::Address));
        assert_eq!(normalize_name("127.1"), Err(InvalidUrl::Address));
    }
}
