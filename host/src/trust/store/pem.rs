//! Keys as PEM blocks.

use std::path::Path;

use super::{TrustStore, TrustStoreError};
use crate::trust::key::{KeyError, PublicKey, pem_label};

/// Reads blocks, with nothing but comments between them.
pub(super) fn read(path: &Path, text: &str) -> Result<TrustStore, TrustStoreError> {
    let mut store = TrustStore::new();
    // The block that has begun, and the line where it did.
    let mut open: Option<(usize, String)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let failed = |line, source| TrustStoreError::Key { path: path.to_owned(), line, source };
        match &mut open {
            None if line.is_empty() || line.starts_with('#') => {}
            None if pem_label(line).is_some() => open = Some((number, format!("{line}\n"))),
            None => {
                let message = "there is something else than PEM blocks and comments".to_owned();
                return Err(TrustStoreError::Line { path: path.to_owned(), line: number, message });
            }
            Some((start, block)) => {
                block.push_str(line);
                block.push('\n');
                if line.starts_with("-----END ") {
                    let key = PublicKey::from_pem(block).map_err(|source| failed(*start, source))?;
                    store = store.entry(key, None);
                    open = None;
                }
            }
        }
    }
    match open {
        None => Ok(store),
        Some((line, block)) => {
            // What it is matters more than that it does not end.
            let source = match PublicKey::from_pem(&block) {
                Err(error @ (KeyError::Private | KeyError::OtherType(_))) => error,
                _ => KeyError::Unreadable("the block has no end".to_owned()),
            };
            Err(TrustStoreError::Key { path: path.to_owned(), line, source })
        }
    }
}
