use std::fmt;

use super::Moment;
use super::signer::{Because, Signer};

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
