use std::time::Duration;

/// How a plugin is, and what has become of its calls.
///
/// All numbers are since the plugin was opened, and of all its clones together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Whether it can be called.
    pub state: State,
    /// Calls that have come to the plugin, a batch as one.
    pub calls: u64,
    /// Instances that were lost.
    pub lost: u64,
    /// Of those, by a trap, or because the plugin ended itself or used what is not granted.
    pub trapped: u64,
    /// By a response that cannot be read, or the request of a callback.
    pub invalid: u64,
    /// By a limit.
    pub limited: u64,
    /// By a deadline.
    pub late: u64,
    /// By somebody who has cancelled the call.
    pub cancelled: u64,
    /// By a panic of the host itself, in a callback for instance.
    pub panicked: u64,
    /// Instances that could not be made.
    pub not_started: u64,
    /// Instances that were made, the first included.
    pub started: u64,
    /// Calls that were refused, as the plugin rests or is stopped.
    pub refused: u64,
    /// Whether calls run on the version that is known to work.
    pub on_last_good: bool,
    /// What was lost last, for people. What a cancelled call has cost is not among it, unless the plugin
    /// [fails fast](crate::supervise::OnLoss::FailFast).
    pub last_loss: Option<String>,
}

/// Whether a plugin can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It can.
    Ready,
    /// It has lost too many instances, and gets no other for a while.
    Resting {
        /// How long.
        retry_in: Duration,
    },
    /// It is not called until somebody revives it.
    Stopped,
}
