//! Calls and callbacks that are futures: the executor goes on, whatever a plugin does.

use std::future::{Future, pending, poll_fn};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::Poll;
use std::time::Duration;

use chaos::{AskRequest, AskResponse, AsyncOracle, Callbacks, Empty, PluginHandle, SpinRequest};
use hookr::dynamic::{DynamicPlugin, Value};
use hookr::{
    AsyncCallbackContext, Builder, CallError, CallOptions, CallWay, CancelToken, Code, Error, Limits, from_async,
};
use hookr_tests::hosts::{chaos_builder, chaos_builder_with, count};
use hookr_tests::plugin;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

const SHORT: Duration = Duration::from_millis(200);
/// No test waits this long, unless something is wrong.
const LONG: Duration = Duration::from_secs(60);

/// An oracle that is a closure.
struct Oracle<F>(F);

impl<F, A> AsyncOracle for Oracle<F>
where
    F: Fn(AsyncCallbackContext, AskRequest) -> A + Send + Sync + 'static,
    A: Future<Output = Result<AskResponse, Error>> + Send + 'static,
{
    fn ask(
        &self,
        ctx: &AsyncCallbackContext,
        request: AskRequest,
    ) -> impl Future<Output = Result<AskResponse, Error>> + Send {
        (self.0)(ctx.clone(), request)
    }
}

fn builder<F, A>(oracle: F) -> Builder<PluginHandle>
where
    F: Fn(AsyncCallbackContext, AskRequest) -> A + Send + Sync + 'static,
    A: Future<Output = Result<AskResponse, Error>> + Send + 'static,
{
    PluginHandle::builder(Callbacks { oracle: from_async(Oracle(oracle)) }).allow_unsigned()
}

fn open(builder: Builder<PluginHandle>) -> PluginHandle {
    builder.open(plugin("chaos")).unwrap()
}

fn within(deadline: impl Into<Option<Duration>>) -> Limits {
    Limits::default().deadline(deadline)
}

/// Runs a test on a runtime of one thread, which is that of the test.
fn run<R>(test: impl Future<Output = R>) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { timeout(LONG, test).await.expect("the test ends") })
}

fn ask(times: u32) -> AskRequest {
    AskRequest { question: "?".into(), times }
}

fn answer(answer: &str) -> AskResponse {
    AskResponse { answer: answer.into() }
}

/// Says that it is dropped.
#[derive(Clone, Default)]
struct Dropped(Arc<AtomicBool>);

struct Guard(Dropped);

impl Dropped {
    fn guard(&self) -> Guard {
        Guard(self.clone())
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::SeqCst);
    }
}

/// A builder whose oracle says that it was asked, and never answers.
fn silent(asked: &Arc<Notify>, dropped: &Dropped) -> Builder<PluginHandle> {
    let (asked, dropped) = (asked.clone(), dropped.clone());
    builder(move |_, _| {
        let guard = dropped.guard();
        asked.notify_one();
        async move {
            let _guard = guard;
            pending().await
        }
    })
}

mod pools;

mod executor {
    use super::*;

    #[test]
    fn it_goes_on_while_a_plugin_spins_until_its_deadline() {
        let plugin = open(chaos_builder().limits(within(Duration::from_secs(1))));
        let ticks = Arc::new(AtomicU32::new(0));
        let error = run(async {
            let counted = ticks.clone();
            let ticking = tokio::spawn(async move {
                loop {
                    counted.fetch_add(1, Ordering::Relaxed);
                    sleep(Duration::from_millis(1)).await;
                }
            });
            let result = plugin.spin_async(SpinRequest { turns: 0 }).await;
            ticking.abort();
            result.unwrap_err()
        });
        assert!(matches!(error, CallError::DeadlineExceeded { crash: Some(_), .. }), "{error:?}");
        let ticks = ticks.load(Ordering::Relaxed);
        assert!(ticks >= 20, "in a second there were {ticks} ticks of a millisecond");
        assert_eq!(count(&plugin), 1);
    }

    #[test]
    fn it_goes_on_for_as_long_as_a_plugin_spins() {
        let token = CancelToken::new();
        let plugin = open(chaos_builder().limits(within(None))).with(&CallOptions::default().cancel(&token));
        let error = run(async {
            // Nobody else ends the call.
            tokio::spawn(async move {
                for _ in 0..50 {
                    sleep(Duration::from_millis(1)).await;
                }
                token.cancel();
            });
            plugin.spin_async(SpinRequest { turns: 0 }).await.unwrap_err()
        });
        assert!(matches!(error, CallError::Cancelled { .. }), "{error:?}");
    }

    #[test]
    fn a_plugin_is_opened_elsewhere_and_called_by_name() {
        struct None;
        impl hookr::dynamic::Callbacks for None {
            fn call(&self, _: &hookr::CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, Error> {
                Err(Error::unavailable("there is none"))
            }
        }
        let path = plugin("chaos");
        run(async {
            let typed = chaos_builder().open_async(path.clone()).await.unwrap();
            assert_eq!(typed.count_async(Empty {}).await.unwrap().calls, 1);
            let named = DynamicPlugin::builder(None).allow_unsigned().open_async(&path).await.unwrap();
            let Value::Record(fields) = named.call_async("Count", named_empty()).await.unwrap() else { panic!() };
            assert_eq!(fields, [("calls".to_owned(), Value::U32(1))]);
            let error = named.call_async("Cuont", named_empty()).await.unwrap_err();
            assert!(matches!(error, CallError::NoSuchMethod { .. }), "{error:?}");
            assert!(chaos_builder().open_async("no such file").await.is_err());
        });
    }

    /// What stands for a record without fields.
    fn named_empty() -> Value {
        Value::Record(vec![("reserved".to_owned(), Value::Bool(false))])
    }

    #[test]
    fn many_calls_of_one_plugin_are_all_answered() {
        let plugin = open(chaos_builder());
        let mut calls = run(async {
            let calls: Vec<_> = (0..100).map(|_| tokio::spawn(plugin.count_async(Empty {}))).collect();
            let mut counts = Vec::new();
            for call in calls {
                counts.push(call.await.unwrap().unwrap().calls);
            }
            counts
        });
        calls.sort_unstable();
        assert_eq!(calls, Vec::from_iter(1..=100));
    }

    #[test]
    fn those_that_wait_for_a_plugin_take_no_thread_from_others() {
        let release = Arc::new(Notify::new());
        let (asked, released) = (Arc::new(Notify::new()), release.clone());
        let inside = asked.clone();
        let busy = open(
            builder(move |_, _| {
                let (inside, released) = (inside.clone(), released.clone());
                async move {
                    inside.notify_one();
                    released.notified().await;
                    Ok(AskResponse::default())
                }
            })
            .limits(within(None)),
        );
        let free = open(chaos_builder());
        run(async {
            let first = tokio::spawn(busy.ask_async(ask(1)));
            asked.notified().await;
            // More than there are threads.
            let waiting: Vec<_> = (0..600).map(|_| tokio::spawn(busy.count_async(Empty {}))).collect();
            tokio::task::yield_now().await;
            for n in 1..=10 {
                assert_eq!(free.count_async(Empty {}).await.unwrap().calls, n);
            }
            assert!(!first.is_finished() && !waiting.iter().any(tokio::task::JoinHandle::is_finished));
            release.notify_one();
            first.await.unwrap().unwrap();
            for call in waiting {
                call.await.unwrap().unwrap();
            }
        });
        assert_eq!(count(&busy), 601);
    }
}

mod time {
    use super::*;

    #[test]
    fn a_callback_that_outlives_the_call_is_dropped() {
        let (asked, dropped) = (Arc::new(Notify::new()), Dropped::default());
        let plugin = open(silent(&asked, &dropped).limits(within(SHORT)));
        let error = run(plugin.ask_async(ask(u32::MAX))).unwrap_err();
        assert!(matches!(error, CallError::DeadlineExceeded { after: SHORT, crash: Some(_), .. }), "{error:?}");
        assert!(dropped.get());
        assert_eq!((count(&plugin), plugin.health().late), (1, 1));
        // Whether the plugin comes to answer with the error of its callback is between it and the clock.
        let error = run(plugin.ask_async(ask(1))).unwrap_err();
        assert_eq!(error.code(), Code::DeadlineExceeded, "{error:?}");
    }

    #[test]
    fn a_callback_knows_how_much_is_left_and_when_it_is_over() {
        let seen = Arc::new(Mutex::new(None));
        let kept = seen.clone();
        let plugin = open(
            builder(move |ctx: AsyncCallbackContext, _| {
                *kept.lock().unwrap() = Some((ctx.clone(), ctx.remaining(), ctx.is_cancelled()));
                pending()
            })
            .name("the asker")
            .limits(within(SHORT)),
        );
        run(plugin.ask_async(ask(1))).unwrap_err();
        let (ctx, remaining, is_cancelled) = seen.lock().unwrap().take().unwrap();
        assert!(remaining.unwrap() <= SHORT && !is_cancelled, "{remaining:?}");
        assert_eq!((ctx.plugin(), ctx.remaining(), ctx.is_cancelled()), ("the asker", Some(Duration::ZERO), true));
        let endless = plugin.with(&CallOptions::default().deadline(None));
        run(async {
            // It begins, and is dropped.
            timeout(SHORT, endless.ask_async(ask(1))).await.unwrap_err();
        });
        let (ctx, remaining, _) = seen.lock().unwrap().take().unwrap();
        assert!(remaining.is_none() && ctx.is_cancelled());
    }

    #[test]
    fn waiting_for_a_plugin_counts_and_can_be_cancelled() {
        let (asked, dropped) = (Arc::new(Notify::new()), Dropped::default());
        let plugin = open(silent(&asked, &dropped).limits(within(None)));
        run(async {
            let busy = tokio::spawn(plugin.ask_async(ask(1)));
            asked.notified().await;
            let hasty = plugin.with(&CallOptions::default().deadline(SHORT));
            let closure = hasty.call_async(|plugin| plugin.count(&Empty {}));
            for error in [hasty.count_async(Empty {}).await.unwrap_err(), closure.await.unwrap_err()] {
                assert!(matches!(error, CallError::DeadlineExceeded { after: SHORT, crash: None, .. }), "{error:?}");
            }
            let token = CancelToken::new();
            let waiting = plugin.with(&CallOptions::default().cancel(&token)).count_async(Empty {});
            let waiting = tokio::spawn(waiting);
            tokio::task::yield_now().await;
            token.cancel();
            let error = waiting.await.unwrap().unwrap_err();
            assert!(matches!(error, CallError::Cancelled { crash: None, .. }), "{error:?}");
            assert!(!busy.is_finished());
            busy.abort();
            assert_eq!(plugin.count_async(Empty {}).await.unwrap().calls, 1);
        });
        assert_eq!(plugin.health().cancelled, 1, "those that waited have cost nothing");
    }
}

mod cancelling {
    use super::*;

    #[test]
    fn a_dropped_future_ends_its_call() {
        let asked = Arc::new(Notify::new());
        let inside = asked.clone();
        let plugin = open(
            chaos_builder_with(move |_, _| {
                inside.notify_one();
                Ok(AskResponse::default())
            })
            .limits(within(None)),
        );
        run(async {
            let call = tokio::spawn(plugin.ask_async(ask(u32::MAX)));
            asked.notified().await;
            call.abort();
            assert!(call.await.unwrap_err().is_cancelled());
            assert_eq!(plugin.count_async(Empty {}).await.unwrap().calls, 1, "it is another instance");
        });
        assert_eq!((plugin.health().cancelled, plugin.health().lost), (1, 1));
    }

    #[test]
    fn so_does_that_of_a_closure_whatever_its_calls_are_cancelled_by() {
        let asked = Arc::new(Notify::new());
        let inside = asked.clone();
        let plugin = open(
            chaos_builder_with(move |_, _| {
                inside.notify_one();
                Ok(AskResponse::default())
            })
            .limits(within(None)),
        );
        run(async {
            let call = plugin.call_async(|plugin| {
                plugin.with(&CallOptions::default().cancel(&CancelToken::new())).ask(&ask(u32::MAX))
            });
            let call = tokio::spawn(call);
            asked.notified().await;
            call.abort();
            assert_eq!(plugin.count_async(Empty {}).await.unwrap().calls, 1);
        });
        assert_eq!(plugin.health().cancelled, 1);
    }

    #[test]
    fn a_pending_callback_is_dropped_with_its_call() {
        let (asked, dropped) = (Arc::new(Notify::new()), Dropped::default());
        let plugin = open(silent(&asked, &dropped).limits(within(None)));
        run(async {
            let call = tokio::spawn(plugin.ask_async(ask(u32::MAX)));
            asked.notified().await;
            assert!(!dropped.get());
            call.abort();
            assert!(call.await.unwrap_err().is_cancelled());
            assert!(dropped.get(), "on this thread, before anybody else hears of it");
            assert_eq!(plugin.count_async(Empty {}).await.unwrap().calls, 1);
        });
        assert_eq!(plugin.health().cancelled, 1);
    }

    #[test]
    fn a_pending_callback_is_dropped_when_a_token_says_so() {
        let (asked, dropped) = (Arc::new(Notify::new()), Dropped::default());
        let plugin = open(silent(&asked, &dropped).limits(within(None)));
        let token = CancelToken::new();
        let error = run(async {
            let call = plugin.with(&CallOptions::default().cancel(&token)).ask_async(ask(u32::MAX));
            let call = tokio::spawn(call);
            asked.notified().await;
            token.cancel();
            call.await.unwrap().unwrap_err()
        });
        assert!(matches!(error, CallError::Cancelled { crash: Some(_), .. }), "{error:?}");
        assert!(dropped.get());
        assert_eq!(count(&plugin), 1);
    }

    #[test]
    fn a_future_that_is_never_polled_does_nothing() {
        let plugin = open(chaos_builder());
        drop(plugin.count_async(Empty {}));
        drop(plugin.call_async(|plugin| plugin.count(&Empty {})));
        assert_eq!((count(&plugin), plugin.health().calls), (1, 1));
    }

    #[test]
    fn a_handle_that_a_closure_gives_back_is_not_cancelled_behind_it() {
        let plugin = open(chaos_builder());
        let same = run(plugin.call_async(|plugin| Ok(plugin.clone()))).unwrap();
        assert_eq!((count(&same), count(&plugin)), (1, 2));
    }
}

mod callbacks {
    use super::*;

    #[test]
    fn they_wait_for_what_the_executor_has_whatever_the_way() {
        for way in [CallWay::Auto, CallWay::Lane, CallWay::Component] {
            let builder = builder(|_, request: AskRequest| async move {
                // Without tokio's runtime around it, this would panic.
                sleep(Duration::from_millis(2)).await;
                Ok(answer(&format!("{}!", request.question)))
            });
            let plugin = open(builder.typed_calls(way));
            let response = run(plugin.ask_async(ask(5))).unwrap();
            assert_eq!(response.answer, "?!");
            // A closure's calls find the executor, too.
            let response = run(plugin.call_async(|plugin| plugin.ask(&ask(2)))).unwrap();
            assert_eq!(response.answer, "?!");
            assert_eq!(plugin.health().lost, 0);
        }
    }

    #[test]
    fn their_errors_are_the_plugins_to_answer_with() {
        let plugin = open(builder(|_, _| async { Err(Error::out_of_range("no")) }));
        let error = run(plugin.ask_async(ask(1))).unwrap_err();
        assert!(!error.lost_instance() && error.code() == Code::OutOfRange, "{error:?}");
    }

    #[test]
    fn without_an_executor_the_thread_of_the_call_polls_them() {
        let polls = Arc::new(AtomicU32::new(0));
        let counted = polls.clone();
        let plugin = open(builder(move |_, _| {
            let (counted, mut turn) = (counted.clone(), 0);
            poll_fn(move |context| {
                counted.fetch_add(1, Ordering::Relaxed);
                turn += 1;
                let waker = context.waker().clone();
                std::thread::spawn(move || waker.wake());
                if turn < 3 { Poll::Pending } else { Poll::Ready(Ok(answer("at last"))) }
            })
        }));
        assert_eq!(plugin.ask(&ask(2)).unwrap().answer, "at last");
        assert_eq!(polls.load(Ordering::Relaxed), 6);
    }

    #[test]
    fn without_an_executor_they_end_in_time_and_when_a_token_says_so() {
        let (asked, dropped) = (Arc::new(Notify::new()), Dropped::default());
        let plugin = open(silent(&asked, &dropped).limits(within(SHORT)));
        let error = plugin.ask(&ask(u32::MAX)).unwrap_err();
        assert!(matches!(error, CallError::DeadlineExceeded { after: SHORT, crash: Some(_), .. }), "{error:?}");
        assert!(dropped.get());
        run(asked.notified());
        let token = CancelToken::new();
        let options = CallOptions::default().deadline(None).cancel(&token);
        let (patient, canceller) = (plugin.with(&options), token.clone());
        let error = std::thread::scope(|scope| {
            let call = scope.spawn(move || patient.ask(&ask(u32::MAX)));
            run(asked.notified());
            canceller.cancel();
            call.join().unwrap().unwrap_err()
        });
        assert!(matches!(error, CallError::Cancelled { crash: Some(_), .. }), "{error:?}");
        assert_eq!(count(&plugin), 1);
    }

    #[test]
    fn one_that_calls_its_own_plugin_is_refused() {
        let handle: Arc<OnceLock<PluginHandle>> = Arc::default();
        let own = handle.clone();
        let plugin = open(builder(move |_, _| {
            let own = own.get().unwrap().clone();
            async move {
                let error = own.count_async(Empty {}).await.unwrap_err();
                assert!(matches!(error, CallError::Reentrant { .. }), "{error:?}");
                let error = own.count(&Empty {}).unwrap_err();
                assert!(matches!(error, CallError::Reentrant { .. }), "{error:?}");
                let error = own.call_async(|plugin| plugin.count(&Empty {})).await.unwrap_err();
                Ok(answer(&error.to_string()))
            }
        }));
        assert!(handle.set(plugin.clone()).is_ok());
        let over_async = run(plugin.ask_async(ask(1))).unwrap();
        assert!(over_async.answer.contains("call_async"), "{over_async:?}");
        assert_eq!(plugin.ask(&ask(1)).unwrap(), over_async, "the thread of the call is inside of it");
        assert_eq!(count(&plugin), 1);
    }

    #[test]
    fn one_may_call_another_plugin_whose_callbacks_are_futures() {
        let inner = open(builder(|_, _| async {
            sleep(Duration::from_millis(2)).await;
            Ok(answer("from within"))
        }));
        let outer = open(builder(move |_, request| {
            let inner = inner.clone();
            async move { inner.ask_async(request).await.map_err(|error| Error::internal(error.to_string())) }
        }));
        assert_eq!(run(outer.ask_async(ask(1))).unwrap().answer, "from within");
    }
}

mod panics {
    use super::*;

    #[test]
    fn that_of_a_callback_goes_to_whoever_polls_and_costs_the_instance() {
        let plugin = open(builder(|_, _| async {
            tokio::task::yield_now().await;
            panic!("the oracle has had enough")
        }));
        assert_eq!(count(&plugin), 1);
        let error = run(async { tokio::spawn(plugin.ask_async(ask(1))).await.unwrap_err() });
        let payload = error.into_panic();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"the oracle has had enough"));
        assert_eq!((count(&plugin), plugin.health().panicked), (1, 1));
    }

    #[test]
    fn that_of_a_closure_goes_there_and_costs_nothing() {
        let plugin = open(chaos_builder());
        assert_eq!(count(&plugin), 1);
        let error = run(async {
            let call = plugin.call_async(|_| -> Result<(), CallError> { panic!("not today") });
            tokio::spawn(call).await.unwrap_err()
        });
        assert_eq!(error.into_panic().downcast_ref::<&str>(), Some(&"not today"));
        assert_eq!((count(&plugin), plugin.health().lost), (2, 0));
    }
}

#[test]
fn a_closure_may_use_the_lane() {
    let plugin = open(chaos_builder());
    let counts = run(plugin.call_async(|plugin| {
        let mut lane = plugin.lane()?;
        let mut counts = vec![lane.count_owned(&Empty {})?.calls];
        lane.count_batch(
            10,
            |_, builder| chaos::fb::Empty::create(builder, &chaos::fb::EmptyArgs {}),
            |_, response| counts.push(response.unwrap().calls()),
        )?;
        Ok(counts)
    }));
    assert_eq!(counts.unwrap(), Vec::from_iter(1..=11));
    assert_eq!(count(&plugin), 12);
}
