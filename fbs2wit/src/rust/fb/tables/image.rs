//! A message as one image: its vtable, and behind it the table with a fixed place for every field.
//!
//! Pushed at once, it takes a part of the time that it takes to push field by field, to find out where they came to lie
//! and to look for a vtable that is the same.

use std::cmp::Reverse;

use crate::rust::fb::message::Position;
use crate::rust::text::{Text, Values};

/// Images of more bytes are not written: fields that equal their defaults take room in them.
const MAX_SIZE: u32 = 512;

/// The same for slots of the vtable.
const MAX_SLOTS: u32 = 64;

/// The bytes of an offset, and of what is before the entries of a vtable.
const OFFSET: u32 = 4;

/// What stands in a table itself: a field, or the tag of one.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    /// Its place in the vtable.
    pub(super) slot: u16,
    /// The argument.
    pub(super) name: &'a str,
    pub(super) form: Form,
    /// In bytes.
    pub(super) size: u32,
    /// In bytes.
    pub(super) align: u32,
    pub(super) absence: Absence,
}

/// How an argument becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Bool,
    Number,
    /// The number of an enum, or of a union's tag.
    Enum,
    Struct,
    Offset(Behind),
}

/// What an offset leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// A string.
    Text,
    /// A vector of what stands in it itself, of so many bytes each; `align` is what the verifier asks for.
    Elements { size: u32, align: u32 },
    /// A vector of strings.
    Texts,
    /// Tables and unions, one or many.
    Tables,
}

impl Behind {
    /// A vector whose elements have this form, size and alignment.
    pub(super) fn vector((form, size, align): (Form, u32, u32)) -> Self {
        match form {
            Form::Bool | Form::Number | Form::Enum => Behind::Elements { size, align },
            // To the verifier, structs are bytes.
            Form::Struct => Behind::Elements { size, align: 1 },
            Form::Offset(Behind::Text) => Behind::Texts,
            Form::Offset(_) => Behind::Tables,
        }
    }
}

/// When a part is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absence {
    /// The argument is a value.
    Never,
    /// The argument is an option.
    None,
    /// The same, and to have none is an error.
    Refused,
    /// The argument is the tag of a union, and zero.
    Zero,
}

/// Where everything is in the image of a table.
pub(super) struct Image<'a> {
    places: Vec<Place<'a>>,
    /// The numbers of the vtable, if every part is there.
    vtable: Vec<u16>,
    /// Where the table starts; the vtable ends there.
    pub(super) table: u32,
    /// The bytes of all of it.
    pub(super) size: u32,
    /// That of the part that asks for most.
    pub(super) align: u32,
}

struct Place<'a> {
    part: Part<'a>,
    /// From the start of the image, in bytes.
    at: u32,
}

impl<'a> Image<'a> {
    /// The image of a table of these parts, unless it is too large for one, or of no use where it stands.
    pub(super) fn new(mut parts: Vec<Part<'a>>, position: Position) -> Option<Self> {
        let slots = parts.iter().map(|part| u32::from(part.slot) + 1).max().unwrap_or(0);
        // A table that always refers to something is never the first.
        let is_first = |part: &Part<'_>| !matches!((part.form, part.absence), (Form::Offset(_), Absence::Refused));
        if slots > MAX_SLOTS || position == Position::Anywhere && !parts.iter().all(is_first) {
            return None;
        }
        let align = parts.iter().map(|part| part.align).max().unwrap_or(0).max(OFFSET);
        // What is lost to alignment is before the vtable. Behind the offset to it nothing is, with the largest alignment
        // first: sizes are multiples of it.
        let first = (OFFSET + 2 * slots + OFFSET).next_multiple_of(align);
        parts.sort_by_key(|part| (Reverse(part.align), part.slot));
        let mut size = first;
        let place = |part: Part<'a>| {
            let at = size;
            size = size.saturating_add(part.size);
            Place { part, at }
        };
        let places: Vec<Place<'_>> = parts.into_iter().map(place).collect();
        if size > MAX_SIZE {
            return None;
        }
        let table = first - OFFSET;
        // No number is larger than MAX_SIZE.
        let number = |number: u32| number as u16;
        let mut vtable = vec![0; 2 + slots as usize];
        vtable[0] = number(OFFSET + 2 * slots);
        vtable[1] = number(size - table);
        for place in &places {
            vtable[2 + usize::from(place.part.slot)] = number(place.at - table);
        }
        Some(Image { places, vtable, table, size, align })
    }

    /// The parts, and where each is.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&Part<'a>, u32)> {
        self.places.iter().map(|place| (&place.part, place.at))
    }

    /// Where the vtable and the offset to it end.
    pub(super) fn head(&self) -> u32 {
        self.table + OFFSET
    }

    /// Where the vtable's entry for a part is.
    pub(super) fn entry(&self, part: &Part<'_>) -> u32 {
        self.table - 2 * self.vtable.len() as u32 + OFFSET + 2 * u32::from(part.slot)
    }

    /// The vtable and the offset to it, for the table's own `impl`.
    pub(super) fn add_head(&self, text: &mut Text) {
        text.gap();
        text.doc("The vtable of a message in which everything is there, and the offset to it.");
        let (size, numbers) = (self.head().to_string(), self.vtable.iter().map(u16::to_string));
        let numbers = numbers.collect::<Vec<_>>().join(", ");
        let values = [("size", size.as_str()), ("numbers", &numbers)];
        text.add("const HEAD: [u8; $size] = message::head(&[$numbers]);", &values);
    }

    /// The statements of `create`.
    pub(super) fn add_push(&self, text: &mut Text) {
        text.add(
            "
            let image = fbb.push(message::Image { args });
            flatbuffers::WIPOffset::new(image.value() - $table)
            ",
            &[("table", &self.table.to_string())],
        );
    }

    /// How the arguments become the image.
    pub(super) fn add_impl(&self, text: &mut Text, values: &Values<'_>) {
        let (size, align) = (self.size.to_string(), self.align.to_string());
        let has_offsets = self.places.iter().any(|place| matches!(place.part.form, Form::Offset(_)));
        let head = self.head().to_string();
        let values =
            [values, &[("size", &size), ("align", &align), ("head", &head), ("_", if has_offsets { "" } else { "_" })]]
                .concat();
        text.gap();
        text.block("impl flatbuffers::Push for message::Image<'_, $argstype> {", &values, |text| {
            text.add("type Output = ();", &values);
            text.gap();
            let head = "
                #[inline]
                unsafe fn push(&self, dst: &mut [u8], ${_}written_len: usize) {
                ";
            text.block(head, &values, |text| {
                text.add(
                    "
                    // The builder makes room for as much as `size` says.
                    let Some(image) = dst.first_chunk_mut::<$size>() else { return };
                    image[..$head].copy_from_slice(&$Table::HEAD);
                    ",
                    &values,
                );
                for place in &self.places {
                    self.add_write(text, place);
                }
            });
            text.gap();
            text.add(
                "
                #[inline]
                fn size() -> usize {
                    $size
                }

                #[inline]
                fn alignment() -> flatbuffers::PushAlignment {
                    flatbuffers::PushAlignment::new($align)
                }
                ",
                &values,
            );
        });
    }

    /// The statement that writes a part.
    fn add_write(&self, text: &mut Text, place: &Place<'_>) {
        let Place { part, at } = place;
        let argument = format!("self.args.{}", part.name);
        let value = match part.absence {
            Absence::Never | Absence::Zero => argument.as_str(),
            Absence::None | Absence::Refused => "x",
        };
        let bytes = match part.form {
            Form::Bool => format!("[u8::from({value})]"),
            Form::Number => format!("{value}.to_le_bytes()"),
            Form::Enum => format!("{value}.0.to_le_bytes()"),
            Form::Struct => format!("{value}.0"),
            Form::Offset(_) => format!("message::offset(written_len + {}, {value})", self.size - at),
        };
        let entry = self.entry(part);
        let (end, entry_end) = ((at + part.size).to_string(), (entry + 2).to_string());
        let values = [
            ("argument", argument.as_str()),
            ("bytes", &bytes),
            ("at", &at.to_string()),
            ("end", &end),
            ("entry", &entry.to_string()),
            ("entryend", &entry_end),
        ];
        text.add(
            match part.absence {
                Absence::Never => "image[$at..$end].copy_from_slice(&$bytes);",
                Absence::Refused => {
                    "
                    if let Some(x) = $argument {
                        image[$at..$end].copy_from_slice(&$bytes);
                    }
                    "
                }
                Absence::None => {
                    "
                    match $argument {
                        Some(x) => image[$at..$end].copy_from_slice(&$bytes),
                        None => message::clear(image, $entry, $at..$end),
                    }
                    "
                }
                Absence::Zero => {
                    "
                    image[$at..$end].copy_from_slice(&$bytes);
                    if $argument.0 == 0 {
                        image[$entry..$entryend].fill(0);
                    }
                    "
                }
            },
            &values,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(slot: u16, size: u32, align: u32) -> Part<'static> {
        Part { slot, name: "x", form: Form::Struct, size, align, absence: Absence::None }
    }

    fn is_image(parts: Vec<Part<'static>>) -> bool {
        Image::new(parts, Position::Root).is_some()
    }

    #[test]
    fn every_part_is_aligned_and_nothing_lies_between_them() {
        let image =
            Image::new(vec![part(0, 1, 1), part(1, 32, 16), part(3, 8, 8), part(4, 1, 1)], Position::Root).unwrap();
        let places: Vec<_> = image.places.iter().map(|place| (place.part.slot, place.at)).collect();
        // A vtable of 14 bytes and the offset to it end where the largest can start.
        assert_eq!((image.table, image.align, image.size), (28, 16, 74));
        assert_eq!(places, [(1, 32), (3, 64), (0, 72), (4, 73)]);
        assert_eq!(image.vtable, [14, 46, 44, 4, 0, 36, 45]);
        assert_eq!(image.entry(&part(4, 1, 1)), 26);
    }

    #[test]
    fn a_table_without_fields_is_an_image() {
        let image = Image::new(Vec::new(), Position::Anywhere).unwrap();
        assert_eq!((image.table, image.align, image.size), (4, 4, 8));
        assert_eq!(image.vtable, [4, 4]);
    }

    #[test]
    fn what_is_large_is_no_image() {
        assert!(is_image(vec![part(63, 1, 1)]));
        assert!(!is_image(vec![part(64, 1, 1)]));
        // 6 bytes of a vtable, 4 of an offset, 2 to align it.
        assert!(is_image(vec![part(0, 500, 4)]));
        assert!(!is_image(vec![part(0, 504, 4)]));
        assert!(!is_image(vec![part(0, u32::MAX, 1), part(1, u32::MAX, 1)]));
    }

    #[test]
    fn a_table_that_comes_behind_something_is_an_image_at_the_root_only() {
        let text = Part { form: Form::Offset(Behind::Text), absence: Absence::Refused, ..part(0, 4, 4) };
        assert!(Image::new(vec![text], Position::Root).is_some());
        assert!(Image::new(vec![text], Position::Anywhere).is_none());
        let text = Part { absence: Absence::None, ..text };
        assert!(Image::new(vec![text], Position::Anywhere).is_some());
    }
}
