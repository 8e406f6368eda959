//! New versions of a plugin that is in use: when to look for one, and what is told of it.
//!
//! [`Reload::watch`] has the file watched, by its path. What counts is what the path leads to: files that are renamed over it,
//! links on the way that are swapped, folders that are made anew. Once it has been quiet for a moment ([`Reload::debounce`]), the
//! new version is opened beside the one in use. [`Reload::manual`] leaves it to the host to say when. How changes are
//! noticed is [`Watch`]'s.
//!
//! ```
//! use std::time::Duration;
//! use hookr::reload::{Reload, Watch};
//!
//! let eager = Reload::watch().debounce(Duration::from_millis(50)).drain(Duration::from_secs(5));
//! assert_eq!(eager.watch, Some(Watch::Auto));
//! let by_looking = eager.poll(Duration::from_secs(1));
//! assert_eq!(by_looking.watch, Some(Watch::Poll(Duration::from_secs(1))));
//! assert_eq!(Reload::manual().watch, None);
//! ```

use std::time::Duration;

mod cycle;
mod error;
mod event;
mod events;
mod reloader;
mod watch;

pub(crate) use cycle::{Hook, Service};
pub use error::{ReloadError, StateError};
pub use event::{Cause, News, Outcome, ReloadEvent, VersionInfo};
pub use events::Events;
use events::Outbox;
pub use reloader::Reloader;
pub(crate) use watch::Fingerprint;
pub use watch::{PollReason, Watch, WatchError, WatchMode};

/// Whether the file of a plugin is watched, and what happens when a new version comes into service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reload {
    /// How the file is watched; `None` if it is not. [`Watch::Auto`].
    pub watch: Option<Watch>,
    /// How long the file has to stay as it is before it counts as changed. 250 milliseconds. Between 10 milliseconds and an
    /// hour. A file that never stays as it is counts as changed after ten times as long.
    pub debounce: Duration,
    /// How long calls that run on the old version may go on after the swap. 30 seconds.
    pub drain: Duration,
}

impl Default for Reload {
    fn default() -> Self {
        Reload { watch: Some(Watch::Auto), debounce: Duration::from_millis(250), drain: Duration::from_secs(30) }
    }
}

impl Reload {
    /// The file is watched.
    #[must_use]
    pub fn watch() -> Self {
        Reload::default()
    }

    /// The file is not watched: the host says when to look at it.
    #[must_use]
    pub fn manual() -> Self {
        Reload { watch: None, ..Reload::default() }
    }

    /// How long the file has to stay as it is.
    #[must_use]
    pub fn debounce(mut self, quiet: Duration) -> Self {
        self.debounce = quiet;
        self
    }

    /// How long calls may go on after the swap.
    #[must_use]
    pub fn drain(mut self, longest: Duration) -> Self {
        self.drain = longest;
        self
    }

    /// The file is watched by looking at it this often: [`Watch::Poll`].
    #[must_use]
    pub fn poll(self, every: Duration) -> Self {
        self.watch_by(Watch::Poll(every))
    }

    /// The file is watched this way.
    #[must_use]
    pub fn watch_by(mut self, how: Watch) -> Self {
        self.watch = Some(how);
        self
    }
}
