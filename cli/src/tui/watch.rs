//! Whether a file has become another one: asked now and then, which works on every file system.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// A file that is being written changes again within this time.
const CALM: Duration = Duration::from_millis(250);

/// A file that somebody else may replace.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    /// What is known of the file that was read last.
    known: Option<Print>,
    /// Another one, and since when.
    found: Option<(Print, Instant)>,
}

/// What tells one file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Print {
    len: u64,
    modified: Option<SystemTime>,
    file: u64,
}

impl Watch {
    /// Begins to watch: what is there now is known, so that this comes before the file is read.
    pub(super) fn new(path: &Path) -> Self {
        Watch { path: path.to_owned(), known: print(path), found: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is another file since the last time, which nobody writes any more.
    pub(super) fn has_changed(&mut self, now: Instant) -> bool {
        let Some(print) = print(&self.path) else {
            // It is gone, between two versions perhaps.
            self.found = None;
            return false;
        };
        if Some(print) == self.known {
            self.found = None;
            return false;
        }
        match self.found {
            Some((found, since)) if found == print => {
                let is_calm = now.saturating_duration_since(since) >= CALM;
                if is_calm {
                    (self.known, self.found) = (Some(print), None);
                }
                is_calm
            }
            _ => {
                self.found = Some((print, now));
                false
            }
        }
    }
}

fn print(path: &Path) -> Option<Print> {
    let found = std::fs::metadata(path).ok()?;
    Some(Print { len: found.len(), modified: found.modified().ok(), file: number(&found) })
}

#[cfg(unix)]
fn number(found: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(found)
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_and_when_it_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "1").unwrap();
        let mut watch = Watch::new(&path);
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        assert!(!watch.has_changed(at(0)));
        std::fs::write(&path, "22").unwrap();
        assert!(!watch.has_changed(at(100)));
        std::fs::write(&path, "333").unwrap();
        assert!(!watch.has_changed(at(300)), "it has changed again");
        assert!(!watch.has_changed(at(400)));
        assert!(watch.has_changed(at(600)));
        assert!(!watch.has_changed(at(2000)));
        std::fs::remove_file(&path).unwrap();
        assert!(!watch.has_changed(at(3000)));
        std::fs::write(&path, "4444").unwrap();
        assert!(!watch.has_changed(at(4000)));
        assert!(watch.has_changed(at(5000)));
    }
}
