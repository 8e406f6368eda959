use std::time::{Duration, Instant};

use super::{ReloadError, StateError};
use crate::CallError;
use crate::call::cause;
use crate::instance::{Bindings, Live};
use crate::plugin::{Lease, Plugin};
use crate::state::{self, StateFault, StateLimits};

/// The state of a plugin on its way to another version. While this lives, nobody calls the old one.
pub(super) struct Handover<'p, B: Bindings> {
    _lease: Lease<'p, B>,
    /// Bytes; `None` if there was no instance to take a state from.
    pub(super) size: Option<usize>,
    /// When calls began to be held up.
    pub(super) begun: Instant,
}

impl<'p, B: Bindings> Handover<'p, B> {
    /// Waits for the instance of the version in service, takes its state, and gives it to the new one. `None` if the version in
    /// service has no state.
    pub(super) fn begin(
        plugin: &'p Plugin<B>,
        next: &Plugin<B>,
        instances: &mut [Box<Live<B>>],
        limits: &StateLimits,
        most: Duration,
    ) -> Result<Option<Self>, ReloadError> {
        if !plugin.metadata().has_state() {
            return Ok(None);
        }
        let next_live = instances.first_mut().filter(|live| live.state.is_some()).ok_or(ReloadError::Stateless)?;
        let [snapshot, restore] = state::NAMES;
        let mut lease = plugin.take_next(snapshot, most).map_err(ReloadError::InUse)?;
        let begun = Instant::now();
        let Some(mut live) = lease.take() else { return Ok(Some(Handover { _lease: lease, size: None, begun })) };
        // What the plugin logs meanwhile goes to code of the host.
        let watch = plugin.watch(snapshot, false, lease.generation());
        let taken = with_state(&mut live, |store, functions| state::snapshot(store, functions, limits));
        watch.end();
        let bytes = match taken {
            Err(StateFault::Lost(error)) => {
                let error = plugin.lost(lease.generation(), snapshot, &mut live, error);
                return Err(ReloadError::Snapshot(StateError::Lost(error)));
            }
            taken => {
                lease.put(live);
                taken.map_err(|fault| ReloadError::Snapshot(harmless(fault, snapshot)))?
            }
        };
        plugin.arm_for(next_live);
        match with_state(next_live, |store, functions| state::restore(store, functions, &bytes, limits)) {
            Ok(()) => Ok(Some(Handover { _lease: lease, size: Some(bytes.len()), begun })),
            Err(StateFault::Lost(error)) => {
                let error = next.lost(&next.current(), restore, next_live, error);
                Err(ReloadError::Restore(StateError::Lost(error)))
            }
            Err(fault) => Err(ReloadError::Restore(harmless(fault, restore))),
        }
    }
}

fn with_state<B: Bindings, R>(
    live: &mut Live<B>,
    call: impl FnOnce(
        &mut wasmtime::Store<crate::instance::StoreData<B::Callbacks>>,
        &state::LiveState,
    ) -> Result<R, StateFault>,
) -> Result<R, StateFault> {
    let Live { store, state, .. } = live;
    match state {
        Some(functions) => call(store, functions),
        // Its version has a state, so that each of its instances has.
        None => Err(StateFault::Lost(wasmtime::format_err!("the instance has no state"))),
    }
}

/// A fault that has cost nobody an instance.
fn harmless(fault: StateFault, method: &str) -> StateError {
    match fault {
        StateFault::Failed(error) => StateError::Failed(error),
        StateFault::TooLarge { size, limit } => StateError::TooLarge { size, limit },
        StateFault::Lost(error) => StateError::Lost(CallError::InvalidResponse {
            method: method.to_owned(),
            crash: Box::default(),
            source: cause(error),
        }),
    }
}
