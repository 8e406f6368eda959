//! JSON as it is compared and shown.

use fbs2wit::json::{Document, JsonOptions, Node, quote};
use fbs2wit::source::SourceMap;

/// A JSON value. Numbers are as they are written, so that none changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
    /// A text of JSON that is shown as it is: a matcher.
    Raw(String),
}

impl Json {
    /// Reads what this program has written. Data that nests more deeply than any text may is `null`.
    pub(crate) fn parse(text: &str) -> Self {
        let mut sources = SourceMap::default();
        let file = sources.add("value.json", text);
        let document = Document::parse(&sources, file, &JsonOptions::default().nesting(256));
        document.map_or(Json::Null, |document| Json::of(document.root()))
    }

    /// A part of a text.
    pub(crate) fn of(node: &Node<'_>) -> Self {
        if let Some(members) = node.members() {
            return Json::Object(members.iter().map(|m| (m.name.clone(), Json::of(&m.value))).collect());
        }
        if let Some(elements) = node.elements() {
            return Json::Array(elements.iter().map(Json::of).collect());
        }
        match (node.text(), node.number(), node.word()) {
            (Some(text), _, _) => Json::Text(text.to_owned()),
            (_, Some(number), _) => Json::Number(number.to_owned()),
            (_, _, Some("true")) => Json::Bool(true),
            (_, _, Some("false")) => Json::Bool(false),
            (_, _, Some(word)) if word != "null" => Json::Number(word.to_owned()),
            _ => Json::Null,
        }
    }

    /// A string.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Json::Text(text.into())
    }

    /// A whole number.
    pub(crate) fn number(number: impl std::fmt::Display) -> Self {
        Json::Number(number.to_string())
    }

    /// The value of a name in an object.
    pub(crate) fn member<'j>(members: &'j [(String, Json)], name: &str) -> Option<&'j Json> {
        members.iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// Whether it counts as absent: strings and lists that are empty do.
    pub(super) fn is_void(value: Option<&Json>) -> bool {
        match value {
            None | Some(Json::Null) => true,
            Some(Json::Text(text)) => text.is_empty(),
            Some(Json::Array(values)) => values.is_empty(),
            Some(_) => false,
        }
    }

    /// Whether two values that are neither objects nor arrays are the same. Zero has no sign here.
    pub(super) fn is_same(&self, other: &Json) -> bool {
        match (self, other) {
            (Json::Number(a), Json::Number(b)) => {
                let is_zero = |text: &str| text.parse::<f64>().is_ok_and(|value| value == 0.0);
                a == b || (is_zero(a) && is_zero(b))
            }
            (a, b) => a == b,
        }
    }

    /// On one line, and not too long, for a sentence.
    pub(crate) fn brief(&self) -> String {
        const LONGEST: usize = 120;
        let text = self.compact();
        match text.char_indices().nth(LONGEST) {
            Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
            None => text,
        }
    }

    /// On one line.
    pub(crate) fn compact(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, None, 0);
        out
    }

    /// On lines that are indented by two, behind so many blanks but for the first.
    pub(crate) fn pretty(&self, indent: usize) -> String {
        let mut out = String::new();
        self.write(&mut out, Some(indent), 0);
        out
    }

    fn write(&self, out: &mut String, indent: Option<usize>, depth: usize) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Number(text) | Json::Raw(text) => out.push_str(text),
            Json::Text(text) => quote(out, text),
            Json::Array(values) => {
                let is_flat = !values.iter().any(|value| matches!(value, Json::Array(_) | Json::Object(_)));
                let lines = indent.filter(|_| !is_flat);
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    item(out, index, lines, depth);
                    value.write(out, indent, depth + 1);
                }
                close(out, ']', values.is_empty(), lines, depth);
            }
            Json::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    item(out, index, indent, depth);
                    quote(out, name);
                    out.push_str(": ");
                    value.write(out, indent, depth + 1);
                }
                close(out, '}', members.is_empty(), indent, depth);
            }
        }
    }
}

fn item(out: &mut String, index: usize, lines: Option<usize>, depth: usize) {
    if index > 0 {
        out.push(',');
    }
    match lines {
        Some(indent) => line(out, indent, depth + 1),
        None if index > 0 => out.push(' '),
        None => {}
    }
}

fn close(out: &mut String, bracket: char, is_empty: bool, lines: Option<usize>, depth: usize) {
    if let Some(indent) = lines.filter(|_| !is_empty) {
        line(out, indent, depth);
    }
    out.push(bracket);
}

fn line(out: &mut String, indent: usize, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent + 2 * depth));
}
