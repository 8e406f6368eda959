use std::fmt;

use super::signer::{Because, Signer};
use super::{Digest, Moment};

/// What comes of one signature in a plugin, or beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What the signature says of its key: usually a key ID, sometimes nothing. Anybody can write anything there.
    pub claimed: Vec<u8>,
    /// Whether it is in the detached signature.
    pub detached: bool,
    /// What it is.
    pub verdict: Verdict,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a signature that claims {}: {}", Claimed(&self.claimed), self.verdict)
    }
}

/// What a signature says of its key, as messages show it.
struct Claimed<'a>(&'a [u8]);

impl fmt::Display for Claimed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no key");
        }
        f.write_str("key ")?;
        let (shown, rest) = self.0.split_at(self.0.len().min(32));
        shown.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        if rest.is_empty() { Ok(()) } else { f.write_str("…") }
    }
}

/// What a signature is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It is of a trusted key, over this content.
    Valid(Signer),
    /// It is over this content, of a key that has been revoked.
    Revoked {
        /// Whose it is.
        signer: Signer,
        /// Why, as the list of revocations says; it may be empty.
        reason: String,
    },
    /// It is over this content, of a key that has expired.
    Expired {
        /// Whose it is.
        signer: Signer,
        /// Since when.
        at: Moment,
    },
    /// It claims a trusted key, and is none of that key over this content.
    Bad {
        /// Whose it claims to be.
        claimed: Signer,
    },
    /// No trusted key has made it.
    UnknownKey,
    /// It signs other content than this, or a part of this only.
    OtherContent {
        /// The trusted key that it claims.
        claimed: Option<Signer>,
        /// The hash that it signs; the last, if there are several.
        signed: Option<Digest>,
    },
    /// It is of another algorithm, or of a form that is not known.
    Foreign,
}

impl Verdict {
    /// The verdict in a word, for programs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Valid(_) => "valid",
            Verdict::Revoked { .. } => "revoked",
            Verdict::Expired { .. } => "expired",
            Verdict::Bad { .. } => "bad",
            Verdict::UnknownKey => "unknown-key",
            Verdict::OtherContent { .. } => "other-content",
            Verdict::Foreign => "foreign",
        }
    }

    /// The trusted key that has made it, whatever became of that key. What a signature only claims is not it.
    pub fn signer(&self) -> Option<&Signer> {
        match self {
            Verdict::Valid(signer) | Verdict::Revoked { signer, .. } | Verdict::Expired { signer, .. } => Some(signer),
            Verdict::Bad { .. } | Verdict::UnknownKey | Verdict::OtherContent { .. } | Verdict::Foreign => None,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Valid(signer) => write!(f, "valid, of {signer}"),
            Verdict::Revoked { signer, reason } => {
                write!(f, "of {signer}, which has been revoked{}", Because(reason))
            }
            Verdict::Expired { signer, at } => write!(f, "of {signer}, which expired at {at}"),
            Verdict::Bad { claimed } => write!(f, "not of {claimed} over this content"),
            Verdict::UnknownKey => f.write_str("of no trusted key"),
            Verdict::OtherContent { claimed, signed } => {
                f.write_str("over other content")?;
                if let Some(signed) = signed {
                    write!(f, " (signed hash {signed})")?;
                }
                claimed.as_ref().map_or(Ok(()), |claimed| write!(f, ", allegedly of {claimed}"))
            }
            Verdict::Foreign => f.write_str("of an algorithm or a form that is not known"),
        }
    }
}
