//! `hookr revoke`.

use std::path::Path;

use hookr::Artifact;
use hookr::trust::{KeyId, PublicKey, TrustStore, signature};
use hookr_abi::Printable;
use serde_json::json;

use crate::args::RevokeArgs;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{self, shown};
use crate::terminal;

/// The largest list that is read: 1 MiB, as hosts do.
const MAX_LIST: u64 = 1 << 20;

/// The largest file of a public key that is read: 64 KiB.
const MAX_KEY: u64 = 64 << 10;

pub(crate) fn run(args: &RevokeArgs) -> Result<()> {
    let (kind, id) = match (&args.plugin, &args.key) {
        (Some(plugin), _) => {
            let artifact = Artifact::read(plugin)?;
            let hash = signature::signed_hash(artifact.bytes());
            let hash = hash.or_fail(Exit::Unfit, || format!("{} cannot be revoked", shown(plugin)))?;
            ("plugin", hash.to_string())
        }
        (None, Some(key)) => ("key", key_id(key)?.to_string()),
        (None, None) => return Err(Failure::message(Exit::Usage, "there is nothing to revoke")),
    };
    let entry = format!("{kind} {id}");
    let report = |added: bool| {
        let list = args.list.display().to_string();
        terminal::print_json(&json!({ "list": list, "kind": kind, "id": id, "added": added }))
    };
    let mut list = String::new();
    let unusable = || format!("the list {} of what is revoked cannot be used", shown(&args.list));
    if args.list.symlink_metadata().is_ok() {
        TrustStore::new().revocations(&args.list).or_fail(Exit::Input, unusable)?;
        list = text(&args.list, MAX_LIST)?;
    }
    let is_there = |line: &str| line.split('#').next().unwrap_or_default().split_whitespace().eq(entry.split(' '));
    if list.lines().any(is_there) {
        terminal::say(&format!("{} has it already", shown(&args.list)));
        return if args.json { report(false) } else { Ok(()) };
    }
    if !list.is_empty() && !list.ends_with('\n') {
        list.push('\n');
    }
    let reason = args.reason.as_deref().map(|reason| format!("  # {}", Printable(reason))).unwrap_or_default();
    let line = format!("{entry}{reason}\n");
    // A list that hosts cannot read would revoke nothing: they read the new one before anybody else sees it.
    files::write_checked(&args.list, (list + &line).as_bytes(), |path| {
        TrustStore::new().revocations(path).map(drop).or_fail(Exit::Input, unusable)
    })?;
    if args.json { report(true) } else { terminal::print(&line) }
}

/// Reads a UTF-8 text of so many bytes at the most, of a file that has an end.
fn text(path: &Path, most: u64) -> Result<String> {
    let unreadable = || format!("cannot read {}", shown(path));
    let bytes = files::read_regular(path, most + 1).or_fail(Exit::Input, unreadable)?;
    if bytes.len() as u64 > most {
        return Err(Failure::message(Exit::Input, format!("{} is larger than {most} bytes", shown(path))));
    }
    String::from_utf8(bytes).or_fail(Exit::Input, || format!("{} is not UTF-8", shown(path)))
}

/// The ID that is given, or that of the key in a file.
fn key_id(key: &Path) -> Result<KeyId> {
    if let Some(id) = key.to_str().and_then(|text| text.parse().ok()) {
        return Ok(id);
    }
    let text = if key == Path::new("-") { files::read_text(key)? } else { text(key, MAX_KEY)? };
    let unusable = || format!("{} is no key ID, and no file of a public key", shown(key));
    Ok(text.parse::<PublicKey>().or_fail(Exit::Input, unusable)?.key_id())
}
