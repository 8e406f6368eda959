//! `hookr sign`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use hookr::trust::signature::{self, FormatError, MAX_SIZE};
use hookr::trust::{SecretKey, TrustStore};
use hookr::{Artifact, Digest};
use serde_json::json;

use crate::args::SignArgs;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{self, shown};
use crate::keys;
use crate::terminal::{self, Style, Table};

pub(crate) fn run(args: &SignArgs, style: Style) -> Result<()> {
    let artifact = Artifact::read(&args.plugin)?;
    // What is no plugin has its own errors here, as everywhere.
    artifact.contract_section()?;
    let key = args.key.as_deref().map(|path| keys::read(path, args.passphrase_file.as_deref())).transpose()?;
    let out = args.out.as_deref().unwrap_or(&args.plugin);
    match (key, &args.detached) {
        (Some(key), Some(file)) => detached(args, &artifact, &key, file.as_deref(), style),
        (Some(key), None) => {
            let signed = key.sign(artifact.bytes()).map_err(|error| unfit(&args.plugin, error))?;
            checked(&key, &signed, None)?;
            files::write(out, &signed)?;
            report(args, &artifact, Some(&key), (out, Digest::of(&signed)), style)
        }
        (None, _) => {
            let (plain, _) = signature::detach(artifact.bytes()).map_err(|error| unfit(&args.plugin, error))?;
            files::write(out, &plain)?;
            report(args, &artifact, None, (out, Digest::of(&plain)), style)
        }
    }
}

/// Signs into a file of its own, beside what is there.
fn detached(args: &SignArgs, artifact: &Artifact, key: &SecretKey, file: Option<&Path>, style: Style) -> Result<()> {
    let path = file.map_or_else(
        || {
            let mut path = args.plugin.clone().into_os_string();
            path.push(".sig");
            PathBuf::from(path)
        },
        Path::to_owned,
    );
    let existing = match files::read_regular(&path, MAX_SIZE as u64 + 1) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        read => Some(read.or_fail(Exit::Input, || format!("cannot read the signature {}", shown(&path)))?),
    };
    if existing.as_ref().is_some_and(|existing| existing.len() > MAX_SIZE) {
        return Err(Failure::message(Exit::Input, format!("{} is no signature", shown(&path))));
    }
    let signed = key.sign_detached(artifact.bytes(), existing.as_deref()).map_err(|error| {
        let path = if error.detached { &path } else { &args.plugin };
        unfit(path, error)
    })?;
    checked(key, artifact.bytes(), Some(&signed))?;
    files::write(&path, &signed)?;
    report(args, artifact, Some(key), (&path, artifact.sha256()), style)
}

/// A signature that is written is one that a host accepts.
fn checked(key: &SecretKey, signed: &[u8], detached: Option<&[u8]>) -> Result<()> {
    let artifact = Artifact::from_bytes("signed", signed)?;
    TrustStore::new().key(key.public_key()).check(&artifact, detached).map(drop).or_exit(Exit::Input)
}

fn unfit(path: &Path, error: FormatError) -> Failure {
    Failure::new(Exit::Unfit, anyhow::Error::new(error).context(format!("{} cannot be signed", shown(path))))
}

fn report(
    args: &SignArgs,
    artifact: &Artifact,
    key: Option<&SecretKey>,
    (out, after): (&Path, Digest),
    style: Style,
) -> Result<()> {
    let signed_hash = signature::signed_hash(artifact.bytes()).or_exit(Exit::Unfit)?;
    let key = key.map(SecretKey::public_key);
    if args.json {
        return terminal::print_json(&json!({
            "key_id": key.as_ref().map(|key| key.key_id().to_string()),
            "name": key.as_ref().map(|key| key.name()),
            "out": out.display().to_string(),
            "sha256_before": artifact.sha256().to_string(),
            "sha256": after.to_string(),
            "signed_hash": signed_hash.to_string(),
        }));
    }
    let mut table = Table::new();
    if let Some(key) = key {
        table.entry("key ID", key.key_id().to_string());
    }
    table.entry("out", shown(out));
    table.entry("sha256", after.to_string());
    if artifact.sha256() != after {
        table.entry("sha256 before", artifact.sha256().to_string());
    }
    table.entry("signed hash", signed_hash.to_string());
    terminal::print(&table.render(style, None))
}
