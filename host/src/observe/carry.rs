//! Whose spans those of another thread are inside of.

#[cfg(feature = "tracing")]
pub(crate) use carried::Carried;
#[cfg(not(feature = "tracing"))]
pub(crate) use nothing::Carried;

#[cfg(feature = "tracing")]
mod carried {
    use tracing::dispatcher::{self, Dispatch};
    use tracing::level_filters::LevelFilter;

    /// The span of a thread and who subscribes to it, to be taken to another thread.
    #[derive(Clone)]
    pub(crate) struct Carried(Option<(Dispatch, tracing::Span)>);

    impl Carried {
        /// Those of this thread.
        pub(crate) fn here() -> Self {
            if LevelFilter::current() == LevelFilter::OFF {
                return Carried(None);
            }
            Carried(Some((dispatcher::get_default(Dispatch::clone), tracing::Span::current())))
        }

        /// Does something as if it were done there.
        pub(crate) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
            match &self.0 {
                None => work(),
                Some((dispatch, span)) => dispatcher::with_default(dispatch, || span.in_scope(work)),
            }
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod nothing {
    #[derive(Clone)]
    pub(crate) struct Carried;

    impl Carried {
        pub(crate) fn here() -> Self {
            Carried
        }

        pub(crate) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
            work()
        }
    }
}

/// A future that is polled as if this thread did that, whichever does.
#[cfg(feature = "async")]
pub(crate) fn follow<F: Future>(future: F) -> impl Future<Output = F::Output> + use<F> {
    use std::pin::pin;

    let carried = Carried::here();
    async move {
        let mut future = pin!(future);
        std::future::poll_fn(|context| carried.within(|| future.as_mut().poll(context))).await
    }
}
