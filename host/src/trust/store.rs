use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use super::signature::{Claim, Hashes, Layout, Signatures, signed_hash};
use super::{Approval, Candidate, Digest, Finding, KeyId, KeyState, Moment, PublicKey, RevokedBy, SignatureError};
use super::{Signer, TrustedKey, Verdict, Verifier};
use crate::Artifact;

mod error;
mod file;
mod openssh;
mod pem;
mod revocations;
mod toml;

pub use error::TrustStoreError;
pub(super) use file::read_bytes;

/// So many times a key is tried on a signature before a plugin is refused: a quarter of a second.
const MAX_TRIES: usize = 4096;

/// The keys that are trusted, how many of them have to sign a plugin, and what has been revoked.
///
/// ```
/// use hookr::trust::{PublicKey, TrustStore};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti release";
/// let store = TrustStore::new().key(PublicKey::from_openssh(line)?);
/// assert_eq!(store.keys().next().unwrap().signer.to_string(), "31551fd929ea4e6b61bb63c3 (release)");
/// # Ok(())
/// # }
/// ```
///
/// # Files
///
/// [`read`](Self::read) takes one of these, and tells them apart by what is in them, and `.toml` by its name:
///
/// - Public keys as OpenSSH writes them, `ssh-ed25519 AAAA… comment`, one a line. `expiry-time="20270101"` may stand before
///   the key, as in authorized_keys(5). Every other option is an error, and so is a key of another type.
/// - Public keys as PEM, `-----BEGIN PUBLIC KEY-----`, one or several.
/// - A file `.toml`:
///
///   ```toml
///   threshold = 2                       # so many of the keys have to sign; 1, if it is not said
///
///   [[key]]
///   name = "release"                    # for people; else the comment of the key
///   key = "ssh-ed25519 AAAA…"
///   expires = 2027-01-01                # a date is its first moment in UTC; or 2027-01-01T12:00:00Z
///
///   [[key]]
///   file = "ops.pub"                    # with one key in it; from the folder of this file on
///
///   [revoked]
///   keys = ["31551fd929ea4e6b61bb63c3"]
///   plugins = ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]
///   files = ["revoked.txt"]
///   ```
/// - A folder: every file `.pub`, `.pem` and `.toml` in it, in the order of their names. Other files and folders in it are
///   passed over. The largest threshold counts.
///
/// A private key in such a file is an error, whatever else is in it.
///
/// # What counts
///
/// A key counts once, however often it is in a store and however many signatures of it a plugin has. Where it is there with
/// several ends, the first counts. A key that has expired, or has been revoked, makes no plugin trusted, not even one that
/// was signed before: a signature does not say when it was made.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    keys: Vec<Entry>,
    threshold: Option<usize>,
    revoked_keys: BTreeMap<KeyId, String>,
    revoked_plugins: BTreeMap<Digest, String>,
    at: Option<Moment>,
}

#[derive(Clone, Debug)]
struct Entry {
    key: PublicKey,
    until: Option<Moment>,
}

impl TrustStore {
    /// A store without keys, which trusts nothing.
    pub fn new() -> Self {
        TrustStore::default()
    }

    /// Reads a file or a folder of keys; see [above](Self#files) for what may be in it.
    ///
    /// # Errors
    ///
    /// [`TrustStoreError`] names the file and the line.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, TrustStoreError> {
        file::read(path.as_ref())
    }

    /// Trusts a key.
    #[must_use]
    pub fn key(self, key: PublicKey) -> Self {
        self.entry(key, None)
    }

    /// Trusts a key until then.
    #[must_use]
    pub fn key_until(self, key: PublicKey, until: SystemTime) -> Self {
        self.entry(key, Some(until.into()))
    }

    fn entry(mut self, key: PublicKey, until: Option<Moment>) -> Self {
        match self.keys.iter_mut().find(|known| known.key.as_bytes() == key.as_bytes()) {
            Some(known) => {
                known.until = [known.until, until].into_iter().flatten().min();
                if known.key.name().is_empty() {
                    known.key = key;
                }
            }
            None => self.keys.push(Entry { key, until }),
        }
        self
    }

    /// So many keys have to sign a plugin; 1, if it is not set.
    #[must_use]
    pub fn threshold(mut self, signers: usize) -> Self {
        self.threshold = Some(signers);
        self
    }

    /// Trusts a key no more, whichever file or list it is in.
    #[must_use]
    pub fn revoke_key(self, key: KeyId) -> Self {
        self.revoke_key_because(key, "")
    }

    fn revoke_key_because(mut self, key: KeyId, reason: &str) -> Self {
        keep(self.revoked_keys.entry(key).or_default(), reason);
        self
    }

    /// Refuses a plugin, whoever signed it: by the SHA-256 of its file, or by its [signed hash](Approval::signed_hash). The
    /// latter is the safer: by it, the plugin is refused however its signatures are arranged.
    #[must_use]
    pub fn revoke_plugin(self, plugin: Digest) -> Self {
        self.revoke_plugin_because(plugin, "")
    }

    fn revoke_plugin_because(mut self, plugin: Digest, reason: &str) -> Self {
        keep(self.revoked_plugins.entry(plugin).or_default(), reason);
        self
    }

    /// Reads a list of revocations: a text, with a line for each, and everything behind a `#` is why.
    ///
    /// ```text
    /// key 31551fd929ea4e6b61bb63c3  # lost with a laptop
    /// plugin e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  # answers wrongly
    /// ```
    ///
    /// # Errors
    ///
    /// [`TrustStoreError`] names the line.
    pub fn revocations(self, path: impl AsRef<Path>) -> Result<Self, TrustStoreError> {
        revocations::read(self, path.as_ref())
    }

    /// Adds what another store has. The larger threshold counts.
    #[must_use]
    pub fn merge(mut self, other: TrustStore) -> Self {
        self.threshold = self.threshold.max(other.threshold);
        self.at = self.at.or(other.at);
        for (key, reason) in other.revoked_keys {
            self = self.revoke_key_because(key, &reason);
        }
        for (plugin, reason) in other.revoked_plugins {
            self = self.revoke_plugin_because(plugin, &reason);
        }
        other.keys.into_iter().fold(self, |store, entry| store.entry(entry.key, entry.until))
    }

    /// Decides as it would at another time, instead of now: for audits and tests.
    #[must_use]
    pub fn at(mut self, time: SystemTime) -> Self {
        self.at = Some(time.into());
        self
    }

    /// The keys, each once, and whether they count.
    pub fn keys(&self) -> impl Iterator<Item = TrustedKey> {
        let now = self.now();
        self.keys
            .iter()
            .map(move |entry| TrustedKey { signer: Signer::from(&entry.key), state: self.state(entry, now) })
    }

    /// How many keys have to sign a plugin.
    pub fn signers_needed(&self) -> usize {
        self.threshold.unwrap_or(1)
    }

    fn now(&self) -> Moment {
        self.at.unwrap_or_else(Moment::now)
    }

    fn state(&self, entry: &Entry, now: Moment) -> KeyState {
        if let Some(reason) = self.revoked_keys.get(&entry.key.key_id()) {
            return KeyState::Revoked { reason: reason.clone() };
        }
        match entry.until {
            Some(at) if at <= now => KeyState::Expired { at },
            until => KeyState::Usable { until },
        }
    }

    /// Decides about a plugin, by the signatures inside of it and the detached ones.
    ///
    /// # Errors
    ///
    /// [`SignatureError`] says what is missing, what came of each signature, and which keys are trusted.
    pub fn check(&self, artifact: &Artifact, detached: Option<&[u8]>) -> Result<Approval, SignatureError> {
        let threshold = self.signers_needed();
        if self.keys.is_empty() {
            return Err(SignatureError::NoKeys);
        }
        if threshold == 0 || threshold > self.keys.len() {
            return Err(SignatureError::Threshold { threshold, keys: self.keys.len() });
        }
        self.not_revoked(RevokedBy::File, artifact.sha256())?;
        let layout = Layout::of(artifact.bytes())?;
        let embedded = layout.signature.map(|(offset, data)| Signatures::read(data, offset)).transpose()?;
        let detached = detached.map(Signatures::detached).transpose()?;
        let hashes = layout.hashes();
        self.not_revoked(RevokedBy::SignedHash, hashes.whole())?;

        let keys: Vec<TrustedKey> = self.keys().collect();
        let mut findings = Vec::new();
        let sources = embedded.iter().map(|found| (found, false)).chain(detached.iter().map(|found| (found, true)));
        self.not_too_many(sources.clone().map(|(found, _)| found), &hashes)?;
        // By their places in the store, since two keys could be made to share an ID.
        let mut signed = BTreeSet::new();
        for (found, detached) in sources {
            self.findings(found, &hashes, &keys, detached, &mut findings, &mut signed);
        }
        if findings.is_empty() {
            return Err(SignatureError::NotSigned { trusted: keys });
        }
        let (signers, others): (Vec<_>, Vec<_>) =
            keys.iter().cloned().enumerate().partition(|(place, _)| signed.contains(place));
        let signers: Vec<Signer> = signers.into_iter().map(|(_, key)| key.signer).collect();
        let others = others.into_iter().map(|(_, key)| key).collect();
        match signers.len() {
            0 => Err(SignatureError::NoValidSignature { findings, trusted: keys }),
            count if count < threshold => Err(SignatureError::TooFew { threshold, signers, others, findings }),
            _ => Ok(Approval { signers, signed_hash: hashes.whole(), findings }),
        }
    }

    /// Decides whether a plugin is revoked, and nothing else: by the hash of its file, and by its signed hash.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Revoked`], and [`SignatureError::Malformed`] for what has no signed hash.
    pub fn check_revocations(&self, artifact: &Artifact) -> Result<(), SignatureError> {
        if self.revoked_plugins.is_empty() {
            return Ok(());
        }
        self.not_revoked(RevokedBy::File, artifact.sha256())?;
        self.not_revoked(RevokedBy::SignedHash, signed_hash(artifact.bytes())?)
    }

    fn not_revoked(&self, by: RevokedBy, hash: Digest) -> Result<(), SignatureError> {
        match self.revoked_plugins.get(&hash) {
            Some(reason) => Err(SignatureError::Revoked { by, hash, reason: reason.clone() }),
            None => Ok(()),
        }
    }

    /// How often keys are tried is up to whoever made the file, so that it has a bound.
    fn not_too_many<'a>(
        &self,
        found: impl Iterator<Item = &'a Signatures<'a>>,
        hashes: &Hashes,
    ) -> Result<(), SignatureError> {
        let sets = found.flat_map(Signatures::sets).filter(|set| hashes.are(set.hashes()));
        let (signatures, keys) = (sets.map(|set| set.claims().count()).sum::<usize>(), self.keys.len());
        if signatures.saturating_mul(keys) > MAX_TRIES {
            return Err(SignatureError::TooMany { signatures, keys });
        }
        Ok(())
    }

    fn findings(
        &self,
        found: &Signatures<'_>,
        hashes: &Hashes,
        keys: &[TrustedKey],
        detached: bool,
        findings: &mut Vec<Finding>,
        signed: &mut BTreeSet<usize>,
    ) {
        for set in found.sets() {
            let is_this = hashes.are(set.hashes());
            let message = set.message();
            for claim in set.claims() {
                let claimed = claim.key_id();
                let claimed = keys.iter().find(|key| Some(key.signer.key_id) == claimed).map(|key| key.signer.clone());
                let verdict = if is_this {
                    let place = self.find(claim, &message, keys);
                    let verdict = verdict(place.and_then(|place| keys.get(place)), claimed);
                    signed.extend(place.filter(|_| matches!(verdict, Verdict::Valid(_))));
                    verdict
                } else {
                    let signed = set.hashes().last().map(|hash| Digest::from(*hash));
                    Verdict::OtherContent { claimed, signed }
                };
                findings.push(Finding { claimed: claim.id().to_owned(), detached, verdict });
            }
            let foreign = Finding { claimed: Vec::new(), detached, verdict: Verdict::Foreign };
            findings.extend(std::iter::repeat_n(foreign, set.foreign()));
        }
    }

    /// Whose a signature is. The key that it claims is tried first, and then every other: a claim is no more than a hint.
    fn find(&self, claim: Claim<'_>, message: &[u8], keys: &[TrustedKey]) -> Option<usize> {
        let claimed = keys.iter().position(|key| Some(key.signer.key_id) == claim.key_id());
        let places = claimed.into_iter().chain((0..self.keys.len()).filter(|place| Some(*place) != claimed));
        let signed =
            |place: &usize| self.keys.get(*place).is_some_and(|entry| entry.key.verifies(message, claim.signature()));
        places.into_iter().find(signed)
    }
}

/// What a signature over this content is, by whose it is and whose it claims to be.
fn verdict(found: Option<&TrustedKey>, claimed: Option<Signer>) -> Verdict {
    let Some(TrustedKey { signer, state }) = found else {
        return claimed.map_or(Verdict::UnknownKey, |claimed| Verdict::Bad { claimed });
    };
    let signer = signer.clone();
    match state {
        KeyState::Usable { .. } => Verdict::Valid(signer),
        KeyState::Expired { at } => Verdict::Expired { signer, at: *at },
        KeyState::Revoked { reason } => Verdict::Revoked { signer, reason: reason.clone() },
    }
}

/// Keeps the first reason that says anything.
fn keep(known: &mut String, reason: &str) {
    if known.is_empty() {
        reason.clone_into(known);
    }
}

impl Verifier for TrustStore {
    fn verify(&self, candidate: &Candidate<'_>) -> Result<(), crate::Source> {
        let store = self.clone().merge(candidate.revoked.clone());
        store.check(candidate.artifact, candidate.detached).map(drop).map_err(Into::into)
    }
}
