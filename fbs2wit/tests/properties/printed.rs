//! A model that is printed and read again is the same model.
//!
//! What fails is told as text, because proptest fails many times until it has found the shortest schema.

use fbs2wit::bfbs::{self, WriteOptions};
use fbs2wit::identity::{Roots, canonical_form};
use fbs2wit::model::Schema;
use fbs2wit::print;

use crate::model::{content, read, same, with_printable_docs};

/// Model → text → model: the same model. The text of that is the same text. Gives the text.
pub(crate) fn prints(schema: &Schema) -> Result<String, String> {
    let printed = print(schema).map_err(|error| error.to_string())?;
    let in_text = |error: &dyn std::fmt::Display| format!("{error}\nprinted:\n{printed}");
    let again = read(&printed).map_err(|error| in_text(&error))?;
    same(&content(&with_printable_docs(schema.clone())), &content(&again)).map_err(|error| in_text(&error))?;
    same(&printed, &print(&again).map_err(|error| in_text(&error))?).map_err(|error| in_text(&error))?;
    Ok(printed)
}

/// Model → binary → model → binary: the same bytes, and the same contract. What is printed in between has that binary and
/// that contract again. Gives whether there was an order in which it could be printed.
pub(crate) fn survives_binary(schema: &Schema) -> Result<bool, String> {
    let bytes = binary(schema);
    let read_back = bfbs::read(&bytes).map_err(|error| error.to_string())?;
    if binary(&read_back) != bytes {
        return Err("the bytes differ".to_owned());
    }
    if contract(&read_back) != contract(schema) {
        return Err("the contract differs".to_owned());
    }
    let Ok(printed) = print(&read_back) else { return Ok(false) };
    let again = read(&printed).map_err(|error| format!("{error}\nprinted:\n{printed}"))?;
    if binary(&again) != binary(&with_printable_docs(read_back)) {
        return Err(format!("the bytes of the text differ; printed:\n{printed}"));
    }
    if contract(&again) != contract(schema) {
        return Err(format!("the contract of the text differs; printed:\n{printed}"));
    }
    Ok(true)
}

fn binary(schema: &Schema) -> Vec<u8> {
    bfbs::write(schema, &WriteOptions::default())
}

/// What the contract ID is the hash of.
fn contract(schema: &Schema) -> Vec<u8> {
    let plugin = schema.services.iter().position(|service| service.name.name == "Plugin");
    canonical_form(schema, &Roots { plugin, optional_attribute: "hookr_optional" })
}

/// Whether a binary schema can be read: 64-bit offsets are not supported.
pub(crate) fn has_binary(schema: &Schema) -> bool {
    let attributes = schema.objects.iter().flat_map(|object| &object.fields).flat_map(|field| &field.attributes);
    !attributes.into_iter().any(|attribute| matches!(attribute.name.as_str(), "offset64" | "vector64"))
}
