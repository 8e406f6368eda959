//! The host of a called plugin: every callback is answered from the fixture.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hookr::dynamic::{Callbacks, Value};
use hookr::{CallbackContext, Error};
use hookr_abi::MethodId;

use super::fixture::Fixture;

/// Answers callbacks, and remembers which it could not answer.
///
/// A builder takes its callbacks before the plugin is trusted, and a fixture can only be read once the contract is
/// known; so the fixture comes later.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    fixture: OnceLock<Fixture>,
    missing: Mutex<BTreeSet<(String, String)>>,
}

impl Answers {
    /// Sets the fixture; the first one counts.
    pub(crate) fn set(&self, fixture: Fixture) {
        // There is one call of one command, and it sets the fixture once.
        let _ = self.0.fixture.set(fixture);
    }

    /// The callbacks that were called and are not in the fixture, as service and method.
    pub(crate) fn missing(&self) -> Vec<(String, String)> {
        self.0.missing.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Callbacks for Answers {
    fn call(&self, _: &CallbackContext<'_>, service: &str, method: &str, _: Value) -> Result<Value, Error> {
        let id = MethodId::of(service, method);
        match self.0.fixture.get().and_then(|fixture| fixture.answer(id)) {
            Some(answer) => answer,
            None => {
                let key = (service.to_owned(), method.to_owned());
                self.0.missing.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
                Err(Error::unimplemented(format!("the host fixture has no response for {service}.{method}")))
            }
        }
    }
}
