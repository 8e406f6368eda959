use std::sync::Mutex;

use super::*;
use crate::log::audience::Sink;

type Records = Arc<Mutex<Vec<(LogSource, String)>>>;

/// A log, and what its sink got.
fn log(limit: usize) -> (Log, Records) {
    let records = Records::default();
    let sink: Sink = {
        let records = records.clone();
        Arc::new(move |record| records.lock().unwrap().push((record.source, record.text.to_owned())))
    };
    (Log::new(Audience { sink: Some(sink), least: Level::Debug }, "p".into(), limit), records)
}

fn texts(records: &Mutex<Vec<(LogSource, String)>>) -> Vec<String> {
    records.lock().unwrap().drain(..).map(|(_, text)| text).collect()
}

#[test]
fn lines_are_put_together_and_taken_apart() {
    let (log, records) = log(1000);
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
    let (log, records) = log(1 << 20);
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
    let (log, records) = log(1 << 20);
    log.write(LogSource::Stdout, &[0xff; 10_000]);
    assert!(log.0.said.lock().stdout.capacity() <= 4 * MAX_LINE);
    log.write(LogSource::Stdout, &[0x80; 10_000]);
    log.end_of_call();
    assert!(texts(&records).iter().all(|text| text.chars().all(|c| c == '\u{fffd}')));
}

#[test]
fn what_is_beyond_the_limit_of_a_call_is_counted() {
    let (log, records) = log(10);
    log.write(LogSource::Stdout, b"12345\n789012345\n");
    log.write(LogSource::Stderr, b"more\n");
    log.end_of_call();
    let notice = "11 bytes were dropped: a call may write 10 bytes (limit `log`)";
    assert_eq!(texts(&records), ["12345", "7890", notice]);
    log.write(LogSource::Stdout, b"again\n");
    drop(log);
    assert_eq!(texts(&records), ["again"]);
}

#[test]
fn messages_and_lines_share_the_room() {
    let (log, records) = log(20);
    log.write(LogSource::Stdout, b"0123456\n");
    log.message(Level::Error, "t", "0123456789abc");
    log.message(Level::Error, "", "lost");
    log.end_of_call();
    let notice = "8 bytes were dropped: a call may write 20 bytes (limit `log`)";
    assert_eq!(texts(&records), ["0123456", "0123456789", notice]);
    log.message(Level::Info, "", "");
    assert_eq!(texts(&records), [""]);
}

#[test]
fn a_message_for_which_there_is_no_room_is_counted_whole() {
    let (log, records) = log(4);
    log.message(Level::Info, "target", "text");
    log.message(Level::Info, "", "aéb");
    log.message(Level::Info, "", "cd");
    log.end_of_call();
    let notice = "15 bytes were dropped: a call may write 4 bytes (limit `log`)";
    assert_eq!(texts(&records), ["aé", notice]);
}

#[test]
fn a_long_message_is_several_records_of_one_target() {
    let targets = Arc::new(Mutex::new(Vec::new()));
    let sink: Sink = {
        let targets = targets.clone();
        Arc::new(move |record| targets.lock().unwrap().push((record.target.len(), record.text.to_owned())))
    };
    let log = Log::new(Audience { sink: Some(sink), least: Level::Trace }, "p".into(), 1 << 20);
    log.message(Level::Warn, &"ü".repeat(MAX_TARGET), &("a".to_owned() + &"é".repeat(MAX_LINE)));
    let found = std::mem::take(&mut *targets.lock().unwrap());
    assert!(found.iter().all(|(target, text)| *target == MAX_TARGET && text.len() <= MAX_LINE), "{found:?}");
    assert_eq!(found.iter().map(|(_, text)| text.as_str()).collect::<String>().len(), 2 * MAX_LINE + 1);
    assert_eq!(found.len(), 3);
}

#[test]
fn what_matters_less_is_not_heard_and_not_counted() {
    let (log, records) = log(4);
    log.message(Level::Trace, "", "a long message");
    log.message(Level::Debug, "", "abc");
    log.end_of_call();
    assert_eq!(texts(&records), ["abc"]);
    assert_eq!(log.verbosity(), Level::Debug.verbosity());
    let unheard = Log::new(Audience::default(), "p".into(), 4);
    assert_eq!((unheard.verbosity(), unheard.listens_to(Level::Error)), (0, false));
}
