use std::sync::Arc;

use hookr_abi::log::Level;

use super::LogRecord;

/// What gets the records.
pub(crate) type Sink = Arc<dyn Fn(&LogRecord<'_>) + Send + Sync>;

/// Who listens to what plugins say.
#[derive(Clone)]
pub(crate) struct Audience {
    pub(crate) sink: Option<Sink>,
    /// The least that the sink listens to.
    pub(crate) least: Level,
}

impl Default for Audience {
    fn default() -> Self {
        Audience { sink: None, least: Level::Trace }
    }
}

impl Audience {
    /// Whether anybody listens to what matters so much.
    #[inline]
    pub(super) fn listens_to(&self, level: Level) -> bool {
        self.sink_for(level).is_some() || traced(level)
    }

    /// WIT's `verbosity`, as a number.
    pub(super) fn verbosity(&self) -> u8 {
        let heard = Level::ALL.into_iter().filter(|level| self.listens_to(*level));
        heard.map(Level::verbosity).max().unwrap_or(0)
    }

    /// Gives a record to everybody who listens to it.
    pub(super) fn tell(&self, record: &LogRecord<'_>) {
        if let Some(sink) = self.sink_for(record.level) {
            sink(record);
        }
        trace(record);
    }

    #[inline]
    fn sink_for(&self, level: Level) -> Option<&Sink> {
        self.sink.as_ref().filter(|_| level >= self.least)
    }
}

/// Whether events of this level are of interest to a subscriber.
#[cfg(feature = "tracing")]
#[inline]
fn traced(level: Level) -> bool {
    tracing::level_filters::LevelFilter::current()
        >= match level {
            Level::Trace => tracing::Level::TRACE,
            Level::Debug => tracing::Level::DEBUG,
            Level::Info => tracing::Level::INFO,
            Level::Warn => tracing::Level::WARN,
            Level::Error => tracing::Level::ERROR,
        }
}

/// Makes an event of a record. The level of an event is known when it is compiled.
#[cfg(feature = "tracing")]
fn trace(record: &LogRecord<'_>) {
    use hookr_abi::Printable;

    let LogRecord { plugin, source, level, target, text } = *record;
    macro_rules! event {
        ($level:ident) => {
            tracing::event!(
                target: "hookr::plugin",
                tracing::Level::$level,
                plugin = %Printable(plugin),
                source = source.name(),
                guest_target = %Printable(target),
                message = %Printable(text),
            )
        };
    }
    match level {
        Level::Trace => event!(TRACE),
        Level::Debug => event!(DEBUG),
        Level::Info => event!(INFO),
        Level::Warn => event!(WARN),
        Level::Error => event!(ERROR),
    }
}

#[cfg(not(feature = "tracing"))]
#[inline]
fn traced(_: Level) -> bool {
    false
}

#[cfg(not(feature = "tracing"))]
fn trace(_: &LogRecord<'_>) {}
