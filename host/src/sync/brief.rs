//! A lock for what is done in a few instructions.
#![allow(unsafe_code)]

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use lock_api::{GuardNoSend, RawMutex};

/// Given up by a store. A mutex that keeps a list of who waits is given up by an exchange, since the list may have changed: an
/// exchange waits until every store before it is done, those of the plugin included. Every call takes the lock twice, and the
/// two exchanges took 9 of the 130 nanoseconds of a small call.
///
/// Who finds it taken looks again for a while, and then lets others run: the one who has it may be among them. That is for
/// locks alone that nobody keeps for longer than a few instructions.
pub(crate) struct Brief(AtomicBool);

// SAFETY: the lock is taken by the one who has turned false into true. Nobody else does before it is false again, and only
// `unlock` makes it so, which the one who has it calls. What was written under the lock is seen by the next who takes it,
// for that one acquires what the store has released.
unsafe impl RawMutex for Brief {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait asks for it: each lock begins as a copy")]
    const INIT: Self = Brief(AtomicBool::new(false));

    type GuardMarker = GuardNoSend;

    #[inline]
    fn lock(&self) {
        if !self.try_lock() {
            self.wait();
        }
    }

    #[inline]
    fn try_lock(&self) -> bool {
        self.0.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    #[inline]
    unsafe fn unlock(&self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Brief {
    #[cold]
    fn wait(&self) {
        for turn in 0_u32.. {
            // Looking takes nothing away from the one who has it, and trying does.
            if !self.0.load(Ordering::Relaxed) && self.try_lock() {
                return;
            }
            match turn {
                0..100 => spin_loop(),
                100..120 => thread::yield_now(),
                // Whoever has it may be one that the system lets run only while this thread does not, whatever it yields.
                _ => thread::sleep(Duration::from_micros(50)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lock_api::Mutex;

    #[test]
    fn one_at_a_time_has_it() {
        const TURNS: u64 = 20_000;
        let sum: Mutex<Brief, (u64, u64)> = Mutex::new((0, 0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..TURNS {
                        let mut sum = sum.lock();
                        let (before, _) = *sum;
                        // Two numbers that only ever change together.
                        sum.0 = before + 1;
                        assert_eq!(sum.1, before);
                        sum.1 += 1;
                    }
                });
            }
        });
        assert_eq!(sum.into_inner(), (4 * TURNS, 4 * TURNS));
    }

    #[test]
    fn who_waits_long_gets_it_too() {
        let lock: Mutex<Brief, bool> = Mutex::new(false);
        let guard = lock.lock();
        assert!(lock.try_lock().is_none());
        thread::scope(|scope| {
            let waiting = scope.spawn(|| *lock.lock() = true);
            // It is beyond looking and yielding by then.
            thread::sleep(Duration::from_millis(20));
            assert!(!waiting.is_finished());
            drop(guard);
        });
        assert!(lock.into_inner());
    }
}
