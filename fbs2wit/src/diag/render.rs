//! Diagnostics as text for people, in rustc's form.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use hookr_abi::Printable;

use super::{Diagnostic, Diagnostics};
use crate::source::{SourceFile, SourceMap, Span};

/// So many errors are shown; people mend the first ones and run again.
const SHOWN: usize = 50;

/// An excerpt that is longer is left out: generated schemas may be one line of many megabytes.
const LONGEST_EXCERPT: usize = 16 * 1024;

pub(super) fn render(diagnostics: &Diagnostics, sources: &SourceMap, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(SHOWN) {
        out += &renderer.render(&[report(diagnostic, sources)]);
        out += "\n\n";
    }
    let total = diagnostics.iter().count();
    if total > SHOWN {
        out += &format!("… and {} more errors\n\n", total - SHOWN);
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Group<'a> {
    let title = Level::ERROR.primary_title(printable(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);

    // The excerpt of the file with the error first, then those of other files.
    let mut places = vec![(AnnotationKind::Primary, diagnostic.span, &*diagnostic.label)];
    places.extend(diagnostic.secondary.iter().map(|(span, label)| (AnnotationKind::Context, *span, label.as_str())));
    let mut files = Vec::new();
    for (_, span, _) in &places {
        if !files.contains(&span.file) {
            files.push(span.file);
        }
    }
    for id in files {
        let Some(file) = sources.get(id) else { continue };
        let here: Vec<_> = places.iter().filter(|(_, span, _)| span.file == id).copied().collect();
        group = match excerpt(file, &here) {
            Some(snippet) => group.element(snippet),
            None => {
                let first = here.first().map_or(Span::NONE, |(_, span, _)| *span);
                group.element(origin(file, sources, first))
            }
        };
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(printable(note)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    group
}

type Place<'a> = (AnnotationKind, Span, &'a str);

/// The lines from the first place to the last, with what is said about each.
fn excerpt<'a>(file: &'a SourceFile, places: &[Place<'a>]) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let text: &str = &file.text;
    let ranges: Vec<Range<usize>> = places.iter().map(|(_, span, _)| clamp(text, *span)).collect();
    let first = ranges.iter().map(|range| range.start).min()?;
    let last = ranges.iter().map(|range| range.end).max()?;
    let mut start = text.get(..first)?.rfind('\n').map_or(0, |at| at + 1);
    let end = text.get(last..)?.find('\n').map_or(text.len(), |at| last + at);
    let line_number = text.get(..start)?.bytes().filter(|byte| *byte == b'\n').count() + 1;
    if start == 0 && text.starts_with('\u{feff}') {
        start = first.min('\u{feff}'.len_utf8());
    }
    if end - start > LONGEST_EXCERPT {
        return None;
    }
    let annotations = places.iter().zip(ranges).map(|((kind, _, label), range)| {
        let annotation = kind.span(range.start.max(start) - start..range.end.max(start) - start);
        if label.is_empty() { annotation } else { annotation.label(printable(label)) }
    });
    Some(
        Snippet::source(text.get(start..end)?)
            .line_start(line_number)
            .path(printable(&file.path.display().to_string()))
            .annotations(annotations),
    )
}

fn origin(file: &SourceFile, sources: &SourceMap, span: Span) -> Origin<'static> {
    let origin = Origin::path(printable(&file.path.display().to_string()));
    match sources.line_column(span) {
        Some((line, column)) => origin.line(line).char_column(column),
        None => origin,
    }
}

/// The bytes of a span, on the borders of characters and inside of the text.
fn clamp(text: &str, span: Span) -> Range<usize> {
    let border = |at: u32| {
        let mut at = (at as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = border(span.start);
    start..border(span.end).max(start)
}

/// Text from outside may hold control characters; messages are one line each.
fn printable(text: &str) -> String {
    Printable(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;
    use crate::source::FileId;

    #[test]
    fn nothing_from_a_schema_reaches_the_terminal_raw() {
        let mut sources = SourceMap::default();
        let file = sources.add("a\x1b[2J.fbs", "table \x1b[31mT { }");
        let span = Span { file, start: 6, end: 11 };
        let errors = Diagnostics::from(
            Diagnostic::new(Code::UnknownType, span, "no \x1b[1m \u{202e}").label("\x1b]0;x\x07").help("\x1b"),
        );
        let text = errors.render(&sources, false);
        assert!(!text.contains(['\x1b', '\x07', '\u{202e}']), "{text:?}");
    }

    #[test]
    fn spans_that_fit_no_text_do_not_panic() {
        let mut sources = SourceMap::default();
        let file = sources.add("a.fbs", "é");
        for span in [
            Span::NONE,
            Span { file, start: 1, end: 1 },
            Span { file, start: 5, end: 9 },
            Span { file, start: 2, end: 0 },
            Span { file: FileId(7), start: 0, end: 1 },
        ] {
            let errors = Diagnostics::from(Diagnostic::new(Code::UnknownType, span, "x").also(span, "y"));
            assert!(errors.render(&sources, true).contains('x'));
        }
    }

    #[test]
    fn long_lines_are_left_out() {
        let mut sources = SourceMap::default();
        let file = sources.add("a.fbs", " ".repeat(LONGEST_EXCERPT) + "x");
        let at = u32::try_from(LONGEST_EXCERPT).expect("small");
        let span = Span { file, start: at, end: at + 1 };
        let text = Diagnostics::from(Diagnostic::new(Code::UnknownType, span, "m")).render(&sources, false);
        assert!(text.contains(&format!("a.fbs:1:{}", LONGEST_EXCERPT + 1)), "{text}");
        assert!(text.len() < 200, "{text}");
    }
}
