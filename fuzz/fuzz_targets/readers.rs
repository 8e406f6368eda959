//! Bytes that may be a FlatBuffer, through what is generated: what the verifier lets through is read to its end without a
//! panic, and what is taken out of it can be written again and means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shapes::{Everything, FlatBuffer};

fuzz_target!(|bytes: &[u8]| {
    let Ok(reader) = Everything::read(bytes) else { return };
    // Touches every field.
    let _ = format!("{reader:?}");
    let Ok(value) = Everything::decode(reader) else { return };
    // Text compares floats that are no numbers, too.
    let shown = format!("{value:?}");
    let written = value.to_flatbuffer().expect("what was read is no deeper than what is read");
    let again = Everything::from_flatbuffer(&written).expect("what was written is read");
    assert_eq!(format!("{again:?}"), shown);
});
