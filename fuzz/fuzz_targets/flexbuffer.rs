//! Bytes that may be a FlexBuffer: what is decoded can be encoded, and means the same.
#![no_main]

use fbs2wit::codec::Limits;
use fbs2wit::flexbuffer::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = decode(bytes, &Limits::default().memory(16 << 20)) else { return };
    let encoded = encode(&value).expect("what was decoded is encoded");
    let again = decode(&encoded, &Limits::default()).expect("what was encoded is decoded");
    // NaN equals nothing, but its bytes.
    assert_eq!(encode(&again).as_ref(), Ok(&encoded));
});
