mod union_field;

use std::collections::BTreeMap;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::key;
use crate::contract::{Contract, Field, FieldType, Presence, Record, RecordKind, TypeId, ValueType};
use crate::model::Value;
use crate::rust::names::{FbNames, UnionNames};
use crate::rust::tokens::{docs, ident, int, scalar, value};

use union_field::UnionField;

/// A table: reader, verifier, arguments, builder and root function.
pub(super) fn emit(
    contract: &Contract,
    record: &Record,
    names: &FbNames,
    unions: &BTreeMap<TypeId, UnionNames>,
) -> TokenStream {
    let fields: Vec<TableField<'_>> = record
        .fields
        .iter()
        .zip(names.accessors.iter().zip(names.tags.iter().zip(&names.members)))
        .map(|(field, (accessor, (tag, members)))| {
            let union = tag
                .as_ref()
                .zip(field.ty.value().type_id())
                .map(|(tag, id)| UnionField::new(contract, id, &unions[&id], tag, members));
            TableField::new(contract, field, accessor, union)
        })
        .collect();
    let reader = emit_reader(record, names, &fields, key::emit(contract, record, names));
    let arguments = emit_arguments(record, names, &fields);
    let builder = emit_builder(record, names, &fields);
    let root = emit_root(record, names);
    quote!(#reader #arguments #builder #root)
}

// Type parameters are called `A_`: no type of a contract can have a name with an underscore.

fn emit_reader(record: &Record, names: &FbNames, fields: &[TableField<'_>], key: Option<TokenStream>) -> TokenStream {
    let name = ident(&record.rust);
    let args = args_type(names, fields, &quote!('args));
    let builder = ident(&names.builder);
    let debug_name = &record.rust;
    let table_docs = docs(&record.docs, &format!("The table `{}` of the contract.", record.source));
    let slots = fields.iter().map(TableField::slot_constant);
    let accessors = fields.iter().map(TableField::accessor);
    let shown = fields.iter().map(|field| {
        let (source, accessor) = (&field.field.source, ident(field.accessor));
        quote!(.field(#source, &self.#accessor());)
    });
    let visits = fields.iter().map(TableField::visit);
    // The largest first, so that little is lost to alignment.
    let mut by_size: Vec<(u32, u16, TokenStream)> = fields.iter().flat_map(TableField::add_calls).collect();
    by_size.sort_by_key(|(align, slot, _)| std::cmp::Reverse((*align, *slot)));
    let adds = by_size.into_iter().map(|(_, _, call)| call);
    let (args_name, builder_mut) =
        if fields.is_empty() { (ident("_args"), quote!()) } else { (ident("args"), quote!(mut)) };
    quote! {
        #table_docs
        #[derive(Clone, Copy, PartialEq)]
        pub struct #name<'a> {
            _tab: ::flatbuffers::Table<'a>,
        }

        impl<'a> ::flatbuffers::Follow<'a> for #name<'a> {
            type Inner = #name<'a>;

            #[inline]
            unsafe fn follow(buf: &'a [u8], loc: usize) -> Self::Inner {
                safety!("the caller keeps the contract of `follow`: a valid table lies at `loc`.");
                Self { _tab: unsafe { ::flatbuffers::Table::new(buf, loc) } }
            }
        }

        impl<'a> #name<'a> {
            #(#slots)*

            /// Writes a table with these fields.
            pub fn create<'bldr: 'args, 'args: 'mut_bldr, 'mut_bldr, A_: ::flatbuffers::Allocator + 'bldr>(
                fbb: &'mut_bldr mut ::flatbuffers::FlatBufferBuilder<'bldr, A_>,
                #args_name: &'args #args,
            ) -> ::flatbuffers::WIPOffset<#name<'bldr>> {
                let #builder_mut builder = #builder::new(fbb);
                #(#adds)*
                builder.finish()
            }

            #(#accessors)*

            #key
        }

        impl ::flatbuffers::Verifiable for #name<'_> {
            fn run_verifier(
                v: &mut ::flatbuffers::Verifier<'_, '_>,
                pos: usize,
            ) -> ::core::result::Result<(), ::flatbuffers::InvalidFlatbuffer> {
                let table = v.visit_table(pos)?;
                #(#visits)*
                table.finish();
                Ok(())
            }
        }

        impl ::core::fmt::Debug for #name<'_> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut debug = f.debug_struct(#debug_name);
                #(debug #shown)*
                debug.finish()
            }
        }
    }
}

fn args_type(names: &FbNames, fields: &[TableField<'_>], lifetime: &TokenStream) -> TokenStream {
    let args = ident(&names.args);
    if fields.iter().any(|field| field.borrows) { quote!(#args<#lifetime>) } else { quote!(#args) }
}

fn emit_arguments(record: &Record, names: &FbNames, fields: &[TableField<'_>]) -> TokenStream {
    let args = args_type(names, fields, &quote!('a));
    let args_anonymous = args_type(names, fields, &quote!('_));
    let args_docs = docs(&[], &format!("The fields of a [`{}`] to write.", record.rust));
    let declarations = fields.iter().map(|field| {
        let docs = docs(&field.field.docs, &format!("The field `{}`.", field.field.source));
        let (name, ty) = (ident(&field.field.rust), field.argument());
        let tag = field.tag_argument();
        let aligned = field.field.align.map(|align| {
            let aligned = format!(
                " Its elements start at a multiple of {align} bytes: `create_aligned_vector::<{align}, _, _>` writes it."
            );
            quote!(#[doc = ""] #[doc = #aligned])
        });
        quote!(#tag #docs #aligned pub #name: #ty)
    });
    let defaults = fields.iter().map(|field| {
        let (name, value) = (ident(&field.field.rust), field.default.clone().unwrap_or_else(|| quote!(None)));
        let tag = field.tag_default();
        quote!(#tag #name: #value)
    });
    quote! {
        #args_docs
        pub struct #args { #(#declarations),* }

        impl Default for #args_anonymous {
            fn default() -> Self {
                Self { #(#defaults),* }
            }
        }
    }
}

fn emit_builder(record: &Record, names: &FbNames, fields: &[TableField<'_>]) -> TokenStream {
    let name = ident(&record.rust);
    let builder = ident(&names.builder);
    let builder_docs = docs(&[], &format!("Writes a [`{name}`] field by field."));
    let adds = fields.iter().map(|field| field.add(&name));
    // A union that is none is absent; whoever reads the table says so.
    let is_required = |field: &&TableField<'_>| field.field.presence == Presence::Required && !field.is_single_union();
    let required = fields.iter().filter(is_required).map(|field| {
        let (slot, source) = (field.slot_name(), &field.field.source);
        quote!(self.fbb_.required(table, #name::#slot, #source);)
    });
    quote! {
        #builder_docs
        pub struct #builder<'a: 'b, 'b, A_: ::flatbuffers::Allocator + 'a> {
            fbb_: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A_>,
            start_: ::flatbuffers::WIPOffset<::flatbuffers::TableUnfinishedWIPOffset>,
        }

        impl<'a: 'b, 'b, A_: ::flatbuffers::Allocator + 'a> #builder<'a, 'b, A_> {
            /// Starts the table.
            pub fn new(fbb: &'b mut ::flatbuffers::FlatBufferBuilder<'a, A_>) -> Self {
                let start = fbb.start_table();
                Self { fbb_: fbb, start_: start }
            }

            #(#adds)*

            /// Ends the table.
            pub fn finish(self) -> ::flatbuffers::WIPOffset<#name<'a>> {
                let table = self.fbb_.end_table(self.start_);
                #(#required)*
                ::flatbuffers::WIPOffset::new(table.value())
            }
        }
    }
}

fn emit_root(record: &Record, names: &FbNames) -> TokenStream {
    let name = ident(&record.rust);
    let root = ident(&names.root);
    let root_with_opts = format_ident!("{root}_with_opts");
    let what = docs(&[], &format!("Verifies that a buffer holds a [`{name}`] and returns it."));
    let what_with_opts = docs(&[], &format!("Like [`{root}`], with limits of one's own."));
    quote! {
        #what
        pub fn #root(
            buf: &[u8],
        ) -> ::core::result::Result<#name<'_>, ::flatbuffers::InvalidFlatbuffer> {
            ::flatbuffers::root::<#name<'_>>(buf)
        }

        #what_with_opts
        pub fn #root_with_opts<'b, 'o>(
            opts: &'o ::flatbuffers::VerifierOptions,
            buf: &'b [u8],
        ) -> ::core::result::Result<#name<'b>, ::flatbuffers::InvalidFlatbuffer> {
            ::flatbuffers::root_with_opts::<#name<'b>>(opts, buf)
        }
    }
}

/// A field of a table with the types that `flatbuffers` knows it by.
struct TableField<'a> {
    field: &'a Field,
    accessor: &'a str,
    /// What `Table::get` follows, with the lifetime `'a`: `ForwardsUOffset<&'a str>`.
    followed: TokenStream,
    /// What the accessor gives: `&'a str`.
    read: TokenStream,
    /// What is written, with the lifetime `'a`: `WIPOffset<&'a str>`.
    written: TokenStream,
    /// The value of an absent scalar.
    default: Option<TokenStream>,
    /// Whether `written` has a lifetime.
    borrows: bool,
    align: u32,
    union: Option<UnionField<'a>>,
}

impl<'a> TableField<'a> {
    fn new(contract: &Contract, field: &'a Field, accessor: &'a str, union: Option<UnionField<'a>>) -> Self {
        let (element, reader, single_align, is_scalar) = match field.ty.value() {
            ValueType::Scalar(stored) => {
                let ty = scalar(stored);
                (quote!(#ty), quote!(#ty), stored.size(), true)
            }
            ValueType::Enum(id) => {
                let ty = ident(contract.type_def(id).rust());
                let size = contract.enumeration(id).map_or(1, |e| e.repr.size());
                (quote!(#ty), quote!(#ty), size, true)
            }
            ValueType::Struct(id) => {
                let ty = ident(contract.type_def(id).rust());
                let align = match contract.record(id).map(|record| record.kind) {
                    Some(RecordKind::Struct { align, .. }) => align,
                    _ => 1,
                };
                (quote!(#ty), quote!(&'a #ty), align, false)
            }
            ValueType::String => (quote!(::flatbuffers::ForwardsUOffset<&'a str>), quote!(&'a str), 4, false),
            ValueType::Table(id) => {
                let ty = ident(contract.type_def(id).rust());
                (quote!(::flatbuffers::ForwardsUOffset<#ty<'a>>), quote!(#ty<'a>), 4, false)
            }
            // Which type it is, the tag says.
            ValueType::Union(_) => {
                let table = quote!(::flatbuffers::Table<'a>);
                (quote!(::flatbuffers::ForwardsUOffset<#table>), quote!(::flatbuffers::UnionWIPOffset), 4, false)
            }
        };
        let (followed, read, written, align) = match (field.ty, field.ty.value()) {
            (FieldType::List(_), _) => {
                let vector = quote!(::flatbuffers::Vector<'a, #element>);
                let followed = quote!(::flatbuffers::ForwardsUOffset<#vector>);
                let written = quote!(::flatbuffers::WIPOffset<#vector>);
                (followed, vector, written, 4)
            }
            (_, ValueType::String | ValueType::Table(_) | ValueType::Union(_)) => {
                let written = quote!(::flatbuffers::WIPOffset<#reader>);
                (element, reader, written, single_align)
            }
            _ => (element, reader.clone(), reader, single_align),
        };
        let default = match (&field.presence, field.ty.value()) {
            (Presence::Default(default), ValueType::Scalar(stored)) => Some(value(*default, stored)),
            (Presence::Default(Value::Int(default)), ValueType::Enum(id)) => {
                let ty = ident(contract.type_def(id).rust());
                let value = int(*default);
                Some(quote!(#ty(#value)))
            }
            _ => None,
        };
        let is_union = matches!(field.ty, FieldType::Single(ValueType::Union(_)));
        let borrows = !is_union && (!is_scalar || matches!(field.ty, FieldType::List(_)));
        TableField { field, accessor, followed, read, written, default, borrows, align, union }
    }

    fn is_single_union(&self) -> bool {
        self.union.is_some() && !self.is_list()
    }

    fn is_list(&self) -> bool {
        matches!(self.field.ty, FieldType::List(_))
    }

    fn slot_name(&self) -> Ident {
        format_ident!("VT_{}", self.field.label.replace('-', "_").to_uppercase())
    }

    fn slot_constant(&self) -> TokenStream {
        let name = self.slot_name();
        let offset = Literal::u32_unsuffixed(4 + 2 * u32::from(self.field.slot));
        let docs = docs(&[], &format!("Where the vtable has the field `{}`.", self.field.source));
        let tag = self.union.as_ref().map(|union| {
            let name = union.slot_name();
            let offset = Literal::u32_unsuffixed(2 + 2 * u32::from(self.field.slot));
            quote! {
                /// Where the vtable has its tag.
                pub const #name: ::flatbuffers::VOffsetT = #offset;
            }
        });
        quote!(#docs pub const #name: ::flatbuffers::VOffsetT = #offset; #tag)
    }

    fn accessor(&self) -> TokenStream {
        if let Some(union) = &self.union {
            return self.union_accessor(union);
        }
        let docs = docs(&self.field.docs, &format!("The field `{}`.", self.field.source));
        let (name, slot, followed, read) = (ident(self.accessor), self.slot_name(), &self.followed, &self.read);
        let present = quote!(unsafe { self._tab.get::<#followed>(Self::#slot, None) });
        let (result, value) = match (&self.default, &self.field.presence) {
            (Some(default), _) => (quote!(#read), quote!(value.unwrap_or(#default))),
            (None, Presence::DefaultText(text)) => (quote!(#read), quote!(value.unwrap_or(#text))),
            (None, Presence::Required) => {
                (quote!(#read), quote!(value.expect("a verified table has its required fields")))
            }
            (None, _) => (quote!(Option<#read>), quote!(value)),
        };
        let body = if matches!(self.field.presence, Presence::Empty | Presence::Optional) {
            present
        } else {
            quote!(let value = #present; #value)
        };
        quote! {
            #docs
            #[inline]
            pub fn #name(&self) -> #result {
                safety!("readers come from verified tables only, and the verifier visits this field.");
                #body
            }
        }
    }

    fn visit(&self) -> TokenStream {
        let (source, slot, followed) = (&self.field.source, self.slot_name(), anonymous(&self.followed));
        let required = self.field.presence == Presence::Required;
        if let Some(union) = &self.union {
            let (ty, tag_slot, tag) = (&union.ty, union.slot_name(), union.tag);
            let (tag_ty, verify) = if self.is_list() {
                (quote!(::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'_, #ty>>), quote!(#ty::verify_values))
            } else {
                (quote!(#ty), quote!(#ty::verify_value))
            };
            return quote! {
                let table = table.visit_union::<#tag_ty, _>(
                    #tag, Self::#tag_slot, #source, Self::#slot, #required, #verify,
                )?;
            };
        }
        quote!(let table = table.visit_field::<#followed>(#source, Self::#slot, #required)?;)
    }

    fn argument(&self) -> TokenStream {
        let written = &self.written;
        if self.default.is_some() { quote!(#written) } else { quote!(Option<#written>) }
    }

    /// The calls that write the field, with the alignment and the slot of what each writes.
    fn add_calls(&self) -> Vec<(u32, u16, TokenStream)> {
        let (name, add) = (ident(&self.field.rust), format_ident!("add_{}", self.field.rust));
        let optional = |name: &Ident, add: &Ident| quote!(if let Some(x) = args.#name { builder.#add(x); });
        let call = if self.default.is_some() { quote!(builder.#add(args.#name);) } else { optional(&name, &add) };
        let mut calls = vec![(self.align, self.field.slot, call)];
        if let Some(union) = &self.union {
            let (name, add) = (ident(union.tag), union.add_name());
            let (align, call) = if self.is_list() {
                (4, optional(&name, &add))
            } else {
                (union.align, quote!(builder.#add(args.#name);))
            };
            calls.push((align, self.field.slot - 1, call));
        }
        calls
    }

    fn add(&self, table: &Ident) -> TokenStream {
        let docs = docs(&[], &format!("Writes the field `{}`.", self.field.source));
        let (name, add, slot) = (ident(&self.field.rust), format_ident!("add_{}", self.field.rust), self.slot_name());
        let written = with_lifetime(&self.written, "b");
        let push = match &self.default {
            // NaN equals nothing, itself included.
            Some(_) if self.default_is(f64::is_nan) => quote! {
                if !#name.is_nan() {
                    self.fbb_.push_slot_always(#table::#slot, #name);
                }
            },
            // Zero and minus zero are equal; one must not pass for the other.
            Some(default) if self.default_is(|float| float == 0.0) => quote! {
                if #name.to_bits() == #written::to_bits(#default) {
                    self.fbb_.push_slot(#table::#slot, #name, #default);
                } else {
                    self.fbb_.push_slot_always(#table::#slot, #name);
                }
            },
            Some(default) => quote!(self.fbb_.push_slot(#table::#slot, #name, #default);),
            None => quote!(self.fbb_.push_slot_always(#table::#slot, #name);),
        };
        let add_tag = self.union.as_ref().map(|union| self.add_tag(table, union));
        quote! {
            #add_tag
            #docs
            #[inline]
            pub fn #add(&mut self, #name: #written) {
                #push
            }
        }
    }

    fn default_is(&self, test: impl Fn(f64) -> bool) -> bool {
        matches!(self.field.presence, Presence::Default(Value::Float(float)) if test(float))
    }
}

/// The same type with another lifetime for `'a`.
fn with_lifetime(ty: &TokenStream, name: &str) -> TokenStream {
    use proc_macro2::{Group, TokenTree};
    let mut after_quote = false;
    let renamed = ty.clone().into_iter().map(|token| {
        let is_name = std::mem::replace(&mut after_quote, matches!(&token, TokenTree::Punct(p) if p.as_char() == '\''));
        match token {
            TokenTree::Ident(ident) if is_name => TokenTree::Ident(Ident::new(name, ident.span())),
            TokenTree::Group(group) => {
                TokenTree::Group(Group::new(group.delimiter(), with_lifetime(&group.stream(), name)))
            }
            other => other,
        }
    });
    renamed.collect()
}

fn anonymous(ty: &TokenStream) -> TokenStream {
    with_lifetime(ty, "_")
}
