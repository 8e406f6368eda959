//! Which tables are written in one piece, and the module of `fb.rs` that has what all of them need for that.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;

use crate::contract::{Contract, TypeDef, TypeId, ValueType};

/// Where the tables that methods take and answer with stand in buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// At the root; nothing else refers to them.
    Root,
    /// At the root or in other tables, where many may share a vtable.
    Anywhere,
}

/// The tables that methods take and answer with.
pub(super) fn messages(contract: &Contract) -> BTreeMap<TypeId, Position> {
    let tables = |ty: ValueType| match ty {
        ValueType::Table(id) => Some(id),
        _ => None,
    };
    let inner: BTreeSet<TypeId> = contract
        .types
        .iter()
        .flat_map(|def| -> Vec<TypeId> {
            match def {
                TypeDef::Record(record) => record.fields.iter().filter_map(|field| tables(field.ty.value())).collect(),
                TypeDef::Union(union) => union.members.iter().filter_map(|member| tables(member.ty)).collect(),
                TypeDef::Enum(_) => Vec::new(),
            }
        })
        .collect();
    let methods = contract.interfaces().flat_map(|interface| &interface.methods);
    let place = |id: TypeId| (id, if inner.contains(&id) { Position::Anywhere } else { Position::Root });
    methods.flat_map(|method| [method.request, method.response]).map(place).collect()
}

/// The module with what tables share that are written in one piece, and known when they come back.
pub(super) fn emit() -> TokenStream {
    quote! {
        #[doc(hidden)]
        #[allow(dead_code)]
        pub mod message {
            //! Messages in one piece.

            /// The fields of a message, to be pushed as its vtable with the table behind it.
            pub(super) struct Image<'a, T> {
                pub(super) args: &'a T,
            }

            /// A vtable of these numbers, and the offset that leads to it from the table; zeros before it.
            pub(super) const fn head<const SIZE: usize>(vtable: &[u16]) -> [u8; SIZE] {
                let mut head = [0; SIZE];
                let length = 2 * vtable.len();
                let start = SIZE - 4 - length;
                let mut at = 0;
                while at < length {
                    head[start + at] = vtable[at / 2].to_le_bytes()[at % 2];
                    at += 1;
                }
                let offset = (length as u32).to_le_bytes();
                let mut at = 0;
                while at < 4 {
                    head[start + length + at] = offset[at];
                    at += 1;
                }
                head
            }

            /// The bytes of an offset that starts `place` bytes before the end of the buffer.
            #[inline]
            pub(super) fn offset<T>(place: usize, to: flatbuffers::WIPOffset<T>) -> [u8; 4] {
                (place as flatbuffers::UOffsetT - to.value()).to_le_bytes()
            }

            /// Takes what is not there out of an image: its entry in the vtable, and its place.
            #[inline]
            pub(super) fn clear(image: &mut [u8], entry: usize, place: ::core::ops::Range<usize>) {
                image[entry..entry + 2].fill(0);
                image[place].fill(0);
            }

            /// Ends a message with the offset to its root and the identifier, as `finish` of the builder does: `align` is
            /// the alignment of what in it asks for most, or more.
            ///
            /// One push does it, whatever alignment a schema may ask for. What the builder does besides is for builders
            /// that go on.
            #[inline]
            pub fn finish<'b, A: flatbuffers::Allocator + 'b, T>(
                builder: &mut flatbuffers::FlatBufferBuilder<'b, A>,
                root: flatbuffers::WIPOffset<T>,
                align: usize,
                identifier: Option<&str>,
            ) {
                let to = root.value();
                match (align, identifier.map(str::as_bytes).map(<[u8]>::first_chunk)) {
                    (4, None) => _ = builder.push(Root::<0, 4> { to, identifier: [] }),
                    (8, None) => _ = builder.push(Root::<0, 8> { to, identifier: [] }),
                    (16, None) => _ = builder.push(Root::<0, 16> { to, identifier: [] }),
                    (32, None) => _ = builder.push(Root::<0, 32> { to, identifier: [] }),
                    (4, Some(Some(&identifier))) => _ = builder.push(Root::<4, 4> { to, identifier }),
                    (8, Some(Some(&identifier))) => _ = builder.push(Root::<4, 8> { to, identifier }),
                    (16, Some(Some(&identifier))) => _ = builder.push(Root::<4, 16> { to, identifier }),
                    (32, Some(Some(&identifier))) => _ = builder.push(Root::<4, 32> { to, identifier }),
                    _ => builder.finish(root, identifier),
                }
            }

            /// What a message starts with: the offset to its root, and an identifier of this many bytes.
            struct Root<const IDENTIFIER: usize, const ALIGN: usize> {
                to: flatbuffers::UOffsetT,
                identifier: [u8; IDENTIFIER],
            }

            impl<const IDENTIFIER: usize, const ALIGN: usize> flatbuffers::Push for Root<IDENTIFIER, ALIGN> {
                type Output = ();

                #[inline]
                unsafe fn push(&self, dst: &mut [u8], written_len: usize) {
                    // The builder makes room for as much as `size` says.
                    let Some((offset, identifier)) = dst.split_first_chunk_mut() else { return };
                    let all = written_len + Self::size();
                    *offset = (all as flatbuffers::UOffsetT - self.to).to_le_bytes();
                    if let Some(place) = identifier.first_chunk_mut() {
                        *place = self.identifier;
                    }
                }

                #[inline]
                fn size() -> usize {
                    4 + IDENTIFIER
                }

                #[inline]
                fn alignment() -> flatbuffers::PushAlignment {
                    flatbuffers::PushAlignment::new(ALIGN)
                }
            }

            /// A table whose buffers may be known for valid faster than the verifier finds it out.
            ///
            /// # Safety
            ///
            /// The verifier accepts every buffer that is known, with this table as its root, if it may visit one table,
            /// and twice the length of the buffer and 1024 bytes more.
            pub unsafe trait Quick<'b>: flatbuffers::Follow<'b, Inner = Self> + Sized + 'b {
                /// Whether the buffer is laid out as `create` does it, and valid. Others may be valid, too.
                #[inline]
                fn is_known(buffer: &[u8]) -> bool {
                    let _ = buffer;
                    false
                }

                /// The root of a buffer that is known.
                #[inline]
                fn read(buffer: &'b [u8]) -> Option<Self> {
                    if !Self::is_known(buffer) {
                        return None;
                    }
                    safety!("the verifier would accept what is known.");
                    Some(unsafe { flatbuffers::root_unchecked::<Self>(buffer) })
                }
            }

            /// What is in a buffer where its root says that there is an image.
            pub(super) struct Known<'b, const SIZE: usize, const HEAD: usize> {
                buffer: &'b [u8],
                start: usize,
                image: &'b [u8; SIZE],
                head: &'b [u8; HEAD],
                left: usize,
            }

            impl<'b, const SIZE: usize, const HEAD: usize> Known<'b, SIZE, HEAD> {
                /// An image that is in the buffer, at a multiple of its alignment, with the root table in it where
                /// `table` says. Its head has to be compared.
                #[inline]
                pub fn new(buffer: &'b [u8], head: &'b [u8; HEAD], table: usize, align: usize) -> Option<Self> {
                    let start = number(buffer, 0)?.checked_sub(table)?;
                    let image = buffer.get(start..)?.first_chunk()?;
                    (start % align == 0).then_some(Self { buffer, start, image, head, left: buffer.len() })
                }

                /// Whether these bytes of its head are as they are if everything is there.
                ///
                /// They are loaded word by word, as they have just been stored: a processor that loads more at once
                /// waits until all of it is in its cache.
                #[inline]
                pub fn same(&self, range: ::core::ops::Range<usize>) -> bool {
                    let (words, rest) = self.image[range.clone()].as_chunks();
                    let (expected, expected_rest) = self.head[range].as_chunks();
                    let mut difference = 0;
                    let mut at = 0;
                    while at < words.len() {
                        difference |= u64::from_le_bytes(words[at]) ^ u64::from_le_bytes(expected[at]);
                        at += 1;
                    }
                    difference == 0 && rest == expected_rest
                }

                /// Whether this entry of its vtable is as if what it stands for is there.
                #[inline]
                pub fn has(&self, entry: usize) -> bool {
                    self.same(entry..entry + 2)
                }

                /// Whether this entry of its vtable says that there is nothing.
                #[inline]
                pub fn lacks(&self, entry: usize) -> bool {
                    self.image[entry..entry + 2] == [0; 2]
                }

                /// Whether the offset at this place of it leads to a vector of such elements.
                #[inline]
                pub fn elements(&mut self, place: usize, size: usize, align: usize) -> bool {
                    self.vector(self.start + place, size, align).is_some()
                }

                /// Whether the offset at this place of it leads to a string.
                #[inline]
                pub fn text(&mut self, place: usize) -> bool {
                    self.string(self.start + place)
                }

                /// Whether the offset at this place of it leads to a vector of strings.
                #[inline]
                pub fn texts(&mut self, place: usize) -> bool {
                    let Some((first, bytes)) = self.vector(self.start + place, 4, 4) else { return false };
                    (0..bytes.len()).step_by(4).all(|at| self.string(first + at))
                }

                /// Most strings are ASCII, which is found out faster than that one is UTF-8.
                fn string(&mut self, offset: usize) -> bool {
                    let Some((first, bytes)) = self.vector(offset, 1, 1) else { return false };
                    let end = self.buffer.get(first + bytes.len());
                    end == Some(&0) && (bytes.is_ascii() || ::core::str::from_utf8(bytes).is_ok())
                }

                /// The place and the bytes of the vector that the offset at a place of the buffer leads to.
                ///
                /// All that is found so is together no longer than the buffer, so that no limit is reached: offsets
                /// that lead to the same again and again are left to the verifier.
                fn vector(&mut self, offset: usize, size: usize, align: usize) -> Option<(usize, &'b [u8])> {
                    let at = offset.checked_add(number(self.buffer, offset)?)?;
                    let length = number(self.buffer, at)?.checked_mul(size)?;
                    let bytes = self.buffer.get(at + 4..)?.get(..length)?;
                    self.left = self.left.checked_sub(4 + length)?;
                    (at % 4 == 0 && (at + 4) % align == 0).then_some((at + 4, bytes))
                }
            }

            /// The number at a place of a buffer.
            #[inline]
            fn number(buffer: &[u8], at: usize) -> Option<usize> {
                let bytes = buffer.get(at..)?.first_chunk()?;
                Some(u32::from_le_bytes(*bytes) as usize)
            }
        }
    }
}
