use core::fmt::{self, Write as _};

/// Text from outside, made fit for a terminal, a log or a generated comment.
///
/// Control characters, the bidirectional marks and overrides that can make text read differently from what it is, and
/// invisible line separators are written as escapes; everything else is left as it is. So a text stays within its line: one
/// with a newline in it could look like several messages. `{:#}` leaves newlines and tabs, for a block of text.
///
/// ```
/// use hookr_abi::Printable;
/// assert_eq!(Printable("a\x1b[2Jb\u{202e}").to_string(), "a\\u{1b}[2Jb\\u{202e}");
/// assert_eq!(format!("{} {:#}", Printable("a\nb"), Printable("a\nb")), "a\\nb a\nb");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a>(pub &'a str);

impl Printable<'_> {
    /// Whether a character is written as an escape in a block of text. For texts with escapes of their own, JSON for instance.
    ///
    /// ```
    /// use hookr_abi::Printable;
    /// assert!(Printable::escapes('\u{61c}') && Printable::escapes('\u{9b}') && !Printable::escapes('é'));
    /// ```
    pub fn escapes(c: char) -> bool {
        match c {
            '\n' | '\t' => false,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                true
            }
            _ => c.is_control(),
        }
    }
}

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '\n' | '\t' if !f.alternate() => write!(f, "{}", c.escape_default())?,
                _ if Self::escapes(c) => write!(f, "{}", c.escape_unicode())?,
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
