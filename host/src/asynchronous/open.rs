use std::future::Future;
use std::path::Path;

use super::Work;
use crate::builder::Opened;
use crate::observe::Carried;
use crate::{Builder, CancelToken, OpenError};

impl<H: Opened + Send + 'static> Builder<H> {
    /// Opens a plugin as [`open`](Self::open) does, on a thread where that may take long; a part of the feature `async`.
    ///
    /// If the future is dropped, what has begun goes on, and what it opens is dropped.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_async<P: AsRef<Path>>(
        self,
        path: P,
    ) -> impl Future<Output = Result<H, OpenError>> + Send + 'static + use<H, P> {
        let path = path.as_ref().to_owned();
        async move {
            let carried = Carried::here();
            Work::start(0, CancelToken::new(), move || carried.within(|| self.open(path))).await
        }
    }
}
