//! A subscriber that keeps what it hears.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Event, Level, Subscriber, dispatcher};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{self, LookupSpan};

/// A span or an event.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    id: Option<Id>,
    pub(crate) name: &'static str,
    pub(crate) target: &'static str,
    pub(crate) level: Level,
    /// The names of the spans that it is inside of, the outermost first.
    pub(crate) inside: Vec<&'static str>,
    fields: BTreeMap<&'static str, String>,
    pub(crate) is_over: bool,
}

impl Seen {
    /// What a field says; nothing if it is not there.
    pub(crate) fn get(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }

    #[track_caller]
    pub(crate) fn number(&self, field: &str) -> u64 {
        self.get(field).parse().unwrap_or_else(|_| panic!("{field} of {self:?}"))
    }
}

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

#[derive(Clone, Default)]
pub(crate) struct Collector(Arc<Mutex<Vec<Seen>>>);

impl Collector {
    /// What is heard of some work on this level.
    pub(crate) fn listen<R>(most: LevelFilter, work: impl FnOnce() -> R) -> (R, Vec<Seen>) {
        /// As long as there is one subscriber alone, `tracing` asks the thread that is the first somewhere whether anybody is
        /// interested there, which may be one of another test.
        static OTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));
        LazyLock::force(&OTHER);
        let collector = Collector::default();
        let dispatch = Dispatch::new(registry::Registry::default().with(collector.clone().with_filter(most)));
        let result = dispatcher::with_default(&dispatch, work);
        let seen = collector.lock().clone();
        (result, seen)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, id: &Id, change: impl FnOnce(&mut Seen)) {
        if let Some(seen) = self.lock().iter_mut().rev().find(|seen| seen.id.as_ref() == Some(id)) {
            change(seen);
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Collector {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = BTreeMap::new();
        attributes.record(&mut Fields(&mut fields));
        let parents = context.span(id).and_then(|span| span.parent()).map(|parent| parent.scope().from_root());
        let inside = parents.into_iter().flatten().map(|span| span.name()).collect();
        let metadata = attributes.metadata();
        let (name, target, level) = (metadata.name(), metadata.target(), *metadata.level());
        self.lock().push(Seen { id: Some(id.clone()), name, target, level, inside, fields, is_over: false });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.change(id, |seen| values.record(&mut Fields(&mut seen.fields)));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        let scope = context.event_scope(event).map(|scope| scope.from_root());
        let inside = scope.into_iter().flatten().map(|span| span.name()).collect();
        let metadata = event.metadata();
        let (target, level) = (metadata.target(), *metadata.level());
        self.lock().push(Seen { id: None, name: "event", target, level, inside, fields, is_over: true });
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.change(&id, |seen| {
            // The number may be that of another span later.
            (seen.id, seen.is_over) = (None, true);
        });
    }
}
