//! The time of an engine, which a thread of its own keeps: calls read it without asking the system.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;
use std::time::{Duration, Instant};

use wasmtime::EngineWeak;

/// As long as nobody calls, the thread looks up this often only.
const NAP: Duration = Duration::from_millis(100);

/// After so many ticks without a call, it takes naps.
const IDLE: u32 = 100;

/// Nanoseconds since the engine was made, as of the last tick.
///
/// Whoever sees that somebody has looked sees a time that is no older than that. The rest is relaxed: nothing is handed over
/// but the numbers themselves.
pub(crate) struct Clock {
    start: Instant,
    tick: Duration,
    now: AtomicU64,
    /// The longest time of late that `now` was behind for somebody who has looked.
    lag: AtomicU64,
    /// Whether somebody has looked since the last tick.
    is_used: AtomicBool,
    naps: AtomicBool,
    thread: OnceLock<Thread>,
}

impl Clock {
    /// Starts a thread that ends when the engine does.
    pub(super) fn start(engine: &wasmtime::Engine, tick: Duration) -> std::io::Result<Arc<Self>> {
        let tick = tick.max(Duration::from_micros(10));
        let clock = Arc::new(Clock {
            start: Instant::now(),
            tick,
            now: AtomicU64::new(0),
            lag: AtomicU64::new(nanos(tick)),
            is_used: AtomicBool::new(false),
            naps: AtomicBool::new(false),
            thread: OnceLock::new(),
        });
        let (ticking, engine) = (clock.clone(), engine.weak());
        let thread = std::thread::Builder::new().name("hookr-clock".to_owned()).spawn(move || ticking.run(&engine))?;
        // Nobody else sets it.
        let _ = clock.thread.set(thread.thread().clone());
        Ok(clock)
    }

    fn run(&self, engine: &EngineWeak) {
        let mut idle = 0_u32;
        loop {
            let naps = idle >= IDLE;
            self.naps.store(naps, Ordering::SeqCst);
            // Whoever looks from now on knows of the nap; whoever looked just before does not.
            let pause = if naps && !self.is_used.load(Ordering::SeqCst) { NAP } else { self.tick };
            std::thread::park_timeout(pause);
            let Some(engine) = engine.upgrade() else { return };
            let is_used = self.is_used.swap(false, Ordering::SeqCst);
            let now = self.precise();
            // Whoever has looked was told this old a time at the most; whoever looks from here on sets the clock.
            let gap = if is_used { now.saturating_sub(self.now.load(Ordering::Relaxed)) } else { 0 };
            // What was long for once is forgotten slowly. Known before the time is, for whoever sees that it went on.
            let lag = self.lag.load(Ordering::Relaxed);
            self.lag.store(gap.max(lag - lag / 256).max(nanos(self.tick)), Ordering::Release);
            self.now.fetch_max(now, Ordering::Release);
            engine.increment_epoch();
            idle = if is_used { 0 } else { idle.saturating_add(1) };
        }
    }

    fn advance(&self) -> u64 {
        let now = self.precise();
        self.now.fetch_max(now, Ordering::Release).max(now)
    }

    /// The time as of the last tick, [`lag`](Self::lag) old at the most, for a call that begins now.
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        if self.is_used.load(Ordering::Acquire) { self.now.load(Ordering::Acquire) } else { self.wake() }
    }

    /// The first to look after a tick sets the clock; the thread goes on ticking.
    #[cold]
    fn wake(&self) -> u64 {
        let now = self.advance();
        self.is_used.store(true, Ordering::SeqCst);
        if self.naps.load(Ordering::SeqCst)
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
        now
    }

    /// The time by the system.
    pub(crate) fn precise(&self) -> u64 {
        nanos(self.start.elapsed())
    }

    /// How long ago that was, at the least.
    pub(crate) fn since(&self, then: u64) -> u64 {
        self.now().saturating_sub(then).saturating_sub(self.lag())
    }

    /// How far [`now`](Self::now) may be behind.
    pub(crate) fn lag(&self) -> u64 {
        self.lag.load(Ordering::Relaxed)
    }
}

/// In nanoseconds; what is longer than 584 years is for ever.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The time is never further behind than it says, also after a nap.
    #[test]
    fn the_time_is_kept_while_somebody_looks_and_after_nobody_did() {
        let engine = wasmtime::Engine::default();
        let clock = Clock::start(&engine, Duration::from_millis(1)).unwrap();
        for pause in [0, 5, 300] {
            std::thread::sleep(Duration::from_millis(pause));
            for _ in 0..1000 {
                let before = clock.precise();
                let now = clock.now();
                assert!(now <= clock.precise());
                // Where the thread was held up, `lag` says so from the next tick on.
                assert!(before.saturating_sub(now) <= nanos(Duration::from_secs(5)), "{before} {now}");
            }
        }
    }

    #[test]
    fn the_thread_ends_with_the_engine() {
        let engine = wasmtime::Engine::default();
        let clock = Clock::start(&engine, Duration::from_millis(1)).unwrap();
        drop(engine);
        // The thread holds the clock for as long as it runs.
        while Arc::strong_count(&clock) > 1 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
