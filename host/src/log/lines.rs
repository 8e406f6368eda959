use super::MAX_LINE;

/// A line that has no end yet.
#[derive(Default)]
pub(super) struct Line {
    bytes: Vec<u8>,
}

impl Line {
    /// Adds bytes, and gives out the lines that end in them.
    pub(super) fn push(&mut self, bytes: &[u8], mut give: impl FnMut(&str)) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let (text, ends) = match piece.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (piece, false),
            };
            let mut rest = text;
            // A line of exactly the largest length is one record, so it is given out when there is more.
            while self.bytes.len() + rest.len() > MAX_LINE {
                let (now, later) = rest.split_at(MAX_LINE.saturating_sub(self.bytes.len()).min(rest.len()));
                self.bytes.extend_from_slice(now);
                rest = later;
                self.give_most(&mut give);
            }
            self.bytes.extend_from_slice(rest);
            if ends {
                self.give_all(&mut give);
            }
        }
    }

    /// Gives out what there is, if there is anything.
    pub(super) fn end(&mut self, mut give: impl FnMut(&str)) {
        if !self.bytes.is_empty() {
            self.give_all(&mut give);
        }
    }

    /// How much memory it has.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    fn give_all(&mut self, give: &mut impl FnMut(&str)) {
        let line = self.bytes.strip_suffix(b"\r").unwrap_or(&self.bytes);
        give(&String::from_utf8_lossy(line));
        self.bytes.clear();
    }

    /// Gives out a full line, but for a character that is not whole yet.
    fn give_most(&mut self, give: &mut impl FnMut(&str)) {
        let whole = whole_characters(&self.bytes);
        give(&String::from_utf8_lossy(&self.bytes[..whole]));
        self.bytes.drain(..whole);
    }
}

/// How many bytes are before a character that lacks its last bytes; all of them, if there is none.
fn whole_characters(bytes: &[u8]) -> usize {
    let last = bytes.iter().rev().take(3).position(|byte| byte & 0xc0 != 0x80);
    let Some(start) = last.map(|back| bytes.len() - 1 - back) else { return bytes.len() };
    match std::str::from_utf8(&bytes[start..]) {
        // A line of nothing but a part of a character has to be given out all the same.
        Err(error) if error.error_len().is_none() && start > 0 => start,
        _ => bytes.len(),
    }
}
