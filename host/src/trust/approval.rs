use std::fmt;

use hookr_abi::Printable;

use super::signature::FormatError;
use super::{Digest, KeyId, Moment, PublicKey};

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

/// A reason behind a colon, if there is one.
struct Because<'a>(&'a str);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", Printable(self.0)) }
    }
}

/// A trust store lets a plugin run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub(super) signers: Vec<Signer>,
    pub(super) signed_hash: Digest,
    pub(super) findings: Vec<Finding>,
}

impl Approval {
    /// The trusted keys that have signed, each once, in the order of the trust store.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// The hash of what they have signed: of the file without its preamble and its signature section. It stays the same
    /// when signatures are added or taken away.
    pub fn signed_hash(&self) -> Digest {
        self.signed_hash
    }

    /// What came of each signature.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// Why the signatures of a plugin do not make it a trusted one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The trust store has no keys.
    #[error("the trust store has no keys, so that it can trust nothing")]
    NoKeys,
    /// The trust store wants more signers than it has keys, or none.
    #[error("the trust store asks for {threshold} signers, and has {keys} keys: it can be 1 to {keys}")]
    Threshold {
        /// So many signers are asked for.
        threshold: usize,
        /// So many different keys there are.
        keys: usize,
    },
    /// The plugin is revoked, whoever signed it.
    #[error("the plugin has been revoked, by {by} {hash}{}", Because(reason))]
    Revoked {
        /// Which of its hashes is in the list.
        by: RevokedBy,
        /// The hash.
        hash: Digest,
        /// Why, as the list says; it may be empty.
        reason: String,
    },
    /// The sections of the file, or the signature data, cannot be read.
    #[error("its signatures cannot be read")]
    Malformed(#[from] FormatError),
    /// There are no signatures.
    #[error("it is not signed; trusted are {}", Keys(trusted))]
    NotSigned {
        /// The keys of the trust store.
        trusted: Vec<TrustedKey>,
    },
    /// There are more signatures than are tried with so many keys. Whoever made the file put them there.
    #[error("it has {signatures} signatures, which are too many to be tried with {keys} keys")]
    TooMany {
        /// So many signatures over this content.
        signatures: usize,
        /// So many keys.
        keys: usize,
    },
    /// None of the signatures counts.
    #[error("it has no valid signature of a trusted key: {}; trusted are {}", List(findings), Keys(trusted))]
    NoValidSignature {
        /// What came of each signature.
        findings: Vec<Finding>,
        /// The keys of the trust store.
        trusted: Vec<TrustedKey>,
    },
    /// Fewer keys have signed than have to.
    #[error(
        "{} of {threshold} trusted keys that it takes have signed it: {}; the others that are trusted are {}; it has {}",
        signers.len(), Signers(signers), Keys(others), List(findings)
    )]
    TooFew {
        /// So many signers are asked for.
        threshold: usize,
        /// The trusted keys that have signed.
        signers: Vec<Signer>,
        /// The other keys of the trust store.
        others: Vec<TrustedKey>,
        /// What came of each signature.
        findings: Vec<Finding>,
    },
}

impl SignatureError {
    /// What came of each signature, as far as they were looked at.
    pub fn findings(&self) -> &[Finding] {
        match self {
            SignatureError::NoValidSignature { findings, .. } | SignatureError::TooFew { findings, .. } => findings,
            _ => &[],
        }
    }

    /// The trusted keys that have signed, if those are too few.
    pub fn signers(&self) -> &[Signer] {
        match self {
            SignatureError::TooFew { signers, .. } => signers,
            _ => &[],
        }
    }
}

/// By which hash a plugin is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokedBy {
    /// That of the file.
    File,
    /// That of what is signed, which stays the same when signatures are added or taken away.
    SignedHash,
}

impl fmt::Display for RevokedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RevokedBy::File => "its sha256",
            RevokedBy::SignedHash => "its signed hash",
        })
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

/// So many of a list are named in a message.
const MAX_SHOWN: usize = 16;

struct List<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().take(MAX_SHOWN).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{item}")?;
        }
        match self.0.len().saturating_sub(MAX_SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Keys, or that there are none.
struct Keys<'a>(&'a [TrustedKey]);

impl fmt::Display for Keys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("none") } else { List(self.0).fmt(f) }
    }
}

struct Signers<'a>(&'a [Signer]);

impl fmt::Display for Signers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        List(self.0).fmt(f)
    }
}
