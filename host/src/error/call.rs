use std::path::Path;
use std::time::Duration;

use hookr_abi::{Code, Error, Printable};

use super::{Source, quoted};
use crate::crash::{Backtrace, Crash};
use crate::lane::LaneState;
use crate::limits::Exceeded;

/// Why a call gave no response.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The plugin answered with an error. Its instance is fine.
    #[error("{method} failed: {error}")]
    Failed {
        /// `Service:Method`.
        method: String,
        /// What the plugin says.
        error: Error,
    },
    /// The plugin does not have this optional method. It was not called.
    #[error("the plugin does not implement {method}")]
    Unimplemented {
        /// `Service:Method`.
        method: String,
    },
    /// The plugin trapped. Its instance is gone, with its state.
    #[error("the plugin trapped in {method}; its instance and the state in it are lost")]
    Trapped {
        /// `Service:Method`.
        method: String,
        /// Where it was.
        crash: Box<Crash>,
        /// The trap.
        #[source]
        source: Source,
    },
    /// The plugin returned what cannot be read: text that is not UTF-8, pointers outside of its memory, enum values that
    /// the contract does not have. The same goes for the request of a callback, and for memory that it takes for a
    /// request of the host. Its instance is gone, with its state.
    ///
    /// So does a response that breaks a rule of the contract that WIT does not state; the source is an
    /// [`InvalidValue`](crate::InvalidValue) then. The request of a callback that does is answered with an error instead,
    /// without the callback.
    #[error("{method} returned what cannot be read; the instance and the state in it are lost")]
    InvalidResponse {
        /// `Service:Method`.
        method: String,
        /// Where it was, if it was running: in a callback whose request cannot be read.
        crash: Box<Crash>,
        /// What is wrong.
        #[source]
        source: Source,
    },
    /// The plugin wanted more than it may have, and did not get along without it. Its instance is gone, with its state.
    #[error("{method} wanted {exceeded}; the instance and the state in it are lost")]
    LimitExceeded {
        /// `Service:Method`.
        method: String,
        /// The limit.
        exceeded: Exceeded,
        /// Where it was.
        crash: Box<Crash>,
        /// How the call ended.
        #[source]
        source: Source,
    },
    /// The time of the call is over: that of the [`Limits`](crate::Limits), or of the [`CallOptions`](crate::CallOptions). If
    /// the plugin was running, its instance is gone, with its state.
    #[error("{method} was not over after {after:?}; {}", aftermath(crash.as_deref()))]
    DeadlineExceeded {
        /// `Service:Method`.
        method: String,
        /// The time that it had.
        after: Duration,
        /// Where the plugin was; `None` if the call waited for another one, and the plugin was not called.
        crash: Option<Box<Crash>>,
    },
    /// Somebody has [cancelled](crate::CancelToken) the call. If the plugin was running, its instance is gone, with its state.
    #[error("{method} was cancelled; {}", aftermath(crash.as_deref()))]
    Cancelled {
        /// `Service:Method`.
        method: String,
        /// Where the plugin was; `None` if it was not called.
        crash: Option<Box<Crash>>,
    },
    /// The plugin has ended itself, with `exit` of WASI. Its instance is gone, with its state.
    #[error(
        "the plugin ended itself in {method}, with the exit code {code}; its instance and the state in it are lost"
    )]
    Exited {
        /// `Service:Method`.
        method: String,
        /// 0 where the plugin was content, else what it says; 1 if it does not say.
        code: u8,
        /// Where it was.
        crash: Box<Crash>,
    },
    /// The plugin has used a function of WASI that is not granted and that has no way to say so. Its instance is gone, with
    /// its state.
    #[error("{method} used `{}`, which is not granted; the instance and the state in it are lost", Printable(function))]
    Denied {
        /// `Service:Method`.
        method: String,
        /// `package:name/interface#function`.
        function: String,
        /// Where it was.
        crash: Box<Crash>,
    },
    /// The plugin has lost its instance too often, and gets no fresh one for now. It was not called.
    #[error("the plugin is not called by {method}, as {}: {}", pause(*retry_in), Printable(last))]
    Unavailable {
        /// `Service:Method`.
        method: String,
        /// When a call is worth a try; `None` where somebody has to [revive](crate::supervise) the plugin.
        retry_in: Option<Duration>,
        /// What the last loss was.
        last: String,
    },
    /// The host itself panicked while it served the plugin: in a callback, or where it takes what the plugin logs. The panic
    /// goes on to whoever has called, so that this error is for [listeners](crate::Builder::on_event) alone. The instance is
    /// gone, with its state.
    #[error("the host panicked during {method}; {}", if *at_start { STARTED } else { LOST })]
    Panicked {
        /// `Service:Method`.
        method: String,
        /// Whether a fresh instance was being made: there was no state to lose.
        at_start: bool,
    },
    /// A fresh instance was needed and could not be made.
    #[error("no fresh instance for {method}")]
    Instantiate {
        /// `Service:Method`.
        method: String,
        /// Where it was.
        crash: Box<Crash>,
        /// What wasmtime says.
        #[source]
        source: Source,
    },
    /// All the instances of the plugin are in use, and as many calls wait as [may](crate::Instances), or this one has waited for
    /// as long as it may. The plugin was not called.
    #[error("{method} did not get an instance: {}", busy(*waited, *limit))]
    Busy {
        /// `Service:Method`.
        method: String,
        /// How long it has waited; `None` if there was no place in the queue.
        waited: Option<Duration>,
        /// How many calls may wait.
        limit: usize,
    },
    /// Another version of the plugin was put in service, and the call did not end on the old one in the
    /// [time](crate::reload) that it had to. That instance is gone; the new version is not affected.
    #[error("{method} did not end in time on a version of the plugin that was replaced")]
    Replaced {
        /// `Service:Method`.
        method: String,
        /// Where it was.
        crash: Box<Crash>,
    },
    /// The handle is of a candidate that has become, or has not become, the version in service: it was for the time of the
    /// [hook](crate::reload) alone.
    #[error("{method} was called on a candidate after its trial")]
    Closed {
        /// `Service:Method`.
        method: String,
    },
    /// A callback called the plugin that was calling it, or a thread that has locked a plugin's lane called it otherwise.
    /// Nothing happened; the outer call goes on.
    #[error("{method} was called by a thread that is inside of a call of the same plugin")]
    Reentrant {
        /// `Service:Method`.
        method: String,
    },
    /// The plugin has no lane, or one that does not work here. Typed calls work all the same.
    #[error("there is no lane: {state}")]
    NoLane {
        /// What became of it.
        state: LaneState,
    },
    /// A request is too large. The plugin was not called.
    #[error("the request of {method} has {size} bytes, {limit} at the most")]
    RequestTooLarge {
        /// `Service:Method`.
        method: String,
        /// The size of the request in bytes; of a batch, of all its requests together.
        size: usize,
        /// The largest size: that of the [`Limits`](crate::Limits), or what the plugin has room for.
        limit: usize,
    },
    /// There are too many requests in a batch. The plugin was not called.
    #[error("the batch of {method} has {count} requests, {limit} at the most")]
    BatchTooLarge {
        /// `Service:Method`.
        method: String,
        /// How many requests there are.
        count: usize,
        /// How many there may be: for the host, or for the plugin's memory.
        limit: usize,
    },
    /// The contract has no such method. Only calls by name give this error.
    #[error("the contract has no method {}; it has {}", Printable(method), quoted(available))]
    NoSuchMethod {
        /// What was asked for.
        method: String,
        /// The plugin's methods.
        available: Vec<String>,
    },
    /// The request cannot be sent. Calls by name give this error for a request of another type than the method takes,
    /// typed calls for one that nests too deeply; the source is an [`InvalidValue`](crate::InvalidValue) then. The plugin
    /// was not called.
    #[error("the request does not fit {method}")]
    InvalidRequest {
        /// `Service:Method`.
        method: String,
        /// What is wrong.
        #[source]
        source: Source,
    },
}

impl CallError {
    /// The gRPC code of the failure: the plugin's own, or the one that says best what happened.
    pub fn code(&self) -> Code {
        match self {
            CallError::Failed { error, .. } => error.code,
            CallError::Unimplemented { .. } | CallError::NoSuchMethod { .. } | CallError::NoLane { .. } => {
                Code::Unimplemented
            }
            CallError::Trapped { .. } | CallError::InvalidResponse { .. } | CallError::Panicked { .. } => {
                Code::Internal
            }
            CallError::Instantiate { .. } | CallError::Unavailable { .. } | CallError::Replaced { .. } => {
                Code::Unavailable
            }
            CallError::DeadlineExceeded { .. } => Code::DeadlineExceeded,
            CallError::Cancelled { .. } => Code::Cancelled,
            CallError::Reentrant { .. } | CallError::Closed { .. } => Code::FailedPrecondition,
            CallError::RequestTooLarge { .. }
            | CallError::BatchTooLarge { .. }
            | CallError::LimitExceeded { .. }
            | CallError::Busy { .. } => Code::ResourceExhausted,
            CallError::InvalidRequest { .. } => Code::InvalidArgument,
            CallError::Exited { .. } => Code::Aborted,
            CallError::Denied { .. } => Code::PermissionDenied,
        }
    }

    /// Whether the call has cost the plugin its instance, and with it its state. Where a fresh one was being made, there was
    /// nothing to lose any more.
    pub fn lost_instance(&self) -> bool {
        match self {
            CallError::Instantiate { .. } => false,
            CallError::Panicked { at_start, .. } => !at_start,
            _ => self.crash().is_some_and(|crash| !crash.at_start),
        }
    }

    /// Where the plugin was when the call ended, if its code was running then.
    pub fn backtrace(&self) -> Option<&Backtrace> {
        self.crash().map(|crash| &crash.backtrace).filter(|backtrace| !backtrace.frames().is_empty())
    }

    /// The file that the plugin's memory was written to, where the host has [asked](crate::Builder::core_dumps) for that.
    pub fn core_dump(&self) -> Option<&Path> {
        self.crash()?.core_dump.as_deref()
    }

    fn crash(&self) -> Option<&Crash> {
        match self {
            CallError::Trapped { crash, .. }
            | CallError::InvalidResponse { crash, .. }
            | CallError::LimitExceeded { crash, .. }
            | CallError::Exited { crash, .. }
            | CallError::Denied { crash, .. }
            | CallError::Replaced { crash, .. }
            | CallError::Instantiate { crash, .. } => Some(crash),
            CallError::DeadlineExceeded { crash, .. } | CallError::Cancelled { crash, .. } => crash.as_deref(),
            _ => None,
        }
    }
}

const STARTED: &str = "the plugin was being started";
const LOST: &str = "the instance and the state in it are lost";

fn aftermath(crash: Option<&Crash>) -> &'static str {
    match crash {
        Some(crash) if crash.at_start => STARTED,
        Some(_) => LOST,
        None => "it was waiting for the plugin, which was not called",
    }
}

fn pause(retry_in: Option<Duration>) -> String {
    match retry_in {
        Some(time) => format!("it has lost its instance too often; the next try is in {time:?}"),
        None => "it has lost its instance, and nobody has revived it".to_owned(),
    }
}

fn busy(waited: Option<Duration>, limit: usize) -> String {
    match waited {
        Some(time) => format!("it has waited for {time:?}"),
        None => format!("{limit} calls wait already"),
    }
}
