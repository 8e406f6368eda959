//! Watching files by their paths, all of a process on one thread.
//!
//! A file is known by its path, not by its inode: [`Route`](route::Route) finds the folders on the way to it, and the system tells
//! when a name in them changes. Then the [`Fingerprint`] of what the path leads to is compared with the last one, and once it
//! has not changed for a while ([`Debounce`](debounce::Debounce)), the callback runs on one of few threads
//! ([`Workers`](workers::Workers)). Where the system does not tell, files are looked at again and again.
//!
//! One thread ([`Hub`](hub::Hub)) does all of this, and it is there only as long as something is watched. It asks file systems
//! for what it looks at; one that does not answer, such as that of a server that is gone, holds up whatever else is watched.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

mod debounce;
mod error;
mod file;
mod fingerprint;
mod folders;
mod hub;
mod interest;
mod remote;
mod route;
mod workers;

pub use error::WatchError;
pub(crate) use fingerprint::Fingerprint;

use file::WatchedFile;
use hub::Hub;

/// How changes of a file are noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Watch {
    /// The system tells (inotify, FSEvents, kqueue, `ReadDirectoryChangesW`), and every five seconds the file is looked at in
    /// addition. On file systems that other machines write to (NFS, SMB, FUSE and the like, where Linux says that they are), or
    /// if the system does not tell, the file is looked at every two seconds instead.
    #[default]
    Auto,
    /// The system tells; if it cannot, that is an error. It does not tell of everything: not when a folder is renamed that is
    /// further up than the one of the file, and not what comes through another name of the same file.
    Notify,
    /// The file is looked at this often: between 10 milliseconds and a day.
    Poll(Duration),
}

/// How changes of a file are noticed in fact.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WatchMode {
    /// The system tells.
    Notify,
    /// The file is looked at.
    Poll {
        /// This often.
        every: Duration,
        /// Why.
        reason: PollReason,
    },
}

/// Why a file is looked at again and again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PollReason {
    /// That was asked for.
    Asked,
    /// Others write to its file system without this one knowing.
    Remote,
    /// The system does not tell. With [`Watch::Notify`], too, if that was found out after the watching had begun.
    Failed(Arc<WatchError>),
}

/// Watches what a path leads to, be there something or not. `known` is what it looked like when the caller read it, or was asked
/// last: `on_change` is called for all that has changed since then.
///
/// It is called once nothing has changed for `debounce`, or ten times as long if it changes all the time. It runs on a thread of
/// its own kind, never twice at once; changes that come while it runs lead to one more call. It may be called for a file that
/// has the same content. A panic in it is caught; the next change calls it again.
pub(crate) fn watch(
    path: &Path,
    known: Fingerprint,
    how: Watch,
    debounce: Duration,
    on_change: impl Fn() + Send + Sync + 'static,
) -> Result<Watched, WatchError> {
    static HUB: LazyLock<Arc<Hub>> = LazyLock::new(Hub::new);
    watch_by(&HUB, path, known, how, debounce, on_change)
}

fn watch_by(
    hub: &Arc<Hub>,
    path: &Path,
    known: Fingerprint,
    how: Watch,
    debounce: Duration,
    on_change: impl Fn() + Send + Sync + 'static,
) -> Result<Watched, WatchError> {
    // What it leads to does not depend on the folder that the process is in later.
    let path = std::path::absolute(path).map_err(|source| WatchError::Path { path: path.to_owned(), source })?;
    let file = Arc::new(WatchedFile::new(path, known, how, debounce, on_change));
    hub.add(&file)?;
    Ok(Watched { hub: hub.clone(), file })
}

/// A file that is watched, until this is dropped.
///
/// Dropping it waits for nobody. No call of `on_change` is made for what changes from then on; one that has begun, or that is
/// just beginning on its thread, goes on.
pub(crate) struct Watched {
    hub: Arc<Hub>,
    file: Arc<WatchedFile>,
}

impl Watched {
    /// How changes are noticed. It changes if the system stops telling.
    pub(crate) fn mode(&self) -> WatchMode {
        self.file.mode()
    }

    /// The path, made absolute.
    #[cfg(test)]
    fn path(&self) -> &Path {
        self.file.path()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.hub.remove(&self.file);
    }
}

#[cfg(test)]
mod tests;
