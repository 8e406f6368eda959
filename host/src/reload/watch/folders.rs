//! The folders that the system watches for this process, each once, however many files in it are watched.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use notify::{Config, ErrorKind, Event, EventHandler, RecommendedWatcher, RecursiveMode, Watcher};

use super::error::WatchError;

/// The watcher, and what it watches.
#[derive(Default)]
pub(super) struct Folders {
    watcher: Option<RecommendedWatcher>,
    watched: BTreeMap<PathBuf, Folder>,
    /// Where a folder is watched: one of its paths, if it has several.
    places: BTreeMap<Identity, PathBuf>,
    /// Where another folder was found than the one that was watched, before the system told so.
    replaced: BTreeSet<PathBuf>,
    /// As if the system watched no more folders.
    #[cfg(test)]
    pub(super) refuses: bool,
}

struct Folder {
    uses: usize,
    /// Which one is watched at this path; `None` if the system may have stopped.
    identity: Option<Identity>,
}

/// Which folder is at a path. The system watches one once only, whatever the path.
#[cfg(unix)]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    device: u64,
    inode: u64,
}

/// Which folder is at a path, as far as it can be known.
#[cfg(not(unix))]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Identity(PathBuf);

/// Why a folder is not watched.
pub(super) enum Failure {
    /// It is not there (any more).
    Gone,
    Error(WatchError),
}

impl Folders {
    /// Has a folder watched until [`release`](Self::release), under the path that is returned. The folder is named without
    /// links.
    pub(super) fn acquire<H: EventHandler>(
        &mut self,
        folder: &Path,
        handler: impl FnOnce() -> H,
    ) -> Result<PathBuf, Failure> {
        let identity = identity(folder).map_err(|error| failure(folder, error.into()))?;
        let is_watched = |found: &Folder| found.identity.as_ref() == Some(&identity);
        let place = match self.watched.get(folder) {
            Some(found) if is_watched(found) => Some(folder),
            Some(_) => None,
            None => self.places.get(&identity).map(PathBuf::as_path),
        };
        if let Some((place, found)) = place.and_then(|place| self.watched.get_key_value(place))
            && is_watched(found)
        {
            let place = place.clone();
            if let Some(found) = self.watched.get_mut(&place) {
                found.uses += 1;
            }
            return Ok(place);
        }
        // Another folder is there now, or the system has stopped watching.
        if self.watched.get(folder).is_some_and(|found| found.identity.is_some()) {
            self.replaced.insert(folder.to_owned());
        }
        self.forget(folder);
        self.watch(folder, handler)?;
        // Which of two folders is watched is not known if they changed places just now.
        if !self::identity(folder).is_ok_and(|now| now == identity) {
            self.unwatch(folder);
            return Err(Failure::Gone);
        }
        let entry = self.watched.entry(folder.to_owned()).or_insert(Folder { uses: 0, identity: None });
        entry.uses += 1;
        entry.identity = Some(identity.clone());
        self.places.insert(identity, folder.to_owned());
        Ok(folder.to_owned())
    }

    /// Somebody does not need a folder any longer.
    pub(super) fn release(&mut self, place: &Path) {
        let Some(folder) = self.watched.get_mut(place) else { return };
        folder.uses = folder.uses.saturating_sub(1);
        if folder.uses == 0 {
            self.forget(place);
            self.watched.remove(place);
        }
    }

    /// These folders may be elsewhere by now. Whoever uses them acquires them anew, and releases them then.
    pub(super) fn lose(&mut self, places: &BTreeSet<PathBuf>) {
        for place in places {
            self.forget(place);
        }
    }

    /// Where [`acquire`](Self::acquire) has found another folder than the one that was watched. The system does not tell it to
    /// others who use them any more.
    pub(super) fn take_replaced(&mut self) -> BTreeSet<PathBuf> {
        std::mem::take(&mut self.replaced)
    }

    /// How many are watched.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.watched.len()
    }

    /// Gives the watcher back to the system, if it watches nothing. It comes back when it is needed.
    pub(super) fn rest(&mut self) {
        if self.watched.is_empty() {
            self.watcher = None;
        }
    }

    fn watch<H: EventHandler>(&mut self, folder: &Path, handler: impl FnOnce() -> H) -> Result<(), Failure> {
        #[cfg(test)]
        if self.refuses {
            return Err(failure(folder, notify::Error::new(ErrorKind::MaxFilesWatch)));
        }
        let watcher = match &mut self.watcher {
            Some(watcher) => watcher,
            none => none.insert(new_watcher(handler())?),
        };
        let watched = guarded(|| watcher.watch(folder, RecursiveMode::NonRecursive));
        watched.map_err(|error| failure(folder, error))
    }

    /// Has the system stop watching what was at this path. It may be somewhere else by now, and be watched there next.
    fn forget(&mut self, place: &Path) {
        let Some(folder) = self.watched.get_mut(place) else { return };
        if let Some(identity) = folder.identity.take() {
            self.places.remove(&identity);
        }
        self.unwatch(place);
    }

    fn unwatch(&mut self, place: &Path) {
        if let Some(watcher) = &mut self.watcher {
            // The system has forgotten folders that were removed.
            let _ = guarded(|| watcher.unwatch(place));
        }
    }
}

fn new_watcher(handler: impl EventHandler) -> Result<RecommendedWatcher, Failure> {
    let watcher = guarded(|| RecommendedWatcher::new(handler, Config::default()));
    watcher.map_err(|error| Failure::Error(WatchError::NoWatcher { source: error.into() }))
}

/// The crate panics if its thread could not be started, or is gone.
fn guarded<T>(act: impl FnOnce() -> notify::Result<T>) -> notify::Result<T> {
    let done = catch_unwind(AssertUnwindSafe(act));
    done.unwrap_or_else(|_| Err(notify::Error::generic("the thread of the watcher is not there")))
}

fn failure(folder: &Path, error: notify::Error) -> Failure {
    let folder = folder.to_owned();
    match error.kind {
        ErrorKind::MaxFilesWatch => Failure::Error(WatchError::TooManyFolders { folder }),
        ErrorKind::PathNotFound => Failure::Gone,
        ErrorKind::Io(error) if is_gone(&error) => Failure::Gone,
        ErrorKind::Io(error) => Failure::Error(WatchError::Folder { folder, source: error.into() }),
        kind => Failure::Error(WatchError::Folder { folder, source: notify::Error::new(kind).into() }),
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(unix)]
fn identity(folder: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(folder)?;
    Ok(Identity { device: found.dev(), inode: found.ino() })
}

#[cfg(not(unix))]
fn identity(folder: &Path) -> io::Result<Identity> {
    fs::metadata(folder)?;
    Ok(Identity(folder.to_owned()))
}

/// What an event says.
pub(super) enum Told<'e> {
    /// Something may have been missed.
    Lost,
    /// Something has happened at these paths; `is_gone` if what was there may be elsewhere.
    Happened {
        paths: &'e [PathBuf],
        is_gone: bool,
    },
    Nothing,
}

/// Reads an event.
pub(super) fn read(event: &notify::Result<Event>) -> Told<'_> {
    use notify::EventKind::{Access, Modify, Remove};
    use notify::event::{AccessKind, AccessMode, ModifyKind};
    let Ok(event) = event else { return Told::Lost };
    if event.need_rescan() {
        return Told::Lost;
    }
    match event.kind {
        Access(AccessKind::Close(AccessMode::Write)) => {}
        // Reading is no change, and is what follows from one.
        Access(_) => return Told::Nothing,
        _ => {}
    }
    let is_gone = matches!(event.kind, Remove(_) | Modify(ModifyKind::Name(_)));
    Told::Happened { paths: &event.paths, is_gone }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_watched_once_and_replaced_ones_anew() {
        let dir = tempfile::tempdir().unwrap();
        let folder = &dir.path().canonicalize().unwrap().join("folder");
        let (told, listen) = std::sync::mpsc::channel();
        let mut folders = Folders::default();
        let acquire = |folders: &mut Folders, folder: &Path| {
            let told = told.clone();
            folders.acquire(folder, || move |event| drop(told.send(event))).ok()
        };
        assert_eq!(acquire(&mut folders, folder), None);
        fs::create_dir(folder).unwrap();
        assert_eq!(acquire(&mut folders, folder).as_ref(), Some(folder));
        assert_eq!(acquire(&mut folders, folder).as_ref(), Some(folder));
        assert_eq!((folders.len(), folders.take_replaced().len()), (1, 0));
        fs::rename(folder, folder.with_extension("old")).unwrap();
        fs::create_dir(folder).unwrap();
        if cfg!(unix) {
            // By another path, it is the same folder.
            assert_eq!(acquire(&mut folders, &folder.with_extension("old")).as_ref(), Some(folder));
            assert_eq!(acquire(&mut folders, folder).as_ref(), Some(folder));
            assert_eq!(folders.take_replaced(), BTreeSet::from([folder.clone()]));
            folders.release(folder);
            folders.release(folder);
        }
        let file = folder.join("file");
        fs::write(&file, "").unwrap();
        let is_told = |event: notify::Result<Event>| matches!(read(&event), Told::Happened { paths, .. } if paths.contains(&file));
        while !is_told(listen.recv_timeout(std::time::Duration::from_secs(60)).unwrap()) {}
        folders.release(folder);
        assert_eq!(folders.len(), 1);
        folders.release(folder);
        assert_eq!(folders.len(), 0);
        folders.release(folder);
        folders.rest();
        assert!(folders.watcher.is_none() && folders.places.is_empty());
    }
}
