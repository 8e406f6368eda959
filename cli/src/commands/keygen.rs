//! `hookr keygen`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use hookr::trust::SecretKey;
use hookr_abi::Printable;
use serde_json::json;

use crate::args::{KeyFormat, KeygenArgs};
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::shown;
use crate::keys;
use crate::terminal::{self, Style, Table};

pub(crate) fn run(args: &KeygenArgs, style: Style) -> Result<()> {
    let (secret, public) = paths(&args.out, args.format)?;
    for path in [&secret, &public] {
        keys::check_free(path, args.force)?;
    }
    let passphrase = keys::passphrase(args.passphrase_file.as_deref())?;
    if passphrase.is_some() && args.format == KeyFormat::Pem {
        let text = "a passphrase is for the format `openssh`, and `pem` is not encrypted";
        return Err(Failure::message(Exit::Usage, text));
    }
    if args.comment.is_some() && args.format == KeyFormat::Pem {
        let text = "a comment is for the format `openssh`, and `pem` has no room for it";
        return Err(Failure::message(Exit::Usage, text));
    }
    let name = match (&args.comment, args.format) {
        (Some(comment), _) => comment.clone(),
        (None, KeyFormat::Openssh) => args.out.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        (None, KeyFormat::Pem) => String::new(),
    };
    let key = SecretKey::generate().or_exit(Exit::Input)?.named(Printable(&name).to_string());
    let (secret_text, public_text) = match args.format {
        KeyFormat::Openssh => {
            let line = key.public_key().to_openssh().or_exit(Exit::Input)?;
            (key.to_openssh(passphrase.as_ref().map(|text| text.as_bytes())).or_exit(Exit::Input)?, line + "\n")
        }
        KeyFormat::Pem => (key.to_pem().or_exit(Exit::Input)?, key.public_key().to_pem().or_exit(Exit::Input)?),
    };
    keys::write_pair((&secret, &secret_text), (&public, &public_text), args.force)?;
    let id = key.public_key().key_id();
    let how = if passphrase.is_some() { "encrypted" } else { "not encrypted" };
    terminal::say(&format!("wrote the private key to {}, {how}", shown(&secret)));
    if args.json {
        return terminal::print_json(&json!({
            "key_id": id.to_string(),
            "name": key.public_key().name(),
            "private_key": secret.display().to_string(),
            "public_key": public.display().to_string(),
            "encrypted": passphrase.is_some(),
        }));
    }
    let mut table = Table::new();
    table.entry("key ID", id.to_string());
    table.entry("public key", shown(&public));
    terminal::print(&table.render(style, None))
}

/// Where the keys go.
fn paths(out: &Path, format: KeyFormat) -> Result<(PathBuf, PathBuf)> {
    if out == Path::new("-") {
        return Err(Failure::message(Exit::Usage, "a private key goes to a file, never to standard output"));
    }
    if out.file_name().is_none() {
        return Err(Failure::message(Exit::Usage, format!("{} is no name of a file", shown(out))));
    }
    let with = |path: &Path, end: &str| {
        let mut path = path.as_os_str().to_owned();
        path.push(end);
        PathBuf::from(path)
    };
    Ok(match format {
        KeyFormat::Openssh => (out.to_owned(), with(out, ".pub")),
        KeyFormat::Pem => {
            let stem = if out.extension() == Some(OsStr::new("pem")) { out.with_extension("") } else { out.to_owned() };
            (with(&stem, ".pem"), with(&stem, ".pub.pem"))
        }
    })
}
