use core::fmt;

/// The number of a method: FNV-1a 32 over `Service:Method`, with the short service name (no namespace).
///
/// The name is all that it depends on, so that a method keeps its number when others come or go. Two methods of one
/// contract with the same number are an error when the contract is generated.
///
/// ```
/// use hookr_abi::MethodId;
/// assert_eq!(MethodId::of("Plugin", "GetInfo").to_string(), "0x6c858f20");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MethodId(pub u32);

impl MethodId {
    /// The number of `method` in `service`.
    pub const fn of(service: &str, method: &str) -> Self {
        let hash = fnv1a(0x811c_9dc5, service.as_bytes());
        let hash = fnv1a(hash, b":");
        MethodId(fnv1a(hash, method.as_bytes()))
    }
}

const fn fnv1a(mut hash: u32, bytes: &[u8]) -> u32 {
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    hash
}

impl fmt::Display for MethodId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl fmt::Debug for MethodId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MethodId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors_of_fnv1a_32() {
        assert_eq!(fnv1a(0x811c_9dc5, b""), 0x811c_9dc5);
        assert_eq!(fnv1a(0x811c_9dc5, b"a"), 0xe40c_292c);
        assert_eq!(fnv1a(0x811c_9dc5, b"foobar"), 0xbf9c_f968);
    }

    #[test]
    fn the_separator_counts() {
        assert_ne!(MethodId::of("Ab", "c"), MethodId::of("A", "bc"));
    }
}
