//! One schema on its way to a crate.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fbs2wit::contract::{ContractOptions, lower};
use fbs2wit::emit::{GenerateOptions, generate};
use fbs2wit::rust::HookrSource;

use crate::schemas::Item;
use crate::service;
use crate::users;

/// What became of a schema.
pub(crate) enum Expansion {
    /// The crate, and the programs that use it, by their path in its folder.
    Crate(BTreeMap<String, Vec<u8>>),
    /// It is accepted, but not translated, for reasons with these codes.
    NotTranslated(Vec<&'static str>),
    /// flatc refuses it, or we do: there is nothing to expand.
    Refused,
    /// What should not happen.
    Failed(String),
}

impl Expansion {
    /// Generates the crate `package` of a schema, for the checkout of Hookr at `root`. A panic is a failure as any other.
    pub(crate) fn of(item: &Item, package: &str, root: &str) -> Self {
        let expanded = catch_unwind(AssertUnwindSafe(|| expand(item, package, root)));
        expanded.unwrap_or_else(|_| Expansion::Failed("the generator panicked".to_owned()))
    }
}

fn expand(item: &Item, package: &str, root: &str) -> Expansion {
    if item.flatc_accepts == Some(false) {
        return Expansion::Refused;
    }
    let Ok(mut compiled) = item.compile() else { return Expansion::Refused };
    let mut options = ContractOptions::default();
    options.plugin_required = false;
    if let Err(errors) = lower(&compiled.schema, &options) {
        let mut codes: Vec<&str> = errors.iter().map(|error| error.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        return Expansion::NotTranslated(codes);
    }
    service::complete(&mut compiled.schema);
    let mut options = GenerateOptions::new(package);
    options.rust.hookr = HookrSource::Path(root.to_owned());
    let generated = match generate(&compiled.schema, &options) {
        Ok(files) => files,
        Err(errors) => {
            let errors = errors.render(&compiled.sources, false);
            return Expansion::Failed(format!("it is translated, but not with a service for plugins\n{errors}"));
        }
    };
    let mut files: BTreeMap<_, _> = generated.iter().map(|(path, content)| (path.clone(), content.clone())).collect();
    let (Some(api), Some(host)) = (generated.get("src/api.rs"), generated.get("src/host.rs")) else {
        return Expansion::Failed("the generated crate has no sides".to_owned());
    };
    type User = fn(&str, &[u8], &[u8]) -> Result<String, String>;
    for (side, user) in [("host", users::host as User), ("guest", users::guest)] {
        match user(package, api, host) {
            Ok(program) => files.insert(format!("examples/{side}_{package}.rs"), program.into_bytes()),
            Err(error) => return Expansion::Failed(error),
        };
    }
    Expansion::Crate(files)
}
