//! Signatures of components, in the format of the WebAssembly tool conventions (`Signatures.md`), as [wasmsign2] writes it.
//!
//! A component's first section may be a custom section `signature`. It holds hashes of everything behind it, and Ed25519
//! signatures over them; the same bytes in a file of their own are a detached signature. What is signed is
//!
//! ```text
//! "wasmsig" ‖ 0x01 ‖ 0x01 ‖ 0x01 ‖ hashes
//! ```
//!
//! and the hashes are those of the content up to the end of each custom section `signature_delimiter`, and of all of it. The
//! format lets a signature cover the first parts of a file only. Here it never does: the hashes must be exactly those of
//! this file, all delimiters and the end, or the one of the whole.
//!
//! The format is read, compared and written here, and wasmsign2 is what the tests compare with. It calls itself a proof of
//! concept, and a loader needs something else: it takes as much memory as a file claims to need before anything is trusted
//! (4 GiB for ten bytes); one signature of a wrong length makes all of them unreadable; it accepts a file that is cut off at
//! a delimiter; and it does not say which key has signed.
//!
//! [wasmsign2]: https://crates.io/crates/wasmsign2

mod layout;
mod read;
#[cfg(feature = "sign")]
mod write;

pub(super) use layout::{Hashes, Layout};
pub use read::{Claim, Signatures, SignedHashes};
#[cfg(feature = "sign")]
pub use write::{attach, detach};
#[cfg(feature = "sign")]
pub(super) use write::{sign, sign_detached};

/// The name of the section.
const SECTION: &str = "signature";
/// The name of the sections that end a part.
const DELIMITER: &str = "signature_delimiter";

/// The format: its version, what is signed (a module or component), and the hash function (SHA-256).
const HEAD: [u8; 3] = [1, 1, 1];
/// What goes before the hashes when they are signed.
const DOMAIN: &[u8] = b"wasmsig";
/// The number of Ed25519.
const ED25519: u8 = 1;

/// The largest section, and the largest detached signature: 64 KiB.
pub const MAX_SIZE: usize = 64 << 10;
/// So many sets of hashes, and hashes in each, are read.
pub const MAX_HASHES: usize = 64;
/// So many signatures are read.
pub const MAX_SIGNATURES: usize = 256;

/// Signature data, or the sections of a component, cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {} is damaged at byte {offset}: {message}", if *.detached { "detached signature" } else { "component" })]
pub struct FormatError {
    /// Whether it is about a detached signature, not about the component.
    pub detached: bool,
    /// Where.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
}

impl FormatError {
    fn new(offset: usize, message: impl Into<String>) -> Self {
        FormatError { detached: false, offset, message: message.into() }
    }
}

/// The hash of what a signature of a component covers: everything behind the preamble, and behind the signature section if it
/// has one. It stays the same when signatures are added or taken away.
///
/// # Errors
///
/// [`FormatError`] where the sections of the component cannot be read.
pub fn signed_hash(component: &[u8]) -> Result<crate::Digest, FormatError> {
    Ok(Layout::of(component)?.hashes().whole())
}

/// What a key signs.
fn message<'a>(hashes: impl IntoIterator<Item = &'a [u8; 32]>) -> Vec<u8> {
    let mut message = [DOMAIN, &HEAD].concat();
    message.extend(hashes.into_iter().flatten());
    message
}
