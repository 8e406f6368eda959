//! The code of `docs/src/how-to/pools-and-async.md`.

// ANCHOR: threads
use std::thread;

use hookr::CallError;
use tickloop::{PluginHandle, TickRequest};

/// Two threads with the same plugin: a handle is `Send`, `Sync` and `Clone`.
fn from_two_threads(plugin: &PluginHandle) -> Result<(), CallError> {
    let other = plugin.clone();
    let ticking = thread::spawn(move || other.tick(&TickRequest { tick: 1, ..TickRequest::default() }));
    plugin.tick(&TickRequest { tick: 2, ..TickRequest::default() })?;
    ticking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    Ok(())
}
// ANCHOR_END: threads

// ANCHOR: pools
use std::time::Duration;

use hookr::{Builder, Instances};

/// Up to four calls at a time.
fn four(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    builder.instances(4)
}

/// Two of the four are made beforehand, 100 calls may wait, each for 20 milliseconds.
fn four_and_a_queue(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    builder.instances(Instances::pool(4).warm(2).queue(100).wait(Duration::from_millis(20)))
}

/// Nothing of a call is left for the next.
fn four_and_fresh(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    builder.instances(Instances::fresh(4))
}
// ANCHOR_END: pools

// ANCHOR: calls
async fn first_tick(plugin: &PluginHandle) -> Result<u64, CallError> {
    let response = plugin.tick_async(TickRequest { tick: 1, ..TickRequest::default() }).await?;
    Ok(response.next_state_hash)
}
// ANCHOR_END: calls

// ANCHOR: closure
/// Many calls, over the lane, on one thread and one instance.
async fn ticks(plugin: &PluginHandle, seed: u64) -> Result<u64, CallError> {
    plugin
        .call_async(move |plugin| {
            let mut state_hash = seed;
            let mut lane = plugin.lane()?;
            for tick in 2..100 {
                let request = TickRequest { tick, state_hash, ..TickRequest::default() };
                state_hash = lane.tick_owned(&request)?.next_state_hash;
            }
            Ok(state_hash)
        })
        .await
}
// ANCHOR_END: closure

// ANCHOR: callback
use hookr::{AsyncCallbackContext, Error, from_async};
use tickloop::{AsyncRng, Callbacks, RngIntRequest, RngIntResponse};

struct Dice;

impl AsyncRng for Dice {
    async fn int(&self, _: &AsyncCallbackContext, request: RngIntRequest) -> Result<RngIntResponse, Error> {
        // A timer, a socket, whatever the executor has.
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok(RngIntResponse { value: request.min })
    }
}

fn builder() -> Builder<PluginHandle> {
    PluginHandle::builder(Callbacks { rng: from_async(Dice) })
}
// ANCHOR_END: callback

// ANCHOR: open
use std::path::PathBuf;

async fn open(path: PathBuf) -> Result<PluginHandle, hookr::OpenError> {
    builder().allow_unsigned().open_async(path).await
}
// ANCHOR_END: open

mod runs {
    use std::future::Future;
    use std::sync::{Arc, Barrier};

    use hookr::CallOptions;
    use hookr_tests::hosts::{Journal, Numbers};
    use hookr_tests::plugin;
    use tickloop::{CallbackContext, Rng};
    use tokio::sync::Notify;
    use tokio::time::timeout;

    use super::*;

    /// No test waits this long, unless something is wrong.
    const LONG: Duration = Duration::from_secs(60);

    fn run<R>(test: impl Future<Output = R>) -> R {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async { timeout(LONG, test).await.expect("the test ends") })
    }

    fn sync(rng: impl Rng) -> Builder<PluginHandle> {
        PluginHandle::builder(Callbacks { rng: Arc::new(rng) }).allow_unsigned()
    }

    fn numbers() -> Numbers {
        Numbers { int: Ok(2), float: Ok(0.5), journal: Journal::default() }
    }

    /// Holds calls until there are so many of them.
    struct Together(Barrier);

    impl Rng for Together {
        fn int(&self, _: &CallbackContext<'_>, request: RngIntRequest) -> Result<RngIntResponse, Error> {
            self.0.wait();
            Ok(RngIntResponse { value: request.max })
        }
    }

    #[test]
    fn threads_share_a_plugin() {
        let plugin = sync(numbers()).open(plugin("tickloop")).unwrap();
        from_two_threads(&plugin).unwrap();
        assert_eq!((plugin.health().calls, plugin.health().started), (2, 1));
    }

    #[test]
    fn as_many_calls_run_as_there_are_instances() {
        for pool in [four, four_and_a_queue, four_and_fresh] {
            let builder = pool(sync(Together(Barrier::new(4)))).limits(hookr::Limits::default().deadline(LONG));
            let plugin = builder.open(plugin("tickloop")).unwrap();
            thread::scope(|scope| {
                let calls: Vec<_> =
                    (0..4).map(|_| scope.spawn(|| plugin.tick(&TickRequest::default()).map(drop))).collect();
                calls.into_iter().for_each(|call| call.join().unwrap().unwrap());
            });
            assert_eq!((plugin.health().started, plugin.health().lost), (4, 0));
        }
    }

    #[test]
    fn a_call_waits_no_longer_than_it_may() {
        let builder = sync(numbers()).instances(Instances::one().wait(Duration::from_millis(20)));
        let plugin = builder.open(plugin("tickloop")).unwrap();
        let lane = plugin.lane().unwrap();
        let other = plugin.clone();
        let error = thread::spawn(move || other.tick(&TickRequest::default())).join().unwrap().unwrap_err();
        assert!(matches!(error, CallError::Busy { waited: Some(_), .. }), "{error:?}");
        drop(lane);
    }

    #[test]
    fn futures_of_calls_callbacks_and_openings() {
        run(async {
            let plugin = open(plugin("tickloop")).await.unwrap();
            let seed = first_tick(&plugin).await.unwrap();
            // A callback of a millisecond in each of a hundred ticks.
            let patient = plugin.with(&CallOptions::default().deadline(LONG));
            ticks(&patient, seed).await.unwrap();
            assert_eq!((plugin.health().calls, plugin.health().lost), (99, 0));
        });
    }

    /// Says that it was asked, and never answers.
    struct Silent(Arc<Notify>);

    impl AsyncRng for Silent {
        async fn int(&self, _: &AsyncCallbackContext, _: RngIntRequest) -> Result<RngIntResponse, Error> {
            self.0.notify_one();
            std::future::pending().await
        }
    }

    #[test]
    fn a_dropped_future_is_a_cancelled_call() {
        let asked = Arc::new(Notify::new());
        let builder = PluginHandle::builder(Callbacks { rng: from_async(Silent(asked.clone())) }).allow_unsigned();
        let plugin = builder.open(plugin("tickloop")).unwrap();
        run(async {
            let call = tokio::spawn(plugin.tick_async(TickRequest::default()));
            asked.notified().await;
            call.abort();
            // The next call waits until the cancelled one is over.
            plugin.get_info_async(tickloop::Empty {}).await.unwrap();
        });
        // The plugin hears that its callback is gone, and may answer with that before it is stopped.
        let stats = plugin.stats();
        assert_eq!((stats.health.calls, stats.health.cancelled + stats.failed), (2, 1), "{stats:?}");
    }
}
