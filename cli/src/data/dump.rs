//! A FlatBuffer as lines of hexadecimal digits, with what they are beside them.

use fbs2wit::Annotation;

/// So many bytes are on a line.
pub(crate) const WIDTH: usize = 8;

/// A line of a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DumpLine {
    /// `00000010  0c 00 00 00`, without blanks behind it.
    pub(crate) bytes: String,
    /// The bytes as text, a point for what is no visible ASCII.
    pub(crate) text: String,
    /// What they are, escaped; empty on the further lines of an annotation.
    pub(crate) note: String,
}

/// The lines of annotated bytes, as they are asked for.
pub(crate) fn lines<'a>(bytes: &'a [u8], annotations: &'a [Annotation]) -> impl Iterator<Item = DumpLine> + 'a {
    annotations.iter().flat_map(move |annotation| {
        let range = annotation.range.clone();
        let found = bytes.get(range.clone()).unwrap_or_default();
        // What is damaged may have no bytes, and still has a line.
        let rows = found.len().div_ceil(WIDTH).max(1);
        (0..rows).map(move |row| {
            let start = row * WIDTH;
            let part = found.get(start..found.len().min(start + WIDTH)).unwrap_or_default();
            let note = if row == 0 { annotation.to_string() } else { String::new() };
            line(range.start + start, part, note)
        })
    })
}

fn line(at: usize, part: &[u8], note: String) -> DumpLine {
    let digits: Vec<String> = part.iter().map(|byte| format!("{byte:02x}")).collect();
    let visible = |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' };
    let bytes = format!("{at:08x}  {}", digits.join(" "));
    DumpLine { bytes: bytes.trim_end().to_owned(), text: part.iter().map(visible).collect(), note }
}

/// The columns of a line: with `text` or without, which takes less room.
pub(crate) fn columns(line: &DumpLine, with_text: bool) -> String {
    let bytes = 10 + 3 * WIDTH - 1;
    let text = if with_text { format!("  {:WIDTH$}", line.text) } else { String::new() };
    format!("{:bytes$}{text}  {}", line.bytes, line.note).trim_end().to_owned()
}
