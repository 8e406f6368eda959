//! What plugins log, as events of `tracing`. A program of its own: what subscribers listen to holds for all threads.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use hookr_tests::versions::{version, versions_builder};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber, subscriber};
use versions::{Level, LogRequest, PluginHandle};

/// Keeps events as text.
struct Listener {
    most: LevelFilter,
    events: Arc<Mutex<Vec<String>>>,
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.most
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.most)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if event.metadata().target() != "hookr::plugin" {
            return;
        }
        let mut text = Text(event.metadata().level().to_string());
        event.record(&mut text);
        self.events.lock().unwrap().push(text.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

/// What a subscriber hears while the plugin logs a message of each level.
fn events(plugin: &PluginHandle, most: LevelFilter) -> Vec<String> {
    let events = Arc::new(Mutex::new(Vec::new()));
    subscriber::with_default(Listener { most, events: events.clone() }, || {
        for level in [Level::Trace, Level::Info, Level::Error] {
            let (target, message) = ("a\x1b".to_owned(), "red \x1b[31m".to_owned());
            plugin.log(&LogRequest { level, target, message, times: 1 }).unwrap();
        }
    });
    std::mem::take(&mut *events.lock().unwrap())
}

/// One test, since there is one level for all threads.
#[test]
fn records_are_events_with_escaped_text_and_a_sink_gets_them_as_well() {
    let heard = Arc::new(Mutex::new(0));
    let sink = heard.clone();
    let builder = versions_builder().name("talker").log_level(hookr::Level::Error);
    let plugin = builder.log(move |_| *sink.lock().unwrap() += 1).open(version(1)).unwrap();
    let event =
        |level: &str| format!("{level} plugin=talker source=\"log\" guest_target=a\\u{{1b}} message=red \\u{{1b}}[31m");
    assert_eq!(events(&plugin, LevelFilter::INFO), [event("INFO"), event("ERROR")]);
    assert_eq!(*heard.lock().unwrap(), 1);
    // A plugin asks in each call.
    assert_eq!(events(&plugin, LevelFilter::TRACE), [event("TRACE"), event("INFO"), event("ERROR")]);
    assert_eq!(events(&plugin, LevelFilter::OFF), [""; 0]);
    assert_eq!(*heard.lock().unwrap(), 3);
}
