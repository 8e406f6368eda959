//! A plugin's linear memory as the host sees it.
#![allow(unsafe_code)]

use std::ops::Range;
use std::ptr::{self, NonNull};
use std::slice;

use wasmtime::component::WasmList;
use wasmtime::{Store, StoreContextMut, format_err};

use crate::instance::StoreData;

/// Where wasmtime keeps the address and the size of a linear memory, for compiled code and for itself.
#[repr(C)]
pub(super) struct Record {
    /// An address with exposed provenance, which is not 0.
    pub(super) base: usize,
    /// In bytes.
    pub(super) size: usize,
}

/// The record of a memory that has no bytes.
static NOTHING: Record = Record { base: align_of::<u8>(), size: 0 };

/// The linear memory of the plugin in whose store this is; an empty one, until it has been found.
///
/// Address and size may change with any call into the plugin, so they are read anew whenever the memory is looked at.
/// Nothing takes this out of the data of its store, nor those out of the store: they are made with it and dropped with it.
pub(crate) struct Memory(NonNull<Record>);

impl Default for Memory {
    fn default() -> Self {
        Memory(NonNull::from_ref(&NOTHING))
    }
}

// SAFETY: what is behind the pointer is as much a part of the store as this is, and is read with the store borrowed only.
unsafe impl Send for Memory {}
// SAFETY: as above; a shared reference to this, without the store, is good for nothing.
unsafe impl Sync for Memory {}

impl Memory {
    /// A memory by its record.
    ///
    /// # Safety
    ///
    /// The record is that of a linear memory, and is there as long as the store in whose data the result is kept. The
    /// memory is not a shared one.
    pub(super) unsafe fn new(record: NonNull<Record>) -> Self {
        Memory(record)
    }

    /// Where the memory is now.
    #[inline]
    fn bytes(&self) -> (usize, usize) {
        // SAFETY: the record is there, as `new` was promised, and nobody writes to it: only the plugin's code and wasmtime
        // do, when the memory grows, and whoever sees this has borrowed the store.
        let Record { base, size } = unsafe { self.0.read() };
        (base, size)
    }
}

/// A part of a plugin's memory, in bytes. Whoever has one has not yet compared it with the memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) offset: u32,
    pub(crate) len: u32,
}

impl Place {
    #[inline]
    pub(crate) fn range(self) -> Range<usize> {
        let start = self.offset as usize;
        // Both are below 2³², and the sum of two such numbers is a `usize` on every machine that wasmtime compiles for.
        start..start + self.len as usize
    }
}

/// The plugin's whole memory.
#[inline]
pub(super) fn read<C>(store: &Store<StoreData<C>>) -> &[u8] {
    let (base, size) = store.data().lane.memory.bytes();
    // SAFETY: these are address and size of a linear memory, of which wasmtime exposes the provenance. The store is
    // borrowed for as long as the result lives: no code of the plugin runs, the memory neither moves nor ends, and nobody
    // has a reference to write through, which takes the store as well.
    unsafe { slice::from_raw_parts(ptr::with_exposed_provenance(base), size) }
}

/// The plugin's whole memory, to be written.
#[inline]
pub(super) fn write<C>(store: &mut Store<StoreData<C>>) -> &mut [u8] {
    let (base, size) = store.data().lane.memory.bytes();
    // SAFETY: as in `read`; and the store is borrowed mutably, so that nobody else has a reference into the memory.
    unsafe { slice::from_raw_parts_mut(ptr::with_exposed_provenance_mut(base), size) }
}

/// The numbers from an address on, least significant byte first; `None` if they are not all in the memory, or not aligned.
///
/// The plugin has just stored them, each by itself. They are loaded the same way: a processor that loads two at once has
/// to wait until both stores are done.
#[inline]
pub(super) fn numbers<const N: usize>(memory: &[u8], address: usize) -> Option<[u32; N]> {
    let (words, _) = memory.get(address..)?.as_chunks::<{ size_of::<u32>() }>();
    let words: &[_; N] = words.first_chunk()?;
    let first = words.as_ptr().cast::<u32>();
    if !first.is_aligned() {
        return None;
    }
    let mut numbers = [0; N];
    for (i, number) in numbers.iter_mut().enumerate() {
        // SAFETY: `first` is aligned, and the first of `N` words of four initialised bytes, which are borrowed.
        *number = u32::from_le(unsafe { first.add(i).read_volatile() });
    }
    Some(numbers)
}

/// What a callback is answered with: the host's own data, the request, and the memory for the answer, if it is there.
pub(super) type CallbackParts<'s, C> = (&'s mut StoreData<C>, &'s [u8], Option<&'s mut [u8]>);

/// Takes a store apart for a callback, whose answer is to be written at the place that is given.
///
/// Fails if the plugin passes a request that lies where the answer is to be.
#[inline]
pub(super) fn callback_parts<'s, C: 'static>(
    store: &'s mut StoreContextMut<'_, StoreData<C>>,
    request: &WasmList<u8>,
    answers: Option<Place>,
) -> wasmtime::Result<CallbackParts<'s, C>> {
    let (base, size) = store.data().lane.memory.bytes();
    let request = request.as_le_slice(&*store);
    let (start, len) = (request.as_ptr().expose_provenance(), request.len());
    // The memory of a plugin never shrinks, so the place that was compared with it once is still there.
    let answers = answers.map(Place::range).filter(|range| range.end <= size);
    let answers = answers.map(|range| (base + range.start, range.len()));
    if answers.is_some_and(|(address, room)| start < address + room && address < start + len) {
        return Err(format_err!("the request of a callback lies in the region of answers"));
    }
    // SAFETY: these are the bytes of the slice above, in linear memory, which no reference to the store's data reaches. The
    // store is borrowed mutably for as long as the results live, so that no code of the plugin runs and the memory stays;
    // of the results only `answers` is for writing, and the two were just seen not to overlap.
    let request = unsafe { slice::from_raw_parts(ptr::with_exposed_provenance(start), len) };
    // SAFETY: as in `write` and above: the bytes are a part of the plugin's memory.
    let answers = answers
        .map(|(address, room)| unsafe { slice::from_raw_parts_mut(ptr::with_exposed_provenance_mut(address), room) });
    Ok((store.data_mut(), request, answers))
}
