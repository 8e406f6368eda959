use std::time::Duration;

/// How many instances a plugin has, and who waits how for one.
///
/// One instance is the default: what a plugin keeps in its memory is there at the next call, and callers wait for each other.
/// Several are for plugins that keep nothing between calls, or nothing that matters: each has a memory of its own, and a call
/// runs on whichever is free. A number is as good as [`Instances::pool`].
///
/// ```
/// use std::time::Duration;
/// use hookr::Instances;
///
/// let four = Instances::pool(4).warm(2).queue(100).wait(Duration::from_millis(20));
/// # assert_eq!((four.most, four.warm), (4, 2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Instances {
    /// How many calls run at a time, each on an instance of its own. 1.
    pub most: usize,
    /// How many instances are made when the plugin is opened, and before a new version is put in service; the others are made
    /// when they are needed. 1, and no less: the first shows that the plugin can run.
    pub warm: usize,
    /// How many calls may wait for an instance; one more fails at once, with [`CallError::Busy`](crate::CallError::Busy). 4096.
    pub queue: usize,
    /// How long a call may wait for an instance, before it fails with [`CallError::Busy`](crate::CallError::Busy). `None`,
    /// which is the default, is for as long as the call may [take](crate::Limits::deadline).
    pub wait: Option<Duration>,
    /// Whether each call runs on an instance that no other has used. No. A guard of the lane is one use.
    pub fresh: bool,
}

impl Default for Instances {
    fn default() -> Self {
        Instances { most: 1, warm: 1, queue: 4096, wait: None, fresh: false }
    }
}

impl Instances {
    /// One, whose state is coherent.
    #[must_use]
    pub fn one() -> Self {
        Self::default()
    }

    /// Up to so many, at least one, each with a state of its own.
    #[must_use]
    pub fn pool(most: usize) -> Self {
        Instances { most: most.max(1), ..Self::default() }
    }

    /// A fresh one for each call, up to so many at a time: nothing of a call is left for the next. Making one takes some
    /// microseconds, and as long as the plugin's start code.
    #[must_use]
    pub fn fresh(most: usize) -> Self {
        Instances { fresh: true, ..Self::pool(most) }
    }

    /// How many are made beforehand.
    #[must_use]
    pub fn warm(mut self, warm: usize) -> Self {
        self.warm = warm;
        self
    }

    /// As many as there are to be, and as there can be.
    pub(crate) fn made_beforehand(&self) -> usize {
        self.warm.clamp(1, self.most.max(1))
    }

    /// Whether there is no one state that could be handed over to another version.
    pub(crate) fn keeps_no_state(&self) -> bool {
        self.most > 1 || self.fresh
    }

    /// How many calls may wait.
    #[must_use]
    pub fn queue(mut self, calls: usize) -> Self {
        self.queue = calls;
        self
    }

    /// How long a call may wait.
    #[must_use]
    pub fn wait(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.wait = time.into();
        self
    }
}

impl From<usize> for Instances {
    fn from(most: usize) -> Self {
        Instances::pool(most)
    }
}
