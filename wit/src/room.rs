use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// How much memory a value may take that is made of somebody else's message.
///
/// A message can name the same text often, and a table of four bytes can stand for a value of a thousand. So whoever makes
/// values of what a stranger has sent says how large they may become, and each text, list and box takes its part before it
/// is allocated.
///
/// ```
/// use hookr_abi::Room;
///
/// let mut room = Room::new(10);
/// assert_eq!(room.text("hello").unwrap(), "hello");
/// assert!(room.text("hello again").is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Room {
    left: usize,
    whole: usize,
}

impl Room {
    /// Bytes of a room that nobody chose: 128 MiB.
    pub const DEFAULT: usize = 128 << 20;

    /// A room of so many bytes.
    pub const fn new(bytes: usize) -> Self {
        Room { left: bytes, whole: bytes }
    }

    /// As much as there is: for messages of somebody who is trusted.
    pub const fn unlimited() -> Self {
        Room::new(usize::MAX)
    }

    /// For a message of so many bytes: 64 times as much, and [`DEFAULT`](Self::DEFAULT) at the least.
    pub const fn for_message(bytes: usize) -> Self {
        let large = bytes.saturating_mul(64);
        Room::new(if large > Self::DEFAULT { large } else { Self::DEFAULT })
    }

    /// Takes the room of so many values, without what they own.
    ///
    /// # Errors
    ///
    /// There is no more.
    #[inline]
    pub fn take<T>(&mut self, count: usize) -> Result<(), OutOfRoom> {
        match size_of::<T>().checked_mul(count).and_then(|bytes| self.left.checked_sub(bytes)) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(OutOfRoom { bytes: self.whole }),
        }
    }

    /// A text of one's own.
    ///
    /// # Errors
    ///
    /// There is no room for it.
    #[inline]
    pub fn text(&mut self, text: &str) -> Result<String, OutOfRoom> {
        self.take::<u8>(text.len())?;
        Ok(text.to_owned())
    }

    /// A list of one's own.
    ///
    /// # Errors
    ///
    /// There is no room for it.
    #[inline]
    pub fn list<T>(&mut self, items: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>, OutOfRoom> {
        self.take::<T>(items.len())?;
        Ok(items.collect())
    }

    /// Bytes of one's own.
    ///
    /// # Errors
    ///
    /// There is no room for them.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<Vec<u8>, OutOfRoom> {
        self.take::<u8>(bytes.len())?;
        Ok(bytes.to_vec())
    }
}

impl Default for Room {
    fn default() -> Self {
        Room::new(Self::DEFAULT)
    }
}

/// A message would take more memory than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutOfRoom {
    /// How many bytes the room had at first.
    pub bytes: usize,
}

impl fmt::Display for OutOfRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the message takes more than {} bytes of memory", self.bytes)
    }
}

impl core::error::Error for OutOfRoom {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_takes_its_room_once() {
        let mut room = Room::new(8 + 5 + 3 + 1);
        assert_eq!(room.list([1_u32, 2].into_iter()).unwrap(), [1, 2]);
        assert_eq!(room.text("hello").unwrap(), "hello");
        assert_eq!(room.bytes(&[1, 2, 3]).unwrap(), [1, 2, 3]);
        room.take::<u16>(1).unwrap_err();
        room.take::<u8>(1).unwrap();
        assert_eq!(room.text("x"), Err(OutOfRoom { bytes: 17 }));
        room.text("").unwrap();
    }

    #[test]
    fn no_number_is_too_large_to_be_refused() {
        Room::default().take::<u64>(usize::MAX).unwrap_err();
        Room::unlimited().take::<u8>(usize::MAX).unwrap();
        assert_eq!(Room::for_message(usize::MAX).left, usize::MAX);
        assert_eq!(Room::for_message(10).left, Room::DEFAULT);
        assert_eq!(Room::for_message(4 << 20).left, 256 << 20);
    }
}
