//! The lane: what host and plugin share in linear memory, and the numbers that they exchange.
//!
//! `SPEC.md` says what the two sides do with it; this is the one place that has the numbers.

mod idle;

use core::sync::atomic::AtomicU32;

pub use idle::Idle;

/// The exported interface, as a component names it.
pub const INTERFACE: &str = "hookr:abi/lane@0.1.0";

/// The imported interface, as a component names it.
pub const HOST_INTERFACE: &str = "hookr:abi/lane-host@0.1.0";

/// The version of the control block and of all that is said here.
pub const VERSION: u32 = 1;

/// The first four bytes of a control block: `HKLN`.
pub const MAGIC: u32 = u32::from_le_bytes(*b"HKLN");

/// What region starts and sizes are multiples of, and where the messages of a batch end.
pub const ALIGNMENT: usize = 16;

/// The status of an answer that is a FlatBuffer. Any other is the number of a [`Code`](crate::Code), and the bytes are
/// the message.
pub const STATUS_OK: u32 = 0;

/// The status before anything was answered.
pub const STATUS_NONE: u32 = u32::MAX;

/// The longest message of an error, in bytes.
pub const MAX_MESSAGE: usize = 1 << 20;

/// The largest batch, in messages.
pub const MAX_BATCH: usize = 1 << 16;

/// The bit in the high half of a [`word`] that makes it a batch: the other bits count its messages.
const BATCH: u32 = 1 << 31;

/// The bit in the high half of a callback's answer that says that it is to be fetched.
const ASIDE: u32 = 1 << 31;

/// What the plugin tells the host, at an address that it gives once. Every field is a `u32`, least significant byte
/// first.
///
/// The fields are atomics because the other side of the boundary reads and writes them too; no two threads ever do.
#[repr(C)]
#[derive(Debug)]
pub struct ControlBlock {
    /// [`MAGIC`].
    pub magic: AtomicU32,
    /// [`VERSION`].
    pub version: AtomicU32,
    /// Where the regions are, in the order of [`Region`].
    pub regions: [RegionFields; 3],
    /// What became of the last request: [`STATUS_OK`], or the number of a code.
    pub status: AtomicU32,
    /// The address of the response, or of the message.
    pub response_offset: AtomicU32,
    /// The length of the response, or of the message.
    pub response_length: AtomicU32,
    /// 0.
    pub reserved: AtomicU32,
}

/// Where a region is.
#[repr(C)]
#[derive(Debug)]
pub struct RegionFields {
    /// The address of its first byte.
    pub offset: AtomicU32,
    /// Its size in bytes.
    pub capacity: AtomicU32,
}

impl ControlBlock {
    /// A control block without regions, before the first request.
    pub const fn new() -> Self {
        ControlBlock {
            magic: AtomicU32::new(MAGIC.to_le()),
            version: AtomicU32::new(VERSION.to_le()),
            regions: [const { RegionFields { offset: AtomicU32::new(0), capacity: AtomicU32::new(0) } }; 3],
            status: AtomicU32::new(STATUS_NONE),
            response_offset: AtomicU32::new(0),
            response_length: AtomicU32::new(0),
            reserved: AtomicU32::new(0),
        }
    }
}

impl Default for ControlBlock {
    fn default() -> Self {
        Self::new()
    }
}

/// A part of the plugin's memory that the host writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Region {
    /// Requests, which end where it ends.
    Request = 0,
    /// Answers of callbacks, which end where it ends.
    Answer = 1,
    /// The [`Entry`]s of a batch, from its start.
    Index = 2,
}

impl Region {
    /// Every region, in the order of the control block.
    pub const ALL: [Region; 3] = [Region::Request, Region::Answer, Region::Index];

    /// The region with this number.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|region| *region as u32 == number)
    }
}

/// A message of a batch: where a request is, and then, in the same place, where its response is.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The address.
    pub offset: u32,
    /// The length in bytes.
    pub length: u32,
    /// Of a response: [`STATUS_OK`] or the number of a code. Of a request: 0.
    pub status: u32,
    /// 0.
    pub reserved: u32,
}

impl Entry {
    /// The size of an entry.
    pub const SIZE: usize = size_of::<Entry>();

    /// The entry as it is in memory.
    #[inline]
    pub const fn to_bytes(self) -> [u8; Self::SIZE] {
        let [offset, length, status, reserved] =
            [self.offset as u128, self.length as u128, self.status as u128, self.reserved as u128];
        (offset | length << 32 | status << 64 | reserved << 96).to_le_bytes()
    }

    /// The entry that is in memory like this.
    #[inline]
    pub const fn from_bytes(bytes: &[u8; Self::SIZE]) -> Self {
        let numbers = u128::from_le_bytes(*bytes);
        Entry {
            offset: numbers as u32,
            length: (numbers >> 32) as u32,
            status: (numbers >> 64) as u32,
            reserved: (numbers >> 96) as u32,
        }
    }
}

/// What the dispatcher of a plugin is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Nothing: the host is looking for the dispatcher.
    Nothing,
    /// One request of this method, of this length, at the end of the request region.
    One {
        /// The number of the method.
        method: u32,
        /// The length in bytes.
        length: u32,
    },
    /// As many requests of this method as there are entries in the index.
    Batch {
        /// The number of the method.
        method: u32,
        /// How many.
        count: u32,
    },
}

/// One number for a task: the method in the low half; in the high half the length, or the count with its uppermost bit
/// set.
#[inline]
pub const fn word(task: Task) -> u64 {
    match task {
        Task::Nothing => 0,
        Task::One { method, length } => method as u64 | ((length & !BATCH) as u64) << 32,
        Task::Batch { method, count } => method as u64 | ((count | BATCH) as u64) << 32,
    }
}

/// The task that a number stands for.
#[inline]
pub const fn task(word: u64) -> Task {
    let (method, high) = (word as u32, (word >> 32) as u32);
    if word == 0 {
        Task::Nothing
    } else if high & BATCH == 0 {
        Task::One { method, length: high }
    } else {
        Task::Batch { method, count: high & !BATCH }
    }
}

/// What a callback returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// [`STATUS_OK`] or the number of a code.
    pub status: u32,
    /// The length of the answer, or of the message.
    pub length: u32,
    /// Whether it is to be fetched; otherwise it ends where the answer region ends.
    pub aside: bool,
}

impl Answer {
    /// One number for an answer.
    #[inline]
    pub const fn to_word(self) -> u64 {
        let high = if self.aside { self.length | ASIDE } else { self.length & !ASIDE };
        self.status as u64 | (high as u64) << 32
    }

    /// The answer that a number stands for.
    #[inline]
    pub const fn from_word(word: u64) -> Self {
        let high = (word >> 32) as u32;
        Answer { status: word as u32, length: high & !ASIDE, aside: high & ASIDE != 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::mem::offset_of;

    #[test]
    fn a_word_says_what_to_do() {
        let tasks = [
            Task::Nothing,
            Task::One { method: 0x6c85_8f20, length: 0 },
            Task::One { method: 0, length: 1 },
            Task::One { method: u32::MAX, length: u32::MAX >> 1 },
            Task::Batch { method: 0, count: 0 },
            Task::Batch { method: 7, count: 16 },
        ];
        for expected in tasks {
            assert_eq!(task(word(expected)), expected);
        }
        assert_eq!(word(Task::One { method: 2, length: 3 }), 0x3_0000_0002);
    }

    #[test]
    fn an_answer_survives() {
        for aside in [false, true] {
            for (status, length) in [(0, 0), (13, 64), (u32::MAX, u32::MAX >> 1)] {
                let answer = Answer { status, length, aside };
                assert_eq!(Answer::from_word(answer.to_word()), answer);
            }
        }
    }

    #[test]
    fn an_entry_is_four_numbers() {
        let entry = Entry { offset: 1, length: 2, status: 3, reserved: 0 };
        assert_eq!(entry.to_bytes(), [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(Entry::from_bytes(&entry.to_bytes()), entry);
    }

    /// The table in `SPEC.md`.
    #[test]
    fn the_control_block_is_laid_out_as_specified() {
        assert_eq!(size_of::<ControlBlock>(), 48);
        assert_eq!(offset_of!(ControlBlock, magic), 0);
        assert_eq!(offset_of!(ControlBlock, version), 4);
        assert_eq!(offset_of!(ControlBlock, regions), 8);
        assert_eq!(size_of::<RegionFields>(), 8);
        assert_eq!(offset_of!(ControlBlock, status), 32);
        assert_eq!(offset_of!(ControlBlock, response_offset), 36);
        assert_eq!(offset_of!(ControlBlock, response_length), 40);
    }
}
