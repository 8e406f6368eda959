//! Members and elements come and go, and what stands around them stays: comments, order and layout.
//!
//! The text of an object or an array is cut into one part for each child: what leads up to it (its line and the comments above
//! it), the child, its comma, and the comment behind it on the same line.

use std::ops::Range;

use fbs2wit::json::{Node, quote};
use fbs2wit::source::Span;

use super::{Edit, indentation, laid_out, range};
use crate::pattern::{Children, Json, New};

/// A member or an element.
struct Child {
    value: Span,
    /// Where what leads up to it begins.
    lead: usize,
    /// From its name to the end of its value.
    text: Range<usize>,
    comma: Option<usize>,
    /// Where the next one begins.
    end: usize,
}

impl Child {
    fn lead<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.lead..self.text.start).unwrap_or_default()
    }

    /// Whether it is the first one on its line.
    fn starts_line(&self, text: &str) -> bool {
        self.lead(text).contains('\n')
    }
}

enum Item<'a> {
    Old(&'a Child),
    /// It is to stand at this place, like this one.
    New(&'a New, usize, &'a Child),
}

/// The edits that bring these children, and take those; `None` if the text is not that of the change.
pub(super) fn edits(text: &str, node: &Node<'_>, change: &Children) -> Option<Vec<Edit>> {
    let inner = range(node.span()).start + 1..range(node.span()).end.checked_sub(1)?;
    let head_end = end_of_line(text, inner.start, inner.end);
    let children = children(text, node, head_end, inner.end);
    let (Some(first), Some(last)) = (children.first(), children.last()) else {
        return Some(filled(text, node, inner, change));
    };
    let lead = Some(first.lead(text)).filter(|lead| lead.trim().is_empty()).unwrap_or_default();
    let items = items(&children, first, head_end, change);
    if items.iter().filter(|item| matches!(item, Item::New(..))).count() != change.new.len() {
        return None;
    }
    let gone = children.iter().filter(|child| change.gone.contains(&child.value));
    let mut edits: Vec<Edit> = gone.map(|child| (child.lead..child.end, String::new())).collect();
    let around = [inner.start..head_end, last.end..inner.end];
    if items.is_empty() && around.iter().all(|around| text.get(around.clone()).is_some_and(is_blank)) {
        return Some(vec![(inner, String::new())]);
    }
    let count = items.len();
    for (index, item) in items.into_iter().enumerate() {
        // Who writes a comma behind the last one goes on to do so.
        let wants_comma = index + 1 < count || last.comma.is_some();
        match item {
            Item::Old(child) => {
                match child.comma {
                    Some(at) if !wants_comma => edits.push((at..at + 1, String::new())),
                    None if wants_comma => edits.push((child.text.end..child.text.end, ",".to_owned())),
                    _ => {}
                }
                let was_first = child.lead == first.lead;
                if !child.starts_line(text) && index == 0 && !was_first && is_blank(child.lead(text)) {
                    edits.push((child.lead..child.text.start, lead.to_owned()));
                } else if index > 0 && was_first && child.lead(text).is_empty() {
                    edits.push((child.text.start..child.text.start, " ".to_owned()));
                }
            }
            Item::New(new, at, like) => {
                let comma = if wants_comma { "," } else { "" };
                let written = if like.starts_line(text) {
                    let line = format!("\n{}", indentation(text, like.text.start));
                    format!("{line}{}{}", name(new), new.value.pretty(0).replace('\n', &line))
                } else {
                    let lead = if index == 0 { lead } else { " " };
                    format!("{lead}{}{}", name(new), new.value.compact())
                };
                edits.push((at..at, written + comma));
            }
        }
    }
    Some(edits)
}

/// All that is there then, in order.
fn items<'a>(children: &'a [Child], first: &'a Child, head_end: usize, change: &'a Children) -> Vec<Item<'a>> {
    let behind = |value: Option<Span>| change.new.iter().filter(move |new| new.behind == value);
    let mut items: Vec<Item<'_>> = behind(None).map(|new| Item::New(new, head_end, first)).collect();
    for (index, child) in children.iter().enumerate() {
        if !change.gone.contains(&child.value) {
            items.push(Item::Old(child));
        }
        let like = children.get(index + 1).unwrap_or(child);
        items.extend(behind(Some(child.value)).map(|new| Item::New(new, child.end, like)));
    }
    items
}

/// What was empty has all of it in it.
fn filled(text: &str, node: &Node<'_>, inner: Range<usize>, change: &Children) -> Vec<Edit> {
    if text.get(inner.clone()).is_some_and(is_blank) {
        let value = |new: &New| new.value.clone();
        let whole = match node.members() {
            Some(_) => {
                Json::Object(change.new.iter().map(|n| (n.name.clone().unwrap_or_default(), value(n))).collect())
            }
            None => Json::Array(change.new.iter().map(value).collect()),
        };
        let at = range(node.span());
        return vec![(at.clone(), laid_out(text, at, &whole))];
    }
    // A comment stays in it.
    let new: Vec<String> = change.new.iter().map(|new| name(new) + &new.value.compact()).collect();
    vec![(inner.start..inner.start, format!(" {}", new.join(", ")))]
}

fn name(new: &New) -> String {
    let mut out = String::new();
    if let Some(name) = &new.name {
        quote(&mut out, name);
        out.push_str(": ");
    }
    out
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn children(text: &str, node: &Node<'_>, head_end: usize, close: usize) -> Vec<Child> {
    let members = node.members().unwrap_or_default().iter();
    let members = members.map(|m| (m.value.span(), range(m.span).start..range(m.value.span()).end));
    let elements = node.elements().unwrap_or_default().iter().map(|value| (value.span(), range(value.span())));
    let mut lead = head_end;
    let child = |(value, place): (Span, Range<usize>)| {
        let comma = comma_behind(text, place.end, close);
        let end = end_of_line(text, comma.map_or(place.end, |comma| comma + 1), close);
        let child = Child { value, lead, text: place, comma, end };
        lead = end;
        child
    };
    members.chain(elements).map(child).collect()
}

/// The end of the comment that begins here, if one does.
fn comment(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    if rest.starts_with("//") {
        let line = rest.split('\n').next().unwrap_or(rest);
        return Some(at + line.trim_end_matches('\r').len());
    }
    let inside = rest.strip_prefix("/*")?;
    inside.find("*/").map(|end| at + 2 + end + 2)
}

fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..).and_then(|rest| rest.chars().next())
}

/// The comma that comes next, behind blanks and comments.
fn comma_behind(text: &str, mut at: usize, close: usize) -> Option<usize> {
    while at < close {
        at = match (comment(text, at), char_at(text, at)?) {
            (Some(end), _) => end,
            (None, ',') => return Some(at),
            (None, c) if c.is_whitespace() => at + c.len_utf8(),
            _ => return None,
        };
    }
    None
}

/// Behind the comments on the rest of the line; the place itself if something else comes on this line.
fn end_of_line(text: &str, start: usize, close: usize) -> usize {
    let (mut at, mut end) = (start, start);
    while at < close {
        match (comment(text, at), char_at(text, at)) {
            (Some(behind), _) if text.get(at..behind).is_some_and(|comment| comment.contains('\n')) => return end,
            (Some(behind), _) => (at, end) = (behind, behind),
            (None, None | Some('\n')) => return end,
            (None, Some(c)) if c.is_whitespace() => at += c.len_utf8(),
            _ => return start,
        }
    }
    end
}
