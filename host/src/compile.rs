//! Compilation, on a thread of its own: it can take longer than it may, it can panic, and it needs a stack whose size does
//! not depend on who calls.
//!
//! wasmtime's compiler cannot be interrupted. A compilation that takes too long is abandoned: whoever wanted it gets an
//! error, and its thread ends when it is done. A process has only so many of these at a time, see
//! [`Compilers::MAX_ABANDONED`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use wasmtime::component::Component;

use crate::call::cause;
use crate::limits::{Exceeded, Limit};
use crate::panic::said;
use crate::{Artifact, Engine, OpenError};

/// Compiles a plugin.
pub(crate) fn compile(engine: &Engine, artifact: &Artifact, time: Option<Duration>) -> Result<Component, OpenError> {
    static PROCESS: Compilers = Compilers::new();
    let (engine, artifact) = (engine.clone(), artifact.clone());
    let work = move || Component::from_binary(&engine.wasmtime, artifact.bytes());
    PROCESS.run(work, time)?.map_err(|error| OpenError::Compile { source: cause(error) })
}

/// The compilations of a process.
struct Compilers {
    running: Mutex<Running>,
    /// Notified when one ends, or is abandoned.
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct Running {
    /// Those that somebody waits for.
    awaited: usize,
    /// Those that nobody waits for any more.
    abandoned: usize,
}

/// Where a compilation is. Whoever leaves `Awaited` moves it in [`Running`], so that each is counted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Awaited,
    Abandoned,
    Done,
}

impl Compilers {
    /// While so many compilations are abandoned and still running, no other is begun. There can be more of them by as many
    /// as the machine has processors, for so many are awaited at a time.
    const MAX_ABANDONED: usize = 2;

    /// The stack of a compilation, most of which is never touched. wasmtime walks nested types by recursion.
    const STACK: usize = 16 << 20;

    const fn new() -> Self {
        Compilers { running: Mutex::new(Running { awaited: 0, abandoned: 0 }), changed: Condvar::new() }
    }

    /// Runs it, and waits for it. Waiting for others that are awaited does not count as its time.
    fn run<T: Send + 'static>(
        &'static self,
        work: impl FnOnce() -> T + Send + 'static,
        time: Option<Duration>,
    ) -> Result<T, OpenError> {
        self.admit()?;
        let stage = Arc::new(Mutex::new(Stage::Awaited));
        let (sender, receiver) = mpsc::sync_channel(1);
        let of_thread = stage.clone();
        let spawned =
            thread::Builder::new().name("hookr-compile".to_owned()).stack_size(Self::STACK).spawn(move || {
                let result = catch_unwind(AssertUnwindSafe(work));
                // Sent first, so that it is there for whoever sees that it is done.
                let unwanted = sender.send(result);
                // What nobody wants can be as large as a plugin's code; it goes before the place is free again.
                drop(unwanted);
                self.leave(&of_thread, Stage::Done);
            });
        if let Err(error) = spawned {
            self.leave(&stage, Stage::Done);
            return Err(OpenError::Compile { source: error.into() });
        }
        let received = match time {
            Some(time) => receiver.recv_timeout(time),
            None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let received = match received {
            Err(RecvTimeoutError::Timeout) => match self.leave(&stage, Stage::Abandoned) {
                // It became ready in the meantime.
                Stage::Done => receiver.try_recv().map_err(|_| RecvTimeoutError::Disconnected),
                _ => Err(RecvTimeoutError::Timeout),
            },
            other => other,
        };
        match received {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(panic)) => {
                Err(OpenError::Compile { source: format!("the compiler panicked: {}", said(panic.as_ref())).into() })
            }
            Err(RecvTimeoutError::Timeout) => {
                let allowed = time.map_or(u64::MAX, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
                Err(OpenError::LimitExceeded(Exceeded::new(Limit::CompileTime, None, allowed)))
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(OpenError::Compile { source: "the thread of the compilation is gone".into() })
            }
        }
    }

    /// Waits for its turn. As many are awaited at a time as there are processors: each has the memory of a compilation.
    fn admit(&self) -> Result<(), OpenError> {
        let most = thread::available_parallelism().map_or(1, usize::from);
        let mut running = self.running.lock();
        loop {
            if running.abandoned >= Self::MAX_ABANDONED {
                return Err(OpenError::CompilerBusy { running: running.abandoned });
            }
            if running.awaited < most {
                running.awaited += 1;
                return Ok(());
            }
            self.changed.wait(&mut running);
        }
    }

    /// Ends a compilation, or gives it up; says where it was.
    fn leave(&self, stage: &Mutex<Stage>, to: Stage) -> Stage {
        let mut stage = stage.lock();
        let was = *stage;
        let mut running = self.running.lock();
        match (was, to) {
            (Stage::Awaited, Stage::Done) => running.awaited -= 1,
            (Stage::Awaited, Stage::Abandoned) => {
                running.awaited -= 1;
                running.abandoned += 1;
            }
            (Stage::Abandoned, Stage::Done) => running.abandoned -= 1,
            _ => return was,
        }
        *stage = to;
        self.changed.notify_all();
        was
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn compilers() -> &'static Compilers {
        Box::leak(Box::new(Compilers::new()))
    }

    fn running(compilers: &Compilers) -> (usize, usize) {
        let Running { awaited, abandoned } = *compilers.running.lock();
        (awaited, abandoned)
    }

    /// Waits until so many are abandoned.
    fn until_abandoned(compilers: &Compilers, count: usize) {
        let mut running = compilers.running.lock();
        while running.abandoned != count {
            compilers.changed.wait(&mut running);
        }
    }

    const SHORT: Option<Duration> = Some(Duration::from_millis(20));

    #[test]
    fn what_is_done_in_time_is_returned() {
        let compilers = compilers();
        assert!(matches!(compilers.run(|| 1, None), Ok(1)));
        assert!(matches!(compilers.run(|| 2, Some(Duration::from_secs(3600))), Ok(2)));
    }

    #[test]
    fn a_panic_is_an_error() {
        let compilers = compilers();
        let error = compilers.run(|| -> () { panic!("index {}", 7) }, None).unwrap_err();
        let OpenError::Compile { source } = error else { panic!("{error:?}") };
        assert_eq!(source.to_string(), "the compiler panicked: index 7");
        let error = compilers.run(|| std::panic::panic_any(7), None).unwrap_err();
        let OpenError::Compile { source } = error else { panic!("{error:?}") };
        assert_eq!(source.to_string(), "the compiler panicked: it does not say why");
    }

    #[test]
    fn those_that_take_too_long_are_counted_until_they_end() {
        let compilers = compilers();
        let mut ends = Vec::new();
        for count in 1..=Compilers::MAX_ABANDONED {
            let (end, ended) = channel::<()>();
            let error = compilers.run(move || ended.recv(), SHORT).unwrap_err();
            let OpenError::LimitExceeded(exceeded) = error else { panic!("{error:?}") };
            assert_eq!((exceeded.limit, exceeded.asked, exceeded.allowed), (Limit::CompileTime, None, 20));
            assert_eq!(running(compilers).1, count);
            ends.push(end);
        }
        let error = compilers.run(|| (), None).unwrap_err();
        assert!(matches!(error, OpenError::CompilerBusy { running: Compilers::MAX_ABANDONED }), "{error:?}");
        drop(ends);
        until_abandoned(compilers, 0);
        assert!(compilers.run(|| (), None).is_ok());
    }

    /// The result and the end of the time come at once: either is right, and the counts are whole.
    #[test]
    fn a_race_with_the_clock_loses_no_place() {
        let compilers = compilers();
        let mut done = 0;
        for _ in 0..200 {
            match compilers.run(|| thread::sleep(Duration::from_micros(100)), Some(Duration::from_micros(150))) {
                Ok(()) => done += 1,
                Err(OpenError::LimitExceeded(_) | OpenError::CompilerBusy { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        until_abandoned(compilers, 0);
        assert!(compilers.run(|| (), None).is_ok(), "after {done}");
    }

    #[test]
    fn no_more_are_awaited_than_there_are_processors() {
        let compilers = compilers();
        let most = thread::available_parallelism().map_or(1, usize::from);
        let opens: Vec<_> = (0..most * 4)
            .map(|_| thread::spawn(move || compilers.run(move || running(compilers).0, None).unwrap()))
            .collect();
        for open in opens {
            assert!((1..=most).contains(&open.join().unwrap()));
        }
        assert_eq!(running(compilers).1, 0);
    }
}
