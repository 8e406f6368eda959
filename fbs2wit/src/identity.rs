//! The contract ID: what two sides must agree on, as a hash.
//!
//! [`canonical_form`] writes everything that the methods of a schema reach in one way that does not depend on how the
//! schema was written; [`contract_id`] is its SHA-256. `wit/SPEC.md` documents every byte and says why what counts
//! counts.

mod canonical;
mod reach;

use hookr_abi::ContractId;
use sha2::{Digest, Sha256};

use crate::model::Schema;

/// What makes a contract of a schema.
#[derive(Clone, Copy, Debug)]
pub struct Roots<'a> {
    /// The service that plugins implement: an index in [`Schema::services`]. The others are called by plugins.
    pub plugin: Option<usize>,
    /// The attribute that marks methods that a plugin may leave out, and strings and vectors whose absence is a state
    /// of its own: `hookr_optional`.
    pub optional_attribute: &'a str,
}

/// The contract ID of a schema.
pub fn contract_id(schema: &Schema, roots: &Roots<'_>) -> ContractId {
    ContractId(Sha256::digest(canonical_form(schema, roots)).into())
}

/// The bytes that the contract ID is the hash of.
pub fn canonical_form(schema: &Schema, roots: &Roots<'_>) -> Vec<u8> {
    canonical::write(schema, roots)
}
