//! Bytes that may be the contract section of a component.
#![no_main]

use hookr_abi::section::Section;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(section) = Section::decode(bytes) else { return };
    let encoded = section.encode();
    assert_eq!(Section::decode(&encoded).as_ref(), Ok(&section));
});
