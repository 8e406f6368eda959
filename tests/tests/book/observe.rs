//! The code of `docs/src/how-to/observe.md`.

// ANCHOR: log
use hookr::{Builder, Level};
use textfilter::PluginHandle;

/// What the plugin says, from `info` on, goes to standard error.
fn heard(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    // `Display` of a record escapes what the plugin wrote.
    builder.log_level(Level::Info).log(|record| eprintln!("{record}"))
}
// ANCHOR_END: log

// ANCHOR: subscribe
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

/// Openings, reloads and what plugins say; calls that fail or take long are looked for in `hookr::call`.
fn subscriber(out: impl for<'w> MakeWriter<'w> + Send + Sync + 'static) -> impl Subscriber + Send + Sync {
    let wanted = Targets::new()
        .with_target("hookr", LevelFilter::INFO)
        .with_target("hookr::call", LevelFilter::DEBUG)
        .with_target("hookr::plugin", LevelFilter::WARN);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(out)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE);
    tracing_subscriber::registry().with(wanted).with(lines)
}
// ANCHOR_END: subscribe

// ANCHOR: stats
fn figures(plugin: &PluginHandle) -> Vec<String> {
    let stats = plugin.stats();
    let health = &stats.health;
    let mut lines = vec![format!(
        "version {}: {} calls, {} failed, {} instances lost, {} waiting, {} bytes of memory",
        stats.generation, health.calls, stats.failed, health.lost, stats.waiting, stats.memory
    )];
    let methods = stats.methods.iter();
    lines.extend(methods.map(|method| format!("{}: {} calls, {} failed", method.method, method.calls, method.failed)));
    if let Some(timings) = stats.timings {
        lines.push(format!("half of the calls took no longer than {:?}, the longest {:?}", timings.p50, timings.max));
    }
    lines
}
// ANCHOR_END: stats

// ANCHOR: timed
/// Every call is timed, at the price of two looks at the clock.
fn timed(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    builder.timings(true)
}
// ANCHOR_END: timed

mod runs {
    use std::io::{self, Write};
    use std::sync::{Arc, LazyLock, Mutex};

    use hookr_tests::plugin;
    use hookr_tests::versions::{version, versions_builder};
    use textfilter::{Empty, FilterRequest};
    use tracing::Dispatch;
    use tracing::subscriber::{NoSubscriber, with_default};
    use versions::LogRequest;

    use super::*;

    fn builder() -> Builder<PluginHandle> {
        PluginHandle::builder().allow_unsigned().name("filter")
    }

    /// Keeps what is written.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn calls_and_openings_are_lines() {
        /// As long as there is one subscriber alone, `tracing` asks the thread that is the first somewhere whether anybody is
        /// interested there, which may be one of another test.
        static OTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));
        LazyLock::force(&OTHER);
        let kept = Kept::default();
        let writer = kept.clone();
        with_default(subscriber(move || writer.clone()), || {
            let plugin = heard(builder()).open(plugin("textfilter")).unwrap();
            plugin.get_info(&Empty {}).unwrap();
            let talker = versions_builder().name("talker").open(version(1)).unwrap();
            for level in [versions::Level::Info, versions::Level::Error] {
                let message = format!("this is {level:?}");
                talker.log(&LogRequest { level, target: String::new(), message, times: 1 }).unwrap();
            }
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        for part in ["open{plugin=filter", "method=Plugin:GetInfo", "outcome=\"ok\"", "duration_ns=", "this is Error"] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(!text.contains("this is Info"), "{text}");
    }

    #[test]
    fn figures_count_calls_by_method() {
        let plugin = timed(builder()).open(plugin("textfilter")).unwrap();
        plugin.get_info(&Empty {}).unwrap();
        let nonsense = FilterRequest { blocked_terms: vec![String::new()], ..FilterRequest::default() };
        plugin.filter(&nonsense).unwrap_err();
        let lines = figures(&plugin);
        assert!(lines[0].starts_with("version 1: 2 calls, 1 failed, 0 instances lost, 0 waiting, "), "{lines:?}");
        assert_eq!(lines[1..3], ["Plugin:GetInfo: 1 calls, 0 failed", "Plugin:Filter: 1 calls, 1 failed"]);
        assert!(lines[3].starts_with("half of the calls took no longer than "), "{lines:?}");
    }
}
