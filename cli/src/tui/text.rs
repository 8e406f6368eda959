//! Text on its way to the terminal: escaped, coloured, and broken into lines.

use std::ops::Range;

use hookr_abi::Printable;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::theme::Theme;

/// The longest line that is shown: what is behind it can be saved and looked at elsewhere.
const LONGEST: usize = 4096;

/// A line of a pane.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) line: Line<'static>,
    /// Whether it is broken where the pane ends; others are moved sideways.
    pub(super) wrap: bool,
    /// What has to be seen of it, if it is of an excerpt.
    aim: Option<Aim>,
}

/// The part of an excerpt that it is about. Its lines are moved sideways together, so that carets stay below what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Aim {
    /// The columns of the numbers, which stay.
    gutter: usize,
    /// The columns of the carets, or of the end of a path.
    from: usize,
    to: usize,
}

impl Row {
    pub(super) fn new(line: impl Into<Line<'static>>) -> Self {
        Row { line: line.into(), wrap: false, aim: None }
    }

    /// A line of prose.
    pub(super) fn prose(line: impl Into<Line<'static>>) -> Self {
        Row { line: line.into(), wrap: true, aim: None }
    }

    /// The lines that are shown of it, as ranges of bytes: one behind the other where it is broken, else one that may leave a
    /// part out. So many columns it is moved to the left.
    pub(super) fn parts(&self, width: usize, left: usize) -> Vec<Vec<Range<usize>>> {
        let text = self.text();
        if self.wrap {
            return breaks(&text, width).into_iter().map(|range| vec![range]).collect();
        }
        let Some(aim) = self.aim else { return vec![vec![skip_columns(&text, left)..text.len()]] };
        let gutter = skip_columns(&text, aim.gutter);
        let behind = text.get(gutter..).unwrap_or_default();
        let skipped = gutter + skip_columns(behind, aim.skipped(width) + left);
        vec![vec![0..gutter, skipped..text.len()]]
    }

    /// What it says.
    pub(super) fn text(&self) -> String {
        self.line.spans.iter().map(|span| span.content.as_ref()).collect()
    }

    /// Whether it is the line of an excerpt that has the carets.
    pub(super) fn has_carets(&self) -> bool {
        let text = self.text();
        self.aim.and_then(|aim| text.get(aim.gutter..)).is_some_and(|marks| marks.trim_start().starts_with('^'))
    }

    /// How many lines of this width it takes.
    pub(super) fn height(&self, width: usize) -> usize {
        if self.wrap { breaks(&self.text(), width).len() } else { 1 }
    }
}

impl Aim {
    /// How many columns behind the gutter are left out, so that the rest has room: no more than are before the carets.
    fn skipped(self, width: usize) -> usize {
        self.to.saturating_sub(width).min(self.from.saturating_sub(self.gutter))
    }
}

/// A text of several lines as it may be shown: each line escaped, tabs as blanks.
pub(super) fn lines(text: &str) -> Vec<String> {
    text.lines().map(shown).collect()
}

/// A line as it may be shown.
pub(super) fn shown(line: &str) -> String {
    let line = line.replace('\t', "    ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", Printable(line.get(..end).unwrap_or_default())),
        None => Printable(&line).to_string(),
    }
}

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// A line of JSON, in colours. What is no JSON has none.
pub(super) fn json(line: &str, theme: Theme) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let (len, style) = match first {
            '"' | '\'' => {
                let len = string_length(rest, first);
                let is_name = rest.get(len..).is_some_and(|behind| behind.trim_start().starts_with(':'));
                (len, Some(if is_name { theme.name() } else { theme.string() }))
            }
            '0'..='9' | '-' | '+' | '.' => {
                (run(rest, |c| c.is_ascii_alphanumeric() || "+-.".contains(c)), Some(theme.number()))
            }
            '/' if rest.starts_with("//") => (rest.len(), Some(theme.dim())),
            c if c.is_alphabetic() || c == '_' => {
                let len = run(rest, |c| c.is_alphanumeric() || c == '_' || c == '.');
                let is_name = rest.get(len..).is_some_and(|behind| behind.trim_start().starts_with(':'));
                (len, Some(if is_name { theme.name() } else { theme.word() }))
            }
            _ => (run(rest, |c| !(c.is_alphanumeric() || "\"'_+-./".contains(c))).max(first.len_utf8()), None),
        };
        let (part, behind) = rest.split_at_checked(len).unwrap_or((rest, ""));
        spans.push(match style {
            Some(style) => Span::styled(part.to_owned(), style),
            None => Span::raw(part.to_owned()),
        });
        rest = behind;
    }
    spans
}

fn run(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.char_indices().find(|(_, c)| !is_part(*c)).map_or(text.len(), |(at, _)| at)
}

fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// A message with causes, notes and hints, as `hookr` prints it.
pub(super) fn message(text: &str, theme: Theme) -> Vec<Row> {
    let marks = [
        ("error", theme.bad()),
        ("caused by:", theme.strong()),
        ("note:", theme.strong()),
        ("help:", theme.hint()),
        ("hint:", theme.hint()),
        ("warning:", theme.warning()),
    ];
    let row = |line: String| {
        let start = line.len() - line.trim_start().len();
        let (blank, rest) = line.split_at(start);
        let mark = marks.iter().find(|(mark, _)| rest.starts_with(mark));
        let Some((mark, style)) = mark else { return Row::prose(line) };
        let end = rest.find(':').map_or(mark.len(), |at| at + 1);
        let (head, tail) = rest.split_at(end);
        Row::prose(vec![Span::raw(blank.to_owned()), Span::styled(head.to_owned(), *style), Span::raw(tail.to_owned())])
    };
    let lines = lines(text);
    let mut rows: Vec<Row> = Vec::with_capacity(lines.len());
    let mut rest = lines.as_slice();
    while let [first, behind @ ..] = rest {
        let in_excerpt = rest.iter().take_while(|line| gutter(line).is_some()).count();
        if let Some((excerpt, behind)) = rest.split_at_checked(in_excerpt).filter(|_| in_excerpt > 0) {
            rows.extend(aimed(excerpt));
            rest = behind;
        } else if let Some((arrow, _)) = first.trim_start().split_at_checked(4).filter(|(arrow, _)| *arrow == "--> ") {
            // The end of a path says more than its beginning.
            let gutter = first.len() - first.trim_start().len() + arrow.len();
            let end = width(first);
            rows.push(Row { line: first.clone().into(), wrap: false, aim: Some(Aim { gutter, from: end, to: end }) });
            rest = behind;
        } else {
            rows.push(row(first.clone()));
            rest = behind;
        }
    }
    rows
}

/// The columns before the text of a line of an excerpt: `12 | `, or `   | `; `None` for other lines.
fn gutter(line: &str) -> Option<usize> {
    let bar = line.find('|')?;
    let before = line.get(..bar)?;
    let is_number = before.trim().bytes().all(|byte| byte.is_ascii_digit()) && before.ends_with(' ');
    let behind = line.get(bar + 1..)?;
    (is_number && (behind.is_empty() || behind.starts_with(' '))).then_some(bar + 2)
}

/// The lines of one excerpt, which are moved by the same.
fn aimed(excerpt: &[String]) -> Vec<Row> {
    let gutter = excerpt.iter().find_map(|line| gutter(line)).unwrap_or_default();
    let carets = excerpt.iter().filter_map(|line| {
        let marks = line.get(gutter..)?;
        let before = marks.len() - marks.trim_start().len();
        let many = marks.trim_start().chars().take_while(|mark| *mark == '^').count();
        // What is said behind them has room if there is some.
        (many > 0).then(|| (gutter + before, width(line)))
    });
    let aim = carets.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    // A few columns before the carets are seen, too.
    let aim = aim.map(|(from, to)| Aim { gutter, from: from.saturating_sub(4).max(gutter), to });
    excerpt.iter().map(|line| Row { line: line.clone().into(), wrap: false, aim }).collect()
}

/// Where a line is broken: the ranges of bytes that fit, at blanks where there are some.
pub(super) fn breaks(text: &str, most: usize) -> Vec<Range<usize>> {
    let most = most.max(1);
    let mut parts = Vec::new();
    let (mut start, mut columns, mut blank) = (0, 0, None);
    for (at, c) in text.char_indices() {
        let wide = c.width().unwrap_or(0);
        if columns + wide > most && at > start {
            let end = blank.filter(|blank| *blank > start).unwrap_or(at);
            parts.push(start..end);
            start = end;
            columns = text.get(start..at).map_or(0, width);
            blank = None;
        }
        columns += wide;
        if c == ' ' {
            blank = Some(at + 1);
        }
    }
    parts.push(start..text.len());
    parts
}

/// The part of a line in a range of bytes, with its styles.
pub(super) fn part(line: &Line<'static>, range: &Range<usize>) -> Line<'static> {
    let mut spans = Vec::new();
    let mut at = 0;
    for span in &line.spans {
        let end = at + span.content.len();
        let (from, to) = (range.start.max(at), range.end.min(end));
        if from < to
            && let Some(text) = span.content.get(from - at..to - at)
        {
            spans.push(Span::styled(text.to_owned(), span.style));
        }
        at = end;
    }
    Line::from(spans).style(line.style)
}

/// The byte behind so many columns, for lines that are moved sideways.
pub(super) fn skip_columns(text: &str, columns: usize) -> usize {
    let mut left = columns;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(c.width().unwrap_or(0));
    }
    if columns == 0 { 0 } else { text.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_long_words_anywhere() {
        let broken = |text: &'static str, width| -> Vec<&str> {
            breaks(text, width).into_iter().map(|range| &text[range]).collect()
        };
        assert_eq!(broken("one two three", 8), ["one two ", "three"]);
        assert_eq!(broken("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(broken("日本語", 4), ["日本", "語"]);
        assert_eq!(broken("", 4), [""]);
        assert_eq!(broken("日", 1), ["日"]);
    }

    #[test]
    fn excerpts_are_not_broken_and_their_carets_are_seen() {
        let theme = Theme { colors: false, unicode: true };
        let source = format!("{{\"url\": \"{}\", \"count\": true}}", "x".repeat(40));
        let at = source.find("true").unwrap();
        let error = format!(
            "error[E0701]: $.count: expected a number\n --> a/long/path/to/request.json:1:{}\n  |\n1 | {source}\n  | {}^^^^ a bool\n  |\nhelp: 5 | 6 is\n",
            at + 1,
            " ".repeat(at)
        );
        let shown = |width: usize| -> Vec<String> {
            let rows = message(&error, theme);
            let line = |row: &Row, ranges: &Vec<Range<usize>>| -> String {
                let text: String = ranges.iter().map(|range| row.text()[range.clone()].to_owned()).collect();
                text.chars().take(width).collect()
            };
            rows.iter()
                .flat_map(|row| row.parts(width, 0).iter().map(|part| line(row, part)).collect::<Vec<_>>())
                .collect()
        };
        let wide = shown(200);
        assert_eq!(wide.join("\n") + "\n", error, "where there is room, all of it is there");
        for width in [24, 30, 40, 60] {
            let lines = shown(width);
            let carets = lines.iter().position(|line| line.contains('^')).unwrap();
            let column = lines[carets].find("^^^^").unwrap();
            assert_eq!(lines[carets - 1].get(column..column + 4), Some("true"), "{width}: {lines:#?}");
            assert!(lines[carets - 1].starts_with("1 | ") && lines[carets].contains("a bool"), "{lines:#?}");
            assert!(lines.iter().any(|line| line.starts_with(" --> ") && line.contains("json:1:")), "{lines:#?}");
            assert_eq!(lines.iter().filter(|line| line.contains(" | ")).count(), 3, "{lines:#?}");
        }
        // What has no carets stays where it is.
        assert_eq!(message("1 | abc", theme)[0].parts(2, 0).concat(), std::slice::from_ref(&(0..7)));
        assert_eq!((gutter("a | b"), gutter("12 | b"), gutter("   |"), gutter("1|2")), (None, Some(5), Some(5), None));
    }

    #[test]
    fn json_is_told_apart() {
        let theme = Theme { colors: true, unicode: true };
        let line = r#"  "a\"b": -1.5e3, c: true, "x" // end"#;
        let spans = json(line, theme);
        assert_eq!(spans.iter().map(|span| span.content.as_ref()).collect::<String>(), line);
        let style = |text: &str| spans.iter().find(|span| span.content == text).map(|span| span.style);
        assert_eq!(style(r#""a\"b""#), Some(theme.name()));
        assert_eq!(style("-1.5e3"), Some(theme.number()));
        assert_eq!(style("c"), Some(theme.name()));
        assert_eq!(style("true"), Some(theme.word()));
        assert_eq!(style("\"x\""), Some(theme.string()));
        assert_eq!(style("// end"), Some(theme.dim()));
        for odd in ["\"open", "'", "\"\\", "é日\u{301}", "", "{}[]:,", "/x"] {
            assert_eq!(json(odd, theme).iter().map(|span| span.content.as_ref()).collect::<String>(), odd);
        }
    }

    #[test]
    fn what_could_deceive_is_escaped() {
        assert_eq!(lines("a\x1b[2J\n\tb\u{202e}"), ["a\\u{1b}[2J", "    b\\u{202e}"]);
        assert!(shown(&"x".repeat(10_000)).chars().count() <= LONGEST + 1);
    }

    #[test]
    fn parts_keep_their_styles() {
        let theme = Theme { colors: true, unicode: true };
        let line = Line::from(vec![Span::raw("ab"), Span::styled("cd", theme.bad())]);
        let cut = part(&line, &(1..3));
        assert_eq!(cut.spans.len(), 2);
        assert_eq!((cut.spans[0].content.as_ref(), cut.spans[1].content.as_ref()), ("b", "c"));
        assert_eq!(cut.spans[1].style, theme.bad());
        assert_eq!(skip_columns("日本", 2), 3);
        assert_eq!(skip_columns("ab", 9), 2);
    }
}
