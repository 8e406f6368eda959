//! Where FlatBuffers are built: a window into memory that belongs to somebody else, or memory of the host.
//!
//! A [`FlatBufferBuilder`](flatbuffers::FlatBufferBuilder) keeps vectors that are worth keeping from one message to the
//! next, and owns its allocator, which cannot be reached from outside. So the allocator shares a [`Window`] with whoever
//! lends the memory: the window is opened for as long as a message is built, and closed when that ends.
#![allow(unsafe_code)]

use std::convert::Infallible;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

use flatbuffers::Allocator;

/// The smallest buffer of the host, in bytes.
const SMALLEST: usize = 4096;

/// The memory of a [`RequestBuilder`](super::RequestBuilder), of which nothing but the builder makes use.
///
/// The lifetime is different for every message, so that the builders of two messages cannot be exchanged for each other.
pub struct Arena<'b> {
    window: Arc<Window>,
    /// The memory of the host, if there is any: while it is, the window shows it, and nobody uses it by this name.
    own: Vec<u8>,
    message: PhantomData<fn(&'b ()) -> &'b ()>,
}

/// The memory that an [`Arena`] sees. The fields are atomics because two own the window, one in an allocator that may be
/// sent to other threads; no two threads ever use it at once.
pub(super) struct Window {
    /// The first byte.
    base: AtomicPtr<u8>,
    /// Where the message that is being built ends.
    end: AtomicUsize,
    /// Where the last message ends that was built in the same place: the size of the memory.
    total: AtomicUsize,
    /// Whether the memory belongs to somebody else.
    is_open: AtomicBool,
}

impl Default for Window {
    fn default() -> Self {
        Window {
            base: AtomicPtr::new(ptr::dangling_mut()),
            end: AtomicUsize::new(0),
            total: AtomicUsize::new(0),
            is_open: AtomicBool::new(false),
        }
    }
}

impl Window {
    /// Where the message that is being built ends: what is behind is other messages.
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.end.load(Ordering::Relaxed)
    }

    /// Makes the next message end further down.
    #[inline]
    pub(super) fn lower_end(&self, end: usize) {
        // Never upwards: the memory may be no larger than this.
        self.end.store(end.min(self.end()), Ordering::Relaxed);
    }

    /// How much memory there is, whoever's it is.
    #[inline]
    pub(super) fn total(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }

    /// Whether messages are built in memory of the host.
    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        !self.is_open.load(Ordering::Relaxed)
    }

    /// Opens the window onto this memory for as long as the guard lives.
    #[inline]
    pub(super) fn open<'w>(&'w self, memory: &'w mut [u8]) -> Opened<'w> {
        self.set(memory.as_mut_ptr(), memory.len(), memory.len(), true);
        Opened(self)
    }

    /// Makes the next message end where the memory does.
    pub(super) fn raise_end(&self) {
        self.end.store(self.total(), Ordering::Relaxed);
    }

    /// Shows no memory.
    #[inline]
    fn close(&self) {
        self.set(ptr::dangling_mut(), 0, 0, false);
    }

    #[inline]
    fn set(&self, base: *mut u8, end: usize, total: usize, is_open: bool) {
        self.base.store(base, Ordering::Relaxed);
        self.end.store(end, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        self.is_open.store(is_open, Ordering::Relaxed);
    }
}

/// An open window. It is closed when this is dropped, also by a panic.
pub(super) struct Opened<'w>(&'w Window);

impl Drop for Opened<'_> {
    #[inline]
    fn drop(&mut self) {
        // A window that was closed because it was too small shows memory of the host, which stays.
        if !self.0.is_closed() {
            self.0.close();
        }
    }
}

impl Arena<'_> {
    pub(super) fn new(window: Arc<Window>) -> Self {
        window.close();
        Arena { window, own: Vec::new(), message: PhantomData }
    }
}

impl Deref for Arena<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        let window = &*self.window;
        let (base, end) = (window.base.load(Ordering::Relaxed), window.end.load(Ordering::Relaxed));
        // SAFETY: there are three cases. The window is open: `Window::open` has got a unique borrow of `total` bytes from
        // `base` on, and `Opened` keeps it from being used otherwise until it is dropped, which closes the window. Or it
        // shows `own`, which has `total` bytes, and stays as it is until another arena or memory takes its place there. Or it
        // shows nothing, and `total` is 0. `end` is never more than `total`. The slice borrows this arena, and a window
        // that shows anything has only one: `Messages` sees to that.
        unsafe { std::slice::from_raw_parts(base, end) }
    }
}

impl DerefMut for Arena<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        let window = &*self.window;
        let (base, end) = (window.base.load(Ordering::Relaxed), window.end.load(Ordering::Relaxed));
        // SAFETY: as in `deref`; and the arena is borrowed mutably, so there is no other slice of it.
        unsafe { std::slice::from_raw_parts_mut(base, end) }
    }
}

// SAFETY: `grow_downwards` makes a larger buffer that ends with the old contents and is zero before them; `len` is the
// length of the slice that `deref` gives.
unsafe impl Allocator for Arena<'_> {
    type Error = Infallible;

    /// Goes on in memory of the host, with all that has been built so far.
    #[cold]
    fn grow_downwards(&mut self) -> Result<(), Infallible> {
        let (end, total) = (self.window.end(), self.window.total());
        let larger = total.saturating_mul(2).max(SMALLEST);
        let growth = larger - total;
        let mut own = vec![0; larger];
        let base = self.window.base.load(Ordering::Relaxed);
        // SAFETY: as in `deref_mut`, with all the memory that the window shows.
        let old = unsafe { std::slice::from_raw_parts_mut(base, total) };
        if let Some(place) = own.get_mut(growth..) {
            place.copy_from_slice(old);
        }
        // The next message that is built there finds it as it must be.
        old.fill(0);
        self.window.set(own.as_mut_ptr(), end + growth, larger, false);
        self.own = own;
        Ok(())
    }

    #[inline]
    fn len(&self) -> usize {
        self.window.end()
    }
}

impl std::fmt::Debug for Arena<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arena").field("len", &self.window.end()).finish_non_exhaustive()
    }
}
