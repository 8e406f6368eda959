//! Lists of what is trusted no more.

use std::path::Path;

use super::{TrustStore, TrustStoreError, file};

/// Adds the lines of a list to a store.
pub(super) fn read(mut store: TrustStore, path: &Path) -> Result<TrustStore, TrustStoreError> {
    for (number, line) in (1..).zip(file::text(path)?.lines()) {
        let failed = |message: String| TrustStoreError::Line { path: path.to_owned(), line: number, message };
        let (entry, reason) = line.split_once('#').unwrap_or((line, ""));
        let reason = reason.trim();
        let mut words = entry.split_whitespace();
        store = match (words.next(), words.next(), words.next()) {
            (None, ..) => store,
            (Some("key"), Some(id), None) => {
                let id = id.parse().map_err(|error: crate::trust::ParseKeyIdError| failed(error.to_string()))?;
                store.revoke_key_because(id, reason)
            }
            (Some("plugin"), Some(hash), None) => {
                let hash = hash.parse().map_err(|error: crate::trust::ParseDigestError| failed(error.to_string()))?;
                store.revoke_plugin_because(hash, reason)
            }
            _ => {
                let message = "a line is `key ID  # why` or `plugin SHA256  # why`".to_owned();
                return Err(failed(message));
            }
        };
    }
    Ok(store)
}
