use std::time::Instant;

use super::observer::Observer;
use super::span::Span;
use crate::Digest;
use crate::reload::{Cause, News, Outcome, ReloadError};

/// Another version of a plugin is to be put in service.
pub(crate) struct Reloading {
    span: Span,
    begun: Instant,
}

impl Reloading {
    pub(crate) fn begin(observer: &Observer, cause: Cause, from: u64) -> Self {
        let cause = match cause {
            Cause::Changed => "changed",
            Cause::Asked => "asked",
            Cause::RolledBack => "rolled_back",
        };
        Reloading { span: Span::reload(observer.plugin(), observer.contract(), cause, from), begun: Instant::now() }
    }

    /// `found` is the hash of the new file, as far as it was read.
    pub(crate) fn end(self, found: Option<Digest>, result: Result<&Outcome, &ReloadError>) {
        if let Some(found) = found.filter(|_| self.span.is_seen()) {
            self.span.text("sha256", &found.to_string());
        }
        if let Ok(Outcome::Reloaded(event)) = result {
            self.span.number("to", event.to.generation);
        }
        let outcome = match result {
            Ok(Outcome::Unchanged) => "unchanged",
            Ok(Outcome::Reloaded(_)) => "ok",
            Err(error) => error.kind(),
        };
        self.span.end(outcome, self.begun.elapsed());
    }
}

/// Makes events of what happens to a plugin that can be reloaded. Failures are told as the outcome of their span, and as an
/// event with their causes.
#[cfg(feature = "tracing")]
pub(crate) fn tell_news(plugin: &str, news: &News) {
    use hookr_abi::Printable;
    use tracing::{debug, info, warn};

    use crate::engine::nanos;
    use crate::error::with_causes;

    const TARGET: &str = "hookr::reload";
    match news {
        News::Reloaded { event, prepared, swapped, state } => info!(
            target: TARGET,
            plugin,
            generation = event.to.generation,
            version = %Printable(&event.to.version),
            prepared_ns = nanos(*prepared),
            swapped_ns = nanos(*swapped),
            state_bytes = state,
            "another version is in service"
        ),
        News::Failed { error, .. } => {
            warn!(target: TARGET, plugin, error = %Printable(&with_causes(&**error)), "the version in service stays");
        }
        News::Drained { from, after, ended_calls } => info!(
            target: TARGET,
            plugin,
            generation = from.generation,
            after_ns = nanos(*after),
            ended_calls,
            "no call runs on the old version any more"
        ),
        News::Paused => debug!(target: TARGET, plugin, "changes are not looked at for now"),
        News::Resumed => debug!(target: TARGET, plugin, "changes are looked at again"),
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn tell_news(_: &str, _: &News) {}
