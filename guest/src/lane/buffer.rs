//! Builders that are kept from one message to the next.

use std::cell::Cell;
use std::hint::black_box;
use std::mem::{self, ManuallyDrop};
use std::thread::LocalKey;

use flatbuffers::DefaultAllocator;
use hookr_abi::lane::Idle;

use super::MessageBuilder;

/// So many bytes are made zero one word after the other: to fill memory, however little, takes a call to the host.
const FEW: usize = 512;

/// A builder that somebody may be using. Nothing drops it: it ends with the instance.
pub(super) type Shelf = ManuallyDrop<Cell<Option<Box<Kept>>>>;

/// A shelf with nothing on it.
pub(super) const fn empty() -> Shelf {
    ManuallyDrop::new(Cell::new(None))
}

/// A builder, and what is to be done before it is used again.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) builder: MessageBuilder,
    dirt: Dirt,
    idle: Idle,
}

/// What the last message has left.
#[derive(Clone, Copy)]
enum Dirt {
    /// The builder is a new one, in memory of which so many bytes at the end are not zero.
    Bytes(usize),
    /// The builder remembers the message.
    Builder,
    /// The memory is too large for what it is used for.
    All,
}

impl Default for Dirt {
    fn default() -> Self {
        Dirt::Bytes(0)
    }
}

/// Takes the builder from its shelf, empty; a new one, if it is in use.
#[inline(always)]
pub(super) fn take(shelf: &'static LocalKey<Shelf>) -> Box<Kept> {
    let mut kept = shelf.with(|shelf| shelf.take()).unwrap_or_default();
    match kept.dirt {
        Dirt::Bytes(dirty) if dirty <= FEW => clear_end(kept.builder.mut_finished_buffer().0, dirty),
        _ => kept.clear_slowly(),
    }
    // Whoever has had it before may have had them written.
    kept.builder.force_defaults(false);
    kept
}

/// Puts a builder back with a message, and says where that is. It stays as it is until the builder is taken again.
///
/// A builder that has written tables field by field is worth keeping for what it has allocated to do that. Any other is made
/// anew here out of its memory, and not when it is taken: what reads it then does not have to wait for what is written now.
#[inline(always)]
pub(super) fn put_back(shelf: &'static LocalKey<Shelf>, mut kept: Box<Kept>) -> *const [u8] {
    let capacity = kept.builder.mut_finished_buffer().0.len();
    let message: *const [u8] = kept.builder.unfinished_data();
    let len = message.len();
    if capacity > Idle::KEPT && kept.idle.note(len, capacity) {
        kept.dirt = Dirt::All;
    } else if kept.builder.num_written_vtables() > 0 {
        kept.dirt = Dirt::Builder;
    } else {
        renew(&mut kept.builder);
        kept.dirt = Dirt::Bytes(len);
    }
    shelf.with(|shelf| shelf.set(Some(kept)));
    message
}

/// Makes a new builder out of the memory of another one.
#[inline(always)]
fn renew(builder: &mut MessageBuilder) {
    let placeholder = MessageBuilder::new_in(DefaultAllocator::from_vec(Vec::new()));
    let (memory, _) = mem::replace(builder, placeholder).collapse_in();
    // The placeholder has nothing to drop.
    mem::forget(mem::replace(builder, MessageBuilder::new_in(memory)));
}

/// Makes the end of the memory zero.
#[inline(always)]
fn clear_end(memory: &mut [u8], dirty: usize) {
    // The compiler does not see that it is zero, or it would fill the memory.
    let zero = black_box(0u64).to_ne_bytes();
    let (rest, words) = memory.as_rchunks_mut();
    let first = words.len().saturating_sub(dirty.div_ceil(zero.len()));
    for word in words.get_mut(first..).unwrap_or_default() {
        *word = zero;
    }
    // The builder's memory has whole words, unless it has less than one.
    if first == 0 {
        rest.fill(0);
    }
}

impl Kept {
    #[cold]
    fn clear_slowly(&mut self) {
        match self.dirt {
            Dirt::Bytes(dirty) => {
                let (memory, _) = self.builder.mut_finished_buffer();
                let start = memory.len().saturating_sub(dirty);
                memory.get_mut(start..).unwrap_or_default().fill(0);
            }
            Dirt::Builder => self.builder.reset(),
            Dirt::All => *self = Kept::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local!(static SHELF: Shelf = const { empty() });

    type Write = fn(&mut MessageBuilder, usize);

    fn vector(builder: &mut MessageBuilder, len: usize) {
        let root = builder.create_vector(&vec![1u8; len]);
        builder.push(root);
    }

    fn table(builder: &mut MessageBuilder, len: usize) {
        let vector = builder.create_vector(&vec![1u8; len]);
        let table = builder.start_table();
        builder.push_slot_always(4, vector);
        let root = builder.end_table(table);
        builder.push(root);
    }

    #[test]
    fn what_a_builder_is_told_holds_for_one_message() {
        let write: Write = |builder, _| {
            let table = builder.start_table();
            builder.push_slot(4, 0u32, 0);
            let root = builder.end_table(table);
            builder.push(root);
        };
        let forced: Write = |builder, _| builder.force_defaults(true);
        written(forced, 0);
        assert_eq!(written(write, 0), expected(write, 0));
    }

    /// What a builder of its own writes.
    fn expected(write: Write, len: usize) -> Vec<u8> {
        let mut builder = MessageBuilder::new();
        write(&mut builder, len);
        builder.unfinished_data().to_vec()
    }

    fn written(write: Write, len: usize) -> Vec<u8> {
        let mut kept = take(&SHELF);
        write(&mut kept.builder, len);
        let message = kept.builder.unfinished_data().to_vec();
        put_back(&SHELF, kept);
        message
    }

    /// How large the memory is after a message.
    fn capacity_after(write: Write, len: usize) -> usize {
        let mut kept = take(&SHELF);
        write(&mut kept.builder, len);
        let capacity = kept.builder.mut_finished_buffer().0.len();
        put_back(&SHELF, kept);
        capacity
    }

    #[test]
    fn messages_are_as_of_a_new_builder() {
        for len in [0, 1, 7, 500, 501, 3, 5000, 2, 100] {
            assert_eq!(written(vector, len), expected(vector, len));
        }
        for len in [0, 700, 7, 1, 3000] {
            assert_eq!(written(table, len), expected(table, len));
            assert_eq!(written(vector, len), expected(vector, len));
        }
    }

    #[test]
    fn a_message_that_was_put_back_stays_where_it_is() {
        for (write, len) in [(vector as Write, 100), (table, 100), (vector, 3000), (vector, 5)] {
            let mut kept = take(&SHELF);
            write(&mut kept.builder, len);
            let message = put_back(&SHELF, kept);
            // SAFETY: the builder has not been taken since.
            #[allow(unsafe_code)]
            let message = unsafe { &*message };
            assert_eq!(message, expected(write, len));
        }
    }

    #[test]
    fn a_message_that_was_given_up_leaves_no_trace() {
        for write in [vector as Write, table] {
            write(&mut take(&SHELF).builder, 100);
            assert_eq!(written(write, 9), expected(write, 9));
        }
    }

    #[test]
    fn memory_is_kept_until_it_has_been_too_large_for_long() {
        for write in [vector as Write, table] {
            let small = capacity_after(write, 100);
            assert!((0..200).all(|_| capacity_after(write, 100) == small), "what is small is kept");
            let large = capacity_after(write, 2 * Idle::KEPT);
            assert!((1..Idle::CALLS).all(|_| capacity_after(write, 100) == large), "what is large is kept for a while");
            assert!((0..3).any(|_| capacity_after(write, 100) < Idle::KEPT), "and not for ever");
        }
    }
}
