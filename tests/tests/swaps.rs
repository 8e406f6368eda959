//! A thousand new versions under four threads that call without pause: no call fails, none sees a mix of versions, each is
//! answered by a version that was in service while it ran, and nothing is left of those that were replaced.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use hookr::reload::{Outcome, Reload, ReloadError};
use hookr::trust::{SecretKey, TrustStore};
use hookr::{Builder, OpenError, Source};
use hookr_tests::installed::{Installed, which};
use hookr_tests::plugin_bytes;
use hookr_tests::versions::{version, versions_builder_with};
use versions::{Answer, AskRequest, Empty, PanicRequest, PluginHandle, fb};

/// New versions that come into service.
const SWAPS: usize = 1000;

/// How many there were, to tell which may answer: the `n`-th is version `n % 3 + 1`.
#[derive(Default)]
struct Progress {
    begun: AtomicUsize,
    done: AtomicUsize,
}

impl Progress {
    /// Makes a call, and sees that the version that answers was in service meanwhile.
    fn check(&self, call: impl FnOnce() -> u32) {
        let first = self.done.load(Ordering::SeqCst);
        let answered = call() as usize;
        let last = self.begun.load(Ordering::SeqCst);
        assert!((first..=last).any(|n| n % 3 + 1 == answered), "version {answered} between {first} and {last}");
    }
}

/// What the hook does with the next candidate.
const ACCEPT: usize = 0;
const REJECT: usize = 1;
const TRAP: usize = 2;
const PANIC: usize = 3;

/// What is wrong with a new version; each in its turn.
#[derive(Clone, Copy, Debug)]
enum Wrong {
    Truncated,
    OtherContract,
    OtherKey,
    TornSignature,
    HookRejects,
    HookTraps,
    HookPanics,
}

const WRONG: [Wrong; 7] = [
    Wrong::Truncated,
    Wrong::OtherContract,
    Wrong::OtherKey,
    Wrong::TornSignature,
    Wrong::HookRejects,
    Wrong::HookTraps,
    Wrong::HookPanics,
];

/// Calls without pause until it is told to stop; gives back how often.
fn calls(stop: &AtomicBool, mut call: impl FnMut()) -> usize {
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        call();
        count += 1;
    }
    count
}

/// Kilobytes of memory that the process has in use.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Mappings of memory that the process has: an instance has four.
fn mappings() -> Option<usize> {
    Some(fs::read_to_string("/proc/self/maps").ok()?.lines().count())
}

#[test]
fn four_threads_call_through_a_thousand_new_versions() {
    let (key, other) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
    let bytes: Vec<Vec<u8>> = (1..=3).map(|number| fs::read(version(number)).unwrap()).collect();
    let good: Vec<Vec<u8>> = bytes.iter().map(|bytes| key.sign(bytes).unwrap()).collect();
    let other_contract = key.sign(&plugin_bytes("textfilter")).unwrap();
    let stolen = other.sign(&bytes[1]).unwrap();

    let hook = Arc::new(AtomicUsize::new(ACCEPT));
    let of_hook = hook.clone();
    let builder: Builder<PluginHandle> = versions_builder_with(|_, request| Ok(Answer { text: request.question }));
    let builder = builder.trust(TrustStore::new().key(key.public_key()));
    // Code is there once for all the plugins of a file: these keep it, so that nothing is compiled a thousand times.
    let _kept: Vec<_> = good.iter().map(|good| builder.open_bytes(good.clone()).unwrap()).collect();
    let reload = Reload::manual().drain(Duration::from_secs(60));
    let builder = builder.reload(reload).on_reload(move |next, _| -> Result<(), Source> {
        match of_hook.load(Ordering::SeqCst) {
            REJECT => return Err("not this one".into()),
            TRAP => {
                next.panic(&PanicRequest { message: "in the hook".to_owned() })?;
            }
            PANIC => std::panic::panic_any("the hook panics"),
            _ => {}
        }
        Ok(next.get_version(&Empty {}).map(drop)?)
    });
    let file = Installed::new(&good[0]);
    let plugin = builder.open(file.path()).unwrap();
    let reloader = plugin.reloader();
    let (progress, stop) = (Progress::default(), AtomicBool::new(false));

    thread::scope(|scope| {
        let threads = [
            scope.spawn(|| calls(&stop, || progress.check(|| which(&plugin)))),
            scope.spawn(|| {
                let request = AskRequest { question: "?".to_owned() };
                calls(&stop, || {
                    progress.check(|| {
                        let answer = plugin.ask(&request).unwrap();
                        assert_eq!((answer.before, &*answer.text), (answer.after, "?"), "a mix of versions");
                        answer.before
                    });
                })
            }),
            // A guard that is taken once for each few calls, and lets the others in between.
            scope.spawn(|| {
                calls(&stop, || {
                    let mut lane = plugin.lane().unwrap();
                    for _ in 0..20 {
                        progress
                            .check(|| lane.get_version(|b| fb::Empty::create(b, &fb::EmptyArgs {})).unwrap().version());
                    }
                })
            }),
            scope.spawn(|| {
                let request = plugin.clone();
                calls(&stop, || progress.check(|| request.count(&Empty {}).unwrap().version))
            }),
        ];
        let _stop = StopAtEnd(&stop);
        let mut settled = None;
        for n in 1..=SWAPS {
            if n.is_multiple_of(2) {
                let wrong = WRONG[n / 2 % WRONG.len()];
                let next = &good[n % 3];
                match wrong {
                    Wrong::Truncated => file.install(&next[..next.len() - n % 1000 - 1]),
                    Wrong::OtherContract => file.install(&other_contract),
                    Wrong::OtherKey => file.install(&stolen),
                    Wrong::TornSignature => {
                        let mut torn = next.clone();
                        torn[40] ^= 1;
                        file.install(torn);
                    }
                    Wrong::HookRejects | Wrong::HookTraps | Wrong::HookPanics => file.install(next),
                }
                let says = match wrong {
                    Wrong::HookRejects => REJECT,
                    Wrong::HookTraps => TRAP,
                    Wrong::HookPanics => PANIC,
                    _ => ACCEPT,
                };
                hook.store(says, Ordering::SeqCst);
                let error = reloader.reload().expect_err("something is wrong with it");
                let is_it = match (wrong, &*error) {
                    (Wrong::OtherContract, ReloadError::Open(OpenError::ContractMismatch { .. })) => true,
                    (Wrong::Truncated | Wrong::OtherKey | Wrong::TornSignature, ReloadError::Open(error)) => {
                        matches!(error, OpenError::Signature { .. } | OpenError::Malformed { .. })
                    }
                    (Wrong::HookRejects | Wrong::HookTraps, ReloadError::Hook(_)) => true,
                    (Wrong::HookPanics, ReloadError::HookPanicked { .. }) => true,
                    _ => false,
                };
                assert!(is_it, "{wrong:?}: {error:?}");
                hook.store(ACCEPT, Ordering::SeqCst);
            }
            file.install(&good[n % 3]);
            progress.begun.store(n, Ordering::SeqCst);
            assert!(matches!(reloader.reload(), Ok(Outcome::Reloaded(_))));
            progress.done.store(n, Ordering::SeqCst);
            if n == SWAPS / 5 {
                settled = resident().zip(mappings());
            }
        }
        stop.store(true, Ordering::Relaxed);
        let made: Vec<usize> = threads.map(|thread| thread.join().unwrap()).into();
        assert!(made.iter().all(|made| *made > 0), "{made:?}");
        println!("calls while {SWAPS} versions and {} failures came: {made:?}", SWAPS / 2);
        if let (Some((settled, mapped)), Some((end, mapped_at_end))) = (settled, resident().zip(mappings())) {
            println!("resident memory: {settled} kB after {} versions, {end} kB at the end", SWAPS / 5);
            // An instance that is not freed has four mappings: 800 of them have 3200.
            assert!(mapped_at_end < mapped + 400, "{mapped} mappings, and {mapped_at_end} at the end");
            assert!(end < settled + 32 * 1024, "{settled} kB, and {end} kB at the end");
        }
    });
    let health = plugin.health();
    assert_eq!((health.lost, health.started), (0, SWAPS as u64 + 1));
    assert_eq!(reloader.version().generation, SWAPS as u64 + 1);
}

/// Lets the threads end when an assertion fails, too.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
