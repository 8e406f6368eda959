//! FlatBuffers made by hand, so that each of their bytes can be wrong.

/// A `Message` of the contract of lanes: the text `hello`, four bytes, and the word `hi` twice, which is there once.
///
/// ```text
///  0 root     8 vtable     24 table: 28 text, 32 number, 40 bytes, 44 words
///  4 "LANE"                48 the text, 60 the bytes, 68 the words, of which two offsets at 72 and 76, 80 the word
/// ```
#[rustfmt::skip]
const MESSAGE: [u8; 88] = [
    24, 0, 0, 0,    b'L', b'A', b'N', b'E',
    12, 0,  24, 0,  4, 0,  16, 0,  20, 0,  8, 0,    0, 0, 0, 0,
    16, 0, 0, 0,    20, 0, 0, 0,    0, 0, 0, 0, 0, 0, 0, 0,    20, 0, 0, 0,    24, 0, 0, 0,
    5, 0, 0, 0,    b'h', b'e', b'l', b'l', b'o', 0,    0, 0,
    4, 0, 0, 0,    1, 2, 3, 4,
    2, 0, 0, 0,    8, 0, 0, 0,    4, 0, 0, 0,
    2, 0, 0, 0,    b'h', b'i', 0,    0,
];

/// The fields of [`MESSAGE`], by where they are.
pub(crate) mod at {
    pub(crate) const ROOT: usize = 0;
    pub(crate) const VTABLE_SIZE: usize = 8;
    pub(crate) const TABLE_SIZE: usize = 10;
    pub(crate) const TEXT_IN_VTABLE: usize = 12;
    pub(crate) const NUMBER_IN_VTABLE: usize = 18;
    pub(crate) const VTABLE: usize = 24;
    pub(crate) const TEXT: usize = 28;
    pub(crate) const WORDS: usize = 44;
    pub(crate) const TEXT_LENGTH: usize = 48;
    pub(crate) const TEXT_BYTES: usize = 52;
    pub(crate) const TEXT_END: usize = 57;
    pub(crate) const BYTES_LENGTH: usize = 60;
    pub(crate) const WORDS_LENGTH: usize = 68;
    pub(crate) const FIRST_WORD: usize = 72;
}

/// The message as it should be.
pub(crate) fn message() -> Vec<u8> {
    MESSAGE.to_vec()
}

/// The message with these bytes in this place.
pub(crate) fn spoiled(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut message = message();
    message[at..at + bytes.len()].copy_from_slice(bytes);
    message
}

/// A message whose words are all one: `count` offsets to one string of this length.
pub(crate) fn shared_word(count: u32, length: u32) -> Vec<u8> {
    let mut message = MESSAGE[..68].to_vec();
    message.extend(count.to_le_bytes());
    for i in 0..count {
        message.extend(((count - i) * 4).to_le_bytes());
    }
    message.extend(length.to_le_bytes());
    message.resize(message.len() + length as usize, b'x');
    // The null at its end, and what aligns it.
    message.resize((message.len() + 1).next_multiple_of(8), 0);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use lanes::{FlatBuffer, Message};

    #[test]
    fn the_message_is_what_it_says_it_is() {
        let value = Message {
            text: "hello".into(),
            bytes: vec![1, 2, 3, 4],
            words: vec!["hi".into(), "hi".into()],
            number: 0.0,
        };
        assert_eq!(Message::from_flatbuffer(&message()), Ok(value));
        assert_eq!(Message::from_flatbuffer(&shared_word(3, 9)).unwrap().words, ["xxxxxxxxx"; 3]);
    }
}
