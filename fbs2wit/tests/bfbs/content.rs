//! What a binary schema says.

use flatbuffers_reflection::reflection as fb;

/// The content of a binary schema as text, without the names of files; nothing where the bytes are none.
pub(crate) fn content(bytes: &[u8]) -> Option<String> {
    let text = format!("{:#?}", fb::root_as_schema(bytes).ok()?);
    let (text, _files) = text.split_once("\n    fbs_files:")?;
    let mut lines = text.lines();
    let mut kept = String::new();
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with("declaration_file: Some(") {
            lines.next();
            lines.next();
        } else {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    Some(kept)
}
