//! The engine that calls the plugin's dispatcher as a core function, without the component's trampoline.

use std::mem::offset_of;

use hookr_abi::lane::{
    ALIGNMENT, ControlBlock, Entry, Idle, MAGIC, Region, RegionFields, STATUS_OK, Task, VERSION, word,
};
use wasmtime::component::{Instance, TypedFunc};
use wasmtime::{Store, format_err};

use super::capture;
use super::engine::{Answer, Engine, Exports, Fault, MAX_REQUEST, Request, Unusable, padding};
use super::memory::{Place, numbers, read, write};
use super::messages::Part;
use crate::instance::StoreData;

/// See above.
pub(super) struct Direct {
    dispatch: wasmtime::TypedFunc<u64, ()>,
    /// The address of the control block.
    control: usize,
    /// The region of requests, which is in the memory.
    requests: Place,
    /// The region of the index, which is in the memory.
    index: Place,
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
        if let Err(reason) = capture::memory(store, &exports.memory)? {
            return Ok(Err(reason));
        }
        let block = Place { offset: control, len: size_of::<ControlBlock>() as u32 };
        part(read(store), block).map_err(|_| no_control_block())?;
        let control = control as usize;
        let [magic, version] = numbers(read(store), control).ok_or_else(no_control_block)?;
        if (magic, version) != (MAGIC, VERSION) {
            return unusable(format!("the control block is not one of version {VERSION}"));
        }
        let call = match exports.call(store, instance) {
            Ok(call) => call,
            Err(error) => return unusable(format!("{error:#}")),
        };
        let dispatch = match capture::dispatcher(store, &call)? {
            Ok(dispatch) => dispatch,
            Err(reason) => return Ok(Err(reason)),
        };
        let (requests, index) = (Place::default(), Place::default());
        let mut direct = Direct { dispatch, control, requests, index, reserve: exports.reserve, idle: Idle::default() };
        // A batch of nothing says whether that is the dispatcher, and whether it has this memory.
        direct.dispatch.call(&mut *store, word(Task::Batch { method: 0, count: 0 }))?;
        let [status, ..] = direct.published(read(store))?;
        if status != STATUS_OK {
            return unusable("what was found for a dispatcher does not answer".to_owned());
        }
        direct.requests = direct.region(store, Region::Request)?;
        direct.index = direct.region(store, Region::Index)?;
        direct.show_answers(store)?;
        Ok(Ok(direct))
    }

    /// Status, offset and length of the response.
    #[inline]
    fn published(&self, memory: &[u8]) -> wasmtime::Result<[u32; 3]> {
        // Three fields next to each other.
        const START: usize = offset_of!(ControlBlock, status);
        const _: () = assert!(offset_of!(ControlBlock, response_offset) == START + 4);
        const _: () = assert!(offset_of!(ControlBlock, response_length) == START + 8);
        numbers(memory, self.control + START).ok_or_else(no_control_block)
    }

    /// Reads where a region is.
    fn region<C>(&self, store: &Store<StoreData<C>>, region: Region) -> wasmtime::Result<Place> {
        const FIELDS: usize = size_of::<RegionFields>();
        const _: () = assert!(FIELDS == 8 && offset_of!(RegionFields, capacity) == 4);
        let memory = read(store);
        let fields = self.control + offset_of!(ControlBlock, regions) + region as usize * FIELDS;
        let [offset, len] = numbers(memory, fields).ok_or_else(no_control_block)?;
        let place = Place { offset, len };
        part(memory, place)?;
        let alignment = ALIGNMENT as u32;
        if offset.is_multiple_of(alignment) && len.is_multiple_of(alignment) {
            return Ok(place);
        }
        Err(format_err!("the lane's region {region:?} is not aligned"))
    }

    /// Asks for a region of this size; it may become another one.
    fn reserve<C: 'static>(
        &self,
        store: &mut Store<StoreData<C>>,
        region: Region,
        size: usize,
    ) -> wasmtime::Result<Place> {
        let size = u32::try_from(size.next_multiple_of(ALIGNMENT))?;
        self.reserve.call(&mut *store, (region as u32, size))?;
        self.region(store, region)
    }

    /// Shows callbacks where their answers go.
    fn show_answers<C: 'static>(&self, store: &mut Store<StoreData<C>>) -> wasmtime::Result<()> {
        let answers = self.region(store, Region::Answer)?;
        store.data_mut().lane.show(answers);
        Ok(())
    }
}

impl<C: 'static> Engine<C> for Direct {
    #[inline]
    fn memory<'s>(&mut self, store: &'s mut Store<StoreData<C>>) -> Option<&'s mut [u8]> {
        write(store).get_mut(self.requests.range())
    }

    #[inline]
    fn place(&mut self, store: &mut Store<StoreData<C>>, bytes: &[u8]) -> Option<usize> {
        put(write(store).get_mut(self.requests.range())?, bytes, padding(bytes.len()))
    }

    #[cold]
    fn take_over(
        &mut self,
        store: &mut Store<StoreData<C>>,
        bytes: &[u8],
        padding: usize,
    ) -> Result<Option<usize>, Fault> {
        let size = bytes.len();
        if size > MAX_REQUEST {
            return Err(Fault::TooLarge { size, limit: MAX_REQUEST });
        }
        let room = (size + padding).next_power_of_two().min(MAX_REQUEST);
        self.requests = Place::default();
        self.requests = self.reserve(store, Region::Request, room)?;
        let memory = write(store).get_mut(self.requests.range()).unwrap_or_default();
        let limit = memory.len();
        put(memory, bytes, padding).map(Some).ok_or(Fault::TooLarge { size, limit })
    }

    #[inline(always)]
    fn call<'s>(
        &mut self,
        store: &'s mut Store<StoreData<C>>,
        method: u32,
        request: Request<'_>,
    ) -> Result<Answer<'s>, Fault> {
        let Request::InPlace(length) = request else { return Err(not_taken_over()) };
        // It is in the region, and so no longer than that.
        self.dispatch.call(&mut *store, word(Task::One { method, length: length as u32 }))?;
        let memory = read(store);
        let [status, offset, len] = self.published(memory)?;
        Ok(Answer::new(status, part(memory, Place { offset, len })?))
    }

    fn call_all(
        &mut self,
        store: &mut Store<StoreData<C>>,
        method: u32,
        parts: &[Part],
        request: Request<'_>,
    ) -> Result<(), Fault> {
        let Request::InPlace(_) = request else { return Err(not_taken_over()) };
        let size = parts.len() * Entry::SIZE;
        if size > self.index.len as usize {
            self.index = Place::default();
            self.index = self.reserve(store, Region::Index, size.next_power_of_two())?;
        }
        let end = self.requests.range().end;
        let index = write(store).get_mut(self.index.range()).unwrap_or_default();
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

    #[inline]
    fn answer<'s>(&'s self, store: &'s Store<StoreData<C>>, i: usize) -> Result<Answer<'s>, Fault> {
        const _: () = assert!(offset_of!(Entry, length) == 4 && offset_of!(Entry, status) == 8);
        let memory = read(store);
        let entry = if i < self.index.len as usize / Entry::SIZE { i * Entry::SIZE } else { return Err(no_answer(i)) };
        let entry = numbers(memory, self.index.offset as usize + entry);
        let [offset, len, status] = entry.ok_or_else(|| no_answer(i))?;
        Ok(Answer::new(status, part(memory, Place { offset, len })?))
    }

    #[inline]
    fn is_settled(&self, store: &Store<StoreData<C>>) -> bool {
        self.requests.len as usize <= Idle::KEPT && store.data().lane.is_settled()
    }

    #[cold]
    fn settle(&mut self, store: &mut Store<StoreData<C>>, used: usize) -> Result<bool, Fault> {
        if let Some(wanted) = store.data_mut().lane.take_wanted() {
            self.reserve(store, Region::Answer, wanted.next_power_of_two().min(MAX_REQUEST))?;
            self.show_answers(store)?;
        }
        if self.idle.note(used, self.requests.len as usize) {
            self.requests = Place::default();
            self.requests = self.reserve(store, Region::Request, Idle::KEPT)?;
            return Ok(true);
        }
        Ok(false)
    }
}

/// Copies a message, and zeros behind it, to the end of the memory: how much that is. `None` if it does not fit.
#[inline]
fn put(memory: &mut [u8], bytes: &[u8], padding: usize) -> Option<usize> {
    let len = bytes.len() + padding;
    let start = memory.len().checked_sub(len)?;
    let (message, behind) = memory.get_mut(start..)?.split_at_mut_checked(bytes.len())?;
    message.copy_from_slice(bytes);
    if padding > 0 {
        behind.fill(0);
    }
    Some(len)
}

/// What the plugin says is in its memory.
#[inline]
fn part(memory: &[u8], place: Place) -> wasmtime::Result<&[u8]> {
    memory.get(place.range()).ok_or_else(|| outside(place))
}

#[cold]
fn outside(Place { offset, len }: Place) -> wasmtime::Error {
    format_err!("the plugin names {len} bytes at {offset:#x}, which is outside of its memory")
}

#[cold]
fn no_control_block() -> wasmtime::Error {
    format_err!("the control block is outside of the plugin's memory")
}

#[cold]
fn no_answer(i: usize) -> Fault {
    Fault::Lost(format_err!("the batch has no answer {i}"))
}

#[cold]
fn not_taken_over() -> Fault {
    Fault::Lost(format_err!("a request was not taken over"))
}

fn unusable<T>(reason: String) -> wasmtime::Result<Result<T, Unusable>> {
    Ok(Err(Unusable(reason)))
}
