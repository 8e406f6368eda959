//! Names of generated code that only generated code uses.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::ident;
use crate::contract::{Contract, FieldType, Record, RecordKind, TypeId, Union, ValueType};
use crate::names::RustScope;

/// The names that module `fb` gives to what belongs to a table.
#[derive(Clone, Debug)]
pub(super) struct FbNames {
    /// `FilterRequestArgs`.
    pub(super) args: String,
    /// `FilterRequestBuilder`.
    pub(super) builder: String,
    /// `root_as_filter_request`.
    pub(super) root: String,
    /// The accessor of each field, in the order of [`Record::fields`].
    pub(super) accessors: Vec<String>,
    /// For each field that holds unions, the accessor of the tag.
    pub(super) tags: Vec<Option<String>>,
    /// For each field that holds a union, what gives the value if it is a certain member, `shape_as_circle` for each.
    pub(super) members: Vec<Vec<String>>,
}

/// The names that module `fb` gives to what belongs to a union.
#[derive(Clone, Debug)]
pub(super) struct UnionNames {
    /// `ShapeValue`.
    pub(super) value: String,
    /// `ShapeVector`.
    pub(super) vector: String,
    /// The case of `ShapeValue` whose tag has no name.
    pub(super) unknown: String,
    /// Whether `ShapeValue` borrows: there is nothing to borrow in a union without members.
    borrows: bool,
}

impl UnionNames {
    /// `ShapeValue<'a>`.
    pub(super) fn value_type(&self, lifetime: &TokenStream) -> TokenStream {
        let value = ident(&self.value);
        if self.borrows { quote!(#value<#lifetime>) } else { quote!(#value) }
    }
}

/// The names for every table and struct: flatc's, with a `_` where a type of the contract has one already.
pub(super) fn fb_names(contract: &Contract) -> BTreeMap<TypeId, FbNames> {
    claim_fb_names(contract).1
}

/// The names for every union, as [`fb_names`].
pub(super) fn union_names(contract: &Contract) -> BTreeMap<TypeId, UnionNames> {
    let mut scope = claim_fb_names(contract).0;
    let mut unions: Vec<&Union> = contract.unions().collect();
    unions.sort_by(|a, b| a.rust.cmp(&b.rust));
    let names = unions.into_iter().map(|union| {
        let cases = union.members.iter().map(|member| member.case.rust.as_str());
        let mut cases: RustScope = cases.chain([union.none.rust.as_str()]).collect();
        let names = UnionNames {
            value: scope.claim(&format!("{}Value", union.rust)),
            vector: scope.claim(&format!("{}Vector", union.rust)),
            unknown: cases.claim("Unknown"),
            borrows: !union.members.is_empty(),
        };
        (union.id, names)
    });
    names.collect()
}

fn claim_fb_names(contract: &Contract) -> (RustScope, BTreeMap<TypeId, FbNames>) {
    let mut scope: RustScope = contract.types.iter().map(|def| def.rust()).collect();
    let mut records: Vec<&Record> = contract.records().collect();
    records.sort_by(|a, b| a.rust.cmp(&b.rust));
    let names = records.into_iter().map(|record| {
        let reserved: &[&str] = match record.kind {
            // Methods of the prelude that take `self` by value come before an accessor, which takes it by reference.
            RecordKind::Table if record.key.is_some() => {
                &["create", "init_from_table", "into", "key_compare_less_than", "key_compare_with_value", "try_into"]
            }
            RecordKind::Struct { .. } if record.key.is_some() => {
                &["into", "key_compare_less_than", "key_compare_with_value", "new", "try_into"]
            }
            RecordKind::Table => &["create", "init_from_table", "into", "try_into"],
            RecordKind::Struct { .. } => &["into", "new", "try_into"],
        };
        let mut methods: RustScope = reserved.iter().copied().collect();
        let accessors: Vec<String> = record.fields.iter().map(|field| methods.claim(&field.rust)).collect();
        // The names of fields are those of arguments too.
        let mut tags: RustScope =
            accessors.iter().map(String::as_str).chain(record.fields.iter().map(|field| field.rust.as_str())).collect();
        for name in reserved {
            tags.claim(name);
        }
        let of_tags = record.fields.iter().map(|field| {
            matches!(field.ty.value(), ValueType::Union(_))
                .then(|| tags.claim(&format!("{}_type", field.rust.trim_end_matches('_'))))
        });
        let of_tags: Vec<Option<String>> = of_tags.collect();
        let members = record.fields.iter().map(|field| {
            let union = match field.ty {
                FieldType::Single(ValueType::Union(id)) => contract.union(id),
                _ => None,
            };
            let members = union.into_iter().flat_map(|union| &union.members);
            let field = field.rust.trim_end_matches('_');
            members.map(|member| tags.claim(&format!("{field}_as_{}", member.case.label.replace('-', "_")))).collect()
        });
        let names = FbNames {
            members: members.collect(),
            tags: of_tags,
            args: scope.claim(&format!("{}Args", record.rust)),
            builder: scope.claim(&format!("{}Builder", record.rust)),
            root: format!("root_as_{}", record.label.replace('-', "_")),
            accessors,
        };
        (record.id, names)
    });
    let names = names.collect();
    (scope, names)
}
