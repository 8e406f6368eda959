//! A plugin's linear memory as the host sees it.
#![allow(unsafe_code)]

use std::ops::Range;

use wasmtime::component::WasmList;
use wasmtime::{Store, StoreContext, StoreContextMut, format_err};

use crate::instance::StoreData;

/// A view of linear memory from address 0 on: as long as the memory was when the plugin was asked for it.
///
/// Where the memory is on the host may change with any call into the plugin, so its address is never kept.
pub(crate) struct Memory {
    list: WasmList<u8>,
}

/// A part of a plugin's memory, in bytes. Whoever has one has not yet compared it with the memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) offset: u32,
    pub(crate) len: u32,
}

impl Place {
    pub(crate) fn range(self) -> Range<usize> {
        let start = self.offset as usize;
        // Both are below 2³², and the sum of two such numbers is a `usize` on every machine that wasmtime compiles for.
        start..start + self.len as usize
    }
}

impl Memory {
    pub(crate) fn new(list: WasmList<u8>) -> Self {
        Memory { list }
    }

    /// Whether a part is in the view.
    #[inline]
    pub(crate) fn covers(&self, place: Place) -> bool {
        place.range().end <= self.list.len()
    }

    /// The bytes of a part; none if it is not in the view.
    #[inline]
    pub(crate) fn read<'s, T: 'static>(&self, store: impl Into<StoreContext<'s, T>>, place: Place) -> Option<&'s [u8]> {
        self.list.as_le_slice(store).get(place.range())
    }

    /// The number at an address; `None` if it is not in the view.
    #[inline]
    pub(crate) fn read_u32<'s, T: 'static>(&self, store: impl Into<StoreContext<'s, T>>, offset: usize) -> Option<u32> {
        self.read_u32s::<1, T>(store, offset).map(|[number]| number)
    }

    /// The numbers from an address on; `None` if they are not in the view.
    #[inline]
    pub(crate) fn read_u32s<'s, const N: usize, T: 'static>(
        &self,
        store: impl Into<StoreContext<'s, T>>,
        offset: usize,
    ) -> Option<[u32; N]> {
        let (words, _) = self.list.as_le_slice(store).get(offset..)?.as_chunks::<4>();
        let words: &[[u8; 4]; N] = words.first_chunk()?;
        Some(words.map(u32::from_le_bytes))
    }

    /// The bytes of a part, to be written; `None` if it is not in the view.
    #[inline]
    pub(crate) fn write<'s, T: 'static>(&self, store: &'s mut Store<T>, place: Place) -> Option<&'s mut [u8]> {
        let bytes = self.list.as_le_slice(&*store).get(place.range())?;
        let (address, len) = (bytes.as_ptr().expose_provenance(), bytes.len());
        // SAFETY: the bytes are `len` bytes of linear memory, which wasmtime itself reads and writes through pointers whose
        // provenance it exposes. The store is borrowed mutably for as long as the result lives: nobody else has a
        // reference into the memory, no code of the plugin runs, and the memory neither moves nor ends.
        Some(unsafe { std::slice::from_raw_parts_mut(std::ptr::with_exposed_provenance_mut(address), len) })
    }
}

/// What a callback is answered with: the host's own data, the request, and the memory for the answer, if it is there.
pub(super) type CallbackParts<'s, C> = (&'s StoreData<C>, &'s [u8], Option<&'s mut [u8]>);

/// Takes a store apart for a callback.
///
/// Fails if the plugin passes a request that lies where the answer is to be.
pub(super) fn callback_parts<'s, C: 'static>(
    store: &'s mut StoreContextMut<'_, StoreData<C>>,
    request: &WasmList<u8>,
) -> wasmtime::Result<CallbackParts<'s, C>> {
    let store: &'s StoreContextMut<'_, StoreData<C>> = store;
    let side = &store.data().lane;
    let place = side.memory.as_ref().and_then(|memory| memory.read(store, side.answers));
    let answers = place.map(|bytes| (bytes.as_ptr().expose_provenance(), bytes.len()));
    let request = request.as_le_slice(store);
    let Some((address, len)) = answers else { return Ok((store.data(), request, None)) };
    let start = request.as_ptr().addr();
    if start < address + len && address < start + request.len() {
        return Err(format_err!("the request of a callback lies in the region of answers"));
    }
    // SAFETY: as in `Memory::write`, for the store is borrowed mutably by the caller. `request` and the store's own data are
    // the only other references: the data are not in linear memory, and the request was just seen not to overlap.
    let answers = unsafe { std::slice::from_raw_parts_mut(std::ptr::with_exposed_provenance_mut(address), len) };
    Ok((store.data(), request, Some(answers)))
}
