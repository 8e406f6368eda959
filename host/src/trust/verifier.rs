use std::path::Path;

use super::TrustStore;
use super::signature::{FormatError, Signatures};
use crate::{Artifact, Digest};

/// Decides about a plugin in code of your own: a signature, a database, a policy.
///
/// Closures of the right shape are verifiers, and so is a [`TrustStore`](super::TrustStore).
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
    /// The reason why it may not; it becomes the source of [`OpenError::Rejected`](crate::OpenError::Rejected).
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
    pub(super) artifact: &'a Artifact,
    pub(super) detached: Option<&'a [u8]>,
    /// What the lists of the builder revoke.
    pub(super) revoked: &'a TrustStore,
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

    /// The bytes and their hash as they were read.
    pub fn artifact(&self) -> &'a Artifact {
        self.artifact
    }

    /// The signatures inside of the plugin, as they claim to be: nothing of them is checked. `None` where it has none.
    ///
    /// # Errors
    ///
    /// [`FormatError`] where the sections of the file or its signature section cannot be read.
    pub fn signatures(&self) -> Result<Option<Signatures<'a>>, FormatError> {
        Signatures::of(self.artifact.bytes())
    }

    /// The detached signature that the builder was given.
    pub fn detached_signature(&self) -> Option<&'a [u8]> {
        self.detached
    }
}
