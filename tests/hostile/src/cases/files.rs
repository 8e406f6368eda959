//! What is no component, or only the beginning of one.

use hookr::OpenError;

use crate::case::{ANSWERED, Case};
use crate::component::{chaos, honest};
use crate::outcome::Failure;
use crate::target::Target;

pub(super) fn cases() -> Vec<Case> {
    let case = |name: &str, about, bytes: fn() -> Vec<u8>, expected| {
        Case::new(format!("file/{name}"), about, bytes, Target::count, expected)
    };
    vec![
        case("empty", "no bytes at all", Vec::new, "OpenError::Empty"),
        case("text", "a script instead of WebAssembly", || b"#!/bin/sh\nrm -rf ~\n".to_vec(), "OpenError::NotWasm"),
        case("one-byte", "the first byte of WebAssembly", || vec![0], "OpenError::Malformed"),
        case("module", "a core module, which is no component", || b"\0asm\x01\0\0\0".to_vec(), "OpenError::CoreModule"),
        case("noise", "a preamble and then noise", noise, "OpenError::Malformed"),
        case("long-section", "a section that says to be four gigabytes long", long_section, "OpenError::Malformed"),
        case("endless-number", "a length that never ends", endless_number, "OpenError::Malformed"),
        case("cut-in-code", "the first half of an honest plugin", half, "OpenError::Malformed"),
        Case::new(
            "file/cut-everywhere",
            "an honest plugin, cut off at every byte",
            || chaos(&honest()),
            cut_everywhere,
            ANSWERED,
        ),
        case("bad-name", "a custom section whose name is not UTF-8", bad_name, "OpenError::Malformed"),
        case("custom-sections", "an honest plugin with a hundred thousand custom sections", custom_sections, ANSWERED),
        case("zeros", "an honest plugin, and zeros behind it", || padded(&[0; 64]), "OpenError::Malformed"),
        case("other-layer", "a version of the format that does not exist", other_layer, "OpenError::Malformed"),
        Case::new(
            "file/too-large",
            "a file that is larger than it may be",
            || padded(&custom("x", &vec![0; 2 << 20])),
            Target::count,
            "OpenError::TooLarge",
        )
        .limits(|limits| limits.file(1 << 20)),
    ]
}

/// A custom section as it is in a file.
fn custom(name: &str, payload: &[u8]) -> Vec<u8> {
    use wasm_encoder::{ComponentSection as _, CustomSection};
    let mut bytes = Vec::new();
    CustomSection { name: name.into(), data: payload.into() }.append_to_component(&mut bytes);
    bytes
}

fn padded(end: &[u8]) -> Vec<u8> {
    [chaos(&honest()), end.to_vec()].concat()
}

fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    b"\0asm\x0d\0\x01\0".iter().copied().chain(noise.take(4096)).collect()
}

fn long_section() -> Vec<u8> {
    b"\0asm\x0d\0\x01\0\x01\xff\xff\xff\xff\x0f".to_vec()
}

fn endless_number() -> Vec<u8> {
    let mut bytes = b"\0asm\x0d\0\x01\0\x01".to_vec();
    bytes.resize(4096, 0x80);
    bytes
}

fn half() -> Vec<u8> {
    let mut bytes = chaos(&honest());
    bytes.truncate(bytes.len() / 2);
    bytes
}

fn bad_name() -> Vec<u8> {
    padded(&[0, 3, 2, 0xff, 0xfe])
}

fn custom_sections() -> Vec<u8> {
    padded(&custom("noise", b"!").repeat(100_000))
}

fn other_layer() -> Vec<u8> {
    let mut bytes = chaos(&honest());
    bytes[4] = 0x63;
    bytes
}

/// Whatever is cut off, the reason has nothing to do with what the plugin runs.
fn cut_everywhere(target: &Target) -> Result<(), Failure> {
    let whole = std::fs::read(target.path()).expect("the file of the case can be read");
    let (mut malformed, mut without) = (0, 0);
    for cut in 1..whole.len() {
        match target.open_bytes(&whole[..cut]) {
            Err(Failure::Open(OpenError::Malformed { offset, size, .. })) if offset <= size => malformed += 1,
            // Where one section ends and the next begins: the one about the contract is the last.
            Err(Failure::Open(OpenError::NoContract { .. })) => without += 1,
            Ok(_) => panic!("{cut} of {} bytes were opened", whole.len()),
            Err(failure) => return Err(failure),
        }
    }
    assert!(malformed > 9 * without, "{malformed} malformed, {without} without a contract");
    target.count()
}
