//! Hosts for the tests' typed handles: callback services that answer as they are told and note what they are asked.

use std::sync::{Arc, Mutex, PoisonError};

use chaos::{AskRequest, AskResponse};
use hookr::{Builder, CallbackContext, Error};

/// An error with its causes, on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// A builder for plugins of the chaos contract whose oracle knows nothing.
pub fn chaos_builder() -> Builder<chaos::PluginHandle> {
    chaos_builder_with(|_, _| Err(Error::unavailable("this oracle is closed")))
}

/// A builder for plugins of the chaos contract whose oracle is a closure.
pub fn chaos_builder_with<F>(oracle: F) -> Builder<chaos::PluginHandle>
where
    F: Fn(&CallbackContext<'_>, AskRequest) -> Result<AskResponse, Error> + Send + Sync + 'static,
{
    chaos::PluginHandle::builder(chaos::Callbacks { oracle: Arc::new(Oracle(oracle)) }).allow_unsigned()
}

/// The number of calls that an instance has counted, this one included.
///
/// # Panics
///
/// If the call fails.
#[track_caller]
pub fn count(plugin: &chaos::PluginHandle) -> u32 {
    plugin.count(&chaos::Empty {}).expect("counting does not fail").calls
}

struct Oracle<F>(F);

impl<F> chaos::Oracle for Oracle<F>
where
    F: Fn(&CallbackContext<'_>, AskRequest) -> Result<AskResponse, Error> + Send + Sync + 'static,
{
    fn ask(&self, ctx: &CallbackContext<'_>, request: AskRequest) -> Result<AskResponse, Error> {
        (self.0)(ctx, request)
    }
}

/// Calls as text, in their order.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    /// Notes a call.
    pub fn note(&self, text: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.into());
    }

    /// What has been noted since the last time.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A source of chance that is none.
pub struct Numbers {
    /// What `Int` answers.
    pub int: Result<i32, Error>,
    /// What `Float` answers.
    pub float: Result<f32, Error>,
    /// What was asked.
    pub journal: Journal,
}

impl Numbers {
    /// The callbacks of the load balancer with these answers.
    pub fn callbacks(int: Result<i32, Error>, float: Result<f32, Error>) -> urlbalancer::Callbacks {
        urlbalancer::Callbacks { rng: Arc::new(Numbers { int, float, journal: Journal::default() }) }
    }
}

impl urlbalancer::Rng for Numbers {
    fn int(
        &self,
        ctx: &CallbackContext<'_>,
        request: urlbalancer::RngIntRequest,
    ) -> Result<urlbalancer::RngIntResponse, Error> {
        self.journal.note(format!("{}: Int({}..={})", ctx.plugin(), request.min, request.max));
        self.int.clone().map(|value| urlbalancer::RngIntResponse { value })
    }

    fn float(
        &self,
        ctx: &CallbackContext<'_>,
        _: urlbalancer::RngFloatRequest,
    ) -> Result<urlbalancer::RngFloatResponse, Error> {
        self.journal.note(format!("{}: Float", ctx.plugin()));
        self.float.clone().map(|value| urlbalancer::RngFloatResponse { value })
    }
}

impl tickloop::Rng for Numbers {
    fn int(
        &self,
        ctx: &CallbackContext<'_>,
        request: tickloop::RngIntRequest,
    ) -> Result<tickloop::RngIntResponse, Error> {
        self.journal.note(format!("{}: Int({}..={})", ctx.plugin(), request.min, request.max));
        self.int.clone().map(|value| tickloop::RngIntResponse { value })
    }
}
