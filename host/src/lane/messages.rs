//! Builds messages, one or many, in memory that is lent for as long as it takes.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::Arc;

use flatbuffers::FlatBufferBuilder;
use hookr_abi::lane::{ALIGNMENT, Idle};

use super::arena::{Arena, Window};

/// What a message is built with: the builder of the crate `flatbuffers`, over memory of the plugin.
///
/// A table that is started in it is to be ended: what is left of one gets into the next, also into that of another message.
pub type RequestBuilder<'b> = FlatBufferBuilder<'b, Arena<'b>>;

/// A builder that is used again and again.
pub(super) struct Messages {
    builder: RequestBuilder<'static>,
    window: Arc<Window>,
    state: State,
    /// How many bytes at the end of the memory are not zero, where it is more than the builder knows of.
    dirty: usize,
    idle: Idle,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The builder knows what is in the memory.
    Usable,
    /// The builder was used in other memory; in this one, `dirty` is all that is not zero.
    Moved,
    /// A message was given up in the middle.
    Broken,
}

/// Where messages are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Built {
    /// In the memory that was lent: this many bytes at its end.
    InPlace(usize),
    /// In memory of the host, because the other was too small, or there was none: [`Messages::aside`] has them.
    Aside(usize),
}

impl Built {
    pub(super) fn len(self) -> usize {
        let (Built::InPlace(len) | Built::Aside(len)) = self;
        len
    }
}

/// One of several messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// How far before the end of the memory it starts, in bytes.
    pub(super) before_end: usize,
    /// Its length in bytes.
    pub(super) len: usize,
}

impl Messages {
    pub(super) fn new() -> Self {
        let window = Arc::new(Window::default());
        let builder = FlatBufferBuilder::new_in(Arena::new(window.clone()));
        Messages { builder, window, state: State::Usable, dirty: 0, idle: Idle::default() }
    }

    /// Says that the memory is another one from now on, in which all but `dirty` bytes at the end is zero.
    pub(super) fn memory_changed(&mut self, dirty: usize) {
        self.state = State::Moved;
        self.dirty = dirty;
    }

    /// Says that the last message, so many bytes so far, was given up in the middle.
    pub(super) fn spoil(&mut self, len: usize) {
        self.memory_changed(len);
    }

    /// Says that somebody else has written to this many bytes at the end of the memory.
    #[inline]
    pub(super) fn overwritten(&mut self, dirty: usize) {
        self.dirty = self.dirty.max(dirty);
    }

    /// Whether there is nothing to give back.
    #[inline]
    pub(super) fn is_settled(&self) -> bool {
        self.window.total() <= Idle::KEPT
    }

    /// Gives memory of the host back that the last messages, of this size, had little use for.
    pub(super) fn settle(&mut self, used: usize) {
        if self.window.is_closed() && self.idle.note(used, self.window.total()) {
            *self = Messages::new();
        }
    }

    /// Builds one message that ends where `memory` ends; `build` has to finish it.
    #[inline(always)]
    pub(super) fn build(
        &mut self,
        memory: Option<&mut [u8]>,
        build: impl for<'b> FnOnce(&mut RequestBuilder<'b>),
    ) -> Built {
        self.prepare(memory.as_deref());
        let Messages { builder, window, state, dirty, .. } = self;
        let _opened = begin(builder, window, memory, dirty);
        *state = State::Broken;
        build(brand(builder));
        *state = State::Usable;
        built(window, builder.unfinished_data().len())
    }

    /// Builds several messages, one below the other, each of which ends at a multiple of [`ALIGNMENT`]; `build` has to
    /// finish each. `parts` is where they are.
    pub(super) fn build_all(
        &mut self,
        memory: Option<&mut [u8]>,
        count: usize,
        parts: &mut Vec<Part>,
        mut build: impl for<'b> FnMut(usize, &mut RequestBuilder<'b>),
    ) -> Built {
        parts.clear();
        self.prepare(memory.as_deref());
        let Messages { builder, window, state, dirty, .. } = self;
        let _opened = begin(builder, window, memory, dirty);
        *state = State::Broken;
        for i in 0..count {
            build(i, brand(builder));
            let len = builder.unfinished_data().len();
            parts.push(Part { before_end: window.total() - window.end() + len, len });
            if i + 1 < count {
                next(builder, window, len);
            }
        }
        *state = State::Usable;
        *dirty = parts.last().map_or(0, |part| part.before_end);
        built(window, *dirty)
    }

    /// The messages of the last time, which were built aside: as many bytes as that was said to be.
    pub(super) fn aside(&mut self, len: usize) -> &[u8] {
        self.window.raise_end();
        let (all, _) = self.builder.mut_finished_buffer();
        all.len().checked_sub(len).and_then(|start| all.get(start..)).unwrap_or_default()
    }

    /// Replaces a builder that is of no use any more.
    #[inline]
    fn prepare(&mut self, memory: Option<&[u8]>) {
        let went_aside = memory.is_some() && self.window.total() > 0;
        if self.state != State::Usable || went_aside {
            self.replace(memory);
        }
    }

    #[cold]
    fn replace(&mut self, memory: Option<&[u8]>) {
        self.builder = FlatBufferBuilder::new_in(Arena::new(self.window.clone()));
        if self.state == State::Broken {
            self.dirty = memory.map_or(0, <[u8]>::len);
        }
        if memory.is_none() {
            self.dirty = 0;
        }
        self.state = State::Usable;
    }
}

/// Opens the window, and makes the memory behind it zero.
#[inline]
fn begin<'w>(
    builder: &mut RequestBuilder<'static>,
    window: &'w Window,
    memory: Option<&'w mut [u8]>,
    dirty: &mut usize,
) -> Option<super::arena::Opened<'w>> {
    let opened = match memory {
        Some(memory) => {
            if *dirty > 0 {
                zero_end(memory, *dirty);
            }
            Some(window.open(memory))
        }
        None => {
            window.raise_end();
            if *dirty > 0 {
                zero_end(builder.mut_finished_buffer().0, *dirty);
            }
            None
        }
    };
    *dirty = 0;
    // What the builder remembers of its last message is zeroed by this.
    builder.reset();
    // Whoever has had it before may have had them written.
    builder.force_defaults(false);
    opened
}

fn zero_end(memory: &mut [u8], dirty: usize) {
    let start = memory.len().saturating_sub(dirty);
    memory.get_mut(start..).unwrap_or_default().fill(0);
}

/// Makes room for the next message below one of this length.
#[inline]
fn next(builder: &mut RequestBuilder<'static>, window: &Window, len: usize) {
    let end = window.end().saturating_sub(len) / ALIGNMENT * ALIGNMENT;
    if end < len {
        return next_by_replacing(builder, window, end);
    }
    window.lower_end(end);
    // It zeroes as many bytes as the last message has: free ones, which are zero already.
    builder.reset();
}

/// As [`next`], where there is less room than the last message has.
#[cold]
fn next_by_replacing(builder: &mut RequestBuilder<'static>, window: &Window, end: usize) {
    let placeholder = FlatBufferBuilder::new_in(Arena::new(Arc::default()));
    let (arena, _) = std::mem::replace(builder, placeholder).collapse_in();
    window.lower_end(end);
    *builder = FlatBufferBuilder::new_in(arena);
}

#[inline]
fn built(window: &Window, len: usize) -> Built {
    if window.is_closed() { Built::Aside(len) } else { Built::InPlace(len) }
}

/// Gives a builder to the code that builds one message: its lifetime is that of no other.
#[inline]
fn brand<'r, 'b>(builder: &'r mut RequestBuilder<'static>) -> &'r mut RequestBuilder<'b> {
    // SAFETY: the two types differ in a lifetime that no data has: of the builder's own fields only markers and offsets
    // mention it, and of the arena's a marker. So nothing can be written through one type that would be invalid in the
    // other. Only a builder of the very same lifetime can take this one's place, and there is none: it is a fresh one for
    // every message, and neither arenas nor windows can be had outside of this module.
    unsafe { &mut *ptr::from_mut(builder).cast() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message: a vector of this length, all of one byte.
    fn vector(byte: u8, len: usize) -> impl for<'b> FnOnce(&mut RequestBuilder<'b>) {
        move |builder| {
            let bytes = vec![byte; len];
            let root = builder.create_vector(&bytes);
            builder.finish(root, None);
        }
    }

    fn expected(byte: u8, len: usize) -> Vec<u8> {
        let mut builder = FlatBufferBuilder::new();
        let bytes = vec![byte; len];
        let root = builder.create_vector(&bytes);
        builder.finish(root, None);
        builder.finished_data().to_vec()
    }

    #[test]
    fn messages_are_built_where_the_memory_ends() {
        let mut memory = vec![0; 256];
        let mut messages = Messages::new();
        for (byte, len) in [(1, 100), (2, 3), (3, 0), (4, 200)] {
            let built = messages.build(Some(&mut memory), vector(byte, len));
            let expected = expected(byte, len);
            assert_eq!(built, Built::InPlace(expected.len()));
            let (free, message) = memory.split_at(256 - expected.len());
            assert_eq!(message, expected);
            assert!(free.iter().all(|byte| *byte == 0), "what is free is zero");
        }
    }

    #[test]
    fn what_does_not_fit_goes_aside_and_leaves_the_memory_clean() {
        let mut memory = vec![0; 64];
        let mut messages = Messages::new();
        let large = expected(7, 5000);
        assert_eq!(messages.build(Some(&mut memory), vector(7, 5000)), Built::Aside(large.len()));
        assert_eq!(messages.aside(large.len()), large);
        assert_eq!(memory, [0; 64]);
        let small = expected(8, 8);
        assert_eq!(messages.build(Some(&mut memory), vector(8, 8)), Built::InPlace(small.len()));
        assert_eq!(&memory[64 - small.len()..], small);
    }

    #[test]
    fn without_memory_messages_are_built_aside() {
        let mut messages = Messages::new();
        for (byte, len) in [(1, 10), (2, 10_000), (3, 1)] {
            let expected = expected(byte, len);
            assert_eq!(messages.build(None, vector(byte, len)), Built::Aside(expected.len()));
            assert_eq!(messages.aside(expected.len()), expected);
        }
    }

    #[test]
    fn a_message_that_was_given_up_leaves_no_trace() {
        let mut memory = vec![0; 256];
        let mut messages = Messages::new();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            messages.build(Some(&mut memory), |builder| {
                builder.create_string("half a message");
                builder.start_table();
                panic!("in the middle");
            })
        }));
        assert!(panicked.is_err());
        let expected = expected(9, 9);
        assert_eq!(messages.build(Some(&mut memory), vector(9, 9)), Built::InPlace(expected.len()));
        let (free, message) = memory.split_at(256 - expected.len());
        assert_eq!(message, expected);
        assert!(free.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn what_somebody_else_has_written_there_is_gone() {
        let mut memory = vec![0; 256];
        let mut messages = Messages::new();
        for (dirty, len) in [(100, 10), (0, 30), (256, 7), (3, 100)] {
            memory[256 - dirty..].fill(0xa5);
            messages.overwritten(dirty);
            let expected = expected(1, len);
            assert_eq!(messages.build(Some(&mut memory), vector(1, len)), Built::InPlace(expected.len()));
            let (free, message) = memory.split_at(256 - expected.len());
            assert_eq!(message, expected);
            assert!(free.iter().all(|byte| *byte == 0));
        }
    }

    fn check_parts(memory: &[u8], parts: &[Part], lens: &[usize]) {
        assert_eq!(parts.len(), lens.len());
        for ((part, len), byte) in parts.iter().zip(lens).zip(1..) {
            let start = memory.len() - part.before_end;
            assert_eq!(&memory[start..start + part.len], expected(byte, *len));
            assert_eq!((part.before_end - part.len) % ALIGNMENT, 0);
        }
    }

    #[test]
    fn several_messages_are_stacked_downwards() {
        let mut memory = vec![0; 1024];
        let (mut messages, mut parts) = (Messages::new(), Vec::new());
        for lens in [&[64, 0, 1, 300][..], &[1, 1, 1], &[500], &[]] {
            let mut byte = 0;
            let built = messages.build_all(Some(&mut memory), lens.len(), &mut parts, |i, builder| {
                byte += 1;
                vector(byte, lens[i])(builder);
            });
            let used = parts.last().map_or(0, |part| part.before_end);
            assert_eq!(built, Built::InPlace(used));
            check_parts(&memory, &parts, lens);
            assert!(memory[..1024 - used].iter().all(|byte| *byte == 0));
        }
        let single = expected(5, 5);
        assert_eq!(messages.build(Some(&mut memory), vector(5, 5)), Built::InPlace(single.len()));
        assert!(memory[..1024 - single.len()].iter().all(|byte| *byte == 0), "nothing of the batch is left");
    }

    #[test]
    fn a_batch_that_does_not_fit_goes_aside_as_a_whole() {
        let mut memory = vec![0; 128];
        let (mut messages, mut parts) = (Messages::new(), Vec::new());
        for memory_is_lent in [true, false] {
            let lens = [50, 60, 4000, 0, 9000, 2];
            let mut byte = 0;
            let lent = memory_is_lent.then_some(&mut memory[..]);
            let built = messages.build_all(lent, lens.len(), &mut parts, |i, builder| {
                byte += 1;
                vector(byte, lens[i])(builder);
            });
            let used = parts.last().unwrap().before_end;
            assert_eq!(built, Built::Aside(used));
            check_parts(messages.aside(used), &parts, &lens);
            assert_eq!(memory, [0; 128]);
        }
        let single = expected(5, 5);
        assert_eq!(messages.build(None, vector(5, 5)), Built::Aside(single.len()));
        assert_eq!(messages.aside(single.len()), single);
    }
}
