//! Buffers that are known for valid by their vtable: all that `create` writes, and none that the verifier refuses.

use flatbuffers::{FlatBufferBuilder, Verifiable, VerifierOptions};
use proptest::prelude::*;

use super::expected::messages::fb::message::Quick;
use super::expected::messages::{FlatBuffer as _, fb, types};
use super::expected::{textfilter, tickloop};
use super::messages::{behind, numbers, texts};

/// Whether a buffer is known; if so, the verifier must accept it within limits below those that generated code sets.
fn is_known<'b, T: Quick<'b> + Verifiable>(buffer: &'b [u8]) -> bool {
    let known = T::is_known(buffer);
    if known {
        let limits = VerifierOptions {
            max_depth: 1,
            max_tables: 1,
            max_apparent_size: 2 * buffer.len() + 1024,
            ignore_missing_null_terminator: false,
        };
        if let Err(error) = flatbuffers::root_with_opts::<T>(&limits, buffer) {
            panic!("{error}\n{buffer:?}");
        }
    }
    known
}

/// A function that asks it of a buffer with one of the tables.
type Ask = fn(&[u8]) -> bool;

/// Messages with everything, with nothing that may be absent, and in between.
fn messages() -> Vec<(Ask, Vec<u8>)> {
    let mut messages: Vec<(Ask, Vec<u8>)> = Vec::new();
    for there in [0, 1, 0b10110, 0b11111] {
        messages
            .push((|buffer| is_known::<fb::Numbers<'_>>(buffer), behind(there % 7, |builder| numbers(builder, there))));
    }
    for there in [0, 1, 1 << 3, 1 << 8, 0b1010101010, 0b0101010101, 0b1111111111] {
        messages.push((|buffer| is_known::<fb::Texts<'_>>(buffer), behind(there % 7, |builder| texts(builder, there))));
    }
    let mut builder = FlatBufferBuilder::new();
    let both = fb::Both::create(&mut builder, &fb::BothArgs { x: 1, maybe: Some(2), note: None });
    builder.finish(both, Some("BOTH"));
    messages.push((|buffer| is_known::<fb::Both<'_>>(buffer), builder.finished_data().to_vec()));
    messages
}

#[test]
fn what_create_writes_is_known() {
    for length in 0..40 {
        for there in 0..1 << 5 {
            assert!(
                is_known::<fb::Numbers<'_>>(&behind(length, |builder| numbers(builder, there))),
                "{length} {there}"
            );
        }
    }
    for there in 0..1 << 10 {
        assert!(is_known::<fb::Texts<'_>>(&behind(there % 7, |builder| texts(builder, there))), "{there}");
    }
    for (ask, buffer) in messages() {
        assert!(ask(&buffer), "{buffer:?}");
    }
}

#[test]
fn so_are_the_messages_of_examples() {
    use textfilter::FlatBuffer as _;
    use textfilter::fb::message::Quick as _;
    use tickloop::FlatBuffer as _;
    use tickloop::fb::message::Quick as _;

    assert!(tickloop::fb::Empty::is_known(&tickloop::Empty {}.to_flatbuffer()));
    assert!(tickloop::fb::TickRequest::is_known(&tickloop::TickRequest::default().to_flatbuffer()));
    for note in ["", "note"] {
        let response = tickloop::TickResponse { note: note.to_owned(), ..Default::default() };
        assert!(tickloop::fb::TickResponse::is_known(&response.to_flatbuffer()));
    }
    let request = textfilter::FilterRequest {
        input: "input".to_owned(),
        blocked_terms: vec![String::new(), "term".to_owned(), "Begriff, für den es kein ASCII gibt".to_owned()],
        ..Default::default()
    };
    assert!(textfilter::fb::FilterRequest::is_known(&request.to_flatbuffer()));
    let info = textfilter::PluginInfo { version: "1".to_owned(), ..Default::default() };
    assert!(textfilter::fb::PluginInfo::is_known(&info.to_flatbuffer()));
}

#[test]
fn what_is_not_known_is_read_all_the_same() {
    // The same strings again and again: the verifier counts them.
    let mut builder = FlatBufferBuilder::new();
    let title = builder.create_string(&"long ".repeat(20));
    let must = builder.create_vector(&[title; 50]);
    let args = fb::TextsArgs { title: Some(title), must: Some(must), ..Default::default() };
    let root = fb::Texts::create(&mut builder, &args);
    builder.finish(root, None);
    assert!(!is_known::<fb::Texts<'_>>(builder.finished_data()));
    assert_eq!(types::Texts::read(builder.finished_data()).unwrap().must().len(), 50);

    // Field by field.
    builder.reset();
    let must = fb::Pair::new(1, 2);
    let mut table = fb::NumbersBuilder::new(&mut builder);
    table.add_must(&must);
    let root = table.finish();
    builder.finish(root, None);
    assert!(!is_known::<fb::Numbers<'_>>(builder.finished_data()));
    assert_eq!(types::Numbers::read(builder.finished_data()).unwrap().must().right(), 2);

    // Tables below it.
    let names = types::Names { names: vec![types::Named { name: "name".to_owned(), x: 1 }] };
    let buffer = names.to_flatbuffer();
    assert!(!is_known::<fb::Names<'_>>(&buffer));
    assert_eq!(types::Names::from_flatbuffer(&buffer), Ok(names));
}

#[test]
fn what_is_required_is_missed() {
    let mut builder = FlatBufferBuilder::new();
    let root =
        fb::Numbers::create(&mut builder, &fb::NumbersArgs { must: Some(&fb::Pair::new(1, 2)), ..Default::default() });
    builder.finish(root, None);
    let buffer = builder.finished_data().to_vec();
    let table = buffer[0] as usize;
    let vtable = table - buffer[table] as usize;
    let entry = vtable + usize::from(fb::Numbers::VT_MUST);
    let mut without = buffer.clone();
    without[entry..entry + 2].fill(0);
    assert!(is_known::<fb::Numbers<'_>>(&buffer) && !is_known::<fb::Numbers<'_>>(&without));
    assert!(types::Numbers::read(&without).is_err());
}

#[test]
fn no_byte_can_be_changed_so_that_an_invalid_buffer_is_known() {
    let (mut known, mut unknown) = (0, 0);
    for (ask, buffer) in messages() {
        for at in 0..buffer.len() {
            for byte in 0..=u8::MAX {
                let mut buffer = buffer.clone();
                buffer[at] = byte;
                *if ask(&buffer) { &mut known } else { &mut unknown } += 1;
            }
        }
        for length in 0..buffer.len() {
            *if ask(&buffer[..length]) { &mut known } else { &mut unknown } += 1;
        }
    }
    assert!(known > 1000 && unknown > 1000, "{known} {unknown}");
}

#[test]
fn a_message_is_known_only_where_it_is_aligned() {
    let (mut known, mut unknown) = (0, 0);
    for (ask, buffer) in messages() {
        for by in 1..=16_usize {
            let root = u32::from_le_bytes(*buffer.first_chunk().unwrap()) + by as u32;
            let moved = [&root.to_le_bytes()[..], &vec![0; by], &buffer[4..]].concat();
            *if ask(&moved) { &mut known } else { &mut unknown } += 1;
        }
    }
    assert!(known > 10 && unknown > 100, "{known} {unknown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Numbers of four bytes are what changes most: offsets and lengths.
    #[test]
    fn nor_can_many(
        message in 0_usize..12,
        bytes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        numbers in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![0_u32..64, any::<u32>()]), 0..4),
        cut in 0_usize..12,
        more in 0_usize..12,
    ) {
        let (ask, mut buffer) = messages().swap_remove(message);
        buffer.truncate(buffer.len() - cut);
        buffer.extend(std::iter::repeat_n(0, more));
        for (at, byte) in bytes {
            let at = at.index(buffer.len());
            buffer[at] = byte;
        }
        for (at, number) in numbers {
            let at = at.index(buffer.len() / 4) * 4;
            buffer[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        ask(&buffer);
    }

    /// Whatever is around the image, and wherever it is.
    #[test]
    fn nor_does_an_image_alone_suffice(
        mut buffer in prop::collection::vec(any::<u8>(), 0..200),
        place in 0_usize..100,
        there in 0_usize..1 << 10,
        small in any::<bool>(),
    ) {
        let image = behind(0, |builder| texts(builder, there));
        // The root is the first offset; the image, of which the head is 36 bytes, comes next.
        let image = &image[4..90];
        if buffer.len() >= place + image.len() {
            let head = if small { 36 } else { image.len() };
            buffer[place..place + head].copy_from_slice(&image[..head]);
            buffer[..4].copy_from_slice(&(place as u32 + 32).to_le_bytes());
        }
        is_known::<fb::Texts<'_>>(&buffer);
    }
}
