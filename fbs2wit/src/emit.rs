//! The whole back end: a checked schema in, the files of a crate out.

use std::collections::BTreeMap;
use std::collections::btree_map::Iter;

use crate::bfbs;
use crate::contract::{ContractOptions, lower};
use crate::diag::Diagnostics;
use crate::model::Schema;
use crate::rust::{self, RustOptions};
use crate::section::section;
use crate::wit;

/// Files by their path in a folder, with `/` between its parts; the caller writes or compares them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    map: BTreeMap<String, Vec<u8>>,
}

impl Files {
    /// Adds a file.
    pub fn insert(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        let before = self.map.insert(path.into(), content.into());
        debug_assert!(before.is_none(), "two emitters write one file");
    }

    /// Adds files.
    pub fn extend(&mut self, files: Files) {
        for (path, content) in files.map {
            self.insert(path, content);
        }
    }

    /// The content of a file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.map.get(path).map(Vec::as_slice)
    }

    /// The files, sorted by path.
    pub fn iter(&self) -> Iter<'_, String, Vec<u8>> {
        self.map.iter()
    }
}

impl<'a> IntoIterator for &'a Files {
    type Item = (&'a String, &'a Vec<u8>);
    type IntoIter = Iter<'a, String, Vec<u8>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// How a contract's crate is generated.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GenerateOptions {
    /// How the schema is read.
    pub contract: ContractOptions,
    /// How the crate is written.
    pub rust: RustOptions,
}

impl GenerateOptions {
    /// For a crate of this name, with everything else as usual.
    pub fn new(package: impl Into<String>) -> Self {
        GenerateOptions { contract: ContractOptions::default(), rust: RustOptions::new(package) }
    }
}

/// Generates the crate of a contract: manifest, sources, WIT and binary schema.
///
/// The result depends on the arguments and on nothing else: no clock, no paths, no order of a hash map.
///
/// # Errors
///
/// Everything in the schema that cannot be translated.
pub fn generate(schema: &Schema, options: &GenerateOptions) -> Result<Files, Diagnostics> {
    let contract = lower(schema, &options.contract)?;
    let (section, kinds) = section(schema, &contract).encode_with_kinds();
    let mut files = rust::emit(&contract, &options.rust, &kinds);
    files.insert(wit::WORLD_PATH, wit::emit(&contract));
    files.insert(wit::ABI_PATH, hookr_abi::TYPES_WIT);
    files.insert("contract.section", section);
    files.insert("contract.bfbs", bfbs::write(schema, &bfbs::WriteOptions::default()));
    Ok(files)
}
