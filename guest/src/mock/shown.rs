//! Values in messages for people.

use std::fmt::{self, Debug, Write};

/// Nobody reads more of one request.
const LIMIT: usize = 1000;

/// A value as `Debug` has it, up to a limit.
pub(super) fn shown(value: &impl Debug) -> String {
    let mut text = Limited(String::new());
    if write!(text, "{value:?}").is_err() {
        text.0.push('…');
    }
    text.0
}

/// A text that refuses to become long, so that nobody goes on to write it.
struct Limited(String);

impl Write for Limited {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = LIMIT.saturating_sub(self.0.len());
        if part.len() <= room {
            self.0.push_str(part);
            return Ok(());
        }
        self.0.push_str(&part[..part.floor_char_boundary(room)]);
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_between_two_characters() {
        assert_eq!(shown(&"short"), "\"short\"");
        for value in ["x".repeat(2000), "ä".repeat(2000), format!("x{}", "ä".repeat(2000))] {
            let text = shown(&value);
            assert!(text.ends_with('…') && text.len() < LIMIT + 4, "{text}");
        }
    }
}
