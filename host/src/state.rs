//! The state of a plugin, handed over from one version to the next.
//!
//! A component may export `hookr:abi/state`. Its two functions are called as methods are: each call has a deadline and fuel of
//! its own, memory and messages are limited. What the plugin gives is a list of bytes, which nobody but the plugin reads.

use hookr_abi::Error;
use hookr_abi::state::{INTERFACE, RESTORE, SNAPSHOT};
use wasmtime::component::{Component, ComponentExportIndex, ComponentNamedList, Instance, Lift, Lower, TypedFunc};
use wasmtime::{Store, format_err};

use crate::__private::abi;
use crate::CallError;
use crate::instance::{Bindings, StoreData, begin, end};
use crate::observe::Way;
use crate::plugin::Plugin;

/// How much state a plugin may hand over.
///
/// ```
/// let limits = hookr::StateLimits::default().size(1 << 20);
/// # assert_eq!(limits.size, 1 << 20);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateLimits {
    /// Bytes of a state. 16 MiB. It is a message, and limited as [such](crate::Limits::response), too.
    pub size: usize,
}

impl Default for StateLimits {
    fn default() -> Self {
        StateLimits { size: 16 << 20 }
    }
}

impl StateLimits {
    /// Sets [`size`](Self::size).
    #[must_use]
    pub fn size(mut self, bytes: usize) -> Self {
        self.size = bytes;
        self
    }

    fn check(&self, size: usize) -> Result<(), StateFault> {
        if size <= self.size { Ok(()) } else { Err(StateFault::TooLarge { size, limit: self.size }) }
    }
}

/// Why there is no state, or why it was not taken over.
#[derive(Debug)]
pub(crate) enum StateFault {
    /// The plugin says so. The instance is fine.
    Failed(Error),
    /// It is larger than it may be. The instance is fine; one that was to take it over was not called.
    TooLarge { size: usize, limit: usize },
    /// The instance is lost.
    Lost(wasmtime::Error),
}

/// Where a component has the functions.
pub(crate) struct StateExports {
    snapshot: ComponentExportIndex,
    restore: ComponentExportIndex,
}

impl StateExports {
    /// `None` for a component without the interface. One that has it without its functions would lose its state unnoticed,
    /// which is an error.
    pub(crate) fn find(component: &Component) -> wasmtime::Result<Option<Self>> {
        let Some(interface) = component.get_export_index(None, INTERFACE) else { return Ok(None) };
        let function = |name| {
            let missing = || format_err!("`{INTERFACE}` has no function `{name}`");
            component.get_export_index(Some(&interface), name).ok_or_else(missing)
        };
        Ok(Some(StateExports { snapshot: function(SNAPSHOT)?, restore: function(RESTORE)? }))
    }
}

/// The functions of one instance.
pub(crate) struct LiveState {
    snapshot: TypedFunc<(), (Result<Vec<u8>, abi::Error>,)>,
    restore: Restore<'static>,
}

type Restore<'a> = TypedFunc<(&'a [u8],), (Result<(), abi::Error>,)>;

impl LiveState {
    /// Finds them, and compares their types.
    pub(crate) fn open<T: 'static>(
        store: &mut Store<T>,
        instance: &Instance,
        exports: &StateExports,
    ) -> wasmtime::Result<Self> {
        Ok(LiveState {
            snapshot: function(store, instance, &exports.snapshot, SNAPSHOT)?,
            restore: function(store, instance, &exports.restore, RESTORE)?,
        })
    }
}

fn function<T: 'static, P, R>(
    store: &mut Store<T>,
    instance: &Instance,
    index: &ComponentExportIndex,
    name: &str,
) -> wasmtime::Result<TypedFunc<P, R>>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift,
{
    let function = instance.get_func(&mut *store, index);
    let function = function.ok_or_else(|| format_err!("`{name}` of `{INTERFACE}` is no function"))?;
    function.typed(&*store).map_err(|error| error.context(format!("`{name}` of `{INTERFACE}`")))
}

/// Asks an instance for its state. It is a call of its own, on the terms that the store was armed with.
pub(crate) fn snapshot<C: 'static>(
    store: &mut Store<StoreData<C>>,
    state: &LiveState,
    limits: &StateLimits,
) -> Result<Vec<u8>, StateFault> {
    begin(store);
    let answer = state.snapshot.call(&mut *store, ());
    end(store);
    let (answer,) = answer.map_err(StateFault::Lost)?;
    let bytes = answer.map_err(|error| StateFault::Failed(error.into()))?;
    limits.check(bytes.len())?;
    Ok(bytes)
}

/// Gives an instance the state of another one. It is a call of its own, on the terms that the store was armed with.
pub(crate) fn restore<C: 'static>(
    store: &mut Store<StoreData<C>>,
    state: &LiveState,
    bytes: &[u8],
    limits: &StateLimits,
) -> Result<(), StateFault> {
    limits.check(bytes.len())?;
    begin(store);
    // A function of a shorter-lived parameter: typed functions are covariant in their parameters.
    let function: Restore<'_> = state.restore;
    let answer = function.call(&mut *store, (bytes,));
    end(store);
    let (answer,) = answer.map_err(StateFault::Lost)?;
    answer.map_err(|error| StateFault::Failed(error.into()))
}

/// What messages call the two.
pub(crate) const NAMES: [&str; 2] = ["state:snapshot", "state:restore"];

/// By hand, for tools.
impl<B: Bindings> Plugin<B> {
    /// The state of the instance that calls run on.
    pub(crate) fn snapshot(&self, limits: &StateLimits) -> Result<Vec<u8>, CallError> {
        let [method, _] = NAMES;
        self.observed(method, None, Way::State, |call| {
            let state = self.state_call(method, |store, state| snapshot(store, state, limits))?;
            if let Some(seen) = call.seen() {
                seen.answered(state.len());
            }
            Ok(state)
        })
    }

    /// Has the instance that calls run on take over a state.
    pub(crate) fn restore(&self, bytes: &[u8], limits: &StateLimits) -> Result<(), CallError> {
        let [_, method] = NAMES;
        self.observed(method, None, Way::State, |call| {
            if let Some(seen) = call.seen() {
                seen.takes(Way::State, Some(bytes.len()));
            }
            self.state_call(method, |store, state| restore(store, state, bytes, limits))
        })
    }

    /// The result of the call, unless the plugin has lost its instance: then that is the error.
    fn state_call<R>(
        &self,
        method: &str,
        call: impl FnOnce(&mut Store<StoreData<B::Callbacks>>, &LiveState) -> Result<R, StateFault>,
    ) -> Result<R, CallError> {
        let result = self.run(method, None, None, |live| {
            let Some(state) = &live.state else { return Ok(Err(None)) };
            match call(&mut live.store, state) {
                Ok(result) => Ok(Ok(result)),
                Err(StateFault::Lost(error)) => Err(error),
                Err(fault) => {
                    if matches!(fault, StateFault::Failed(_)) {
                        live.tally.fail(None);
                    }
                    Ok(Err(Some(fault)))
                }
            }
        })?;
        result.map_err(|fault| {
            let method = method.to_owned();
            match fault {
                Some(StateFault::Failed(error)) => CallError::Failed { method, error },
                Some(StateFault::TooLarge { size, limit }) => CallError::StateTooLarge { size, limit },
                // What is lost was told above.
                Some(StateFault::Lost(_)) | None => CallError::Unimplemented { method },
            }
        })
    }
}
