use std::fmt;
use std::str::FromStr;

use ed25519_dalek::VerifyingKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePublicKey as _, EncodePublicKey as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use hookr_abi::Printable;
use sha2::Sha256;

/// The name of Ed25519 keys in OpenSSH's files.
pub(super) const OPENSSH: &str = "ssh-ed25519";

/// The short name of a public key: 24 hexadecimal digits.
///
/// It is made of the key, so that nobody chooses it: the first 12 bytes of HMAC-SHA-256 over the text `key_id`, with the
/// 32 bytes of the public key as the key of the HMAC. wasmsign2 makes the same. It is a name, no proof: what a signature
/// says of its key is only ever a hint where to look.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; KeyId::LEN]);

impl KeyId {
    /// How many bytes it has.
    pub const LEN: usize = 12;

    fn of(key: &[u8; 32]) -> Self {
        // A short key is the same as one that zeros fill up to a block of the hash.
        let mut block = [0; 64];
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(b"key_id");
        let all: [u8; 32] = mac.finalize().into_bytes().into();
        let mut id = [0; KeyId::LEN];
        id.iter_mut().zip(all).for_each(|(to, from)| *to = from);
        KeyId(id)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl From<[u8; KeyId::LEN]> for KeyId {
    fn from(bytes: [u8; KeyId::LEN]) -> Self {
        KeyId(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A text is not 24 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key ID is 24 hexadecimal digits, not {} characters", .text.chars().count())]
pub struct ParseKeyIdError {
    /// The text.
    pub text: String,
}

impl FromStr for KeyId {
    type Err = ParseKeyIdError;

    /// Reads 24 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseKeyIdError { text: text.to_owned() };
        let digits: Option<Vec<u8>> =
            text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
        let (pairs, rest) = digits.as_deref().ok_or_else(error)?.as_chunks::<2>();
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        if !rest.is_empty() {
            return Err(error());
        }
        bytes.try_into().map(KeyId).map_err(|_| error())
    }
}

/// An Ed25519 public key, with the name that its file gives it.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    key: VerifyingKey,
    id: KeyId,
    name: String,
}

impl PublicKey {
    /// A key of its 32 bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError::Weak`] if they are not a point of the curve that can be relied on: of small order, with which
    /// signatures exist that fit any content, or in another form than the one that tools write, so that one key could pass
    /// for two.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Weak)?;
        if key.is_weak() || key.to_edwards().compress().as_bytes() != bytes {
            return Err(KeyError::Weak);
        }
        Ok(PublicKey { key, id: KeyId::of(bytes), name: String::new() })
    }

    /// Reads `ssh-ed25519 AAAA… comment`, the line of a `.pub` file of OpenSSH. The comment becomes the name.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says what is wrong with it.
    pub fn from_openssh(line: &str) -> Result<Self, KeyError> {
        let line = line.trim();
        let found = line.split([' ', '\t']).next().unwrap_or_default();
        if found != OPENSSH {
            return Err(other_openssh(found));
        }
        let key = ssh_key::PublicKey::from_openssh(line).map_err(|error| KeyError::Unreadable(error.to_string()))?;
        let bytes = key.key_data().ed25519().ok_or_else(|| other_openssh(key.algorithm().as_str()))?;
        Ok(PublicKey::from_bytes(&bytes.0)?.named(key.comment()))
    }

    /// Reads a block `-----BEGIN PUBLIC KEY-----`, as OpenSSL writes it.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says what is wrong with it.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        match pem_label(text) {
            Some("PUBLIC KEY") => {}
            Some(label) if label.ends_with("PRIVATE KEY") => return Err(KeyError::Private),
            Some(label) => return Err(KeyError::OtherType(label.to_owned())),
            None => return Err(KeyError::Unreadable("it has no line `-----BEGIN PUBLIC KEY-----`".to_owned())),
        }
        let key = VerifyingKey::from_public_key_pem(text).map_err(|error| KeyError::Unreadable(error.to_string()))?;
        PublicKey::from_bytes(key.as_bytes())
    }

    /// Gives it another name. A name is for people; nothing is decided by it.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Its name: the comment in its file, or what [`named`](Self::named) says. It may be empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its ID.
    pub fn key_id(&self) -> KeyId {
        self.id
    }

    /// The 32 bytes of the key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The line of a `.pub` file of OpenSSH, without an end of line. The name is its comment.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unreadable`] where the format has no room for the name.
    pub fn to_openssh(&self) -> Result<String, KeyError> {
        let data = ssh_key::public::Ed25519PublicKey(*self.as_bytes()).into();
        let key = ssh_key::PublicKey::new(data, Printable(&self.name).to_string());
        key.to_openssh().map_err(|error| KeyError::Unreadable(error.to_string()))
    }

    /// A block `-----BEGIN PUBLIC KEY-----`, as OpenSSL reads it. It has no room for the name.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unreadable`] where it cannot be written.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        self.key.to_public_key_pem(LineEnding::LF).map_err(|error| KeyError::Unreadable(error.to_string()))
    }

    /// Whether a signature over a message is of this key. Signatures that other keys would accept too are refused.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)).is_ok()
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    /// Reads a line of OpenSSH or a PEM block.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if pem_label(text.trim()).is_some() { PublicKey::from_pem(text) } else { PublicKey::from_openssh(text) }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("id", &self.id).field("name", &self.name).finish()
    }
}

/// Why a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It cannot be read at all.
    #[error("the key cannot be read: {}", Printable(.0))]
    Unreadable(String),
    /// It is of another kind: RSA, a certificate, a key on a security token.
    #[error("this is of the type `{}`, and plugins are signed with Ed25519 keys (`ssh-ed25519`, `PUBLIC KEY`)", Printable(.0))]
    OtherType(String),
    /// A private key stands where a public one belongs.
    #[error("this is a private key: it is to stay where plugins are signed, and here its public key is enough")]
    Private,
    /// A public key stands where a private one belongs.
    #[error("this is a public key, and signing takes the private one")]
    Public,
    /// The bytes are no key that can be relied on.
    #[error("the key is none that can be relied on: it is no point of the curve, or one with which anybody can sign")]
    Weak,
    /// A private key is encrypted, and there is no passphrase.
    #[error("the private key is encrypted, and there is no passphrase")]
    NoPassphrase,
    /// A private key is encrypted with another passphrase.
    #[error("the passphrase is not that of the private key")]
    WrongPassphrase,
    /// A private key is encrypted in a way that is not supported.
    #[error("the private key is encrypted as PEM, which is not supported: use the format of OpenSSH")]
    EncryptedPem,
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {}", Printable(.0))]
    Random(String),
}

/// What a PEM text says that it is.
pub(super) fn pem_label(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.trim().strip_prefix("-----BEGIN ")?.strip_suffix("-----"))
}

fn other_openssh(found: &str) -> KeyError {
    let is_type = ["ssh-", "ecdsa-", "sk-", "webauthn-"].iter().any(|prefix| found.starts_with(prefix));
    if is_type {
        KeyError::OtherType(found.to_owned())
    } else {
        KeyError::Unreadable(format!("it is no line `{OPENSSH} AAAA…` and no PEM block"))
    }
}
