//! Builders that are kept from one message to the next.

use std::cell::Cell;
use std::thread::LocalKey;

use hookr_abi::lane::Idle;

use super::MessageBuilder;

/// A builder that somebody may be using.
pub(super) type Shelf = Cell<Option<Box<Kept>>>;

/// A builder, and how it was used lately.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) builder: MessageBuilder,
    idle: Idle,
    too_large: bool,
}

/// Takes the builder from its shelf, empty; a new one, if it is in use.
#[inline(always)]
pub(super) fn take(shelf: &'static LocalKey<Shelf>) -> Box<Kept> {
    let mut kept = shelf.take().unwrap_or_default();
    if kept.too_large {
        *kept = Kept::default();
    }
    kept.builder.reset();
    kept
}

/// Puts a builder back with a finished message, which stays as it is until the builder is taken again.
#[inline(always)]
pub(super) fn put_back(shelf: &'static LocalKey<Shelf>, mut kept: Box<Kept>) {
    let (buffer, start) = kept.builder.mut_finished_buffer();
    let (used, capacity) = (buffer.len() - start, buffer.len());
    if kept.idle.note(used, capacity) {
        kept.too_large = true;
    }
    shelf.set(Some(kept));
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local!(static SHELF: Shelf = const { Cell::new(None) });

    /// Builds a message, and says how large the buffer is then.
    fn build(len: usize) -> usize {
        let mut kept = take(&SHELF);
        let root = kept.builder.create_vector(&vec![1u8; len]);
        kept.builder.finish(root, None);
        let capacity = kept.builder.mut_finished_buffer().0.len();
        put_back(&SHELF, kept);
        capacity
    }

    #[test]
    fn a_buffer_is_kept_until_it_has_been_too_large_for_long() {
        let small = build(100);
        assert!((0..200).all(|_| build(100) == small), "what is small is kept");
        let large = build(2 * Idle::KEPT);
        assert!((0..Idle::CALLS).all(|_| build(100) == large), "what is large is kept for a while");
        assert_eq!(build(100), small, "and not for ever");
    }
}
