use std::time::Duration;

use crate::supervise::Health;

/// What a plugin has done, and is doing. [What counts as what](crate::observe#statistics) is told there.
///
/// But for what is said to be of the moment, all numbers are since the plugin was opened, and of all its clones together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// What has become of its calls and instances: calls in all, and what was lost by what.
    pub health: Health,
    /// The version in service: 1 for the one that was opened, and one more with each reload.
    pub generation: u64,
    /// Instances that wait for a call, at the moment.
    pub idle: usize,
    /// Instances that are in use, or are being made, at the moment. A lane that is locked is a use.
    pub busy: usize,
    /// Instances of versions that were replaced and are in use still, at the moment.
    pub draining: usize,
    /// Calls that wait for an instance, at the moment.
    pub waiting: usize,
    /// Calls that have waited for an instance, whether they got one or not; those that wait still are not among them.
    pub waits: u64,
    /// How long they have waited, all together.
    pub waited: Duration,
    /// Calls that the plugin has answered with an error.
    pub failed: u64,
    /// Calls by method, in the order of the contract that is in service. The sum may be less than
    /// [`calls`](Health::calls): those for the plugin's state are of no method.
    pub methods: Vec<MethodStats>,
    /// Bytes of linear memory that the instances have which there are, each as of the end of its last call.
    pub memory: u64,
    /// Instructions that calls have taken, where [the engine counts them](crate::Settings::fuel), as it does for
    /// [`Limits::fuel`](crate::Limits::fuel): what the calls themselves took, and the making of instances. Of calls that run
    /// there is nothing in it yet.
    pub fuel: Option<u64>,
    /// Versions that were put in service after the first.
    pub reloads: u64,
    /// Reloads that have failed, so that the version in service stayed.
    pub failed_reloads: u64,
    /// How long calls took, if [that was asked for](crate::Builder::timings).
    pub timings: Option<Timings>,
}

/// What has become of the calls of a method.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MethodStats {
    /// `Service:Method`, as the contract spells it.
    pub method: String,
    /// Calls that have come to the plugin, a batch as one.
    pub calls: u64,
    /// Those that it has answered with an error.
    pub failed: u64,
}

/// How long calls took, from their beginning to their end, waiting included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timings {
    /// How many there were: refused ones count, too.
    pub calls: u64,
    /// All together.
    pub total: Duration,
    /// Half of them took no longer. It is exact up to a factor of two, and never too small.
    pub p50: Duration,
    /// 99 of a hundred took no longer; exact as the other.
    pub p99: Duration,
    /// The longest.
    pub max: Duration,
}
