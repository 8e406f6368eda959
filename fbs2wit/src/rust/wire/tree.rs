//! Trees, and the lists that they are put together from and taken apart into.
//!
//! Generated code goes through a tree with a list of its own instead of recursion: how deep one may be is limited, but
//! tables may be so wide that even that depth would take more stack than there is.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::convert::Conversion;
use super::{derives, recursive};
use crate::contract::{
    Contract, FieldType, NodeList, ROOT_FIELD, Record, RecursiveGroup, TypeDef, TypeId, Union, WireForm,
};
use crate::rust::tokens::{docs, ident, type_name};
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
    let tables: Vec<&str> = tables(contract, group);
    let module = module(contract, group);
    let (reference, take, put) = match (union, contract.node_list(id)) {
        (None, Some(list)) => {
            let (case, list) = (ident(def.rust()), ident(&list.rust));
            (
                [
                    quote!(vec![(#module::Index::#case(self.#root), depth)]),
                    quote!(vec![(#module::Node::#case(value), depth)]),
                ],
                quote!(lists.#list.value(self.#root)),
                quote!(lists.below.take()),
            )
        }
        _ => {
            let [indices, nodes, function] = ["indices", "nodes", "union"].map(|what| function(what, def));
            let open = |found: TokenStream| quote!({ let mut open = Vec::new(); #found; open });
            (
                [
                    open(quote!(#module::#indices(&self.#root, depth, &mut open))),
                    open(quote!(#module::#nodes(value, depth, &mut open))),
                ],
                quote!(lists.#function(self.#root, depth)),
                quote!(lists.#function(value, depth)?),
            )
        }
    };
    let [index, node] = reference;
    let conversions = recursive(
        &name,
        &api,
        &quote! {
            let mut lists = #module::NewLists {
                #(#lists: hookr_abi::tree::NewNodes::new(#tables),)*
                below: hookr_abi::tree::Below::new(),
            };
            lists.add(#node)?;
            let #root = #put;
            Ok(Self { #root, #(#lists: lists.#lists.finish()),* })
        },
        &quote! {
            let mut lists = #module::Lists {
                #(#lists: hookr_abi::tree::Nodes::new(#tables, self.#lists)),*
            };
            lists.build(#index)?;
            #take
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
    contract.first_tree(group)?;
    let module = module(contract, group);
    let members: Vec<TypeId> = group.tables.iter().map(|list| list.table).chain(group.unions.iter().copied()).collect();
    let names: Vec<String> = members.iter().map(|id| format!("[`types::{}`]", contract.type_def(*id).rust())).collect();
    let title = format!(" Trees of {}, put together from lists and taken apart.", names.join(", "));
    let nodes: Vec<Ident> = group.tables.iter().map(|list| type_name(contract, list.table)).collect();
    let finders = members.iter().map(|id| finders(contract, *id));
    let lists = lists(contract, group, &nodes);
    let new_lists = new_lists(contract, group, &nodes);
    Some(quote! {
        #[doc = #title]
        #[allow(unused_variables)]
        mod #module {
            use hookr_abi::InvalidValue;
            use hookr_abi::tree::{Below, Depth, NewNodes, Nodes};

            use super::super::types;

            /// A node in the lists.
            #[derive(Clone, Copy)]
            pub(super) enum Index {
                #(#nodes(u32)),*
            }

            /// A node in a value.
            #[derive(Clone, Copy)]
            pub(super) enum Node<'a> {
                #(#nodes(&'a types::#nodes)),*
            }

            #(#finders)*
            #lists
            #new_lists
        }
    })
}

/// The lists that came from bindings, and how values are made of them.
fn lists(contract: &Contract, group: &RecursiveGroup, nodes: &[Ident]) -> TokenStream {
    let names: Vec<Ident> = group.tables.iter().map(|list| ident(&list.rust)).collect();
    let (indices, builders) = (functions(contract, group, "indices"), functions(contract, group, "build"));
    let conversion = Conversion::lift(contract).inside();
    let tables = group.tables.iter().zip(&names).zip(&builders).filter_map(|((list, name), build)| {
        let record = contract.record(list.table)?;
        let ty = ident(&record.rust);
        let fields = record.fields.iter().map(|field| conversion.field(record, field));
        let docs = docs(&[], &format!("Makes a `{}` of its node; those below it are there.", record.source.name));
        Some(quote! {
            #docs
            fn #build(&mut self, index: u32, depth: Depth) -> Result<(), InvalidValue> {
                let value = self.#name.node(index)?;
                let value = types::#ty { #(#fields),* };
                self.#name.set(index, value);
                Ok(())
            }
        })
    });
    let unions = unions(contract, group).map(|union| {
        let (function, ty) = (function("union", contract.type_def(union.id)), ident(&union.rust));
        let lift = conversion.union(union, &quote!(value), &quote!(super::#ty), &quote!(types::#ty));
        let docs = docs(&[], &format!("A `{}`, whose nodes are there.", union.source.name));
        quote! {
            #docs
            pub(super) fn #function(&mut self, value: super::#ty, depth: Depth) -> Result<types::#ty, InvalidValue> {
                Ok(#lift)
            }
        }
    });
    quote! {
        /// The nodes that came from bindings.
        pub(super) struct Lists {
            #(pub(super) #names: Nodes<super::#nodes, types::#nodes>),*
        }

        impl Lists {
            /// Makes values of all nodes, which have to be below these, each once.
            pub(super) fn build(&mut self, mut open: Vec<(Index, Depth)>) -> Result<(), InvalidValue> {
                let mut order = Vec::new();
                while let Some((index, depth)) = open.pop() {
                    let depth = depth.enter()?;
                    match index {
                        #(Index::#nodes(index) => #indices(self.#names.reach(index)?, depth, &mut open),)*
                    }
                    order.push((index, depth));
                }
                #(self.#names.all_reached()?;)*
                for (index, depth) in order.into_iter().rev() {
                    match index {
                        #(Index::#nodes(index) => self.#builders(index, depth)?,)*
                    }
                }
                Ok(())
            }

            #(#tables)*
            #(#unions)*
        }
    }
}

/// The lists that go to bindings, and how they are made of values.
fn new_lists(contract: &Contract, group: &RecursiveGroup, nodes: &[Ident]) -> TokenStream {
    let names: Vec<Ident> = group.tables.iter().map(|list| ident(&list.rust)).collect();
    let (finders, adders) = (functions(contract, group, "nodes"), functions(contract, group, "add"));
    let conversion = Conversion::lower(contract, WireForm::Recursive).inside();
    let tables = group.tables.iter().zip(&names).zip(&adders).filter_map(|((list, name), add)| {
        let record = contract.record(list.table)?;
        let ty = ident(&record.rust);
        let fields = record.fields.iter().map(|field| conversion.field(record, field));
        let docs =
            docs(&[], &format!("Adds a `{}`, and gives its index; those below it are there.", record.source.name));
        Some(quote! {
            #docs
            fn #add(&mut self, value: &types::#ty, depth: Depth) -> Result<u32, InvalidValue> {
                let node = super::#ty { #(#fields),* };
                Ok(self.#name.add(node))
            }
        })
    });
    let unions = unions(contract, group).map(|union| {
        let (function, ty) = (function("union", contract.type_def(union.id)), ident(&union.rust));
        let lower = conversion.union(union, &quote!(value), &quote!(types::#ty), &quote!(super::#ty));
        let docs = docs(&[], &format!("A `{}`, whose nodes are there.", union.source.name));
        quote! {
            #docs
            pub(super) fn #function(&mut self, value: &types::#ty, depth: Depth) -> Result<super::#ty, InvalidValue> {
                Ok(#lower)
            }
        }
    });
    quote! {
        /// The nodes that go to bindings: each before those below it.
        pub(super) struct NewLists {
            #(pub(super) #names: NewNodes<super::#nodes>,)*
            /// The indices of those whose holders are not there yet.
            pub(super) below: Below,
        }

        impl NewLists {
            /// Adds these nodes, and those below them.
            pub(super) fn add(&mut self, mut open: Vec<(Node<'_>, Depth)>) -> Result<(), InvalidValue> {
                open.reverse();
                let mut order = Vec::new();
                while let Some((node, depth)) = open.pop() {
                    let depth = depth.enter()?;
                    let known = open.len();
                    match node {
                        #(Node::#nodes(value) => {
                            self.#names.count()?;
                            #finders(value, depth, &mut open);
                        })*
                    }
                    // The first one is gone through first.
                    open[known..].reverse();
                    order.push((node, depth));
                }
                for (node, depth) in order.into_iter().rev() {
                    let index = match node {
                        #(Node::#nodes(value) => self.#adders(value, depth)?,)*
                    };
                    self.below.push(index);
                }
                Ok(())
            }

            #(#tables)*
            #(#unions)*
        }
    }
}

/// The functions that find the nodes right below a value, from bindings and of the API.
fn finders(contract: &Contract, id: TypeId) -> TokenStream {
    let def = contract.type_def(id);
    let ty = ident(def.rust());
    let [indices, nodes] = ["indices", "nodes"].map(|what| function(what, def));
    let (in_lists, in_values) = match def {
        TypeDef::Record(record) => (below_record(contract, record, true), below_record(contract, record, false)),
        TypeDef::Union(union) => (below_union(contract, union, true), below_union(contract, union, false)),
        TypeDef::Enum(_) => return quote!(),
    };
    let source = &def.source().name;
    let indices_docs = docs(&[], &format!("Finds the nodes right below a `{source}` from bindings."));
    let nodes_docs = docs(&[], &format!("Finds the nodes right below a `{source}`."));
    quote! {
        #indices_docs
        pub(super) fn #indices(value: &super::#ty, depth: Depth, found: &mut Vec<(Index, Depth)>) {
            #in_lists
        }

        #nodes_docs
        pub(super) fn #nodes<'a>(value: &'a types::#ty, depth: Depth, found: &mut Vec<(Node<'a>, Depth)>) {
            #in_values
        }
    }
}

/// Finds what is below a table, field by field, in the order in which they are converted.
fn below_record(contract: &Contract, record: &Record, in_lists: bool) -> TokenStream {
    let fields = record.fields.iter().filter_map(|field| {
        let id = field.ty.value().type_id().filter(|id| contract.same_group(record.id, *id))?;
        let find = |item, reference| find(contract, id, in_lists, item, reference);
        let name = ident(&field.rust);
        let one = find(quote!(value.#name), quote!(&value.#name));
        let each = find(quote!(*item), quote!(item));
        Some(match (field.ty, field.is_option()) {
            (FieldType::Single(_), false) => one,
            (FieldType::Single(_), true) => quote!(if let Some(item) = &value.#name { #each }),
            (_, false) => quote!(for item in &value.#name { #each }),
            (_, true) => quote!(for item in value.#name.iter().flatten() { #each }),
        })
    });
    quote!(#(#fields)*)
}

fn below_union(contract: &Contract, union: &Union, in_lists: bool) -> TokenStream {
    let ty = ident(&union.rust);
    let path = if in_lists { quote!(super::#ty) } else { quote!(types::#ty) };
    let arms = union.members.iter().filter_map(|member| {
        let id = member.ty.type_id().filter(|id| contract.same_group(union.id, *id))?;
        let find = find(contract, id, in_lists, quote!(*item), quote!(item));
        let case = ident(&member.case.rust);
        Some(quote!(#path::#case(item) => { #find }))
    });
    quote! {
        match value {
            #(#arms)*
            _ => {}
        }
    }
}

/// Finds what a value of this type, which is of the group, refers to: `item`, or `reference` to it.
fn find(contract: &Contract, id: TypeId, in_lists: bool, item: TokenStream, reference: TokenStream) -> TokenStream {
    let def = contract.type_def(id);
    let case = ident(def.rust());
    match (def, in_lists) {
        (TypeDef::Record(_), true) => quote!(found.push((Index::#case(#item), depth));),
        (TypeDef::Record(_), false) => quote!(found.push((Node::#case(#reference), depth));),
        _ => {
            let function = function(if in_lists { "indices" } else { "nodes" }, def);
            quote!(#function(#reference, depth, found);)
        }
    }
}

/// The names of the tables in the schema, for errors.
fn tables<'a>(contract: &'a Contract, group: &RecursiveGroup) -> Vec<&'a str> {
    group.tables.iter().map(|list| contract.type_def(list.table).source().name.as_str()).collect()
}

fn unions<'a>(contract: &'a Contract, group: &'a RecursiveGroup) -> impl Iterator<Item = &'a Union> {
    group.unions.iter().filter_map(|id| contract.union(*id))
}

fn functions(contract: &Contract, group: &RecursiveGroup, what: &str) -> Vec<Ident> {
    group.tables.iter().map(|list: &NodeList| function(what, contract.type_def(list.table))).collect()
}

/// `build_node` for instance; labels differ, and so do these.
pub(super) fn function(what: &str, def: &TypeDef) -> Ident {
    format_ident!("{what}_{}", def.label().replace('-', "_"))
}

/// The module of a group, called after its first table: `node_trees` for instance.
fn module(contract: &Contract, group: &RecursiveGroup) -> Ident {
    let first = group.tables.first().map_or("", |list| contract.type_def(list.table).label());
    format_ident!("{}_trees", first.replace('-', "_"))
}
