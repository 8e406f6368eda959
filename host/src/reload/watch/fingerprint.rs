//! What a file looks like from outside: if it looks the same, it was not changed.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Two changes that come closer together than this may have the same time: kernels stamp files by a clock that ticks every 10
/// milliseconds at the most.
const TICK: Duration = Duration::from_millis(20);

/// What a file looks like. Two of them are compared by [`is_like`](Self::is_like).
#[derive(Clone, Debug)]
pub(crate) struct Fingerprint {
    looks: Looks,
    is_fresh: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Looks {
    Absent,
    /// It cannot be asked, for this reason.
    Hidden(ErrorKind),
    There(Stamp),
}

impl Fingerprint {
    /// What this path leads to.
    pub(crate) fn of(path: &Path) -> Self {
        let looks = match fs::metadata(path) {
            Ok(metadata) => return Fingerprint::of_file(&metadata),
            Err(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotADirectory => Looks::Absent,
                kind => Looks::Hidden(kind),
            },
        };
        Fingerprint { looks, is_fresh: false }
    }

    /// Of a file of which nothing is known: it is like nothing that is there.
    pub(crate) fn unknown() -> Self {
        Fingerprint { looks: Looks::Absent, is_fresh: false }
    }

    /// A file that is open, and was asked before it was read.
    pub(crate) fn of_file(metadata: &Metadata) -> Self {
        let stamp = Stamp::of(metadata);
        let age = stamp.changed().and_then(|changed| SystemTime::now().duration_since(changed).ok());
        Fingerprint { looks: Looks::There(stamp), is_fresh: age.is_some_and(|age| age < TICK) }
    }

    /// Whether nothing has changed between the two.
    pub(crate) fn is_like(&self, other: &Fingerprint) -> bool {
        self.looks == other.looks
    }

    /// Whether there is a file, and it can be asked.
    pub(crate) fn is_there(&self) -> bool {
        matches!(self.looks, Looks::There(_))
    }

    /// Whether the file was changed just before, so that it may be changed once more and look the same.
    pub(crate) fn is_fresh(&self) -> bool {
        self.is_fresh
    }
}

#[cfg(unix)]
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
    /// The same, of the inode: nobody can set it.
    changed: (i64, i64),
}

#[cfg(unix)]
impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Stamp {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    fn changed(&self) -> Option<SystemTime> {
        let (seconds, nanos) = self.changed;
        let since = Duration::new(u64::try_from(seconds).ok()?, u32::try_from(nanos).ok()?);
        SystemTime::UNIX_EPOCH.checked_add(since)
    }
}

#[cfg(not(unix))]
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    made: Option<SystemTime>,
    modified: Option<SystemTime>,
}

#[cfg(not(unix))]
impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Stamp { size: metadata.len(), made: metadata.created().ok(), modified: metadata.modified().ok() }
    }

    fn changed(&self) -> Option<SystemTime> {
        self.modified
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_fresh_for_a_moment() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let absent = Fingerprint::of(&path);
        assert!(!absent.is_there() && !absent.is_fresh());
        fs::write(&path, "1").unwrap();
        let first = Fingerprint::of(&path);
        assert!(first.is_there() && !first.is_like(&absent));
        while Fingerprint::of(&path).is_fresh() {
            std::thread::yield_now();
        }
        let later = Fingerprint::of(&path);
        assert!(later.is_like(&first));
        assert!(Fingerprint::of_file(&fs::File::open(&path).unwrap().metadata().unwrap()).is_like(&later));
        fs::write(&path, "2").unwrap();
        assert!(!Fingerprint::of(&path).is_like(&later));
        assert!(Fingerprint::of(&path.join("below")).is_like(&absent));
    }
}
