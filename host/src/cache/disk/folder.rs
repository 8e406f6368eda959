//! The folder of a cache, as a handle: what is looked at is what is used, whatever becomes of its path.

use std::fs::{DirBuilder, File};
use std::io::{self, Write as _};
use std::ops::RangeInclusive;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, fstat, open, openat, renameat, statat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::Digest;
use crate::cache::{CacheProblem, Key, Unfit};

/// A folder that belongs to the user of this process, and that nobody else has a right to.
pub(super) struct Folder {
    fd: OwnedFd,
    path: PathBuf,
}

const OWNER_ONLY: u32 = 0o700;

impl Folder {
    /// Opens it; `None` if it is not there.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, CacheProblem> {
        let fault = |reason| CacheProblem::Folder { path: path.to_owned(), reason };
        // Without the slash that may be at its end, which would make a link be followed.
        let plain: PathBuf = path.components().collect();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = match open(&plain, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::NOTDIR) if plain.is_symlink() => return Err(fault(Unfit::Link)),
            Err(Errno::NOTDIR) => return Err(fault(Unfit::NotAFolder)),
            Err(error) => return Err(fault(Unfit::Unreadable(error.into()))),
        };
        let stat = fstat(&fd).map_err(|error| fault(Unfit::Unreadable(error.into())))?;
        check_rights(&stat).map_err(fault)?;
        Ok(Some(Folder { fd, path: path.to_owned() }))
    }

    /// Opens it, and makes it if it is not there.
    pub(super) fn create(path: &Path) -> Result<Self, CacheProblem> {
        if let Some(folder) = Folder::open(path)? {
            return Ok(folder);
        }
        let fault = |error| CacheProblem::Folder { path: path.to_owned(), reason: Unfit::Unreadable(error) };
        DirBuilder::new().recursive(true).mode(OWNER_ONLY).create(path).map_err(fault)?;
        // Somebody else may have been faster, so that it is looked at like any other.
        Folder::open(path)?.ok_or_else(|| fault(io::ErrorKind::NotFound.into()))
    }

    pub(super) fn fd(&self) -> &OwnedFd {
        &self.fd
    }

    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Opens a regular file of the user's that nobody else has a right to; `None` if it is not there.
    pub(super) fn open_file(
        &self,
        name: &str,
        sizes: RangeInclusive<u64>,
        alone: bool,
    ) -> Result<Option<(File, u64)>, Unfit> {
        // Merely opening a pipe would wait for somebody to write into it.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let fd = match openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::MLINK) => return Err(Unfit::Link),
            // What a socket gives.
            Err(Errno::NXIO) => return Err(Unfit::NotAFile),
            Err(error) => return Err(Unfit::Unreadable(error.into())),
        };
        let stat = fstat(&fd).map_err(|error| Unfit::Unreadable(error.into()))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Unfit::NotAFile);
        }
        check_rights(&stat)?;
        let Numbers { names, .. } = Numbers::of(&stat);
        if alone && names > 1 {
            return Err(Unfit::Names { names });
        }
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        if !sizes.contains(&size) {
            return Err(Unfit::Size { size });
        }
        Ok(Some((File::from(fd), size)))
    }

    /// Writes a file in one step: whoever reads it meanwhile gets the old one or the new one.
    pub(super) fn write(&self, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        let temporary = self.temporary(parts)?;
        if let Err(error) = renameat(&self.fd, &temporary.name, &self.fd, name) {
            // A folder in the place of the file does not go by itself.
            self.remove(name).map_err(|_| error)?;
            renameat(&self.fd, &temporary.name, &self.fd, name)?;
        }
        temporary.keep();
        Ok(())
    }

    /// Writes a file under a name that nobody asks for.
    pub(super) fn temporary(&self, parts: &[&[u8]]) -> io::Result<Temporary<'_>> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let name = format!("{TEMPORARY}{:032x}", u128::from_ne_bytes(random));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.fd, &name, flags, Mode::RUSR | Mode::WUSR)?);
        let temporary = Temporary { folder: self, name, is_elsewhere: false };
        parts.iter().try_for_each(|part| file.write_all(part))?;
        // A file that has its name, and not yet its content, would be there after a power failure.
        file.sync_all()?;
        Ok(temporary)
    }

    /// Whether there is something of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// Removes a file, or an empty folder that is in its place; whether it was there.
    pub(super) fn remove(&self, name: &str) -> io::Result<bool> {
        let removed = unlinkat(&self.fd, name, AtFlags::empty()).or_else(|error| match error {
            // Which of the two it is for a folder depends on the system.
            Errno::ISDIR | Errno::PERM => unlinkat(&self.fd, name, AtFlags::REMOVEDIR),
            other => Err(other),
        });
        match removed {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// A file that goes away unless it gets another name.
pub(super) struct Temporary<'a> {
    folder: &'a Folder,
    pub(super) name: String,
    is_elsewhere: bool,
}

impl Temporary<'_> {
    fn keep(mut self) {
        self.is_elsewhere = true;
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.is_elsewhere {
            // What is left is swept when it is an hour old.
            let _ = self.folder.remove(&self.name);
        }
    }
}

/// How temporary files are called, before 32 digits.
const TEMPORARY: &str = ".hookr-";

/// How entries end.
const ENTRY: &str = ".compiled";

/// Whether a file was made by [`Folder::temporary`].
pub(super) fn is_temporary(name: &str) -> bool {
    name.strip_prefix(TEMPORARY)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The name of an entry: the hash of the plugin, and half of the fingerprint. What is in the entry counts.
pub(super) fn entry_name(key: Key) -> String {
    let (engine, _) = key.engine.as_bytes().split_at(16);
    let engine: String = engine.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{engine}{ENTRY}", key.plugin)
}

/// The hash of the plugin, if this is the name of an entry.
pub(super) fn plugin_of_entry(name: &str) -> Option<Digest> {
    let (plugin, engine) = name.strip_suffix(ENTRY)?.split_once('-')?;
    let is_engine = engine.len() == 32 && engine.bytes().all(|byte| byte.is_ascii_hexdigit());
    plugin.parse().ok().filter(|_| is_engine)
}

/// Numbers whose types differ between systems.
struct Numbers {
    mode: u32,
    names: u64,
}

impl Numbers {
    #[allow(clippy::unnecessary_cast)]
    fn of(stat: &Stat) -> Self {
        Numbers { mode: stat.st_mode as u32 & 0o7777, names: stat.st_nlink as u64 }
    }
}

/// Whether it belongs to this user, and to nobody else.
fn check_rights(stat: &Stat) -> Result<(), Unfit> {
    let user = geteuid().as_raw();
    if stat.st_uid != user {
        return Err(Unfit::Owner { owner: stat.st_uid, user });
    }
    let Numbers { mode, .. } = Numbers::of(stat);
    if mode & 0o077 != 0 {
        return Err(Unfit::Mode { mode });
    }
    Ok(())
}
