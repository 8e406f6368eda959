//! One file that is watched.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::debounce::Debounce;
use super::fingerprint::Fingerprint;
use super::interest::Id;
use super::route::Spot;
use super::workers::Job;
use super::{PollReason, Watch, WatchMode};

/// How often files are polled if nobody has said so.
const POLL: Duration = Duration::from_secs(2);

/// How often files are looked at in addition to what the system tells.
const SLOW: Duration = Duration::from_secs(5);

/// What comes more often than this is merged. It is more than a tick of the clock that files are stamped by.
const SHORTEST: Duration = Duration::from_millis(10);

/// A file, and what is known of it.
pub(super) struct WatchedFile {
    path: PathBuf,
    how: Watch,
    pub(super) job: Arc<Job>,
    mode: Mutex<WatchMode>,
    /// Whoever looks at the file. Looking may take long.
    pub(super) turn: Mutex<Turn>,
}

/// What the last look has found.
pub(super) struct Turn {
    pub(super) id: Id,
    pub(super) debounce: Debounce,
    /// Where the system watches for it: the names as they are in [`Interest`](super::interest::Interest).
    pub(super) spots: Vec<Spot>,
    pub(super) last: Option<Instant>,
    /// Whether the system has told something that was not looked at yet.
    pub(super) is_told: bool,
    /// Whether it is not watched any longer.
    pub(super) is_over: bool,
}

impl WatchedFile {
    pub(super) fn new(
        path: PathBuf,
        known: Fingerprint,
        how: Watch,
        debounce: Duration,
        on_change: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let mode = match how {
            Watch::Auto | Watch::Notify => WatchMode::Notify,
            Watch::Poll(every) => {
                let every = every.clamp(SHORTEST, Duration::from_secs(24 * 3600));
                WatchMode::Poll { every, reason: PollReason::Asked }
            }
        };
        let debounce = debounce.clamp(SHORTEST, Duration::from_secs(3600));
        let turn = Turn {
            id: 0,
            debounce: Debounce::new(debounce, known, Instant::now()),
            spots: Vec::new(),
            last: None,
            is_told: false,
            is_over: false,
        };
        let job = Arc::new(Job::new(on_change));
        WatchedFile { path, how, job, mode: Mutex::new(mode), turn: Mutex::new(turn) }
    }

    pub(super) fn path(&self) -> &PathBuf {
        &self.path
    }

    pub(super) fn mode(&self) -> WatchMode {
        self.mode.lock().clone()
    }

    pub(super) fn is_polled(&self) -> bool {
        matches!(*self.mode.lock(), WatchMode::Poll { .. })
    }

    /// Whether that the system does not tell is no error.
    pub(super) fn may_poll(&self) -> bool {
        self.how != Watch::Notify
    }

    /// It is polled from now on.
    pub(super) fn poll(&self, reason: PollReason) {
        *self.mode.lock() = WatchMode::Poll { every: POLL, reason };
    }

    /// How long after a look it is looked at again, whatever happens.
    pub(super) fn interval(&self) -> Option<Duration> {
        match (&*self.mode.lock(), self.how) {
            (WatchMode::Poll { every, .. }, _) => Some(*every),
            (WatchMode::Notify, Watch::Notify) => None,
            (WatchMode::Notify, _) => Some(SLOW),
        }
    }
}

impl Turn {
    /// Until when not to look, since somebody just has.
    pub(super) fn rest(&self, now: Instant) -> Option<Instant> {
        self.last.map(|last| last + SHORTEST).filter(|then| *then > now)
    }
}
