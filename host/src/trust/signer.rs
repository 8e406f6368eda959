use std::fmt;

use hookr_abi::Printable;

use super::{KeyId, Moment, PublicKey};

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

/// A key of a trust store, and whether it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrustedKey {
    /// The key.
    pub signer: Signer,
    /// Whether it counts.
    pub state: KeyState,
}

/// Whether a key of a trust store counts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyState {
    /// It does; until then, if there is an end.
    Usable {
        /// When it expires.
        until: Option<Moment>,
    },
    /// It does no more.
    Expired {
        /// Since then.
        at: Moment,
    },
    /// It does no more.
    Revoked {
        /// Why, as the list of revocations says; it may be empty.
        reason: String,
    },
}

impl fmt::Display for TrustedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.signer)?;
        match &self.state {
            KeyState::Usable { .. } => Ok(()),
            KeyState::Expired { at } => write!(f, ", which expired at {at}"),
            KeyState::Revoked { reason } => write!(f, ", which has been revoked{}", Because(reason)),
        }
    }
}

/// A reason behind a colon, if there is one.
pub(super) struct Because<'a>(pub(super) &'a str);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", Printable(self.0)) }
    }
}
