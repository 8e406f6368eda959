//! What goes: entries that are old, those that are too many, and what writers have left behind.

use std::io;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Dir, FileType, Stat, statat};

use super::Removed;
use super::folder::{Folder, is_temporary, plugin_of_entry};
use crate::Digest;

/// A file of the folder.
pub(super) struct File {
    pub(super) name: String,
    pub(super) size: u64,
    /// How long ago it was used; for a temporary file, written to.
    pub(super) unused: Duration,
    /// The hash of the plugin, for an entry; other files are temporary.
    pub(super) plugin: Option<Digest>,
}

/// So many names are looked at, in the system's order: a cache of the usual size has a few thousand at the most.
const MOST: usize = 50_000;

/// Whoever writes to a file for so long does not write any more.
const ABANDONED: Duration = Duration::from_secs(3600);

/// The entries and the temporary files, in no order.
pub(super) fn files(folder: &Folder) -> io::Result<Vec<File>> {
    let now = SystemTime::now();
    let mut files = Vec::new();
    for found in Dir::read_from(folder.fd())?.take(MOST) {
        let found = found?;
        let Ok(name) = found.file_name().to_str() else { continue };
        let plugin = plugin_of_entry(name);
        if plugin.is_none() && !is_temporary(name) {
            continue;
        }
        // Another process may have removed it meanwhile.
        let Ok(stat) = statat(folder.fd(), name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        // Entries are files. What else has such a name is not this crate's to remove, if it has a content of its own.
        if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
            continue;
        }
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        files.push(File { name: name.to_owned(), size, unused: unused(&stat, now), plugin });
    }
    Ok(files)
}

/// Removes what is old, and then the entries that were not used for longest until the rest is small enough. One is
/// kept.
pub(super) fn sweep(folder: &Folder, keep: Option<&str>, max_size: u64, max_age: Duration) -> io::Result<Removed> {
    let (mut entries, temporary): (Vec<File>, Vec<File>) =
        files(folder)?.into_iter().partition(|file| file.plugin.is_some());
    for file in temporary.iter().filter(|file| file.unused >= ABANDONED) {
        folder.remove(&file.name)?;
    }
    let mut total = entries.iter().fold(0u64, |total, file| total.saturating_add(file.size));
    // The oldest first. Times may be the same; names are not.
    entries.sort_by(|one, other| other.unused.cmp(&one.unused).then_with(|| one.name.cmp(&other.name)));
    entries.retain(|file| Some(file.name.as_str()) != keep);
    let mut removed = Removed::default();
    for file in entries {
        if file.unused < max_age && total <= max_size {
            break;
        }
        total = total.saturating_sub(file.size);
        if folder.remove(&file.name)? {
            removed.add(&file);
        }
    }
    Ok(removed)
}

/// Removes all entries. What somebody may be writing at the moment stays.
pub(super) fn clear(folder: &Folder) -> io::Result<Removed> {
    sweep(folder, None, 0, Duration::ZERO)
}

impl Removed {
    fn add(&mut self, file: &File) {
        self.entries += 1;
        self.bytes = self.bytes.saturating_add(file.size);
    }
}

fn unused(stat: &Stat, now: SystemTime) -> Duration {
    let used =
        u64::try_from(stat.st_mtime).ok().and_then(|at| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(at)));
    // What is of the future has just been used.
    used.and_then(|used| now.duration_since(used).ok()).unwrap_or_default()
}
