//! The tables of a corpus: rows of columns between tabs, with names in the first line.

use std::path::Path;
use std::sync::Arc;

/// The rows of a table, by the names in its first line; the error is a line for people.
pub(crate) fn rows(path: &Path) -> Result<Vec<Row>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut lines = text.lines();
    let header: Arc<[String]> = lines.next().unwrap_or_default().split('\t').map(str::to_owned).collect();
    Ok(lines.map(|line| Row { header: header.clone(), cells: line.split('\t').map(str::to_owned).collect() }).collect())
}

/// A row.
pub(crate) struct Row {
    header: Arc<[String]>,
    cells: Vec<String>,
}

impl Row {
    /// A cell; empty where the table has no such column.
    pub(crate) fn get(&self, column: &str) -> &str {
        let at = self.header.iter().position(|name| name == column);
        at.and_then(|at| self.cells.get(at)).map_or("", String::as_str)
    }
}

/// Resolves `\\`, `\t`, `\n`, `\r` and `\xNN`; anything else stays as it is.
pub(crate) fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b't') => out.push(b'\t'),
            Some(b'n') => out.push(b'\n'),
            Some(b'r') => out.push(b'\r'),
            Some(b'x') => {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                out.extend(u8::from_str_radix(&digits, 16));
            }
            other => out.extend(other),
        }
    }
    out
}
