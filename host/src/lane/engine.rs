//! The ways to call a plugin over the lane, and the choice between them.

use std::sync::Arc;

use hookr_abi::lane::{ALIGNMENT, INTERFACE};
use wasmtime::component::{ComponentNamedList, Instance, Lift, Lower, TypedFunc, WasmList};
use wasmtime::{Store, format_err};

use super::capture::{Found, Probe};
use super::direct::Direct;
use super::messages::Part;
use super::portable::Portable;
use super::{LaneChoice, LaneState};
use crate::instance::StoreData;

/// The largest request, all of a batch together, in bytes: 16 MiB. The largest answer of a callback as well.
pub(super) const MAX_REQUEST: usize = 16 << 20;

/// A way to call a plugin.
///
/// The host builds requests in [`memory`](Engine::memory), or aside where there is none or too little of it, and then
/// [takes them over](Engine::take_over), calls, and reads the answer. An error that is [`Fault::Lost`] leaves an instance
/// that must not be used again.
pub(super) trait Engine<C: 'static> {
    /// Where requests are built; `None` for memory of the host.
    fn memory<'s>(&mut self, store: &'s mut Store<StoreData<C>>) -> Option<&'s mut [u8]>;

    /// Copies a finished request to the end of that memory, with zeros behind it so that its start is aligned: how much of
    /// the memory that takes. `None` if there is too little.
    fn place(&mut self, store: &mut Store<StoreData<C>>, bytes: &[u8]) -> Option<usize>;

    /// Copies what is in memory of the host to where it can be called with, this far from the end: how much of the end that
    /// takes, in memory that is zero otherwise. `None` if it can be called with where it is.
    fn take_over(
        &mut self,
        store: &mut Store<StoreData<C>>,
        bytes: &[u8],
        padding: usize,
    ) -> Result<Option<usize>, Fault>;

    /// Calls a method with one request.
    fn call<'s>(
        &mut self,
        store: &'s mut Store<StoreData<C>>,
        method: u32,
        request: Request<'_>,
    ) -> Result<Answer<'s>, Fault>;

    /// Calls a method with several requests.
    fn call_all(
        &mut self,
        store: &mut Store<StoreData<C>>,
        method: u32,
        parts: &[Part],
        request: Request<'_>,
    ) -> Result<(), Fault>;

    /// An answer of the last batch.
    fn answer<'s>(&'s self, store: &'s Store<StoreData<C>>, i: usize) -> Result<Answer<'s>, Fault>;

    /// Whether [`settle`](Engine::settle) would have nothing to do.
    fn is_settled(&self, store: &Store<StoreData<C>>) -> bool;

    /// Makes the regions as large as they need to be, and as small: true if the memory for requests is another one now.
    fn settle(&mut self, store: &mut Store<StoreData<C>>, used: usize) -> Result<bool, Fault>;
}

/// Where a request is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Request<'a> {
    /// At the end of the engine's memory, this long.
    InPlace(usize),
    /// In memory of the host.
    Aside(&'a [u8]),
}

/// What the plugin answered; nothing of it has been checked but that it is in the plugin's memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'s> {
    /// As wide as a register. An answer is handed on in memory, eight bytes at a time, and a processor that loads more than
    /// was stored at once has to wait.
    status: u64,
    pub(super) bytes: &'s [u8],
}

impl<'s> Answer<'s> {
    #[inline]
    pub(super) fn new(status: u32, bytes: &'s [u8]) -> Self {
        Answer { status: status.into(), bytes }
    }

    #[inline]
    pub(super) fn status(&self) -> u32 {
        // It was made from one of 32 bits.
        self.status as u32
    }
}

/// Why a call over the lane gives no answer.
pub(super) enum Fault {
    /// The plugin trapped, or says what cannot be: its instance is lost.
    Lost(wasmtime::Error),
    /// The request is too large; nothing was called.
    TooLarge { size: usize, limit: usize },
    /// There are too many requests in a batch; nothing was called.
    TooMany { count: usize, limit: usize },
}

impl Fault {
    /// Whether the plugin's method was not called.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Fault::TooLarge { .. } | Fault::TooMany { .. })
    }
}

impl From<wasmtime::Error> for Fault {
    fn from(error: wasmtime::Error) -> Self {
        Fault::Lost(error)
    }
}

/// The type of `exchange`: it takes a method and a request, and gives a status and a response.
pub(super) type Exchange<'a> = TypedFunc<(u32, &'a [u8]), (StatusAndResponse,)>;

type StatusAndResponse = (u32, WasmList<u8>);

/// The functions that a component exports for the lane, by name and type.
pub(super) struct Exports {
    pub(super) open: TypedFunc<(u32,), (u32,)>,
    pub(super) memory: TypedFunc<(), (Found,)>,
    pub(super) reserve: TypedFunc<(u32, u32), ()>,
    pub(super) exchange: Exchange<'static>,
    interface: wasmtime::component::ComponentExportIndex,
}

impl Exports {
    /// `None` if the component does not have the interface.
    fn find<T: 'static>(store: &mut Store<T>, instance: &Instance) -> Option<wasmtime::Result<Self>> {
        let interface = instance.get_export_index(&mut *store, None, INTERFACE)?;
        let mut find = || {
            Ok(Exports {
                open: function(store, instance, &interface, "open")?,
                memory: function(store, instance, &interface, "memory")?,
                reserve: function(store, instance, &interface, "reserve")?,
                exchange: function(store, instance, &interface, "exchange")?,
                interface,
            })
        };
        Some(find())
    }

    /// The function of the direct engine.
    pub(super) fn call<T: 'static>(
        &self,
        store: &mut Store<T>,
        instance: &Instance,
    ) -> wasmtime::Result<TypedFunc<(Arc<Probe>,), (u64,)>> {
        function(store, instance, &self.interface, "call")
    }
}

fn function<T: 'static, P, R>(
    store: &mut Store<T>,
    instance: &Instance,
    interface: &wasmtime::component::ComponentExportIndex,
    name: &str,
) -> wasmtime::Result<TypedFunc<P, R>>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift,
{
    let missing = || format_err!("{INTERFACE} has no function `{name}`");
    let index = instance.get_export_index(&mut *store, Some(interface), name).ok_or_else(missing)?;
    let function = instance.get_func(&mut *store, index).ok_or_else(missing)?;
    function.typed(&*store).map_err(|error| error.context(format!("`{name}` of {INTERFACE}")))
}

/// Why an engine cannot be used for an instance that is fine otherwise.
pub(super) struct Unusable(pub(super) String);

/// The engine of one instance.
pub(super) enum Chosen {
    Direct(Direct),
    Portable(Portable),
}

/// Looks for the lane of an instance. An error costs the instance.
pub(super) fn choose<C: 'static>(
    store: &mut Store<StoreData<C>>,
    instance: &Instance,
    choice: LaneChoice,
) -> wasmtime::Result<(Option<Chosen>, LaneState)> {
    if choice == LaneChoice::Off {
        return Ok((None, LaneState::Off));
    }
    let exports = match Exports::find(store, instance) {
        None => return Ok((None, LaneState::Absent)),
        Some(Err(error)) => return Ok((None, LaneState::Unusable(format!("{error:#}")))),
        Some(Ok(exports)) => exports,
    };
    if choice != LaneChoice::Portable {
        match Direct::open(store, instance, &exports)? {
            Ok(direct) => return Ok((Some(Chosen::Direct(direct)), LaneState::Direct)),
            Err(Unusable(reason)) if choice == LaneChoice::Direct => return Ok((None, LaneState::Unusable(reason))),
            Err(Unusable(_)) => {}
        }
    }
    Ok(match Portable::open(store, &exports)? {
        Ok(portable) => (Some(Chosen::Portable(portable)), LaneState::Portable),
        Err(Unusable(reason)) => (None, LaneState::Unusable(reason)),
    })
}

macro_rules! delegate {
    ($self:ident, $engine:ident => $call:expr) => {
        match $self {
            Chosen::Direct($engine) => $call,
            Chosen::Portable($engine) => $call,
        }
    };
}

impl<C: 'static> Engine<C> for Chosen {
    #[inline]
    fn memory<'s>(&mut self, store: &'s mut Store<StoreData<C>>) -> Option<&'s mut [u8]> {
        delegate!(self, engine => engine.memory(store))
    }

    #[inline]
    fn place(&mut self, store: &mut Store<StoreData<C>>, bytes: &[u8]) -> Option<usize> {
        delegate!(self, engine => engine.place(store, bytes))
    }

    fn take_over(
        &mut self,
        store: &mut Store<StoreData<C>>,
        bytes: &[u8],
        padding: usize,
    ) -> Result<Option<usize>, Fault> {
        delegate!(self, engine => engine.take_over(store, bytes, padding))
    }

    #[inline(always)]
    fn call<'s>(
        &mut self,
        store: &'s mut Store<StoreData<C>>,
        method: u32,
        request: Request<'_>,
    ) -> Result<Answer<'s>, Fault> {
        delegate!(self, engine => engine.call(store, method, request))
    }

    fn call_all(
        &mut self,
        store: &mut Store<StoreData<C>>,
        method: u32,
        parts: &[Part],
        request: Request<'_>,
    ) -> Result<(), Fault> {
        delegate!(self, engine => engine.call_all(store, method, parts, request))
    }

    #[inline]
    fn answer<'s>(&'s self, store: &'s Store<StoreData<C>>, i: usize) -> Result<Answer<'s>, Fault> {
        delegate!(self, engine => engine.answer(store, i))
    }

    #[inline]
    fn is_settled(&self, store: &Store<StoreData<C>>) -> bool {
        delegate!(self, engine => engine.is_settled(store))
    }

    fn settle(&mut self, store: &mut Store<StoreData<C>>, used: usize) -> Result<bool, Fault> {
        delegate!(self, engine => engine.settle(store, used))
    }
}

/// What is missing behind a message of which nobody knows what its length is a multiple of: with that, its start is aligned
/// where its end is.
#[inline]
pub(super) fn padding(len: usize) -> usize {
    len.wrapping_neg() % ALIGNMENT
}
