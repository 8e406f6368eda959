use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use async_io::Timer;
use event_listener::EventListener;

use crate::CancelToken;

/// For how long something is waited for: until the time of a call is over, or somebody cancels it. As a future, it is ready
/// then.
pub(crate) struct Patience {
    until: Option<Instant>,
    timer: Option<Timer>,
    token: CancelToken,
    listeners: Vec<EventListener>,
}

/// Why nothing is waited for any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Impatience {
    Late,
    Cancelled,
}

impl Patience {
    /// From now on.
    pub(crate) fn new(time: Option<Duration>, token: CancelToken) -> Self {
        // A time that no clock will show is as good as none.
        let until = time.and_then(|time| Instant::now().checked_add(time));
        Patience { until, timer: None, token, listeners: Vec::new() }
    }

    /// Waits for something.
    pub(crate) async fn wait_for<F: Future>(&mut self, future: F) -> Result<F::Output, Impatience> {
        let mut future = std::pin::pin!(future);
        std::future::poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => self.poll(context).map(Err),
        })
        .await
    }

    /// Whether it is over.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Impatience> {
        if self.listeners.is_empty() {
            self.listeners = self.token.listen();
        }
        let is_notified = self.listeners.iter_mut().any(|listener| Pin::new(listener).poll(context).is_ready());
        // Those that were notified are done.
        if is_notified || self.token.is_cancelled() {
            return Poll::Ready(Impatience::Cancelled);
        }
        let Some(until) = self.until else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Timer::at(until));
        Pin::new(timer).poll(context).map(|_| Impatience::Late)
    }
}
