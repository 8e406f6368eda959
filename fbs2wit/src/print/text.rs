//! Lines, strings and comments.

use std::fmt::Write as _;

use hookr_abi::Printable;

use crate::model::{Attribute, is_identifier};

/// Lines with indentation.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    pub(super) fn line(&mut self, line: &str) {
        if !line.is_empty() {
            let _ = write!(self.text, "{:1$}{line}", "", self.depth * 4);
        }
        self.text.push('\n');
    }

    /// A blank line between what stands before, if anything does, and what follows.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// `head {`, the lines of `body`, `}`; on one line when there are none.
    pub(super) fn block<E>(&mut self, head: &str, body: impl FnOnce(&mut Self) -> Result<(), E>) -> Result<(), E> {
        self.line(&format!("{head} {{"));
        let start = self.text.len();
        self.depth += 1;
        body(self)?;
        self.depth -= 1;
        if self.text.len() == start {
            self.text.truncate(start - 1);
            self.text.push_str("}\n");
        } else {
            self.line("}");
        }
        Ok(())
    }

    /// Documentation. A line of the model has the blank that follows the slashes.
    pub(super) fn docs(&mut self, docs: &[String]) {
        for line in docs.iter().flat_map(|text| text.split(['\n', '\r'])) {
            self.line(&format!("///{:#}", Printable(line)));
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// ` (key, id: 3)`, with the blank before it; nothing without attributes.
pub(super) fn attributes<'a>(list: impl IntoIterator<Item = &'a Attribute>) -> String {
    let list: Vec<String> = list.into_iter().map(attribute).collect();
    if list.is_empty() { String::new() } else { format!(" ({})", list.join(", ")) }
}

fn attribute(attribute: &Attribute) -> String {
    let name = match is_identifier(&attribute.name) {
        true => attribute.name.clone(),
        false => string(&attribute.name),
    };
    match &attribute.value {
        None => name,
        Some(value) if is_integer(value) => format!("{name}: {value}"),
        Some(value) => format!("{name}: {}", string(value)),
    }
}

/// Whether the value of an attribute can stand without quotes: it may have been a number, or a string that looks like one,
/// which is the same to the model.
fn is_integer(value: &str) -> bool {
    value.parse::<i32>().is_ok_and(|number| number.to_string() == value)
}

/// A string in quotes.
pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            _ if Printable::escapes(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(string("a\"b\\c/é\u{1f980}"), "\"a\\\"b\\\\c/é\u{1f980}\"");
        assert_eq!(string("\n\t\r\u{8}\u{c}\0\u{1b}\u{202e}\u{9b}"), r#""\n\t\r\b\f\u0000\u001b\u202e\u009b""#);
    }

    #[test]
    fn nothing_breaks_out_of_a_comment() {
        let mut out = Writer::default();
        out.docs(&[" a\n}\rtable X {}".to_owned(), "\u{1b}[2J\u{202e}\t*/ ".to_owned(), String::new()]);
        assert_eq!(out.finish(), "/// a\n///}\n///table X {}\n///\\u{1b}[2J\\u{202e}\t*/ \n///\n");
    }

    #[test]
    fn only_numbers_stand_without_quotes() {
        let attribute = |name: &str, value: Option<&str>| {
            let value = value.map(str::to_owned);
            attributes([&Attribute { name: name.to_owned(), value, span: crate::source::Span::NONE }])
        };
        assert_eq!(attribute("key", None), " (key)");
        assert_eq!(attribute("id", Some("-3")), " (id: -3)");
        assert_eq!(attribute("a b", Some("x")), " (\"a b\": \"x\")");
        for text in ["", "-", "-0", "+1", "01", "0x1", "1.0", "99999999999", " 1"] {
            assert_eq!(attribute("v", Some(text)), format!(" (v: \"{text}\")"));
        }
    }
}
