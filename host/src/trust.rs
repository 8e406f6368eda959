//! The decision whether a plugin may run, made on its bytes before anything else is done with them.
//!
//! A [`Builder`](crate::Builder) needs one of these:
//!
//! - `.sha256(..)` pins the hash of the file. Several pins are accepted beside each other, so that an upgrade can roll.
//! - `.lock_file(..)` looks it up in a [lock file](crate::lock).
//! - `.trust(..)` or `.trust_path(..)` wants the file to be signed by keys of a [`TrustStore`]. [`signature`] says what a
//!   signature covers.
//! - `.verifier(..)` asks code of yours.
//! - `.allow_unsigned()` trusts any file, and is meant for a plugin that you are developing yourself.
//!
//! All that are given must agree.

mod approval;
mod digest;
mod error;
mod finding;
mod key;
mod policy;
#[cfg(feature = "sign")]
mod secret;
pub mod signature;
mod signer;
mod store;
mod time;
mod trusted;
mod verifier;

pub use approval::Approval;
pub use digest::{Digest, ParseDigestError};
pub use error::{RevokedBy, SignatureError};
pub use finding::{Finding, Verdict};
pub use key::{KeyError, KeyId, ParseKeyIdError, PublicKey};
#[cfg(feature = "sign")]
pub use secret::SecretKey;
pub use signer::Signer;
pub use store::{TrustStore, TrustStoreError};
pub use time::{Moment, ParseMomentError};
pub use trusted::{KeyState, TrustedKey};
pub use verifier::{Candidate, Verifier};
#[cfg(feature = "sign")]
pub use zeroize::Zeroizing;

pub(crate) use policy::{Approved, Detached, Policy, Store};
pub(crate) use signer::Because;
