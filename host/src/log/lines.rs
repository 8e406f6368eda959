use std::sync::Arc;

use super::{LogRecord, LogSource, MAX_LINE, Sink};

/// Makes records of what one instance writes.
pub(crate) struct Log {
    sink: Option<Sink>,
    plugin: Arc<str>,
    /// How many bytes a call may write.
    limit: usize,
    /// How many of them this call has written.
    used: usize,
    /// How many bytes of this call were dropped.
    dropped: u64,
    stdout: Line,
    stderr: Line,
}

impl Log {
    pub(crate) fn new(sink: Option<Sink>, plugin: Arc<str>, limit: usize) -> Self {
        Log { sink, plugin, limit, used: 0, dropped: 0, stdout: Line::default(), stderr: Line::default() }
    }

    /// Takes what a plugin writes; `source` is one of its two streams.
    pub(crate) fn write(&mut self, source: LogSource, bytes: &[u8]) {
        let room = self.limit.saturating_sub(self.used);
        let (kept, beyond) = bytes.split_at(bytes.len().min(room));
        self.used += kept.len();
        self.dropped = self.dropped.saturating_add(beyond.len() as u64);
        let Some(sink) = &self.sink else { return };
        let line = if source == LogSource::Stderr { &mut self.stderr } else { &mut self.stdout };
        let plugin = &*self.plugin;
        line.push(kept, |text| sink(&LogRecord { plugin, source, text }));
    }

    /// Says that a call is over: lines without an end are given out, and the next call may write as much again.
    pub(crate) fn end_of_call(&mut self) {
        let dropped = std::mem::take(&mut self.dropped);
        self.used = 0;
        let Some(sink) = &self.sink else { return };
        let plugin = &*self.plugin;
        self.stdout.end(|text| sink(&LogRecord { plugin, source: LogSource::Stdout, text }));
        self.stderr.end(|text| sink(&LogRecord { plugin, source: LogSource::Stderr, text }));
        if dropped > 0 {
            let limit = self.limit;
            let text = &format!("{dropped} bytes were dropped: a call may write {limit} bytes (limit `log`)");
            sink(&LogRecord { plugin, source: LogSource::Host, text });
        }
    }
}

/// An instance that is lost may have written, a last message for instance.
impl Drop for Log {
    fn drop(&mut self) {
        // A second panic, out of the sink, would end the process.
        if !std::thread::panicking() {
            self.end_of_call();
        }
    }
}

/// A line that has no end yet.
#[derive(Default)]
struct Line {
    bytes: Vec<u8>,
}

impl Line {
    /// Adds bytes, and gives out the lines that end in them.
    fn push(&mut self, bytes: &[u8], mut give: impl FnMut(&str)) {
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
    fn end(&mut self, mut give: impl FnMut(&str)) {
        if !self.bytes.is_empty() {
            self.give_all(&mut give);
        }
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    type Records = Arc<Mutex<Vec<(LogSource, String)>>>;

    /// A log, and what its sink got.
    fn log(limit: usize) -> (Log, Records) {
        let records = Records::default();
        let sink: Sink = {
            let records = records.clone();
            Arc::new(move |record| records.lock().unwrap().push((record.source, record.text.to_owned())))
        };
        (Log::new(Some(sink), "p".into(), limit), records)
    }

    fn texts(records: &Mutex<Vec<(LogSource, String)>>) -> Vec<String> {
        records.lock().unwrap().drain(..).map(|(_, text)| text).collect()
    }

    #[test]
    fn lines_are_put_together_and_taken_apart() {
        let (mut log, records) = log(1000);
        log.write(LogSource::Stdout, b"one\ntw");
        log.write(LogSource::Stderr, b"error\n");
        log.write(LogSource::Stdout, b"o\r\n\nthree");
        assert_eq!(texts(&records), ["one", "error", "two", ""]);
        log.end_of_call();
        assert_eq!(texts(&records), ["three"]);
        log.end_of_call();
        assert_eq!(texts(&records), [""; 0]);
    }

    #[test]
    fn a_long_line_is_several_records_and_no_character_is_torn() {
        let (mut log, records) = log(1 << 20);
        let line = "é".repeat(MAX_LINE) + "\n";
        for piece in line.as_bytes().chunks(7) {
            log.write(LogSource::Stdout, piece);
        }
        let texts = texts(&records);
        assert_eq!(texts.concat(), "é".repeat(MAX_LINE));
        assert!(texts.len() == 2 && texts.iter().all(|text| text.len() == MAX_LINE), "{}", texts.len());
        // An odd first byte moves the characters, so that the limit is in the middle of one.
        log.write(LogSource::Stdout, ("a".to_owned() + &line).as_bytes());
        let texts = records.lock().unwrap().drain(..).map(|(_, text)| text).collect::<Vec<_>>();
        assert_eq!(texts.concat(), "a".to_owned() + &"é".repeat(MAX_LINE));
        assert!(texts.iter().all(|text| text.len() <= MAX_LINE));
    }

    #[test]
    fn what_is_no_text_is_shown_as_such_and_memory_is_bounded() {
        let (mut log, records) = log(1 << 20);
        log.write(LogSource::Stdout, &[0xff; 10_000]);
        assert!(log.stdout.bytes.capacity() <= 4 * MAX_LINE);
        log.write(LogSource::Stdout, &[0x80; 10_000]);
        log.end_of_call();
        assert!(texts(&records).iter().all(|text| text.chars().all(|c| c == '\u{fffd}')));
    }

    #[test]
    fn what_is_beyond_the_limit_of_a_call_is_counted() {
        let (mut log, records) = log(10);
        log.write(LogSource::Stdout, b"12345\n789012345\n");
        log.write(LogSource::Stderr, b"more\n");
        log.end_of_call();
        let notice = "11 bytes were dropped: a call may write 10 bytes (limit `log`)";
        assert_eq!(texts(&records), ["12345", "7890", notice]);
        log.write(LogSource::Stdout, b"again\n");
        drop(log);
        assert_eq!(texts(&records), ["again"]);
    }
}
