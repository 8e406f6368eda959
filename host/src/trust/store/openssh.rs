//! Keys as lines of OpenSSH.

use std::path::Path;

use ssh_key::authorized_keys::ConfigOpts;

use super::{TrustStore, TrustStoreError};
use crate::trust::key::{KeyError, OPENSSH, PublicKey};
use crate::trust::time::Moment;

/// Reads lines of `.pub` files and of authorized_keys(5).
pub(super) fn read(path: &Path, text: &str) -> Result<TrustStore, TrustStoreError> {
    let mut store = TrustStore::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (options, key) = split(line);
        let until = options.map(expiry).transpose().map_err(|message| TrustStoreError::Line {
            path: path.to_owned(),
            line: number,
            message,
        })?;
        let key = PublicKey::from_openssh(key);
        let key =
            key.map_err(|source: KeyError| TrustStoreError::Key { path: path.to_owned(), line: number, source })?;
        store = store.entry(key, until);
    }
    Ok(store)
}

/// The options before a key, if there are any, and the key.
fn split(line: &str) -> (Option<&str>, &str) {
    match line.split_once([' ', '\t']) {
        // An option that is known has no blanks in it.
        Some((options, key)) if options != OPENSSH && key.trim_start().starts_with(OPENSSH) => {
            (Some(options), key.trim_start())
        }
        _ => (None, line),
    }
}

/// The one option that has a meaning for plugins. To pass over another could let more in than its author wants.
fn expiry(options: &str) -> Result<Moment, String> {
    let options = ConfigOpts::new(options).map_err(|_| format!("the options `{options}` cannot be read"))?;
    let mut until: Option<Moment> = None;
    for option in options.iter() {
        let time = option.strip_prefix("expiry-time=\"").and_then(|rest| rest.strip_suffix('"'));
        let time = time.ok_or_else(|| format!("the option `{option}` has no meaning for plugins"))?;
        let time = Moment::from_openssh(time)
            .ok_or_else(|| format!("`{time}` is no time like 20270101, 202701011200 or 20270101120000Z"))?;
        until = Some(until.map_or(time, |known| known.min(time)));
    }
    until.ok_or_else(|| "there are no options before the key".to_owned())
}
