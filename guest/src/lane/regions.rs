//! The control block, and the regions that the host writes to.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use hookr_abi::lane::{ALIGNMENT, ControlBlock, Entry, Region};

/// What regions have before the host asks for more, in bytes.
const FIRST: [usize; 3] = [4096, 4096, 64 * Entry::SIZE];

/// The largest region: what is asked for beyond that is refused.
const LARGEST: usize = 1 << 30;

/// Regions start and end at multiples of so many bytes: the host stores to a region's end as much at once as there is to a
/// line of the cache, and where that crosses into another line, or even another page, it may take as long as all the rest
/// of a call.
const LINE: usize = 64;
const _: () = assert!(LINE.is_multiple_of(ALIGNMENT));

/// What is allocated behind a region, and written to once. Where the page behind a region has never been written to, some
/// processors take ten times as long for the host's stores at the region's end, which are wide and masked; and what is
/// loaded from as far behind as such a store is wide waits for it.
const BEHIND: usize = LINE;

/// The control block, at an address that never changes.
pub(super) static CONTROL: ControlBlock = ControlBlock::new();

/// The memory of the regions, which the host knows by the control block.
static REGIONS: [Memory; 3] = [const { Memory::new() }; 3];

struct Memory {
    start: AtomicPtr<u8>,
    size: AtomicUsize,
}

impl Memory {
    const fn new() -> Self {
        Memory { start: AtomicPtr::new(ptr::null_mut()), size: AtomicUsize::new(0) }
    }
}

/// Allocates every region, so that the host finds them.
pub(super) fn open() {
    for (region, size) in Region::ALL.into_iter().zip(FIRST) {
        if REGIONS[region as usize].start.load(Ordering::Relaxed).is_null() {
            reserve(region, size);
        }
    }
}

/// Makes a region this large, if there is memory for it, and zero.
pub(super) fn reserve(region: Region, size: usize) {
    let memory = &REGIONS[region as usize];
    let (start, old) = (memory.start.load(Ordering::Relaxed), memory.size.load(Ordering::Relaxed));
    let Some(layout) = layout(size) else { return };
    // SAFETY: the layout's size is not 0.
    let new = unsafe { alloc_zeroed(layout) };
    if new.is_null() {
        return;
    }
    // SAFETY: this is the last byte of what was just allocated.
    unsafe { new.add(layout.size() - 1).write_volatile(0) };
    let size = layout.size() - BEHIND;
    if let Some(layout) = layout_of(start, old) {
        // SAFETY: the region was allocated below with this layout, and nothing refers to it: requests and answers borrow
        // from regions only while the plugin answers the host, which does not ask for a region then.
        unsafe { dealloc(start, layout) };
    }
    memory.start.store(new, Ordering::Relaxed);
    memory.size.store(size, Ordering::Relaxed);
    let fields = &CONTROL.regions[region as usize];
    fields.offset.store(address(new), Ordering::Relaxed);
    fields.capacity.store(size as u32, Ordering::Relaxed);
}

/// The layout of a region of this size, and of what is behind it.
fn layout(size: usize) -> Option<Layout> {
    let size = size.clamp(LINE, LARGEST + 1).next_multiple_of(LINE);
    if size > LARGEST { None } else { Layout::from_size_align(size + BEHIND, LINE).ok() }
}

fn layout_of(start: *mut u8, size: usize) -> Option<Layout> {
    if start.is_null() { None } else { layout(size) }
}

/// The address as the host knows it: linear memory has 32 bits.
#[inline]
pub(crate) fn address<T>(pointer: *const T) -> u32 {
    pointer.expose_provenance() as u32
}

/// The last bytes of a region; none if it has fewer.
///
/// # Safety
///
/// For as long as the result lives, the region must not be reserved anew, and the host must not be called if it may write
/// there.
#[inline]
pub(super) unsafe fn end_of<'a>(region: Region, len: usize) -> &'a [u8] {
    let memory = &REGIONS[region as usize];
    let (start, size) = (memory.start.load(Ordering::Relaxed), memory.size.load(Ordering::Relaxed));
    match size.checked_sub(len) {
        // SAFETY: the region has `size` bytes from `start` on, all of them initialised: by `reserve`, and by the host.
        Some(offset) if !start.is_null() => unsafe { std::slice::from_raw_parts(start.add(offset), len) },
        _ => &[],
    }
}

/// The bytes at an address that the host has put into the index.
///
/// # Safety
///
/// As [`end_of`], with the region of requests.
pub(super) unsafe fn request_at<'a>(offset: u32, len: u32) -> &'a [u8] {
    let memory = &REGIONS[Region::Request as usize];
    let (start, size) = (memory.start.load(Ordering::Relaxed), memory.size.load(Ordering::Relaxed));
    let first = offset.wrapping_sub(address(start)) as usize;
    let len = len as usize;
    if start.is_null() || first > size || len > size - first {
        return &[];
    }
    // SAFETY: the part was just seen to be in the region, which is initialised.
    unsafe { std::slice::from_raw_parts(start.add(first), len) }
}

/// The bytes at an address that this side has published.
///
/// # Safety
///
/// They are initialised, and stay as they are for as long as the result lives.
pub(super) unsafe fn bytes_at<'a>(offset: u32, len: u32) -> &'a [u8] {
    // SAFETY: as the caller promises; the provenance was exposed when the address was published.
    unsafe { std::slice::from_raw_parts(ptr::with_exposed_provenance(offset as usize), len as usize) }
}

/// An entry of the index.
pub(super) fn entry(i: usize) -> Option<Entry> {
    let bytes = entry_pointer(i)?;
    // SAFETY: the entry is in the region of the index, which is initialised; nobody else refers to it.
    Some(Entry::from_bytes(unsafe { &*bytes }))
}

/// Changes an entry of the index.
pub(super) fn set_entry(i: usize, entry: Entry) {
    if let Some(bytes) = entry_pointer(i) {
        // SAFETY: as in `entry`.
        unsafe { *bytes = entry.to_bytes() };
    }
}

fn entry_pointer(i: usize) -> Option<*mut [u8; Entry::SIZE]> {
    let memory = &REGIONS[Region::Index as usize];
    let start = memory.start.load(Ordering::Relaxed);
    let fits = i < memory.size.load(Ordering::Relaxed) / Entry::SIZE;
    (fits && !start.is_null()).then(|| start.cast::<[u8; Entry::SIZE]>().wrapping_add(i))
}

/// The result of a function that returns more than a number.
pub(crate) struct Results<const N: usize>([AtomicU32; N]);

impl<const N: usize> Results<N> {
    pub(crate) const fn new() -> Self {
        Results([const { AtomicU32::new(0) }; N])
    }

    /// Stores the numbers, and gives their address.
    pub(crate) fn store(&'static self, numbers: [u32; N]) -> u32 {
        for (place, number) in self.0.iter().zip(numbers) {
            place.store(number, Ordering::Relaxed);
        }
        address(self.0.as_ptr())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test, because there is one control block.
    #[test]
    fn regions_are_zero_aligned_and_as_large_as_asked_for() {
        open();
        for (region, first) in Region::ALL.into_iter().zip(FIRST) {
            let size = || CONTROL.regions[region as usize].capacity.load(Ordering::Relaxed) as usize;
            assert_eq!(size(), first);
            for asked in [1, 16, 64, 65, 100_000, 0] {
                reserve(region, asked);
                assert_eq!(size(), asked.max(1).next_multiple_of(LINE));
                // SAFETY: nobody reserves a region while this slice lives.
                let bytes = unsafe { end_of(region, size()) };
                assert_eq!(bytes.len(), size());
                assert!(bytes.iter().all(|byte| *byte == 0));
                assert!(bytes.as_ptr().addr().is_multiple_of(LINE));
                // SAFETY: as above.
                assert!(unsafe { end_of(region, size() + 1) }.is_empty());
            }
            reserve(region, LARGEST + 1);
            assert_eq!(size(), LINE, "what is too large changes nothing");
        }
        reserve(Region::Index, LINE);
        let one = Entry { offset: 1, length: 2, status: 3, reserved: 0 };
        let last = LINE / Entry::SIZE - 1;
        set_entry(last, one);
        set_entry(last + 1, one);
        assert_eq!([entry(0), entry(last), entry(last + 1)], [Some(Entry::default()), Some(one), None]);
    }
}
