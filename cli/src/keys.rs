//! Private keys and passphrases as files. Nothing of them is ever printed, and what was read is wiped from memory.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use hookr::trust::{KeyError, SecretKey};
use zeroize::Zeroizing;

use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{self, shown};
use crate::hint::Hint;

/// The environment variable with the passphrase of a private key.
pub(crate) const VARIABLE: &str = "HOOKR_KEY_PASSPHRASE";

/// The largest file of a key or a passphrase that is read: 64 KiB.
const MAX_SIZE: u64 = 64 << 10;

/// A passphrase: the first line of a file, else that of the environment.
pub(crate) fn passphrase(file: Option<&Path>) -> Result<Option<Zeroizing<String>>> {
    if let Some(file) = file {
        let text = read_private(file)?;
        let line = text.lines().next().unwrap_or_default();
        if line.is_empty() {
            return Err(Failure::message(Exit::Input, format!("there is no passphrase in {}", shown(file))));
        }
        return Ok(Some(Zeroizing::new(line.to_owned())));
    }
    match std::env::var(VARIABLE) {
        Ok(text) if !text.is_empty() => Ok(Some(Zeroizing::new(text))),
        Ok(_) | Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::message(Exit::Input, format!("the environment variable {VARIABLE} is not UTF-8")))
        }
    }
}

/// Reads a private key; `-` is standard input.
pub(crate) fn read(path: &Path, passphrase_file: Option<&Path>) -> Result<SecretKey> {
    let text = read_private(path)?;
    let passphrase = passphrase(passphrase_file)?;
    let key = SecretKey::parse(&text, passphrase.as_ref().map(|text| text.as_bytes()));
    key.map_err(|error| {
        let hint = matches!(error, KeyError::NoPassphrase).then_some(Hint::Passphrase);
        let error = anyhow::Error::new(error).context(format!("the key {} cannot be used", shown(path)));
        Failure::new(Exit::Input, error).maybe_hint(hint)
    })
}

/// Reads a file that nobody else may read, as ssh wants it of its keys.
fn read_private(path: &Path) -> Result<Zeroizing<String>> {
    // Large enough from the start, so that nothing of it is left behind where it was before it grew.
    let mut text = Zeroizing::new(String::with_capacity(MAX_SIZE as usize + 1));
    let unreadable = || format!("cannot read {}", shown(path));
    if path == Path::new("-") {
        io::stdin().lock().take(MAX_SIZE + 1).read_to_string(&mut text).or_fail(Exit::Input, unreadable)?;
    } else {
        let file = files::open_regular(path).or_fail(Exit::Input, unreadable)?;
        // Of what was opened, whatever the path names by now.
        own(path, &file.metadata().or_fail(Exit::Input, unreadable)?)?;
        file.take(MAX_SIZE + 1).read_to_string(&mut text).or_fail(Exit::Input, unreadable)?;
    }
    if text.len() as u64 > MAX_SIZE {
        return Err(Failure::message(Exit::Input, format!("{} is larger than {MAX_SIZE} bytes", shown(path))));
    }
    Ok(text)
}

#[cfg(unix)]
fn own(path: &Path, found: &fs::Metadata) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let text = format!("{} is not for you alone (mode {mode:03o}), and what it holds is secret", shown(path));
    Err(Failure::message(Exit::Input, text).hint(Hint::Chmod(path.to_owned())))
}

#[cfg(not(unix))]
fn own(_: &Path, _: &fs::Metadata) -> Result<()> {
    Ok(())
}

/// Writes a file in one step, which nobody else may read if it is secret: not for a moment either.
pub(crate) fn write(path: &Path, text: &str, secret: bool, replace: bool) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hookr-");
    #[cfg(unix)]
    if !secret {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // A temporary file is for its owner alone, unless something else is said.
    let _ = secret;
    let unwritable = || format!("cannot write {}", shown(path));
    let mut file = builder.tempfile_in(folder).or_fail(Exit::Input, unwritable)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).or_fail(Exit::Input, unwritable)?;
    let kept = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    match kept {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path)),
        Err(error) => Err(error.error).or_fail(Exit::Input, unwritable),
    }
}

/// The failure where a file is there already.
pub(crate) fn exists(path: &Path) -> Failure {
    Failure::message(Exit::Input, format!("{} is there already", shown(path))).hint(Hint::Force)
}
