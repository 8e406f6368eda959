//! The threads that callbacks run on, so that the hub never waits for one.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parking_lot::Mutex;

/// So many callbacks run at once. They compile, which takes a processor each.
const THREADS: usize = 2;

/// What is done for one file, never twice at once.
pub(super) struct Job(Mutex<Progress>);

struct Progress {
    /// `None` once it has ended.
    callback: Option<Callback>,
    stage: Stage,
}

type Callback = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Idle,
    Queued,
    Running {
        /// Whether there was a change in the meantime.
        again: bool,
    },
}

impl Job {
    pub(super) fn new(callback: impl Fn() + Send + Sync + 'static) -> Self {
        Job(Mutex::new(Progress { callback: Some(Arc::new(callback)), stage: Stage::Idle }))
    }

    /// It runs no more. A run that has begun goes on.
    pub(super) fn end(&self) {
        let callback = self.0.lock().callback.take();
        // What it owns may do anything when it is dropped; not while the lock is held.
        drop(callback);
    }

    fn run(&self) -> Next {
        let callback = {
            let mut progress = self.0.lock();
            let Some(callback) = progress.callback.clone() else { return Next::Nothing };
            progress.stage = Stage::Running { again: false };
            callback
        };
        // The panic was shown by the hook for panics. What is watched goes on being watched.
        let _ = catch_unwind(AssertUnwindSafe(move || {
            callback();
            drop(callback);
        }));
        let mut progress = self.0.lock();
        let again = progress.stage == Stage::Running { again: true } && progress.callback.is_some();
        progress.stage = if again { Stage::Queued } else { Stage::Idle };
        if again { Next::Again } else { Next::Nothing }
    }

    /// Whether it has to be put into the queue now.
    fn call(&self) -> bool {
        let mut progress = self.0.lock();
        match progress.stage {
            Stage::Idle => progress.stage = Stage::Queued,
            Stage::Queued => return false,
            Stage::Running { .. } => {
                progress.stage = Stage::Running { again: true };
                return false;
            }
        }
        true
    }
}

#[derive(PartialEq, Eq)]
enum Next {
    Again,
    Nothing,
}

/// Threads that are there as long as there is something to do.
#[derive(Default)]
pub(super) struct Workers(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Arc<Job>>,
    threads: usize,
}

impl Workers {
    /// Runs a job soon; once more, if it runs now; once, if it waits already.
    pub(super) fn call(self: &Arc<Self>, job: &Arc<Job>) {
        if job.call() {
            self.0.lock().jobs.push_back(job.clone());
            // If no thread can be had now, `help` gets one later.
            let _ = self.start();
        }
    }

    /// Sees to it that somebody works, if there is something to do: `false` if the system has no thread left for it.
    pub(super) fn help(self: &Arc<Self>) -> bool {
        let is_stuck = {
            let queue = self.0.lock();
            queue.threads == 0 && !queue.jobs.is_empty()
        };
        !is_stuck || self.start().is_ok()
    }

    fn start(self: &Arc<Self>) -> io::Result<()> {
        let mut queue = self.0.lock();
        if queue.threads >= THREADS || queue.jobs.is_empty() {
            return Ok(());
        }
        let workers = self.clone();
        std::thread::Builder::new().name("hookr-reload".to_owned()).spawn(move || workers.work())?;
        queue.threads += 1;
        Ok(())
    }

    fn work(&self) {
        loop {
            let mut queue = self.0.lock();
            let Some(job) = queue.jobs.pop_front() else {
                queue.threads -= 1;
                return;
            };
            drop(queue);
            if job.run() == Next::Again {
                self.0.lock().jobs.push_back(job);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    /// Calls that come while it runs are one more run; never two at once.
    #[test]
    fn runs_are_merged() {
        let workers = Arc::new(Workers::default());
        let (begun, wait_begun) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let may_go_on = Mutex::new(may_go_on);
        let running = AtomicUsize::new(0);
        let job = Arc::new(Job::new(move || {
            assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0);
            begun.send(()).unwrap();
            may_go_on.lock().recv().unwrap();
            running.fetch_sub(1, Ordering::SeqCst);
        }));
        workers.call(&job);
        wait_begun.recv().unwrap();
        for _ in 0..5 {
            workers.call(&job);
        }
        go_on.send(()).unwrap();
        wait_begun.recv().unwrap();
        go_on.send(()).unwrap();
        // All of it is over when the threads are.
        while workers.0.lock().threads > 0 {
            std::thread::yield_now();
        }
        assert!(wait_begun.try_recv().is_err());
        workers.call(&job);
        wait_begun.recv().unwrap();
        job.end();
        workers.call(&job);
        go_on.send(()).unwrap();
        while workers.0.lock().threads > 0 {
            std::thread::yield_now();
        }
        assert!(wait_begun.try_recv().is_err());
        assert!(workers.help());
    }

    /// Two at once, and no more; others wait for them.
    #[test]
    fn few_run_at_once() {
        let workers = Arc::new(Workers::default());
        let (begun, wait_begun) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let may_go_on = Arc::new(Mutex::new(may_go_on));
        for number in 0..5 {
            let (begun, may_go_on) = (begun.clone(), may_go_on.clone());
            workers.call(&Arc::new(Job::new(move || {
                begun.send(number).unwrap();
                // Only one at a time waits here; the sender's end lets all of them go.
                let _ = may_go_on.lock().recv();
            })));
        }
        let mut first = [wait_begun.recv().unwrap(), wait_begun.recv().unwrap()];
        first.sort_unstable();
        assert_eq!(first, [0, 1]);
        let waiting = workers.0.lock().jobs.len();
        assert_eq!(waiting, 3);
        drop(go_on);
        drop(begun);
        let mut rest: Vec<i32> = wait_begun.iter().collect();
        rest.sort_unstable();
        assert_eq!(rest, [2, 3, 4]);
    }
}
