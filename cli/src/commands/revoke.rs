//! `hookr revoke`.

use std::path::Path;

use hookr::Artifact;
use hookr::trust::{KeyId, PublicKey, TrustStore, signature};
use hookr_abi::Printable;

use crate::args::RevokeArgs;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{self, shown};
use crate::terminal;

pub(crate) fn run(args: &RevokeArgs) -> Result<()> {
    let entry = match (&args.plugin, &args.key) {
        (Some(plugin), _) => {
            let artifact = Artifact::read(plugin)?;
            let hash = signature::signed_hash(artifact.bytes());
            format!("plugin {}", hash.or_fail(Exit::Unfit, || format!("{} cannot be revoked", shown(plugin)))?)
        }
        (None, Some(key)) => format!("key {}", key_id(key)?),
        (None, None) => return Err(Failure::message(Exit::Usage, "there is nothing to revoke")),
    };
    let mut list = String::new();
    if args.list.symlink_metadata().is_ok() {
        // A list that hosts cannot read would revoke nothing.
        let unusable = || format!("the list {} of what is revoked cannot be used", shown(&args.list));
        TrustStore::new().revocations(&args.list).or_fail(Exit::Input, unusable)?;
        list = files::read_text(&args.list)?;
    }
    let is_there = |line: &str| line.split('#').next().unwrap_or_default().split_whitespace().eq(entry.split(' '));
    if list.lines().any(is_there) {
        terminal::say(&format!("{} has it already", shown(&args.list)));
        return Ok(());
    }
    if !list.is_empty() && !list.ends_with('\n') {
        list.push('\n');
    }
    let reason = args.reason.as_deref().map(|reason| format!("  # {}", Printable(reason))).unwrap_or_default();
    let line = format!("{entry}{reason}\n");
    files::write(&args.list, (list + &line).as_bytes())?;
    terminal::print(&line)
}

/// The ID that is given, or that of the key in a file.
fn key_id(key: &Path) -> Result<KeyId> {
    if let Some(id) = key.to_str().and_then(|text| text.parse().ok()) {
        return Ok(id);
    }
    let text = files::read_text(key)?;
    let unusable = || format!("{} is no key ID, and no file of a public key", shown(key));
    Ok(text.parse::<PublicKey>().or_fail(Exit::Input, unusable)?.key_id())
}
