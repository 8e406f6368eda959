//! Finds what the component's API does not hand out: the dispatcher of a plugin, and its memory.
//!
//! A value that is being passed to a function of a component, or taken from it, gets to see the instance, and what the
//! function was declared with: its post-return function, and the memory that its lists are in. That takes wasmtime's
//! hidden API, which is why wasmtime is pinned, and why there is an engine that does without.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::{MaybeUninit, offset_of};
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use wasmtime::component::__internal::wasmtime_environ::component::CanonicalOptionsDataModel;
use wasmtime::component::__internal::wasmtime_environ::{HostPtr, PtrSize as _};
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext};
use wasmtime::component::{ComponentType, Lift, Lower, TypedFunc, WasmList};
use wasmtime::{AsContextMut as _, Func, Store, format_err};

use super::engine::Unusable;
use super::memory::{Memory, Record};
use crate::instance::StoreData;

/// Finds the memory of the function `memory`, and puts it into the store's data.
pub(super) fn memory<C: 'static>(
    store: &mut Store<StoreData<C>>,
    function: &TypedFunc<(), (Found,)>,
) -> wasmtime::Result<Result<(), Unusable>> {
    let (Found(record),) = function.call(&mut *store, ())?;
    let Some(record) = NonNull::new(record.into_inner()) else {
        return Ok(Err(Unusable("wasmtime keeps its records of memories in another form".to_owned())));
    };
    // SAFETY: it is the record of the memory that `memory` is declared with, an instance's memory in this store: wasmtime
    // itself keeps this pointer, from instantiation on, until the store is dropped. Components are valid with memories
    // only that are not shared.
    store.data_mut().lane.memory = unsafe { Memory::new(record) };
    Ok(Ok(()))
}

/// Finds the post-return function of `call`.
pub(super) fn dispatcher<T: 'static>(
    store: &mut Store<T>,
    call: &TypedFunc<(Arc<Probe>,), (u64,)>,
) -> wasmtime::Result<Result<wasmtime::TypedFunc<u64, ()>, Unusable>> {
    let probe = Arc::new(Probe::default());
    let (zero,) = call.call(&mut *store, (probe.clone(),))?;
    let found = probe.0.load(Ordering::Relaxed);
    if zero != 0 || found.is_null() {
        let reason = "`call` is not as the lane wants it: it returns 0 and has a post-return function";
        return Ok(Err(Unusable(reason.to_owned())));
    }
    // SAFETY: the pointer is not null. It was taken a moment ago from the very instance in this store whose function was
    // called, where wasmtime keeps a `VMFuncRef` for every post-return function from instantiation on until the store is
    // dropped.
    let function = unsafe { Func::from_raw(store.as_context_mut(), found) };
    let function = function.ok_or_else(|| format_err!("wasmtime does not know the post-return function of `call`"))?;
    // This compares the type.
    Ok(function.typed(&*store).map_err(|error| Unusable(format!("{error:#}"))))
}

/// A 0 that looks for the post-return function of what it is passed to.
#[derive(Default)]
pub(super) struct Probe(AtomicPtr<c_void>);

// SAFETY: it is a `u32` in every respect: all is left to `u32`.
unsafe impl ComponentType for Probe {
    type Lower = <u32 as ComponentType>::Lower;

    const ABI: CanonicalAbiInfo = <u32 as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        <u32 as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: it is lowered as the number 0 is, by `u32` itself; the look at the instance before changes nothing.
unsafe impl Lower for Probe {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> wasmtime::Result<()> {
        let post_return = cx.options().post_return.map(|index| cx.instance().runtime_post_return(index));
        let found = post_return.map_or(ptr::null_mut(), |function| function.as_ptr().cast());
        self.0.store(found, Ordering::Relaxed);
        0u32.linear_lower_to_flat(cx, ty, dst)
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        offset: usize,
    ) -> wasmtime::Result<()> {
        0u32.linear_lower_to_memory(cx, ty, offset)
    }
}

/// A list of bytes of which nothing is read: it looks for the memory that it is in. Null where that cannot be found.
pub(super) struct Found(AtomicPtr<Record>);

// SAFETY: it is a list of bytes in every respect: all is left to `WasmList`.
unsafe impl ComponentType for Found {
    type Lower = <WasmList<u8> as ComponentType>::Lower;

    const ABI: CanonicalAbiInfo = <WasmList<u8> as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        <WasmList<u8> as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: nothing is taken from the list's address and length, so there is nothing that they could make wrong.
unsafe impl Lift for Found {
    fn linear_lift_from_flat(cx: &mut LiftContext<'_>, _: InterfaceType, _: &Self::Lower) -> wasmtime::Result<Self> {
        Ok(find(cx))
    }

    fn linear_lift_from_memory(cx: &mut LiftContext<'_>, _: InterfaceType, _: &[u8]) -> wasmtime::Result<Self> {
        Ok(find(cx))
    }
}

fn find(cx: &mut LiftContext<'_>) -> Found {
    let memory = match cx.options().data_model {
        CanonicalOptionsDataModel::LinearMemory(options) => options.memory,
        CanonicalOptionsDataModel::Gc {} => None,
    };
    let Some(index) = memory else { return Found(AtomicPtr::default()) };
    let seen = cx.memory();
    let definition = cx.instance_mut().runtime_memory(index);
    // The type of a definition has no name outside of wasmtime. It is declared for compiled code, with the offsets that are
    // compared here; what it says must be what wasmtime itself takes from it.
    let offsets = HostPtr.vm_memory_definition();
    let layout = [offsets.size(), offsets.base(), offsets.current_length()].map(usize::from);
    let expected = [size_of::<Record>(), offset_of!(Record, base), offset_of!(Record, size)];
    let record = definition.cast::<Record>();
    // SAFETY: wasmtime uses the same pointer for the memory that it has just read the result from, and the size was compared
    // first: these are two initialised words.
    let same = layout == expected && {
        let Record { base, size } = unsafe { record.read() };
        base == seen.as_ptr().addr() && size == seen.len()
    };
    Found(AtomicPtr::new(if same { record.as_ptr() } else { ptr::null_mut() }))
}
