use hookr_abi::Printable;

use crate::model::{Element, Field, Presence, Scalar, Schema, Type, Value};

/// Documentation as lines that nothing can break out of, neither of a WIT comment nor of a Rust attribute.
///
/// WIT refuses control characters, the marks that change the direction of text, and letters that Unicode deprecates;
/// they are written as escapes. The space that people put behind the slashes is not part of a line.
pub(super) fn lines(docs: &[String]) -> Vec<String> {
    let lines = docs.iter().flat_map(|text| text.split(['\n', '\r']));
    let mut lines: Vec<String> = lines.map(|line| escape(line.strip_prefix(' ').unwrap_or(line).trim_end())).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// The documentation of a field: that of the schema, and its default where that does not go without saying.
pub(super) fn of_field(schema: &Schema, field: &Field) -> Vec<String> {
    let mut lines = lines(&field.docs);
    let default = match &field.presence {
        Presence::Default(value) => default_text(schema, field.ty, *value),
        Presence::DefaultString(text) if !text.is_empty() => Some(escape(&format!("{text:?}"))),
        _ => None,
    };
    if let Some(default) = default {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!("Default: {default}."));
    }
    lines
}

fn default_text(schema: &Schema, ty: Type, value: Value) -> Option<String> {
    match (value, ty) {
        (Value::Int(int), Type::Single(Element::Enum(id))) => {
            let name = schema.enumeration(id).values.iter().find(|value| value.value == int);
            Some(name.map_or_else(|| int.to_string(), |value| format!("`{}`", value.name)))
        }
        (Value::Int(0) | Value::Bool(false), _) => None,
        (Value::Float(float), _) if float.to_bits() == 0 => None,
        (Value::Int(int), _) => Some(int.to_string()),
        (Value::Bool(bool), _) => Some(bool.to_string()),
        // The shortest digits that give the same number in the field's own width.
        (Value::Float(float), Type::Single(Element::Scalar(Scalar::F32))) => Some((float as f32).to_string()),
        (Value::Float(float), _) => Some(float.to_string()),
    }
}

fn escape(line: &str) -> String {
    let mut out = String::new();
    for c in format!("{:#}", Printable(line)).chars() {
        match c {
            '\u{149}' | '\u{673}' | '\u{f77}' | '\u{f79}' | '\u{17a3}' | '\u{17a4}' | '\u{17b4}' | '\u{17b5}' => {
                out.extend(c.escape_unicode());
            }
            '\t' => out.push_str("    "),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_comment() {
        let docs = [" a\nb\r\nc".to_owned(), "\u{202e}x\0\u{149}\t*/ ".to_owned(), String::new()];
        assert_eq!(lines(&docs), ["a", "b", "", "c", "\\u{202e}x\\u{0}\\u{149}    */"]);
    }
}
