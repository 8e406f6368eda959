//! Private keys and passphrases as files. Nothing of them is ever printed, and what was read is wiped from memory.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use hookr::trust::{KeyError, SecretKey};
use tempfile::NamedTempFile;
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
        let found = file.metadata().or_fail(Exit::Input, unreadable)?;
        file.take(MAX_SIZE + 1).read_to_string(&mut text).or_fail(Exit::Input, unreadable)?;
        // What is no private key anyway, a public one for instance, gets the error that says so.
        if matches!(SecretKey::parse(&text, None), Ok(_) | Err(KeyError::NoPassphrase)) {
            own(path, &found)?;
        }
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

/// Fails where a key cannot go: where a file is already, unless it may be replaced, and where a folder is.
pub(crate) fn check_free(path: &Path, replace: bool) -> Result<()> {
    match path.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(found) if found.is_dir() => {
            Err(Failure::message(Exit::Input, format!("{} is a folder, and a key is a file", shown(path))))
        }
        Ok(_) if replace => Ok(()),
        Ok(_) => Err(exists(path)),
    }
}

/// Writes a private key, which nobody else may read, not for a moment either, and its public key. Both are there
/// afterwards, or neither: a private key whose public key nobody knows is of no use.
pub(crate) fn write_pair(secret: (&Path, &str), public: (&Path, &str), replace: bool) -> Result<()> {
    let secret_file = written(secret.0, secret.1, true)?;
    let public_file = written(public.0, public.1, false)?;
    keep(public_file, public.0, replace)?;
    keep(secret_file, secret.0, replace).inspect_err(|_| {
        // Where that fails, too, there is a public key that nobody has signed anything with.
        let _ = fs::remove_file(public.0);
    })
}

/// A text in a file of another name, in the folder where it is to be.
fn written(path: &Path, text: &str, secret: bool) -> Result<NamedTempFile> {
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
    Ok(file)
}

/// Gives a file its name.
fn keep(file: NamedTempFile, path: &Path, replace: bool) -> Result<()> {
    let kept = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    match kept {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path)),
        Err(error) => Err(error.error).or_fail(Exit::Input, || format!("cannot write {}", shown(path))),
    }
}

/// The failure where a file is there already.
fn exists(path: &Path) -> Failure {
    Failure::message(Exit::Input, format!("{} is there already", shown(path))).hint(Hint::Force)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_two_keys_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let (secret, public) = (folder.path().join("a"), folder.path().join("a.pub"));
        let left = || fs::read_dir(folder.path()).unwrap().count();
        // Something has come there since it was looked at.
        fs::create_dir(&secret).unwrap();
        for replace in [false, true] {
            assert!(write_pair((&secret, "secret"), (&public, "public"), replace).is_err());
            assert_eq!(left(), 1, "{replace}");
        }
        fs::remove_dir(&secret).unwrap();
        fs::create_dir(&public).unwrap();
        for replace in [false, true] {
            assert!(write_pair((&secret, "secret"), (&public, "public"), replace).is_err());
            assert_eq!(left(), 1, "{replace}");
        }
        fs::remove_dir(&public).unwrap();
        write_pair((&secret, "secret"), (&public, "public"), false).unwrap();
        assert_eq!((fs::read(&secret).unwrap(), fs::read(&public).unwrap()), (b"secret".to_vec(), b"public".to_vec()));
    }
}
