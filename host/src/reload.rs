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
//!
//! # From a file to the version in service
//!
//! The file is read, and has to be trusted, to be for the contract, and to keep to the limits, as the plugin had to when it
//! was opened: pins, signatures, lock files, lists of revocations and verifiers are asked anew. It is compiled, or comes from
//! the cache, and its instances are made. Then the host's [hook](crate::Builder::on_reload) gets a handle of it and may try it
//! out. All of that happens on another thread than those that call, and holds up none of them. If anything fails, the version
//! in service stays, and one piece of [`News`] says why.
//!
//! The swap itself exchanges a few pointers behind a mutex. Calls that begin after it run on the new version; those that are
//! running finish on the old one, each of them whole. What still runs after [`Reload::drain`] is ended, with
//! [`CallError::Replaced`](crate::CallError::Replaced). A guard of the lane goes over between two of its calls. The new version
//! begins without the state of the old one, unless it is handed over. What the plugin had lost is forgotten: a new version that
//! replaces one that was stopped runs.
//!
//! # State
//!
//! A plugin may export `hookr:abi/state`: `snapshot` gives its state, as bytes that nobody else reads, and `restore` takes it
//! over. With [`Reload::state`], and after the hook has agreed, the plugin's one instance is waited for, for as long as
//! [`Reload::drain`] says; calls that come meanwhile wait. It gives its state, the new version takes it over, and the swap
//! follows at once, so that the effect of no call is lost between the two. A version that has a state is not replaced by one that
//! takes none over. If the snapshot traps, its instance is lost, as by any call that traps; the old version stays in service.

use std::time::Duration;

use crate::state::StateLimits;

mod cycle;
mod error;
mod event;
mod events;
mod handover;
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
    /// How much state the old version may hand over to the new one; `None`, which is the default, if it hands over none.
    pub state: Option<StateLimits>,
}

impl Default for Reload {
    fn default() -> Self {
        Reload {
            watch: Some(Watch::Auto),
            debounce: Duration::from_millis(250),
            drain: Duration::from_secs(30),
            state: None,
        }
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

    /// The old version hands its state over to the new one, which is a plugin of one instance then. See [above](self#state).
    #[must_use]
    pub fn state(mut self, limits: StateLimits) -> Self {
        self.state = Some(limits);
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
