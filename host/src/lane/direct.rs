//! The engine that calls the plugin's dispatcher as a core function, without the component's trampoline.
//!
//! The dispatcher is the post-return function of the export `call`. The component's API never hands that function out, but a
//! value that is being lowered gets to see the instance and its options; that takes wasmtime's hidden API, which is why
//! wasmtime is pinned and why there is another engine.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::{MaybeUninit, offset_of};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use hookr_abi::lane::{ALIGNMENT, ControlBlock, Entry, MAGIC, Region, RegionFields, STATUS_OK, Task, VERSION, word};
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LowerContext};
use wasmtime::component::{ComponentType, Instance, Lower, TypedFunc, WasmList};
use wasmtime::{AsContextMut as _, Func, Store, format_err};

use super::engine::{Answer, Engine, Exports, Fault, MAX_REQUEST, Request, Unusable, checked};
use super::idle::{Idle, KEPT};
use super::memory::{Memory, Place};
use super::messages::Part;
use crate::instance::StoreData;

/// See above.
pub(super) struct Direct {
    dispatch: wasmtime::TypedFunc<u64, ()>,
    memory: Memory,
    /// The address of the control block, which is in the memory.
    control: usize,
    /// The region of requests, which is in the memory.
    requests: Place,
    /// The region of the index, which is in the memory.
    index: Place,
    ask_memory: TypedFunc<(), (WasmList<u8>,)>,
    reserve: TypedFunc<(u32, u32), ()>,
    idle: Idle,
}

impl Direct {
    /// An error costs the instance.
    pub(super) fn open<C: 'static>(
        store: &mut Store<StoreData<C>>,
        instance: &Instance,
        exports: &Exports,
    ) -> wasmtime::Result<Result<Self, Unusable>> {
        let (control,) = exports.open.call(&mut *store, (VERSION,))?;
        if control == 0 {
            return unusable(format!("the plugin does not know version {VERSION} of the lane"));
        }
        let memory = ask_memory(store, &exports.memory)?;
        let control = Place { offset: control, len: size_of::<ControlBlock>() as u32 };
        if !memory.covers(control) {
            return Err(format_err!("the control block is outside of the plugin's memory"));
        }
        let control = control.range().start;
        let field = |field| memory.read_u32(&*store, control + field);
        let (magic, version) = (field(offset_of!(ControlBlock, magic)), field(offset_of!(ControlBlock, version)));
        if magic != Some(MAGIC) || version != Some(VERSION) {
            return unusable(format!("the control block is not one of version {VERSION}"));
        }
        let dispatch = match capture(store, instance, exports)? {
            Ok(dispatch) => dispatch,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut direct = Direct {
            dispatch,
            memory,
            control,
            requests: Place::default(),
            index: Place::default(),
            ask_memory: exports.memory,
            reserve: exports.reserve,
            idle: Idle::default(),
        };
        // A batch of nothing says whether that is the dispatcher.
        direct.dispatch.call(&mut *store, word(Task::Batch { method: 0, count: 0 }))?;
        if direct.field(store, offset_of!(ControlBlock, status))? != STATUS_OK {
            return unusable("what was found for a dispatcher does not answer".to_owned());
        }
        direct.requests = direct.region(store, Region::Request)?;
        direct.index = direct.region(store, Region::Index)?;
        direct.show_answers(store)?;
        Ok(Ok(direct))
    }

    /// A number of the control block.
    #[inline]
    fn field<T: 'static>(&self, store: &Store<T>, field: usize) -> wasmtime::Result<u32> {
        let value = self.memory.read_u32(store, self.control + field);
        value.ok_or_else(|| format_err!("the control block is outside of the plugin's memory"))
    }

    /// Status and place of the response.
    #[inline]
    fn response<T: 'static>(&self, store: &Store<T>) -> wasmtime::Result<(u32, Place)> {
        // Three fields next to each other, read at once: finding the memory is what takes time.
        const START: usize = offset_of!(ControlBlock, status);
        const _: () = assert!(offset_of!(ControlBlock, response_offset) == START + 4);
        const _: () = assert!(offset_of!(ControlBlock, response_length) == START + 8);
        let outside = || format_err!("the control block is outside of the plugin's memory");
        let [status, offset, len] = self.memory.read_u32s(store, self.control + START).ok_or_else(outside)?;
        Ok((status, Place { offset, len }))
    }

    /// Reads where a region is, and asks for the memory again if it is beyond what is known of it.
    fn region<T: 'static>(&mut self, store: &mut Store<T>, region: Region) -> wasmtime::Result<Place> {
        let fields = offset_of!(ControlBlock, regions) + region as usize * size_of::<RegionFields>();
        let place = Place {
            offset: self.field(store, fields + offset_of!(RegionFields, offset))?,
            len: self.field(store, fields + offset_of!(RegionFields, capacity))?,
        };
        self.see(store, place)?;
        checked(place).ok_or_else(|| format_err!("the lane's region {region:?} is not aligned"))
    }

    /// Makes sure that a part of the memory is in view.
    #[inline]
    fn see<T: 'static>(&mut self, store: &mut Store<T>, place: Place) -> wasmtime::Result<()> {
        if self.memory.covers(place) { Ok(()) } else { self.see_again(store, place) }
    }

    #[cold]
    fn see_again<T: 'static>(&mut self, store: &mut Store<T>, place: Place) -> wasmtime::Result<()> {
        self.memory = ask_memory(store, &self.ask_memory)?;
        let control = Place { offset: self.control as u32, len: size_of::<ControlBlock>() as u32 };
        let known = [control, self.requests, self.index, place];
        if known.into_iter().all(|place| self.memory.covers(place)) {
            return Ok(());
        }
        let Place { offset, len } = place;
        Err(format_err!("the plugin names {len} bytes at {offset:#x}, which is outside of its memory"))
    }

    /// Asks for a region of this size; it may become another one.
    fn reserve<T: 'static>(&mut self, store: &mut Store<T>, region: Region, size: usize) -> wasmtime::Result<Place> {
        let size = u32::try_from(size.next_multiple_of(ALIGNMENT))?;
        self.reserve.call(&mut *store, (region as u32, size))?;
        self.region(store, region)
    }

    /// Shows callbacks where their answers go.
    fn show_answers<C: 'static>(&mut self, store: &mut Store<StoreData<C>>) -> wasmtime::Result<()> {
        let answers = self.region(store, Region::Answer)?;
        let memory = ask_memory(store, &self.ask_memory)?;
        let side = &mut store.data_mut().lane;
        side.show(memory, answers);
        Ok(())
    }

    fn task(&mut self, length: usize, method: u32, request: Request<'_>) -> Result<u64, Fault> {
        let length = match request {
            Request::InPlace(_) if length <= self.requests.len as usize => length as u32,
            _ => return Err(Fault::TooLarge { size: length, limit: self.requests.len as usize }),
        };
        Ok(word(Task::One { method, length }))
    }
}

impl<C: 'static> Engine<C> for Direct {
    #[inline]
    fn memory<'s>(&mut self, store: &'s mut Store<StoreData<C>>) -> Option<&'s mut [u8]> {
        self.memory.write(store, self.requests)
    }

    fn take_over(&mut self, store: &mut Store<StoreData<C>>, bytes: &[u8]) -> Result<bool, Fault> {
        let size = bytes.len();
        if size > MAX_REQUEST {
            return Err(Fault::TooLarge { size, limit: MAX_REQUEST });
        }
        let room = size.next_power_of_two().min(MAX_REQUEST);
        self.requests = Place::default();
        self.requests = self.reserve(store, Region::Request, room)?;
        let memory = self.memory.write(store, self.requests).unwrap_or_default();
        let limit = memory.len();
        let end = limit.checked_sub(size).and_then(|start| memory.get_mut(start..));
        let end = end.ok_or(Fault::TooLarge { size, limit })?;
        end.copy_from_slice(bytes);
        Ok(true)
    }

    #[inline]
    fn call<'s>(
        &mut self,
        store: &'s mut Store<StoreData<C>>,
        method: u32,
        request: Request<'_>,
    ) -> Result<Answer<'s>, Fault> {
        let length = match request {
            Request::InPlace(length) => length,
            Request::Aside(bytes) => bytes.len(),
        };
        let word = self.task(length, method, request)?;
        self.dispatch.call(&mut *store, word)?;
        let (status, response) = self.response(store)?;
        self.see(store, response)?;
        let bytes = self.memory.read(&*store, response).unwrap_or_default();
        Ok(Answer { status, bytes })
    }

    fn call_all(
        &mut self,
        store: &mut Store<StoreData<C>>,
        method: u32,
        parts: &[Part],
        request: Request<'_>,
    ) -> Result<(), Fault> {
        let size = parts.len() * Entry::SIZE;
        if size > self.index.len as usize {
            self.index = Place::default();
            self.index = self.reserve(store, Region::Index, size.next_power_of_two())?;
        }
        let limit = self.requests.len as usize;
        let Request::InPlace(used) = request else {
            return Err(Fault::Lost(format_err!("a batch was not taken over")));
        };
        if used > limit {
            return Err(Fault::TooLarge { size: used, limit });
        }
        let end = self.requests.range().end;
        let index = self.memory.write(store, self.index).unwrap_or_default();
        let (entries, _) = index.as_chunks_mut::<{ Entry::SIZE }>();
        if entries.len() < parts.len() {
            return Err(Fault::TooMany { count: parts.len(), limit: entries.len() });
        }
        for (entry, part) in entries.iter_mut().zip(parts) {
            // The region is in memory of 32 bits, and the part in the region.
            let (offset, length) = ((end - part.before_end) as u32, part.len as u32);
            *entry = Entry { offset, length, ..Entry::default() }.to_bytes();
        }
        self.dispatch.call(&mut *store, word(Task::Batch { method, count: parts.len() as u32 }))?;
        Ok(())
    }

    fn answer<'s>(&'s mut self, store: &'s mut Store<StoreData<C>>, i: usize) -> Result<Answer<'s>, Fault> {
        let entries = self.memory.read(&*store, self.index).unwrap_or_default().as_chunks::<{ Entry::SIZE }>().0;
        let entry = entries.get(i).ok_or_else(|| format_err!("the batch has no answer {i}"))?;
        let Entry { offset, length, status, .. } = Entry::from_bytes(entry);
        let place = Place { offset, len: length };
        self.see(store, place)?;
        Ok(Answer { status, bytes: self.memory.read(&*store, place).unwrap_or_default() })
    }

    #[inline]
    fn settle(&mut self, store: &mut Store<StoreData<C>>, used: usize) -> Result<bool, Fault> {
        if let Some(wanted) = store.data_mut().lane.take_wanted() {
            self.reserve(store, Region::Answer, wanted.next_power_of_two().min(MAX_REQUEST))?;
            self.show_answers(store)?;
        }
        if self.idle.note(used, self.requests.len as usize) {
            self.requests = Place::default();
            self.requests = self.reserve(store, Region::Request, KEPT)?;
            return Ok(true);
        }
        Ok(false)
    }
}

fn unusable<T>(reason: String) -> wasmtime::Result<Result<T, Unusable>> {
    Ok(Err(Unusable(reason)))
}

/// Asks the plugin for its memory.
fn ask_memory<T: 'static>(store: &mut Store<T>, function: &TypedFunc<(), (WasmList<u8>,)>) -> wasmtime::Result<Memory> {
    // Wasmtime bounds what a plugin can make the host copy by the length of its lists. This one is not copied, and may be
    // as long as a memory can be.
    let fuel = store.hostcall_fuel();
    store.set_hostcall_fuel(usize::MAX);
    let result = function.call(&mut *store, ());
    store.set_hostcall_fuel(fuel);
    Ok(Memory::new(result?.0))
}

/// Finds the post-return function of the export `call`.
fn capture<T: 'static>(
    store: &mut Store<T>,
    instance: &Instance,
    exports: &Exports,
) -> wasmtime::Result<Result<wasmtime::TypedFunc<u64, ()>, Unusable>> {
    let call: TypedFunc<(Arc<Probe>,), (u64,)> = match exports.call(store, instance) {
        Ok(call) => call,
        Err(error) => return unusable(format!("{error:#}")),
    };
    let probe = Arc::new(Probe::default());
    let (zero,) = call.call(&mut *store, (probe.clone(),))?;
    let found = probe.0.load(Ordering::Relaxed);
    if zero != 0 || found.is_null() {
        return unusable("`call` is not as the lane wants it: it returns 0 and has a post-return function".to_owned());
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
struct Probe(AtomicPtr<c_void>);

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
