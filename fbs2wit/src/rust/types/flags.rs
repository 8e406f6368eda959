use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use crate::contract::{Case, Enum};
use crate::rust::tokens::{docs, ident, int, scalar};

/// Flags: a set of bits, numbered as WIT has them, without gaps. FlatBuffers' masks may have gaps.
pub(super) fn emit(e: &Enum) -> TokenStream {
    let name = ident(&e.rust);
    let stored = scalar(e.repr);
    let flags_docs = docs(&e.docs, &format!("The flags `{}` of the contract: any set of them.", e.source));
    let (bits, interface_type) = match e.cases.len() {
        0..=8 => ("u8", "U8"),
        9..=16 => ("u16", "U16"),
        _ => ("u32", "U32"),
    };
    let (bits, interface_type) = (ident(bits), ident(interface_type));
    let constants: Vec<Ident> = e.cases.iter().map(constant).collect();
    let sources = e.cases.iter().map(|case| &case.source);
    let labels = e.cases.iter().map(|case| &case.label);
    let declarations = e.cases.iter().zip(0_u32..).map(|(case, index)| {
        let docs = docs(&case.docs, &format!("The flag `{}`.", case.source));
        let (constant, bit) = (constant(case), Literal::u64_unsuffixed(1 << index));
        quote!(#docs pub const #constant: Self = Self(#bit);)
    });
    let masks: Vec<TokenStream> = e.cases.iter().map(|case| int(case.value)).collect();
    let named = int(e.cases.iter().fold(0, |all, case| all | case.value));
    let all = Literal::u64_unsuffixed(u64::MAX >> (64 - e.cases.len().clamp(1, 64)));
    let operators = operators(&name);
    quote! {
        #flags_docs
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct #name(#bits);

        impl #name {
            #(#declarations)*

            /// None of them.
            pub const fn empty() -> Self {
                Self(0)
            }

            /// All of them.
            pub const fn all() -> Self {
                Self(#all)
            }

            /// Whether it is none of them.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Whether all of `other` are in it.
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// The set with this number; `None` if it has bits without a name.
            pub const fn from_value(value: #stored) -> Option<Self> {
                if value & !#named != 0 {
                    return None;
                }
                let mut set = 0;
                #(
                    if value & #masks != 0 {
                        set |= Self::#constants.0;
                    }
                )*
                Some(Self(set))
            }

            /// The number that FlatBuffers stores.
            pub const fn value(self) -> #stored {
                let mut value = 0;
                #(
                    if self.contains(Self::#constants) {
                        value |= #masks;
                    }
                )*
                value
            }

            #[doc(hidden)]
            pub const fn bits(self) -> #bits {
                self.0
            }

            #[doc(hidden)]
            pub const fn from_bits_retain(bits: #bits) -> Self {
                Self(bits & Self::all().0)
            }
        }

        #[cfg(feature = "host")]
        ::hookr::__private::flags!(#name: #bits as #interface_type, [#(#labels),*]);

        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let names = [#((Self::#constants, #sources)),*];
                let names = names.into_iter().filter(|(flag, _)| self.contains(*flag)).map(|(_, name)| name);
                f.debug_set().entries(names).finish()
            }
        }

        #operators
    }
}

/// The constant of a flag.
pub(super) fn constant(case: &Case) -> Ident {
    ident(&case.label.replace('-', "_").to_uppercase())
}

fn operators(name: &Ident) -> TokenStream {
    let binary = [("BitOr", "bitor", quote!(|)), ("BitAnd", "bitand", quote!(&)), ("BitXor", "bitxor", quote!(^))];
    let binary = binary.into_iter().map(|(operator, function, sign)| {
        let (assign_operator, assign) = (ident(&format!("{operator}Assign")), ident(&format!("{function}_assign")));
        let (operator, function) = (ident(operator), ident(function));
        quote! {
            impl ::core::ops::#operator for #name {
                type Output = Self;

                fn #function(self, other: Self) -> Self {
                    Self(self.0 #sign other.0)
                }
            }

            impl ::core::ops::#assign_operator for #name {
                fn #assign(&mut self, other: Self) {
                    *self = *self #sign other;
                }
            }
        }
    });
    quote! {
        #(#binary)*

        impl ::core::ops::Not for #name {
            type Output = Self;

            /// Those that are not in it.
            fn not(self) -> Self {
                Self::from_bits_retain(!self.0)
            }
        }
    }
}
