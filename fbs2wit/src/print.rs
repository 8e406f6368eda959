//! From a checked model to the text of a schema.

mod constant;
mod declare;
mod names;
mod order;
mod text;

use std::collections::BTreeSet;

use hookr_abi::Printable;

use crate::model::Schema;
use order::Freedom;

/// Writes a schema as text: one file that [`compile`](crate::compile) reads as an equal schema.
///
/// What several files declared is in one. Declarations stand in the order of the source; those of a schema that has none,
/// because it comes from a [binary](crate::bfbs), are sorted by name as far as they may be, with each enum right before the
/// first type that needs it and services at the end. A namespace is opened again wherever the next declaration is in another
/// one, and a type is called by the shortest name that means it there.
///
/// Not in the model, and so not in the text, are attributes that are declared and not used, comments that document
/// nothing, the spelling of numbers, and a JSON object behind the declarations. The schema may come from strangers:
/// characters that could deceive who reads the text ([`Printable`]) are written as escapes. Strings have escapes of their
/// own; in documentation the character is lost, and a line break in it starts another line.
///
/// ```
/// use fbs2wit::{CompileOptions, MemoryLoader, compile, print};
///
/// let text = "namespace A; table T { a:int=0x10; s:S; } struct S { x:float32; }";
/// let loader = MemoryLoader::new().file("t.fbs", text);
/// let compiled = compile("t.fbs".as_ref(), &CompileOptions::default(), &loader)?;
/// let printed = print(&compiled.schema)?;
/// assert_eq!(printed, "\
/// namespace A;
///
/// table T {
///     a: int = 16;
///     s: S;
/// }
///
/// struct S {
///     x: float;
/// }
/// ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When no text is found that says what the schema says. That never happens to a schema that was compiled from one file,
/// and no case is known of the binary form of one whose names are clear: a full name means its type in every namespace, no
/// field is called like a type, and by a name that several types could have `nested_flatbuffer` calls none of them. What
/// other names mean depends on what was declared and used before; where types have the same names in namespaces inside of
/// each other, a binary schema, which has lost its order, may have none that is found.
pub fn print(schema: &Schema) -> Result<String, PrintError> {
    let [first, others @ ..] = Freedom::ALL;
    attempt(schema, first)
        .or_else(|error| others.into_iter().find_map(|other| attempt(schema, other).ok()).ok_or(error))
}

/// Writes the declarations in one order.
fn attempt(schema: &Schema, freedom: Freedom) -> Result<String, PrintError> {
    let order = order::declarations(schema, freedom);
    let mut other = BTreeSet::new();
    loop {
        let problem = match declare::schema(schema, &order, &other) {
            Ok(text) => return Ok(text),
            Err(problem) => problem,
        };
        if other.len() == MAX_OTHER || !problem.suspects.into_iter().any(|id| other.insert(id)) {
            return Err(problem.error);
        }
    }
}

/// So many types may get another name than the one that seems best before an order is given up.
const MAX_OTHER: usize = 16;

/// Why a schema cannot be written as text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrintError {
    /// Every name of a type means another one where it would have to stand, or the type would have to stand before.
    #[error("{}: no name means `{}` here", Printable(place), Printable(name))]
    HiddenName {
        /// Which declaration uses the type.
        place: String,
        /// The type, with its namespace.
        name: String,
    },
    /// A field has the name of a table or a struct that is known where it stands.
    #[error("{}: the field is called like a table or struct", Printable(place))]
    FieldNamedLikeType {
        /// Which field.
        place: String,
    },
}
