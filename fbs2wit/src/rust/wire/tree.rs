//! Trees, and the lists that they are put together from and taken apart into.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::convert::Conversion;
use super::{derives, recursive};
use crate::contract::{Contract, ROOT_FIELD, Record, RecursiveGroup, TypeDef, Union, WireForm};
use crate::rust::tokens::{docs, ident};
use crate::rust::types::{component_attributes, component_name};

/// The record that stands for a recursive type outside of its group.
pub(super) fn emit(contract: &Contract, def: &TypeDef) -> Option<TokenStream> {
    let (id, union) = match def {
        TypeDef::Record(record) => (record.id, None),
        TypeDef::Union(union) => (union.id, Some(union)),
        TypeDef::Enum(_) => return None,
    };
    let (tree, group) = (def.tree()?, contract.group(id)?);
    let (name, api) = (ident(&tree.rust), ident(def.rust()));
    let component = component_attributes(&quote!(record));
    let derives = derives(contract);
    let tree_docs = docs(&[], &format!("[`super::types::{api}`] and everything below it, in lists."));
    let root_type = union.map_or(quote!(u32), |union| {
        let name = ident(&union.rust);
        quote!(#name)
    });
    let (root, root_name) = (ident(ROOT_FIELD), component_name(ROOT_FIELD));
    let lists: Vec<Ident> = group.tables.iter().map(|list| ident(&list.rust)).collect();
    let fields = group.tables.iter().map(|list| {
        let table = contract.type_def(list.table);
        let docs = docs(&[], &format!("Every `{}` of the tree.", table.source().name));
        let (component, name, ty) = (component_name(&list.label), ident(&list.rust), ident(table.rust()));
        quote!(#docs #component pub #name: Vec<#ty>)
    });
    let tables = group.tables.iter().map(|list| contract.type_def(list.table).source().name.clone());
    let module = module(contract, group);
    let [put, take] = ["put", "take"].map(|verb| function(verb, def));
    let conversions = recursive(
        &name,
        &api,
        &quote! {
            let mut lists = #module::NewLists::new();
            let #root = lists.#put(value, depth)?;
            Ok(Self { #root, #(#lists: lists.#lists.finish()),* })
        },
        &quote! {
            let mut lists = #module::Lists {
                #(#lists: hookr_abi::tree::Nodes::new(#tables, self.#lists)),*
            };
            let value = lists.#take(self.#root, depth)?;
            lists.finish()?;
            Ok(value)
        },
    );
    Some(quote! {
        #tree_docs
        #derives
        #component
        pub struct #name {
            /// Where it starts.
            #root_name
            pub #root: #root_type,
            #(#fields),*
        }

        #conversions
    })
}

/// The module with what all trees of a group share; `None` where there are no trees.
pub(super) fn emit_group(contract: &Contract, group: &RecursiveGroup) -> Option<TokenStream> {
    let members = || group.tables.iter().map(|list| list.table).chain(group.unions.iter().copied());
    contract.first_tree(group)?;
    let module = module(contract, group);
    let names: Vec<String> = members().map(|id| format!("[`types::{0}`]", contract.type_def(id).rust())).collect();
    let title = format!(" Trees of {}, put together from lists and taken apart.", names.join(", "));
    let (mut take, mut put) = (Vec::new(), Vec::new());
    for id in members() {
        let (taking, putting) = match contract.type_def(id) {
            TypeDef::Record(record) => table(contract, group, record),
            TypeDef::Union(union) => self::union(contract, union),
            TypeDef::Enum(_) => continue,
        };
        take.push(taking);
        put.push(putting);
    }
    let lists: Vec<Ident> = group.tables.iter().map(|list| ident(&list.rust)).collect();
    let nodes: Vec<Ident> = group.tables.iter().map(|list| ident(contract.type_def(list.table).rust())).collect();
    let tables: Vec<&str> =
        group.tables.iter().map(|list| contract.type_def(list.table).source().name.as_str()).collect();
    Some(quote! {
        #[doc = #title]
        mod #module {
            use hookr_abi::InvalidValue;
            use hookr_abi::tree::{Depth, NewNodes, Nodes};

            use super::super::types;

            /// The nodes that came from bindings and have no place in the tree yet.
            pub(super) struct Lists {
                #(pub(super) #lists: Nodes<super::#nodes>),*
            }

            impl Lists {
                #(#take)*

                /// Ends it: none may be left.
                pub(super) fn finish(self) -> Result<(), InvalidValue> {
                    #(self.#lists.finish()?;)*
                    Ok(())
                }
            }

            /// The nodes that go to bindings: each before those below it.
            pub(super) struct NewLists {
                #(pub(super) #lists: NewNodes<super::#nodes>),*
            }

            impl NewLists {
                /// Lists without nodes.
                pub(super) fn new() -> Self {
                    Self { #(#lists: NewNodes::new(#tables)),* }
                }

                #(#put)*
            }
        }
    })
}

/// The functions that put a table together and take it apart.
fn table(contract: &Contract, group: &RecursiveGroup, record: &Record) -> (TokenStream, TokenStream) {
    let def = contract.type_def(record.id);
    let [put, take] = ["put", "take"].map(|verb| function(verb, def));
    let name = ident(&record.rust);
    let list = group.list(record.id).map(|list| ident(&list.rust));
    let lift = record.fields.iter().map(|field| Conversion::lift(contract).inside().field(record, field));
    let lower = Conversion::lower(contract, WireForm::Recursive).inside();
    let lower = record.fields.iter().map(|field| lower.field(record, field));
    let label = &record.source.name;
    let take_docs = docs(&[], &format!("The `{label}` with this index, which lies in so many tables."));
    let put_docs = docs(&[], &format!("Puts a `{label}`, which lies in so many tables, into its list."));
    let taking = quote! {
        #take_docs
        pub(super) fn #take(&mut self, index: u32, depth: Depth) -> Result<types::#name, InvalidValue> {
            let depth = depth.enter()?;
            let value = self.#list.take(index)?;
            Ok(types::#name { #(#lift),* })
        }
    };
    let putting = quote! {
        #put_docs
        pub(super) fn #put(&mut self, value: &types::#name, depth: Depth) -> Result<u32, InvalidValue> {
            let depth = depth.enter()?;
            let index = self.#list.reserve()?;
            let node = super::#name { #(#lower),* };
            self.#list.set(index, node);
            Ok(index)
        }
    };
    (taking, putting)
}

fn union(contract: &Contract, union: &Union) -> (TokenStream, TokenStream) {
    let def = contract.type_def(union.id);
    let [put, take] = ["put", "take"].map(|verb| function(verb, def));
    let name = ident(&union.rust);
    let (wire, api) = (quote!(super::#name), quote!(types::#name));
    let lift = Conversion::lift(contract).inside().union(union, &quote!(value), &wire, &api);
    let lower = Conversion::lower(contract, WireForm::Recursive).inside();
    let lower = lower.union(union, &quote!(value), &api, &wire);
    let label = &union.source.name;
    let take_docs = docs(&[], &format!("The `{label}`, which lies in so many tables, with what it refers to."));
    let put_docs = docs(&[], &format!("Puts what a `{label}` holds, which lies in so many tables, into the lists."));
    let taking = quote! {
        #take_docs
        pub(super) fn #take(&mut self, value: super::#name, depth: Depth) -> Result<types::#name, InvalidValue> {
            Ok(#lift)
        }
    };
    let putting = quote! {
        #put_docs
        pub(super) fn #put(&mut self, value: &types::#name, depth: Depth) -> Result<super::#name, InvalidValue> {
            Ok(#lower)
        }
    };
    (taking, putting)
}

/// `take_node` for instance; labels differ, and so do these.
fn function(verb: &str, def: &TypeDef) -> Ident {
    format_ident!("{verb}_{}", def.label().replace('-', "_"))
}

/// The module of a group, called after its first table: `node_trees` for instance.
fn module(contract: &Contract, group: &RecursiveGroup) -> Ident {
    let first = group.tables.first().map_or("", |list| contract.type_def(list.table).label());
    format_ident!("{}_trees", first.replace('-', "_"))
}
