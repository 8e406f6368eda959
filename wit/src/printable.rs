use core::fmt::{self, Write as _};

/// Text from outside, made fit for a terminal, a log or a generated comment.
///
/// Control characters (but newline and tab), the bidirectional marks and overrides that can make text read differently from what
/// it is, and invisible line separators are written as escapes; everything else is left as it is.
///
/// ```
/// use hookr_abi::Printable;
/// assert_eq!(Printable("a\x1b[2Jb\u{202e}").to_string(), "a\\u{1b}[2Jb\\u{202e}");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a>(pub &'a str);

impl Printable<'_> {
    /// Whether a character is written as an escape. For texts with escapes of their own, JSON for instance.
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
            if Self::escapes(c) {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}
