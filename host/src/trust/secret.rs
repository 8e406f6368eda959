use std::fmt;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use hookr_abi::Printable;
use ssh_key::private::{Ed25519Keypair, Ed25519PrivateKey, KeypairData};
use ssh_key::{Cipher, Kdf, PrivateKey};
use zeroize::Zeroizing;

use super::key::{KeyError, PublicKey, pem_label};
use super::signature::{self, FormatError};

/// How much work it is to try a passphrase: that of ssh-keygen.
const ROUNDS: u32 = 24;

/// An Ed25519 key that signs plugins. Its bytes are wiped from memory when it is dropped, and `Debug` does not show them.
///
/// ```
/// use hookr::trust::{SecretKey, TrustStore};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let component = b"\0asm\x0d\0\x01\0";
/// let key = SecretKey::generate()?.named("release");
/// let signed = key.sign(component)?;
/// let store = TrustStore::new().key(key.public_key());
/// let approval = store.check(&hookr::Artifact::from_bytes("plugin", signed)?, None)?;
/// assert_eq!(approval.signers()[0].key_id, key.public_key().key_id());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SecretKey {
    key: SigningKey,
    public: PublicKey,
}

impl SecretKey {
    /// A new key, of the random numbers of the system.
    ///
    /// # Errors
    ///
    /// [`KeyError::Random`].
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(|error| KeyError::Random(error.to_string()))?;
        SecretKey::from_bytes(&seed)
    }

    fn from_bytes(seed: &[u8; 32]) -> Result<Self, KeyError> {
        let key = SigningKey::from_bytes(seed);
        let public = PublicKey::from_bytes(key.verifying_key().as_bytes())?;
        Ok(SecretKey { key, public })
    }

    /// Reads a private key of OpenSSH or a PEM block; a passphrase is for the former.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says what is wrong with it.
    pub fn parse(text: &str, passphrase: Option<&[u8]>) -> Result<Self, KeyError> {
        match pem_label(text.trim()) {
            Some("OPENSSH PRIVATE KEY") => SecretKey::from_openssh(text, passphrase),
            Some(_) => SecretKey::from_pem(text),
            None if text.trim().parse::<PublicKey>().is_ok() => Err(KeyError::Public),
            None => Err(KeyError::Unreadable("it is no private key of OpenSSH and no PEM block".to_owned())),
        }
    }

    /// Reads a private key as `ssh-keygen -t ed25519` writes it.
    ///
    /// # Errors
    ///
    /// [`KeyError`]; [`NoPassphrase`](KeyError::NoPassphrase) and [`WrongPassphrase`](KeyError::WrongPassphrase) where it is
    /// encrypted.
    pub fn from_openssh(text: &str, passphrase: Option<&[u8]>) -> Result<Self, KeyError> {
        let read = PrivateKey::from_openssh(text.trim());
        let mut key = read.map_err(|error| KeyError::Unreadable(error.to_string()))?;
        if key.is_encrypted() {
            let passphrase = passphrase.ok_or(KeyError::NoPassphrase)?;
            key = key.decrypt(passphrase).map_err(|_| KeyError::WrongPassphrase)?;
        }
        let pair = key.key_data().ed25519().ok_or_else(|| KeyError::OtherType(key.algorithm().as_str().to_owned()))?;
        let found = SecretKey::from_bytes(pair.private.as_ref())?;
        if found.public.as_bytes() != &pair.public.0 {
            return Err(KeyError::Unreadable("its public part is of another key".to_owned()));
        }
        Ok(found.named(key.comment()))
    }

    /// Reads a block `-----BEGIN PRIVATE KEY-----`, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says what is wrong with it.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        match pem_label(text) {
            Some("PRIVATE KEY") => {}
            Some("PUBLIC KEY") => return Err(KeyError::Public),
            Some("ENCRYPTED PRIVATE KEY") => return Err(KeyError::EncryptedPem),
            Some(label) => return Err(KeyError::OtherType(label.to_owned())),
            None => return Err(KeyError::Unreadable("it has no line `-----BEGIN PRIVATE KEY-----`".to_owned())),
        }
        let key = SigningKey::from_pkcs8_pem(text).map_err(|error| KeyError::Unreadable(error.to_string()))?;
        SecretKey::from_bytes(key.as_bytes())
    }

    /// Gives it another name, which goes into files as its comment.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.public = self.public.named(name);
        self
    }

    /// What others need to verify its signatures.
    pub fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    /// The text of a private key file of OpenSSH, encrypted if there is a passphrase.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unreadable`] where the format has no room for the name, and [`KeyError::Random`].
    pub fn to_openssh(&self, passphrase: Option<&[u8]>) -> Result<Zeroizing<String>, KeyError> {
        let failed = |error: ssh_key::Error| KeyError::Unreadable(error.to_string());
        let pair = Ed25519Keypair {
            public: ssh_key::public::Ed25519PublicKey(*self.public.as_bytes()),
            private: Ed25519PrivateKey::from_bytes(self.key.as_bytes()),
        };
        let comment = Printable(self.public.name()).to_string();
        let mut key = PrivateKey::new(KeypairData::Ed25519(pair), comment).map_err(failed)?;
        if let Some(passphrase) = passphrase {
            let mut random = [0; 20];
            getrandom::fill(&mut random).map_err(|error| KeyError::Random(error.to_string()))?;
            let (check, salt) = random.split_first_chunk::<4>().unwrap_or((&[0; 4], &random));
            let kdf = Kdf::Bcrypt { salt: salt.to_vec(), rounds: ROUNDS };
            let check = u32::from_le_bytes(*check);
            key = key.encrypt_with(Cipher::Aes256Ctr, kdf, check, passphrase).map_err(failed)?;
        }
        key.to_openssh(ssh_key::LineEnding::LF).map_err(failed)
    }

    /// A block `-----BEGIN PRIVATE KEY-----`, as OpenSSL reads it. It has no room for the name.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unreadable`] where it cannot be written.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        // Without the public key, which is the form that OpenSSL writes itself.
        let pair = KeypairBytes { secret_key: self.key.to_bytes(), public_key: None };
        pair.to_pkcs8_pem(LineEnding::LF).map_err(|error| KeyError::Unreadable(error.to_string()))
    }

    /// Signs a component: gives it back with a signature beside those that it has. A component that this key has signed
    /// already comes back as it is.
    ///
    /// # Errors
    ///
    /// [`FormatError`] where its sections or the signatures in it cannot be read, or it has no room for one more.
    pub fn sign(&self, component: &[u8]) -> Result<Vec<u8>, FormatError> {
        signature::sign(component, &self.key, self.public.key_id())
    }

    /// Signs a component, and gives back a detached signature, which has those of `existing` in it, too, as far as they are
    /// about this component.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    pub fn sign_detached(&self, component: &[u8], existing: Option<&[u8]>) -> Result<Vec<u8>, FormatError> {
        signature::sign_detached(component, existing, &self.key, self.public.key_id())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").field("public", &self.public).finish_non_exhaustive()
    }
}
