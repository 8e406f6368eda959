//! An entry in memory: mapped, found authentic, and only then taken for code.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::time::{Duration, SystemTime};

use memmap2::{Mmap, MmapOptions};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::secret::Secret;
use crate::cache::footer::{Footer, TAG};

/// A file that nobody knows anything about.
pub(super) struct Mapped {
    file: File,
    map: Mmap,
}

/// A file that was written with the secret of the cache, as it is.
pub(super) struct Authentic(Mapped);

impl Mapped {
    /// Maps a file of this user's, of which it has the size, and to which nobody else has a right.
    pub(super) fn new(file: File, size: u64) -> io::Result<Self> {
        let size = usize::try_from(size).map_err(|_| io::ErrorKind::FileTooLarge)?;
        // SAFETY: nobody writes to the file while it is mapped. It can be written to by this user alone: `Folder` has
        // opened it, and seen that it belongs to this user, and that nobody else has a right to it or to its folder.
        // This crate writes an entry once, before it gets its name, and removes it later, which leaves the mapping as
        // it is. Other programs of this user have to leave the folder alone, as they have to leave this process alone;
        // the documentation of the cache says so.
        let map = unsafe { MmapOptions::new().len(size).populate().map(&file)? };
        Ok(Mapped { file, map })
    }

    /// Compares the tag at the end.
    pub(super) fn authenticate(self, secret: &Secret) -> Option<Authentic> {
        let (bytes, tag) = self.map.split_last_chunk::<TAG>()?;
        (bytes.len() >= Footer::SIZE && secret.verifies(bytes, tag)).then_some(())?;
        Some(Authentic(self))
    }
}

impl Authentic {
    /// What stands behind the code, without the tag.
    pub(super) fn footer(&self) -> &[u8] {
        self.parts().1
    }

    fn parts(&self) -> (&[u8], &[u8]) {
        let bytes = self.0.map.get(..self.0.map.len().saturating_sub(TAG)).unwrap_or_default();
        bytes.split_at(bytes.len().saturating_sub(Footer::SIZE))
    }

    /// The code. It is mapped where the system has a name for a file that is open, which takes a third of the time, and
    /// copied elsewhere.
    pub(super) fn component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        if let Some(name) = name_of_open_file(&self.0.file) {
            // SAFETY: wasmtime asks for what it has serialised itself, unchanged, in a file that does not change. The
            // file is the one that was found authentic: this is the system's name for what the thread has open under
            // that number, in a folder that was seen to be the system's own, and it was seen to lead to that file. Whoever writes an authentic file has the
            // secret, which this crate alone reads, and which it uses for what wasmtime has serialised and nothing
            // else. That the file does not change is said above.
            if let Ok(component) = unsafe { Component::deserialize_file(engine, name) } {
                return Ok(component);
            }
            // Some systems do not let a file of this place be executed, and have nothing against a copy.
        }
        self.copied(engine)
    }

    /// The code as a copy in memory.
    pub(super) fn copied(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: as before; the bytes are the very ones that were found authentic.
        unsafe { Component::deserialize(engine, self.parts().0) }
    }

    /// Notes that the entry was used, once a day.
    pub(super) fn mark_used(&self) -> io::Result<()> {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        let (now, used) = (SystemTime::now(), self.0.file.metadata()?.modified()?);
        // A clock that was wrong is put right, too.
        let is_recent = now.duration_since(used).unwrap_or_else(|future| future.duration()) < DAY;
        if is_recent { Ok(()) } else { self.0.file.set_modified(now) }
    }
}

/// The name under which this process can open again what it has open.
#[cfg(target_os = "linux")]
fn name_of_open_file(file: &File) -> Option<String> {
    use std::os::fd::AsRawFd as _;

    // A thread can have open files of its own, so that the process's would be others.
    const OPEN: &str = "/proc/thread-self/fd";
    let is_the_systems = rustix::fs::statfs(OPEN).ok()?.f_type == rustix::fs::PROC_SUPER_MAGIC;
    let name = format!("{OPEN}/{}", file.as_raw_fd());
    let (found, expected) = (rustix::fs::stat(&name).ok()?, rustix::fs::fstat(file).ok()?);
    let is_this = (found.st_dev, found.st_ino) == (expected.st_dev, expected.st_ino);
    (is_the_systems && is_this).then_some(name)
}

#[cfg(not(target_os = "linux"))]
fn name_of_open_file(_: &File) -> Option<String> {
    None
}
