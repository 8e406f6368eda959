use std::time::Instant;

use super::call::{Outcome, Way};
use super::span::{Span, sees_callbacks};
use crate::__private::abi;
use crate::Code;
use crate::instance::StoreData;
use crate::metadata::MethodSpec;

/// A callback that somebody looks at. One that is dropped before its [end](Self::end) has panicked.
pub(crate) struct Callback {
    span: Span,
    begun: Instant,
    request: Option<usize>,
    is_over: bool,
}

impl Callback {
    #[cold]
    fn begin(plugin: &str, contract: &str, method: &str, way: Way, request: Option<usize>) -> Option<Self> {
        let span = Span::callback(plugin, contract, method, way);
        span.is_seen().then(|| Callback { span, begun: Instant::now(), request, is_over: false })
    }

    #[cold]
    fn finish(&mut self, response: Option<usize>, outcome: Outcome) {
        self.is_over = true;
        self.span.end_message((self.request, response), outcome, self.begun.elapsed());
    }

    /// It was answered by this many bytes, if that is known.
    pub(crate) fn answered(mut self, response: Option<usize>) {
        self.finish(response, Outcome::OK);
    }

    /// The plugin gets an error.
    pub(crate) fn failed(mut self, code: Code) {
        self.finish(None, Outcome { name: "failed", code: Some(code) });
    }

    /// Its request cannot be read.
    pub(crate) fn unreadable(mut self) {
        self.finish(None, Outcome { name: "unreadable", code: Some(Code::Internal) });
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        if !self.is_over {
            self.finish(None, Outcome::PANICKED);
        }
    }
}

impl<C> StoreData<C> {
    /// A callback begins, of a method that `name` gives the name of, if anybody is interested in callbacks.
    #[inline]
    pub(crate) fn observe_callback<'n>(
        &self,
        way: Way,
        request: Option<usize>,
        name: impl FnOnce() -> &'n str,
    ) -> Option<Callback> {
        if !sees_callbacks() {
            return None;
        }
        let (plugin, contract) = self.plugin_and_contract();
        Callback::begin(plugin, contract, name(), way, request)
    }

    /// Answers a callback that comes through the Component Model; for generated code.
    #[inline]
    pub fn answer<R>(
        &self,
        method: &MethodSpec<'_>,
        answer: impl FnOnce() -> Result<R, abi::Error>,
    ) -> Result<R, abi::Error> {
        let observed = self.observe_callback(Way::Component, None, || method.name);
        let answer = answer();
        if let Some(observed) = observed {
            match &answer {
                Ok(_) => observed.answered(None),
                Err(error) => observed.failed(error.code.into()),
            }
        }
        answer
    }
}
