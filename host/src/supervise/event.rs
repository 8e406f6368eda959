use std::sync::Arc;
use std::time::Duration;

use crate::CallError;
use crate::cache::CacheProblem;
use crate::reload::News;

/// Something has happened to a plugin.
///
/// Listeners are called on the thread of the call, while the plugin is locked: they must not call it, which gives
/// [`CallError::Reentrant`], and should be quick. What happens while a plugin is opened is told on the thread that opens it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The name by which the host knows the plugin.
    pub plugin: &'a str,
    /// What it is.
    pub what: Happening<'a>,
}

/// What has happened to a plugin.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Happening<'a> {
    /// It has lost its instance, and with it its state.
    Lost {
        /// What the call gets.
        error: &'a CallError,
        /// How long it rests before it gets the next instance.
        rest: Option<Duration>,
    },
    /// No fresh instance could be made: its state was lost before.
    NotStarted {
        /// What the call gets.
        error: &'a CallError,
        /// How long it rests before the next try.
        rest: Option<Duration>,
    },
    /// Its circuit was opened: it is not called for this long.
    CircuitOpened {
        /// How long.
        rest: Duration,
    },
    /// A call runs on a fresh instance, without the state of those before.
    Restarted {
        /// How many instances were lost so far.
        lost: u64,
    },
    /// Calls run on the version that is known to work from now on.
    FellBack,
    /// It is being opened, and its code does not come from the cache, or is not kept there: something is wrong with the cache.
    Uncached {
        /// What is wrong.
        problem: &'a CacheProblem,
    },
    /// It was reloaded, or should have been. This is told on the thread that reloads, and nothing is locked.
    Reload {
        /// What has happened.
        news: &'a News,
    },
    /// Somebody has revived it. If calls ran on the version that is known to work, that one's instance is gone, with its state.
    Revived,
}

/// Who is told of events.
pub(crate) type Listener = Arc<dyn Fn(&Event<'_>) + Send + Sync>;
