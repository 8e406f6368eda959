use proc_macro2::TokenStream;
use quote::quote;

use crate::contract::{Contract, Field, FieldType, ValueType};
use crate::model::Scalar;

/// What writes vectors of bytes; nothing for a contract without one.
pub(super) fn emit(contract: &Contract) -> Option<TokenStream> {
    let mut fields = contract.records().flat_map(|record| &record.fields);
    fields.any(is_bytes).then(|| {
        quote! {
            /// Writes a vector of bytes, all of them at once: `create_vector` writes one after the other.
            pub fn create_bytes<'a, A_: flatbuffers::Allocator + 'a>(
                fbb: &mut flatbuffers::FlatBufferBuilder<'a, A_>,
                bytes: &[u8],
            ) -> flatbuffers::WIPOffset<flatbuffers::Vector<'a, u8>> {
                let vector = fbb.create_byte_string(bytes);
                // It differs from a vector by a zero behind it, where others have padding or the next value.
                flatbuffers::WIPOffset::new(vector.value())
            }
        }
    })
}

fn is_bytes(field: &Field) -> bool {
    field.ty == FieldType::List(ValueType::Scalar(Scalar::U8)) && field.align.is_none()
}
