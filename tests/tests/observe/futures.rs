//! Calls that are futures run on other threads, and their spans are inside of those of their callers.

use chaos::{AskRequest, AskResponse, AsyncOracle, Callbacks, Empty, PluginHandle};
use hookr::{AsyncCallbackContext, CallOptions, CancelToken, Error, from_async};
use hookr_tests::hosts::chaos_builder;
use hookr_tests::plugin;
use tracing::level_filters::LevelFilter;
use tracing::{Instrument, info, info_span};

use super::collector::{Collector, Seen};

struct Oracle;

impl AsyncOracle for Oracle {
    async fn ask(&self, _: &AsyncCallbackContext, request: AskRequest) -> Result<AskResponse, Error> {
        // It is not ready at once, so that another poll comes.
        tokio::task::yield_now().await;
        info!(target: "the_host", "asked");
        Ok(AskResponse { answer: request.question })
    }
}

fn run<R>(test: impl Future<Output = R>) -> (R, Vec<Seen>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    Collector::listen(LevelFilter::TRACE, || runtime.block_on(test.instrument(info_span!("outer"))))
}

#[test]
fn a_call_and_its_callback_are_inside_of_the_span_of_whoever_awaits_them() {
    let builder = PluginHandle::builder(Callbacks { oracle: from_async(Oracle) }).allow_unsigned();
    let ((), seen) = run(async {
        let plugin = builder.open_async(plugin("chaos")).await.unwrap();
        plugin.ask_async(AskRequest { question: "?".to_owned(), times: 1 }).await.unwrap();
    });
    let inside = |name: &str| {
        seen.iter()
            .find(|seen| seen.name == name)
            .map(|seen| seen.inside.clone())
            .unwrap_or_else(|| panic!("{name} in {seen:?}"))
    };
    assert_eq!(inside("open"), ["outer"]);
    assert_eq!(inside("call"), ["outer"]);
    assert_eq!(inside("callback"), ["outer", "call"]);
    let event = seen.iter().find(|seen| seen.target == "the_host").unwrap();
    assert_eq!(event.inside, ["outer", "call", "callback"]);
}

#[test]
fn a_call_that_never_came_to_a_thread_is_a_span_as_well() {
    let plugin = chaos_builder().open(plugin("chaos")).unwrap();
    let token = CancelToken::new();
    let late = plugin.with(&CallOptions::default().cancel(&token));
    let mut lane = plugin.lane().unwrap();
    lane.count_owned(&Empty {}).unwrap();
    // The thread has the lane, so that the future is refused.
    let (error, seen) = run(async { late.count_async(Empty {}).await.unwrap_err() });
    let call = seen.iter().find(|seen| seen.name == "call").unwrap();
    assert_eq!((call.get("outcome"), call.get("method")), (error.kind(), "Plugin:Count"));
    assert_eq!((call.get("outcome"), call.inside.as_slice()), ("reentrant", ["outer"].as_slice()));
}
