//! From a core module to a component.

use wit_component::ComponentEncoder;

use super::sections::{SectionsError, is_component, without_section};

/// Why a core module gives no component.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    /// It is damaged.
    #[error("the compiled module cannot be read")]
    Damaged(#[from] SectionsError),
    /// It does not have what its bindings promise, or is not valid.
    #[error("the compiled module gives no component")]
    Refused(#[source] anyhow::Error),
}

/// Makes a component of a core module that bindings generators have prepared; one that is a component already stays as it is.
/// Sections `hookr:contract` inside are left out: it goes to the top level, once.
pub(crate) fn encode(module: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let module = without_section(module)?;
    if is_component(&module) {
        return Ok(module);
    }
    let encode = || ComponentEncoder::default().validate(true).module(&module)?.encode();
    encode().map_err(EncodeError::Refused)
}
