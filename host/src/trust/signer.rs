use std::fmt;

use hookr_abi::Printable;

use super::{KeyId, PublicKey};

/// Who signed, or is trusted to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Signer {
    /// The ID of the key.
    pub key_id: KeyId,
    /// The name that the trust store has for it; it may be empty.
    pub name: String,
}

impl From<&PublicKey> for Signer {
    fn from(key: &PublicKey) -> Self {
        Signer { key_id: key.key_id(), name: key.name().to_owned() }
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            write!(f, "{}", self.key_id)
        } else {
            write!(f, "{} ({})", self.key_id, Printable(&self.name))
        }
    }
}

/// A reason behind a colon, if there is one.
pub(crate) struct Because<'a>(pub(crate) &'a str);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", Printable(self.0)) }
    }
}
