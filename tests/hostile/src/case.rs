//! What a case is.

use std::time::Duration;

use hookr::Limits;

use crate::outcome::Failure;
use crate::target::Target;

/// How long a call, or the making of an instance, may go on behind its deadline. It is much more than it takes: on a
/// busy machine, the test may not be what runs.
const TOLERANCE: Duration = Duration::from_secs(3);

/// How long behind its deadline a call may end on a machine that has nothing else to do.
const LATEST: Duration = Duration::from_secs(1);

/// How much longer all takes in a program that looks after each access of memory.
pub(crate) const SANITIZED: u32 = 4;

/// A hostile plugin, and what it has to come to.
pub struct Case {
    /// `phase/what`; the phase is when it strikes.
    pub name: String,
    /// One line for people.
    pub about: &'static str,
    /// What the plugin may use.
    pub limits: Limits,
    /// The typed error, as [`Failure::outcome`] writes it; [`ANSWERED`] if the plugin may do what it does.
    pub expected: &'static str,
    /// What the error says, or its causes; empty if that does not matter.
    pub says: &'static str,
    /// What neither the error nor its causes may say; nothing, if that does not matter.
    pub without: Option<&'static str>,
    /// How much more memory the host may take for it, in bytes; `None` if that is not compared.
    pub memory: Option<u64>,
    /// How long behind its time it may end, in a run that has the machine for itself.
    pub latest: Duration,
    /// How long behind its time it may end in any case: then it hangs.
    pub tolerance: Duration,
    component: Box<dyn Fn() -> Vec<u8> + Send + Sync>,
    drive: Box<Drive>,
}

/// What a host does with a plugin.
type Drive = dyn Fn(&Target) -> Result<(), Failure> + Send + Sync;

/// What is expected of a plugin that does no harm.
pub const ANSWERED: &str = "answered";

impl Case {
    pub(crate) fn new(
        name: impl Into<String>,
        about: &'static str,
        component: impl Fn() -> Vec<u8> + Send + Sync + 'static,
        drive: impl Fn(&Target) -> Result<(), Failure> + Send + Sync + 'static,
        expected: &'static str,
    ) -> Self {
        Case {
            name: name.into(),
            about,
            limits: limits(is_late(expected)),
            expected,
            says: "",
            without: None,
            memory: Some(64 << 20),
            latest: LATEST,
            tolerance: TOLERANCE,
            component: Box::new(component),
            drive: Box::new(drive),
        }
    }

    /// Says that there is no error.
    pub(crate) fn harmless(mut self) -> Self {
        self.expected = ANSWERED;
        self
    }

    /// Says what the error has to say.
    pub(crate) fn says(mut self, text: &'static str) -> Self {
        self.says = text;
        self
    }

    /// Says what the error must not say.
    pub(crate) fn without(mut self, text: &'static str) -> Self {
        self.without = Some(text);
        self
    }

    /// Changes what the plugin may use.
    pub(crate) fn limits(mut self, change: impl FnOnce(Limits) -> Limits) -> Self {
        self.limits = change(self.limits);
        self
    }

    /// Lets the host take so much memory.
    pub(crate) fn memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Makes of it a case for a program that looks after each access of memory: compilation, and a call that is to come to
    /// an end by itself, may take four times as long, and how much memory it takes says nothing.
    #[must_use]
    pub fn sanitized(mut self) -> Self {
        let longer = |time: Option<Duration>| time.map(|time| time * SANITIZED);
        if !is_late(self.expected) {
            self.limits.deadline = longer(self.limits.deadline);
        }
        self.limits.compile_time = longer(self.limits.compile_time);
        self.tolerance *= SANITIZED;
        self.latest *= SANITIZED;
        self.memory = None;
        self
    }

    /// When it strikes.
    pub fn phase(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// The bytes of the plugin.
    ///
    /// # Panics
    ///
    /// If the case is wrong: text that is no WebAssembly, for instance.
    pub fn build(&self) -> Vec<u8> {
        (self.component)()
    }

    /// Does what a host does: opens the plugin, and calls it.
    ///
    /// # Errors
    ///
    /// The first error.
    pub fn drive(&self, target: &Target) -> Result<(), Failure> {
        (self.drive)(target)
    }

    /// How long it may take to open the plugin: that is mostly compilation.
    pub fn longest_open(&self) -> Duration {
        let both = [self.limits.compile_time, self.limits.deadline];
        both.into_iter().flatten().sum::<Duration>() + self.tolerance
    }

    /// How long the calls may take.
    pub fn longest_call(&self) -> Duration {
        self.limits.deadline.unwrap_or_default() + self.tolerance
    }

    /// What time it has, if it is to go on until that is over; and whether that is the time of opening it.
    pub fn time(&self) -> Option<(Duration, bool)> {
        let time = match self.expected {
            late if is_late(late) => self.limits.deadline,
            "OpenError::LimitExceeded(compile_time)" => self.limits.compile_time,
            _ => None,
        };
        Some((time?, self.expected.starts_with("OpenError::")))
    }
}

/// Whether it is the deadline that is to end a case.
fn is_late(expected: &str) -> bool {
    expected.ends_with("::DeadlineExceeded")
}

/// What hostile plugins may use, unless their case says otherwise: less than by default, so that they are done with
/// soon.
///
/// Where it is not the deadline that ends a case, it is a long one: the machine may be busy.
fn limits(is_late: bool) -> Limits {
    Limits::default()
        .deadline(if is_late { Duration::from_millis(200) } else { Duration::from_secs(10) })
        .compile_time(Duration::from_secs(20))
        .memory(16 << 20)
        .table_elements(100_000)
        .host_memory(16 << 20)
        .response(8 << 20)
}
