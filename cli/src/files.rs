//! Reading what a person names, and writing without ever leaving half a file.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

use hookr_abi::Printable;
use tempfile::NamedTempFile;

use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};

/// The largest JSON text, binary schema or FlatBuffer that is read: 64 MiB.
const MAX_SIZE: u64 = 64 << 20;

/// Reads a UTF-8 text; `-` is standard input.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    as_text(path, read_bytes(path)?)
}

fn as_text(path: &Path, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).or_fail(Exit::Input, || format!("{} is not UTF-8", shown(path)))
}

/// Reads a UTF-8 text from a file that has an end: no pipe is waited for.
pub(crate) fn read_regular_text(path: &Path) -> Result<String> {
    let bytes = read_regular(path, MAX_SIZE + 1).or_fail(Exit::Input, || format!("cannot read {}", shown(path)))?;
    as_text(path, small(path, bytes)?)
}

/// Reads a file; `-` is standard input.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let from = if path == Path::new("-") {
        io::stdin().lock().take(MAX_SIZE + 1).read_to_end(&mut bytes).map(drop)
    } else {
        read_file(path, &mut bytes)
    };
    from.or_fail(Exit::Input, || format!("cannot read {}", shown(path)))?;
    small(path, bytes)
}

fn small(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>> {
    if bytes.len() as u64 > MAX_SIZE {
        return Err(Failure::message(Exit::Input, format!("{} is larger than {MAX_SIZE} bytes", shown(path))));
    }
    Ok(bytes)
}

fn read_file(path: &Path, bytes: &mut Vec<u8>) -> io::Result<()> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    file.take(MAX_SIZE + 1).read_to_end(bytes).map(drop)
}

/// Opens a file that has an end: no pipe, and no device. Neither is waited for, whatever the path becomes meanwhile.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    // Merely to open some devices does something, so that the path is asked first.
    regular(&fs::metadata(path)?)?;
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        use rustix::fs::OFlags;
        // For regular files, neither means anything.
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32);
    }
    let file = options.open(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

/// Reads so many bytes of a file that has an end, at the most.
pub(crate) fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn regular(found: &fs::Metadata) -> io::Result<()> {
    if found.is_file() { Ok(()) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")) }
}

/// Writes a file in one step: whoever reads it meanwhile sees the old one or the new one, and a failure leaves the old.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, bytes).or_fail(Exit::Input, || format!("cannot write {}", shown(path)))
}

/// Writes a file as [`write()`] does, once `check` accepts a file of this content in the same folder. It is on the disk then
/// before it takes the place of the old one.
pub(crate) fn write_checked(path: &Path, bytes: &[u8], check: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let unwritable = || format!("cannot write {}", shown(path));
    let target = Target::of(path).or_fail(Exit::Input, unwritable)?;
    if target.old.as_ref().is_some_and(|old| !old.is_file()) {
        return Err(Failure::message(Exit::Input, format!("{} is not a regular file", shown(path))));
    }
    let file = target.written(bytes).or_fail(Exit::Input, unwritable)?;
    file.as_file().sync_all().or_fail(Exit::Input, unwritable)?;
    check(file.path())?;
    target.persist(file).or_fail(Exit::Input, unwritable)
}

/// Writes a file in one step where there is none, not even one that somebody else writes meanwhile.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = || {
        let target = Target::of(path)?;
        let file = target.written(bytes)?;
        file.persist_noclobber(&target.path).map(drop).map_err(|error| error.error)
    };
    written().or_fail(Exit::Input, || format!("cannot write {}", shown(path)))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = Target::of(path)?;
    // What is no regular file, /dev/stdout for instance, cannot be replaced, only written to.
    if target.old.as_ref().is_some_and(|old| !old.is_file()) {
        return File::options().write(true).open(target.path)?.write_all(bytes);
    }
    let file = target.written(bytes)?;
    target.persist(file)
}

/// Where a file goes, and what is there.
struct Target {
    path: PathBuf,
    folder: PathBuf,
    old: Option<fs::Metadata>,
}

impl Target {
    /// A link is kept, and what it points to is replaced.
    fn of(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.to_owned();
        fs::create_dir_all(&folder)?;
        let old = fs::metadata(&path).ok();
        if old.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Target { path, folder, old })
    }

    /// The bytes in a file of another name, with the rights of the old one.
    fn written(&self, bytes: &[u8]) -> io::Result<NamedTempFile> {
        let mut file = new_file(&self.folder)?;
        file.write_all(bytes)?;
        file.flush()?;
        if let Some(old) = &self.old {
            file.as_file().set_permissions(old.permissions())?;
        }
        Ok(file)
    }

    fn persist(&self, file: NamedTempFile) -> io::Result<()> {
        file.persist(&self.path).map(drop).map_err(|error| error.error)
    }
}

/// An unnamed file with the rights that a new file usually gets; those of temporary files are narrower.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hookr-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// A path as messages show it.
pub(crate) fn shown(path: &Path) -> String {
    if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        Printable(&path.display().to_string()).to_string()
    }
}

/// A word of a command line, as a shell reads it.
pub(crate) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,~".contains(c);
    if !text.is_empty() && !text.starts_with('~') && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The way from one folder to another, both absolute and without links or `..`; the absolute one where there is no other.
pub(crate) fn relative(from: &Path, to: &Path) -> PathBuf {
    let (from, to): (Vec<_>, Vec<_>) = (from.components().collect(), to.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return to.iter().collect();
    }
    let up = from.iter().skip(common).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.iter().skip(common).copied()).collect();
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_goes_up_and_down() {
        for (from, to, expected) in [
            ("/a/b/c", "/a/x", "../../x"),
            ("/a/b", "/a/b/c", "c"),
            ("/a/b", "/a/b", "."),
            ("/a/b/c", "/a", "../.."),
            ("/a", "/", ".."),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(expected), "{from} {to}");
        }
    }

    #[test]
    fn a_shell_reads_one_word() {
        let found = ["a/b-c.wasm", "", "a b", "it's", "~", "$x"].map(shell_word);
        assert_eq!(found, ["a/b-c.wasm", "''", "'a b'", "'it'\\''s'", "'~'", "'$x'"]);
    }

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/a.txt");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(read_text(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_file_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/a.txt");
        write_new(&path, b"one").unwrap();
        assert!(write_new(&path, b"two").is_err());
        assert_eq!(read_text(&path).unwrap(), "one");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_not_accepted_does_not_replace_anything() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        write(&path, b"one").unwrap();
        let refuse = |found: &Path| {
            assert_eq!(fs::read(found).unwrap(), b"two");
            assert_eq!(found.parent().unwrap().canonicalize().unwrap(), folder.path().canonicalize().unwrap());
            Err(Failure::message(Exit::Input, "no"))
        };
        assert!(write_checked(&path, b"two", refuse).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        write_checked(&path, b"two", |_| Ok(())).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn a_directory_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write(folder.path(), b"x").is_err());
        assert!(read_text(folder.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_links() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        write(&target, b"one").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write(&link, b"two").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"two");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
