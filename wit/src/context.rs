/// What a callback may know of the call that it serves.
///
/// The host's implementation of a callback service gets one with every call. New facts (a deadline for instance) are
/// added as methods, so that implementations need not change.
#[derive(Clone, Copy, Debug)]
pub struct CallbackContext<'a> {
    plugin: &'a str,
}

impl<'a> CallbackContext<'a> {
    /// A context for a call out of the plugin that the host knows as `plugin`.
    pub const fn new(plugin: &'a str) -> Self {
        CallbackContext { plugin }
    }

    /// The name by which the host knows the plugin that calls: chosen by the host, else the file's name.
    pub const fn plugin(&self) -> &'a str {
        self.plugin
    }
}
