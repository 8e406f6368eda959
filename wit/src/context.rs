use core::fmt;
use core::time::Duration;

use crate::Room;

/// What a callback may know of the call that it serves.
///
/// The host's implementation of a callback service gets one with every call. New facts are added as methods, so that
/// implementations need not change.
#[derive(Clone, Copy)]
pub struct CallbackContext<'a> {
    plugin: &'a str,
    call: Option<&'a (dyn CallControl + Sync)>,
}

/// What whoever runs a call knows of its end; for hosts of plugins.
pub trait CallControl {
    /// How much time the call has left; `None` for as much as it likes.
    fn remaining(&self) -> Option<Duration>;

    /// Whether somebody has cancelled it.
    fn is_cancelled(&self) -> bool;

    /// How many bytes the host may allocate for a message of the plugin.
    fn host_memory(&self) -> usize;
}

impl<'a> CallbackContext<'a> {
    /// A context for a call out of the plugin that the host knows as `plugin`, which nothing ends.
    pub const fn new(plugin: &'a str) -> Self {
        CallbackContext { plugin, call: None }
    }

    /// A context for a callback in this call.
    pub const fn in_call(plugin: &'a str, call: &'a (dyn CallControl + Sync)) -> Self {
        CallbackContext { plugin, call: Some(call) }
    }

    /// The name by which the host knows the plugin that calls: chosen by the host, else the file's name.
    pub const fn plugin(&self) -> &'a str {
        self.plugin
    }

    /// How much time is left of the call that led to this callback; `None` for as much as it likes. The call ends when the
    /// time is over, but not before the callback returns: one that takes long looks for itself.
    pub fn remaining(&self) -> Option<Duration> {
        self.call?.remaining()
    }

    /// Whether the call has been cancelled: nobody waits for the answer any more.
    pub fn is_cancelled(&self) -> bool {
        self.call.is_some_and(CallControl::is_cancelled)
    }

    /// How much memory the request of the callback may take, as values of the host's own.
    pub fn room(&self) -> Room {
        self.call.map_or_else(Room::default, |call| Room::new(call.host_memory()))
    }
}

impl fmt::Debug for CallbackContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackContext").field("plugin", &self.plugin).finish_non_exhaustive()
    }
}
