//! Opening files behind whose paths others may put something else at any time.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

/// What is behind a path.
pub(crate) enum Found {
    /// A regular file, open for reading.
    File(File, Metadata),
    /// A folder, a pipe, a device: nothing has been read of it.
    Other(Metadata),
}

/// Opens a file. Nobody is waited for: merely opening a pipe would wait for somebody to write into it.
pub(crate) fn open(path: &Path) -> io::Result<Found> {
    // Opening a device may do something, so that the path is asked first; what was opened may be something else by then, so
    // that it is asked, too.
    let before = fs::metadata(path)?;
    if !before.is_file() {
        return Ok(Found::Other(before));
    }
    let file = open_at_once(path)?;
    let metadata = file.metadata()?;
    Ok(if metadata.is_file() { Found::File(file, metadata) } else { Found::Other(metadata) })
}

#[cfg(unix)]
fn open_at_once(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(File::from(open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open_at_once(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A pipe that takes the place of a file behind the first look holds nobody up.
    #[test]
    fn a_pipe_is_opened_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(!open_at_once(&pipe).unwrap().metadata().unwrap().is_file());
        assert!(matches!(open(&pipe).unwrap(), Found::Other(found) if !found.is_file()));
    }
}
