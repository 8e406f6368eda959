//! Counts what this program allocates, where somebody wants to know.
//!
//! The allocator of the whole program is the system's, with a look at a variable of the thread. There are crates that count;
//! they count always, with numbers that all threads share, which takes as long as a short call does, or they leave out
//! `realloc`, which makes everything else slower.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What was allocated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allocated {
    /// How often; making a block larger or smaller counts, too.
    pub(crate) count: u64,
    /// How many bytes were asked for: of a block that gets another size, all of the new size.
    pub(crate) bytes: u64,
}

thread_local! {
    // Without a destructor and without lazy initialisation: it can be read at any time in the life of a thread.
    static COUNTED: Cell<Option<Allocated>> = const { Cell::new(None) };
}

/// Runs something, and says what this thread has allocated meanwhile.
pub(crate) fn count<R>(run: impl FnOnce() -> R) -> (R, Allocated) {
    let outer = COUNTED.replace(Some(Allocated::default()));
    let result = run();
    let counted = COUNTED.replace(outer).unwrap_or_default();
    (result, counted)
}

fn note(bytes: usize) {
    // A thread that ends may allocate when its variables are gone.
    let _ = COUNTED.try_with(|counted| {
        if let Some(Allocated { count, bytes: all }) = counted.get() {
            let (count, bytes) = (count.wrapping_add(1), all.wrapping_add(bytes as u64));
            counted.set(Some(Allocated { count, bytes }));
        }
    });
}

struct Counting;

// SAFETY: the system's allocator does it all. What is done beside it does not allocate and does not panic.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[test]
    fn what_is_allocated_meanwhile_counts() {
        let (kept, counted) = count(|| {
            let mut block = black_box(Vec::<u8>::with_capacity(100));
            block.resize(100, 1);
            block.reserve_exact(200);
            (block, black_box(vec![0_u8; 50]))
        });
        assert_eq!(counted, Allocated { count: 3, bytes: 100 + 300 + 50 });
        let (_, counted) = count(|| black_box(1) + 1);
        assert_eq!(counted, Allocated::default());
        let (_, counted) = count(|| drop(kept));
        assert_eq!(counted, Allocated::default(), "what is given back is not counted");
        let (_, counted) = count(|| std::thread::spawn(|| black_box(vec![0_u8; 1 << 20])).join().unwrap().len());
        assert!(counted.bytes < 1 << 20, "another thread's are not this one's: {counted:?}");
    }
}
