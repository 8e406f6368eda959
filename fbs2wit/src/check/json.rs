//! The JSON object that may follow the declarations of a schema.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::json::{self, JsonOptions};
use crate::load::Loaded;
use crate::model::Schema;
use crate::source::{SourceMap, Span};
use crate::syntax;

/// The place of the JSON object behind the declarations of the root file, checked as a value of the root type.
pub(crate) fn trailing_json(
    loaded: &Loaded,
    schema: &Schema,
    sources: &SourceMap,
    nesting: u32,
    diagnostics: &mut Diagnostics,
) -> Option<Span> {
    let root = loaded.files.last()?;
    let start = root.json?;
    if loaded.incomplete {
        // The brace may belong to a declaration that was lost.
        return None;
    }
    let Some(table) = schema.root else {
        diagnostics.push(
            Diagnostic::new(Code::TrailingJson, start, "no root type set to parse JSON with")
                .label("JSON starts here")
                .help("name the table that it is a value of with `root_type`"),
        );
        return None;
    };
    let text = &sources.get(root.id)?.text;
    let span = match syntax::json_object(text, start, nesting) {
        Ok(span) => span,
        Err(error) => {
            diagnostics.push(error);
            return None;
        }
    };
    // Values can be compared with the schema only when all of that is right.
    if diagnostics.is_empty() {
        let options = JsonOptions::default().nesting(nesting);
        if let Err(errors) = json::parse_span(schema, table, sources, span, &options) {
            diagnostics.extend(errors);
        }
    }
    Some(span)
}
