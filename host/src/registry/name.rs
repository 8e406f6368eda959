//! The names that plugins of a registry can have.

use hookr_abi::Printable;

/// The longest name, in bytes.
pub(super) const MAX_LEN: usize = 255;

/// What a name is, for messages.
pub(super) const EXPECTED: &str = "a name has 1 to 255 bytes, and no control characters and backslashes";

/// Whether a text can be a name: it stays as it is where it is printed.
pub(super) fn is_valid(name: &str) -> bool {
    let is_printed = |c: char| c != '\\' && !matches!(c, '\n' | '\t') && !Printable::escapes(c);
    (1..=MAX_LEN).contains(&name.len()) && name.chars().all(is_printed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_printed_as_they_are() {
        for name in ["a", "filter.v2", "a b", "ü", "a/b", &"x".repeat(255)] {
            assert!(is_valid(name), "{name}");
        }
        for name in ["", "a\nb", "a\tb", "\u{202e}", "\x1b[2J", "a\\b", &"x".repeat(256)] {
            assert!(!is_valid(name), "{name:?}");
        }
    }
}
