use std::fmt;

use super::signature::FormatError;
use super::signer::{Because, Signer};
use super::{Digest, Finding, TrustedKey};

/// Why the signatures of a plugin do not make it a trusted one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The trust store has no keys.
    #[error("the trust store has no keys, so that it can trust nothing")]
    NoKeys,
    /// The trust store wants more signers than it has keys, or none.
    #[error("{threshold} signers are asked for, of a trust store that has {keys}: that can be 1 to {keys}")]
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
