//! The decision whether a plugin may run, made on its bytes before anything else is done with them.
//!
//! A [`Builder`](crate::Builder) needs one of four: `.sha256(..)` pins the file's hash, `.lock_file(..)` looks it up in a
//! [lock file](crate::lock), `.verifier(..)` asks code of yours, `.allow_unsigned()` trusts any file and is meant for a plugin
//! that you are developing yourself. All that are given must agree.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::lock::Locked;
use crate::{Artifact, OpenError};

/// A SHA-256 hash, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Digest(Sha256::digest(bytes).into())
    }

    /// The 32 bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Digest(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// A text is not 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 hash is 64 hexadecimal digits, not {} characters {}", .text.chars().count(), quoted(.text))]
pub struct ParseDigestError {
    /// The text.
    pub text: String,
}

fn quoted(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    format!("{short:?}")
}

impl FromStr for Digest {
    type Err = ParseDigestError;

    /// Reads 64 hexadecimal digits of either case; `sha256:` may stand before them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        // The same form as a contract ID: 32 bytes in hexadecimal digits.
        let id = digits.parse::<hookr_abi::ContractId>();
        id.map(|id| Digest(id.0)).map_err(|_| ParseDigestError { text: text.to_owned() })
    }
}

/// Decides about a plugin in code of your own: a signature, a database, a policy.
///
/// Closures of the right shape are verifiers.
///
/// ```
/// use hookr::trust::{Candidate, Verifier};
///
/// let approved = ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"];
/// let verifier = move |candidate: &Candidate<'_>| {
///     if approved.contains(&candidate.sha256().to_string().as_str()) { Ok(()) } else { Err("not approved".into()) }
/// };
/// # fn takes(_: impl Verifier) {}
/// # takes(verifier);
/// ```
pub trait Verifier: Send + Sync + 'static {
    /// `Ok` lets the plugin run.
    ///
    /// # Errors
    ///
    /// The reason why it may not; it becomes the source of [`OpenError::Rejected`].
    fn verify(&self, candidate: &Candidate<'_>) -> Result<(), crate::Source>;
}

impl<F> Verifier for F
where
    F: Fn(&Candidate<'_>) -> Result<(), crate::Source> + Send + Sync + 'static,
{
    fn verify(&self, candidate: &Candidate<'_>) -> Result<(), crate::Source> {
        self(candidate)
    }
}

/// The plugin that a [`Verifier`] decides about. Nothing of it has been parsed yet.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    artifact: &'a Artifact,
}

impl<'a> Candidate<'a> {
    /// The bytes that will be compiled if they are trusted.
    pub fn bytes(&self) -> &'a [u8] {
        self.artifact.bytes()
    }

    /// The hash of those bytes.
    pub fn sha256(&self) -> Digest {
        self.artifact.sha256()
    }

    /// The file that they were read from; `None` for bytes in memory. The file may have changed since.
    pub fn path(&self) -> Option<&'a Path> {
        self.artifact.path()
    }
}

/// What a builder was told.
#[derive(Clone, Default)]
pub(crate) struct Policy {
    pub(crate) pins: Vec<Result<Digest, ParseDigestError>>,
    pub(crate) lock_file: Option<PathBuf>,
    pub(crate) verifier: Option<Arc<dyn Verifier>>,
    pub(crate) allow_unsigned: bool,
}

impl Policy {
    /// Lets the artifact pass, or says why not. A pin always counts, `allow_unsigned` beside it or not. `name` is the name by
    /// which the host knows the plugin, where it gave one.
    pub(crate) fn decide(&self, artifact: &Artifact, name: Option<&str>) -> Result<Approval, OpenError> {
        let pins = self.pins.iter().cloned().collect::<Result<Vec<_>, _>>().map_err(OpenError::InvalidPin)?;
        let found = artifact.sha256();
        if pins.is_empty() && self.lock_file.is_none() && self.verifier.is_none() && !self.allow_unsigned {
            return Err(OpenError::NoTrustDecision { found });
        }
        if !pins.is_empty() && !pins.contains(&found) {
            return Err(OpenError::Untrusted { expected: pins, found });
        }
        let locked = self.lock_file.as_deref().map(|lock_file| Locked::find(lock_file, artifact, name)).transpose()?;
        if let Some(verifier) = &self.verifier {
            let verified = verifier.verify(&Candidate { artifact });
            verified.map_err(|source| OpenError::Rejected { sha256: found, source })?;
        }
        Ok(Approval { locked })
    }
}

/// What came of a decision that let a plugin pass.
#[derive(Debug)]
pub(crate) struct Approval {
    /// What the lock file says of the plugin, which is compared with what the plugin says as soon as that may be read.
    pub(crate) locked: Option<Locked>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact() -> Artifact {
        Artifact::from_bytes("x", *b"plugin").unwrap()
    }

    #[test]
    fn digest_of_nothing_is_the_published_one() {
        let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), text);
        assert_eq!(text.parse::<Digest>().unwrap(), Digest::of(b""));
        assert_eq!(format!("sha256:{text}").to_uppercase().replace("SHA", "sha").parse(), Ok(Digest::of(b"")));
    }

    #[test]
    fn no_decision_is_an_error() {
        let error = Policy::default().decide(&artifact(), None).unwrap_err();
        assert!(matches!(error, OpenError::NoTrustDecision { found } if found == artifact().sha256()));
    }

    #[test]
    fn a_pin_counts_beside_allow_unsigned() {
        let pins = vec![Ok(Digest::of(b"other"))];
        let policy = Policy { pins, allow_unsigned: true, ..Policy::default() };
        assert!(matches!(policy.decide(&artifact(), None), Err(OpenError::Untrusted { .. })));
    }

    #[test]
    fn one_of_several_pins_is_enough() {
        let pins = vec![Ok(Digest::of(b"other")), Ok(artifact().sha256())];
        assert!(Policy { pins, ..Policy::default() }.decide(&artifact(), None).is_ok());
    }

    #[test]
    fn a_pin_that_is_none_is_an_error_even_beside_a_good_one() {
        let pins = vec![Ok(artifact().sha256()), "abc".parse()];
        let error = Policy { pins, ..Policy::default() }.decide(&artifact(), None).unwrap_err();
        assert!(matches!(error, OpenError::InvalidPin(_)), "{error}");
    }

    #[test]
    fn a_verifier_and_a_pin_must_both_agree() {
        let refuse: Arc<dyn Verifier> = Arc::new(|_: &Candidate<'_>| Err("no".into()));
        let policy = Policy { pins: vec![Ok(artifact().sha256())], verifier: Some(refuse), ..Policy::default() };
        assert!(matches!(policy.decide(&artifact(), None), Err(OpenError::Rejected { .. })));
    }
}
