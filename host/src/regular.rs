//! Opening files behind whose paths others may put something else at any time.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
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

/// Reads a text of so many bytes at the most.
pub(crate) fn text(path: &Path, most: u64) -> io::Result<String> {
    let Found::File(file, _) = open(path)? else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    };
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("it is larger than {most} bytes")));
    }
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
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

    #[test]
    fn texts_are_files_of_utf8_that_are_not_too_large() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "é").unwrap();
        assert_eq!(text(&file, 2).unwrap(), "é");
        assert_eq!(text(&file, 1).unwrap_err().to_string(), "it is larger than 1 bytes");
        std::fs::write(&file, b"\xff").unwrap();
        assert_eq!(text(&file, 1).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(text(dir.path(), 1).unwrap_err().to_string(), "it is no regular file");
        let pipe = dir.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(text(&pipe, 1).unwrap_err().to_string(), "it is no regular file");
    }

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
