use proc_macro2::TokenStream;
use quote::quote;

use crate::contract::Contract;

/// What writes vectors that are aligned beyond what their elements ask for; nothing for a contract without one.
pub(super) fn emit(contract: &Contract) -> Option<TokenStream> {
    let mut fields = contract.records().flat_map(|record| &record.fields);
    fields.any(|field| field.align.is_some()).then(|| {
        quote! {
            /// Writes a vector whose elements start at a multiple of `ALIGN` bytes, a power of two.
            pub fn create_aligned_vector<'a, const ALIGN: usize, T, A_>(
                fbb: &mut flatbuffers::FlatBufferBuilder<'a, A_>,
                items: impl IntoIterator<Item = T>,
            ) -> flatbuffers::WIPOffset<flatbuffers::Vector<'a, T::Output>>
            where
                T: flatbuffers::Push,
                A_: flatbuffers::Allocator + 'a,
            {
                let items: Vec<_> = items.into_iter().map(Aligned_::<T, ALIGN>).collect();
                fbb.create_vector(&items)
            }

            /// An element of a vector that is aligned so; those behind the first one follow without a gap.
            pub(crate) struct Aligned_<T, const ALIGN: usize>(T);

            impl<T: flatbuffers::Push, const ALIGN: usize> flatbuffers::Push for Aligned_<T, ALIGN> {
                type Output = T::Output;

                #[inline]
                unsafe fn push(&self, dst: &mut [u8], written_len: usize) {
                    safety!("the caller keeps the contract of `push`, and that of the element asks for no more.");
                    unsafe { self.0.push(dst, written_len) }
                }

                #[inline]
                fn size() -> usize {
                    T::size()
                }

                #[inline]
                fn alignment() -> flatbuffers::PushAlignment {
                    T::alignment().max_of(ALIGN)
                }
            }
        }
    })
}
