//! Builders that are kept from one message to the next.

use std::cell::Cell;
use std::thread::LocalKey;

use super::MessageBuilder;

/// A buffer of more bytes than this is given back when it is not used: 1 MiB.
const KEPT: usize = 1 << 20;

/// After this many messages in a row that use less than a quarter of it.
const IDLE_MESSAGES: u32 = 64;

/// A builder that somebody may be using.
pub(super) type Shelf = Cell<Option<Box<Kept>>>;

/// A builder, and how it was used lately.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) builder: MessageBuilder,
    idle: u32,
}

/// Takes the builder from its shelf, empty; a new one, if it is in use.
#[inline(always)]
pub(super) fn take(shelf: &'static LocalKey<Shelf>) -> Box<Kept> {
    let mut kept = shelf.take().unwrap_or_default();
    if kept.idle > IDLE_MESSAGES {
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
    if capacity > KEPT {
        kept.idle = if used < capacity / 4 { kept.idle.saturating_add(1) } else { 0 };
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
        let large = build(2 * KEPT);
        assert!((0..IDLE_MESSAGES).all(|_| build(100) == large), "what is large is kept for a while");
        assert!((0..IDLE_MESSAGES + 2).any(|_| build(100) < KEPT), "and not for ever");
    }
}
