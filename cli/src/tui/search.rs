//! A word that is looked for in a pane.

use std::ops::Range;

use ratatui::text::{Line, Span};

use super::text::Row;
use super::theme::Theme;

/// What is looked for. Capital letters count only if there is one in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Search {
    pub(super) word: String,
    /// The row of the last match that was gone to.
    pub(super) at: Option<usize>,
}

impl Search {
    /// Where the word is in a line.
    pub(super) fn matches(&self, text: &str) -> Vec<Range<usize>> {
        if self.word.is_empty() {
            return Vec::new();
        }
        let exact = self.word.chars().any(char::is_uppercase);
        let mut found: Vec<Range<usize>> = Vec::new();
        for (start, _) in text.char_indices() {
            if found.last().is_some_and(|last| start < last.end) {
                continue;
            }
            if let Some(len) = prefix(text.get(start..).unwrap_or_default(), &self.word, exact) {
                found.push(start..start + len);
            }
        }
        found
    }

    /// The next row that has the word, or the one before; past the end it begins anew.
    pub(super) fn step(&mut self, rows: &[Row], forward: bool) -> Option<usize> {
        let has = |row: &Row| !self.matches(&row.text()).is_empty();
        let all: Vec<usize> = rows.iter().enumerate().filter(|(_, row)| has(row)).map(|(index, _)| index).collect();
        let found = match (self.at, forward) {
            (None, true) => all.first(),
            (None, false) => all.last(),
            (Some(at), true) => all.iter().find(|index| **index > at).or(all.first()),
            (Some(at), false) => all.iter().rev().find(|index| **index < at).or(all.last()),
        };
        self.at = found.copied();
        self.at
    }

    /// A line whose matches stand out.
    pub(super) fn mark(&self, line: &Line<'static>, theme: Theme) -> Line<'static> {
        let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
        let matches = self.matches(&text);
        if matches.is_empty() {
            return line.clone();
        }
        let mut spans = Vec::new();
        let mut at = 0;
        for span in &line.spans {
            let end = at + span.content.len();
            let mut from = at;
            while from < end {
                let hit = matches.iter().find(|found| found.end > from);
                let (to, style) = match hit {
                    Some(found) if found.start <= from => (found.end.min(end), theme.found()),
                    Some(found) => (found.start.min(end), span.style),
                    None => (end, span.style),
                };
                let part = span.content.get(from - at..to - at).unwrap_or_default();
                spans.push(Span::styled(part.to_owned(), style));
                from = to;
            }
            at = end;
        }
        Line::from(spans).style(line.style)
    }
}

/// How many bytes of a text are the word.
fn prefix(text: &str, word: &str, exact: bool) -> Option<usize> {
    if exact {
        return text.starts_with(word).then_some(word.len());
    }
    let mut rest = text.char_indices();
    for wanted in word.chars() {
        let (_, c) = rest.next()?;
        if !c.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(rest.next().map_or(text.len(), |(at, _)| at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(word: &str) -> Search {
        Search { word: word.to_owned(), at: None }
    }

    #[test]
    fn case_counts_if_the_word_has_one() {
        assert_eq!(search("ab").matches("ABab aB"), [0..2, 2..4, 5..7]);
        assert_eq!(search("aB").matches("ABab aB").first(), Some(&(5..7)));
        assert_eq!(search("aB").matches("ABab aB").len(), 1);
        assert_eq!(search("É").matches("éÉ").first(), Some(&(2..4)));
        assert_eq!(search("aa").matches("aaa").len(), 1);
        assert!(search("").matches("a").is_empty());
        assert!(search("İ").matches("i\u{307}").is_empty());
    }

    #[test]
    fn it_goes_round() {
        let rows: Vec<Row> = ["a", "b", "a"].into_iter().map(Row::new).collect();
        let mut search = search("a");
        let steps = [true, true, true, false].map(|forward| search.step(&rows, forward));
        assert_eq!(steps, [Some(0), Some(2), Some(0), Some(2)]);
        search.word = "z".to_owned();
        assert_eq!(search.step(&rows, true), None);
    }

    #[test]
    fn matches_stand_out_across_spans() {
        let theme = Theme { colors: true, unicode: true };
        let line = Line::from(vec![Span::raw("xa"), Span::styled("bx", theme.bad())]);
        let marked = search("ab").mark(&line, theme);
        let parts: Vec<_> = marked.spans.iter().map(|span| (span.content.as_ref(), span.style)).collect();
        assert_eq!(parts, [("x", Default::default()), ("a", theme.found()), ("b", theme.found()), ("x", theme.bad())]);
    }
}
