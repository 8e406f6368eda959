use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::signature::MAX_SIZE;
use super::store::read_bytes;
use super::{Candidate, Digest, ParseDigestError, SignatureError, Signer, TrustStore, Verifier};
use crate::lock::Locked;
use crate::{Artifact, OpenError, artifact, parse};

/// What a builder was told.
#[derive(Clone, Default)]
pub(crate) struct Policy {
    pub(crate) pins: Vec<Result<Digest, ParseDigestError>>,
    pub(crate) lock_files: Vec<PathBuf>,
    pub(crate) stores: Vec<Store>,
    /// Lists of revocations, which count whatever else was given. They are read anew for each decision.
    pub(crate) revoked: Vec<PathBuf>,
    pub(crate) signature: Option<Detached>,
    pub(crate) verifiers: Vec<Arc<dyn Verifier>>,
    pub(crate) allow_unsigned: bool,
}

/// A trust store, or where it is.
#[derive(Clone)]
pub(crate) enum Store {
    Given(TrustStore),
    /// Read anew for each decision.
    Path(PathBuf),
}

/// A detached signature, or where it is.
#[derive(Clone)]
pub(crate) enum Detached {
    Given(Arc<[u8]>),
    /// Read anew for each decision.
    Path(PathBuf),
}

impl Policy {
    /// Has every path lead to the same place whatever folder the process is in later.
    pub(crate) fn absolute(&mut self) {
        for path in self.lock_files.iter_mut().chain(&mut self.revoked) {
            *path = artifact::absolute(path);
        }
        for store in &mut self.stores {
            if let Store::Path(path) = store {
                *path = artifact::absolute(path);
            }
        }
        if let Some(Detached::Path(path)) = &mut self.signature {
            *path = artifact::absolute(path);
        }
    }

    /// Lets the artifact pass, or says why not. Whatever was given counts, `allow_unsigned` beside it or not. `name` is the
    /// name by which a lock file is asked for the plugin; without one, its file decides.
    pub(crate) fn decide(&self, artifact: &Artifact, name: Option<&str>) -> Result<Approved, OpenError> {
        let pins = self.pins.iter().cloned().collect::<Result<Vec<_>, _>>().map_err(OpenError::InvalidPin)?;
        let found = artifact.sha256();
        let has_store = !self.lock_files.is_empty() || !self.stores.is_empty();
        if pins.is_empty() && !has_store && self.verifiers.is_empty() && !self.allow_unsigned {
            return Err(OpenError::NoTrustDecision { found });
        }
        if !pins.is_empty() && !pins.contains(&found) {
            return Err(OpenError::Untrusted { expected: pins, found });
        }
        let locked = self.lock_files.iter().map(|lock_file| Locked::find(lock_file, artifact, name));
        let locked = locked.collect::<Result<Vec<_>, _>>()?;
        let revoked = self.revoked.iter().try_fold(TrustStore::new(), TrustStore::revocations);
        let revoked = revoked.map_err(|source| OpenError::TrustStore { source })?;
        if !self.revoked.is_empty() || !self.stores.is_empty() {
            // What is signed are the sections of a component: what is none is told by its own error.
            parse::preamble(artifact.bytes())?;
        }
        revoked.check_revocations(artifact).map_err(|source| refused(artifact, source))?;
        let detached = self.signature.as_ref().map(Detached::read).transpose()?;
        let mut signers: Vec<Signer> = Vec::new();
        for store in &self.stores {
            for signer in store.check(artifact, detached.as_deref(), &revoked)? {
                if !signers.contains(&signer) {
                    signers.push(signer);
                }
            }
        }
        // Without a trust store, nobody knows the keys: the hash is what counts then.
        if !self.stores.is_empty() {
            locked.iter().try_for_each(|locked| locked.check_signers(&signers))?;
        }
        for verifier in &self.verifiers {
            let candidate = Candidate { artifact, detached: detached.as_deref(), revoked: &revoked };
            verifier.verify(&candidate).map_err(|source| OpenError::Rejected { sha256: found, source })?;
        }
        Ok(Approved { signers, locked })
    }
}

/// What came of a decision that let a plugin pass.
#[derive(Debug)]
pub(crate) struct Approved {
    /// Whose signatures were asked for and found, each key once.
    pub(crate) signers: Vec<Signer>,
    /// What the lock file says of the plugin, which is compared with what the plugin says as soon as that may be read.
    pub(crate) locked: Vec<Locked>,
}

impl Store {
    fn check(
        &self,
        artifact: &Artifact,
        detached: Option<&[u8]>,
        revoked: &TrustStore,
    ) -> Result<Vec<Signer>, OpenError> {
        let store = match self {
            Store::Given(store) => store.clone(),
            Store::Path(path) => TrustStore::read(path).map_err(|source| OpenError::TrustStore { source })?,
        };
        let store = store.merge(revoked.clone());
        let approval = store.check(artifact, detached);
        approval.map(|approval| approval.signers().to_vec()).map_err(|source| refused(artifact, source))
    }
}

/// A plugin that is revoked is told as such, whoever was asked.
fn refused(artifact: &Artifact, source: SignatureError) -> OpenError {
    let sha256 = artifact.sha256();
    match source {
        SignatureError::Revoked { by, hash, reason } => OpenError::Revoked { sha256, by, hash, reason },
        source => OpenError::Signature { sha256, source: Box::new(source) },
    }
}

impl Detached {
    fn read(&self) -> Result<Arc<[u8]>, OpenError> {
        match self {
            Detached::Given(bytes) => Ok(bytes.clone()),
            Detached::Path(path) => detached(path).map(Arc::from),
        }
    }
}

/// One byte more than it may have is read, so that it is seen to have too many.
fn detached(path: &Path) -> Result<Vec<u8>, OpenError> {
    read_bytes(path, MAX_SIZE + 1).map_err(|source| OpenError::DetachedSignature { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact() -> Artifact {
        Artifact::from_bytes("x", *b"plugin").unwrap()
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
        let policy = Policy { pins: vec![Ok(artifact().sha256())], verifiers: vec![refuse], ..Policy::default() };
        assert!(matches!(policy.decide(&artifact(), None), Err(OpenError::Rejected { .. })));
    }

    #[test]
    fn what_is_revoked_is_refused_whatever_else_accepts_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let component = Artifact::from_bytes("x", *b"\0asm\x0d\0\x01\0").unwrap();
        let policy = |pinned: &Artifact| Policy {
            pins: vec![Ok(pinned.sha256())],
            revoked: vec![file.path().to_owned()],
            ..Policy::default()
        };
        assert!(policy(&component).decide(&component, None).is_ok());
        let signed = super::super::signature::signed_hash(component.bytes()).unwrap();
        for hash in [component.sha256(), signed] {
            std::fs::write(file.path(), format!("plugin {hash}  # answers wrongly")).unwrap();
            let error = policy(&component).decide(&component, None).unwrap_err();
            let OpenError::Revoked { reason, .. } = error else { panic!("{error:?}") };
            assert_eq!(reason, "answers wrongly");
        }
        // What has no signed hash is not let through because of that.
        assert!(matches!(policy(&artifact()).decide(&artifact(), None), Err(OpenError::NotWasm { .. })));
        std::fs::write(file.path(), "plugin of mine").unwrap();
        let error = policy(&component).decide(&component, None).unwrap_err();
        assert!(matches!(error, OpenError::TrustStore { .. }), "{error:?}");
        // A list alone trusts nothing.
        let alone = Policy { revoked: vec![file.path().to_owned()], ..Policy::default() };
        assert!(matches!(alone.decide(&component, None), Err(OpenError::NoTrustDecision { .. })));
    }

    #[test]
    fn all_verifiers_are_asked() {
        let no: Arc<dyn Verifier> = Arc::new(|_: &Candidate<'_>| Err("no".into()));
        let yes: Arc<dyn Verifier> = Arc::new(|_: &Candidate<'_>| Ok(()));
        for verifiers in [vec![no.clone(), yes.clone()], vec![yes.clone(), no]] {
            let policy = Policy { verifiers, ..Policy::default() };
            assert!(matches!(policy.decide(&artifact(), None), Err(OpenError::Rejected { .. })));
        }
        let policy = Policy { verifiers: vec![yes.clone(), yes], ..Policy::default() };
        assert!(policy.decide(&artifact(), None).is_ok());
    }

    #[test]
    fn a_revoked_key_counts_for_no_store_that_is_a_verifier() {
        let key = super::super::SecretKey::generate().unwrap();
        let signed = key.sign(b"\0asm\x0d\0\x01\0").unwrap();
        let component = Artifact::from_bytes("x", signed).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        let store: Arc<dyn Verifier> = Arc::new(TrustStore::new().key(key.public_key()));
        let policy = Policy { verifiers: vec![store], revoked: vec![file.path().to_owned()], ..Policy::default() };
        assert!(policy.decide(&component, None).is_ok());
        std::fs::write(file.path(), format!("key {}", key.public_key().key_id())).unwrap();
        assert!(matches!(policy.decide(&component, None), Err(OpenError::Rejected { .. })));
    }

    #[test]
    fn what_is_no_component_is_told_as_such_and_a_store_counts_beside_allow_unsigned() {
        let policy =
            Policy { stores: vec![Store::Given(TrustStore::new())], allow_unsigned: true, ..Policy::default() };
        assert!(matches!(policy.decide(&artifact(), None), Err(OpenError::NotWasm { .. })));
        let component = Artifact::from_bytes("x", *b"\0asm\x0d\0\x01\0").unwrap();
        assert!(matches!(policy.decide(&component, None), Err(OpenError::Signature { .. })));
    }
}
