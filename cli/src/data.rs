//! Data of one type of a schema: what `hookr encode` and `hookr decode` share.

pub(crate) mod dump;

use std::path::{Path, PathBuf};

use fbs2wit::bfbs;
use fbs2wit::diag::suggest;
use fbs2wit::model::{Object, ObjectId, Schema};
use hookr::{Artifact, OpenError};
use hookr_abi::Printable;

use crate::contract::compile_schema;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{self, shown};
use crate::hint::Hint;

/// Reads the schema of a file: a binary schema where its name ends in `.bfbs`, as flatc has it, else text.
pub(crate) fn schema_of_file(path: &Path, include: &[PathBuf]) -> Result<Schema> {
    if path.extension().is_some_and(|extension| extension == "bfbs") {
        let bytes = files::read_bytes(path)?;
        return bfbs::read(&bytes).or_fail(Exit::Input, || format!("cannot read {}", shown(path)));
    }
    Ok(compile_schema(path, include)?.schema)
}

/// Reads the schema that a plugin carries. Nothing of the plugin runs.
pub(crate) fn schema_of_plugin(path: &Path) -> Result<Schema> {
    let section = Artifact::read(path)?.contract_section()?.ok_or(OpenError::NoContract { expected: None })?;
    bfbs::read(&section.schema).or_fail(Exit::Unfit, || "the contract inside of the plugin cannot be read".to_owned())
}

/// The table that `--type` names, else the root type.
pub(crate) fn table(schema: &Schema, wanted: Option<&str>) -> Result<ObjectId> {
    let tables = || (0..).map(ObjectId).zip(&schema.objects).filter(|(_, object)| !object.is_struct());
    let names = || tables().map(|(_, object)| object.name.to_string()).collect::<Vec<_>>();
    let Some(wanted) = wanted else {
        return schema.root.ok_or_else(|| {
            Failure::message(Exit::Input, "the schema has no root type: say which table with `--type`")
                .hint(Hint::OneOf("tables", names()))
        });
    };
    let full = |object: &Object| object.name.to_string() == wanted;
    if let Some((id, _)) = tables().find(|(_, object)| full(object)) {
        return Ok(id);
    }
    let short: Vec<(ObjectId, &Object)> = tables().filter(|(_, object)| object.name.name == wanted).collect();
    match short[..] {
        [(id, _)] => Ok(id),
        [] if schema.objects.iter().any(|object| full(object) || object.name.name == wanted) => {
            let text = format!("`{}` is a struct: a FlatBuffer holds a table", Printable(wanted));
            Err(Failure::message(Exit::Input, text).hint(Hint::OneOf("tables", names())))
        }
        [] => {
            let names = names();
            let near = suggest(wanted, names.iter().map(String::as_str)).map(|near| Hint::DidYouMean(near.to_owned()));
            let text = format!("the schema has no table `{}`", Printable(wanted));
            Err(Failure::message(Exit::Input, text).hint(near.unwrap_or(Hint::OneOf("tables", names))))
        }
        _ => {
            let names = short.iter().map(|(_, object)| object.name.to_string()).collect();
            let text = format!("several tables are called `{}`: say which one with its namespace", Printable(wanted));
            Err(Failure::message(Exit::Input, text).hint(Hint::OneOf("tables", names)))
        }
    }
}
