use super::{Digest, Finding, Signer};

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
