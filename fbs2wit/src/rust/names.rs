//! Names of generated code that only generated code uses.

use std::collections::BTreeMap;

use crate::contract::{Contract, Record, RecordKind, TypeId};
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
}

/// The names for every table and struct: flatc's, with a `_` where a type of the contract has one already.
pub(super) fn fb_names(contract: &Contract) -> BTreeMap<TypeId, FbNames> {
    let mut scope: RustScope = contract.types.iter().map(|def| def.rust()).collect();
    let mut records: Vec<&Record> = contract.records().collect();
    records.sort_by(|a, b| a.rust.cmp(&b.rust));
    let names = records.into_iter().map(|record| {
        let reserved: &[&str] = match record.kind {
            // Methods of the prelude that take `self` by value come before an accessor, which takes it by reference.
            RecordKind::Table => &["create", "init_from_table", "into", "try_into"],
            RecordKind::Struct { .. } => &["into", "new", "try_into"],
        };
        let mut methods: RustScope = reserved.iter().copied().collect();
        let names = FbNames {
            args: scope.claim(&format!("{}Args", record.rust)),
            builder: scope.claim(&format!("{}Builder", record.rust)),
            root: format!("root_as_{}", record.label.replace('-', "_")),
            accessors: record.fields.iter().map(|field| methods.claim(&field.rust)).collect(),
        };
        (record.id, names)
    });
    names.collect()
}
