//! The lines in which two texts differ.

use crate::terminal::Style;

/// So many lines around a difference are shown.
const CONTEXT: usize = 3;
/// Comparing takes time and memory with the product of the lengths; what is longer is shown as it is.
const LARGEST: usize = 4_000_000;
/// So many lines are shown.
const MOST: usize = 400;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Old,
    New,
}

/// A unified diff without a head; empty for equal texts.
pub(super) fn unified(old: &str, new: &str, style: Style) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let lines = compared(&old, &new);
    let is_near = |at: usize| {
        let around = at.saturating_sub(CONTEXT)..(at + CONTEXT + 1).min(lines.len());
        lines.get(around).unwrap_or_default().iter().any(|(side, _)| *side != Side::Both)
    };
    let mut out = Vec::new();
    let mut is_gap = false;
    for (at, (side, text)) in lines.iter().enumerate() {
        if out.len() >= MOST {
            out.push("  … more".to_owned());
            break;
        }
        match side {
            Side::Both if !is_near(at) => {
                if !is_gap {
                    out.push("  …".to_owned());
                }
                is_gap = true;
                continue;
            }
            Side::Both => out.push(format!("  {text}")),
            Side::Old => out.push(style.removed(&format!("- {text}"))),
            Side::New => out.push(style.added(&format!("+ {text}"))),
        }
        is_gap = false;
    }
    out
}

fn compared<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(Side, &'t str)> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (rest_old, rest_new) = (old.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
    let end = rest_old.iter().rev().zip(rest_new.iter().rev()).take_while(|(a, b)| a == b).count();
    let middle_old = rest_old.get(..rest_old.len() - end).unwrap_or_default();
    let middle_new = rest_new.get(..rest_new.len() - end).unwrap_or_default();
    let both = |lines: &[&'t str]| lines.iter().map(|line| (Side::Both, *line)).collect::<Vec<_>>();
    let mut out = both(old.get(..start).unwrap_or_default());
    out.extend(longest_common(middle_old, middle_new));
    out.extend(both(rest_old.get(rest_old.len() - end..).unwrap_or_default()));
    out
}

fn longest_common<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(Side, &'t str)> {
    let width = new.len() + 1;
    if old.len().saturating_mul(new.len()) > LARGEST {
        let removed = old.iter().map(|line| (Side::Old, *line));
        return removed.chain(new.iter().map(|line| (Side::New, *line))).collect();
    }
    // How many lines the rests behind each place have in common.
    let mut common = vec![0u32; (old.len() + 1) * width];
    let get = |common: &[u32], i: usize, j: usize| common.get(i * width + j).copied().unwrap_or(0);
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            let best = match a == b {
                true => get(&common, i + 1, j + 1) + 1,
                false => get(&common, i + 1, j).max(get(&common, i, j + 1)),
            };
            if let Some(cell) = common.get_mut(i * width + j) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::with_capacity(old.len() + new.len());
    loop {
        match (old.get(i), new.get(j)) {
            (Some(a), Some(b)) if a == b => {
                out.push((Side::Both, *a));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), b) if b.is_none() || get(&common, i + 1, j) >= get(&common, i, j + 1) => {
                out.push((Side::Old, *a));
                i += 1;
            }
            (_, Some(b)) => {
                out.push((Side::New, *b));
                j += 1;
            }
            _ => return out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown_with_what_is_around() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh";
        let new = "a\nb\nc\nd\ne\nF\ng\nh\ni";
        let expected = ["  …", "  c", "  d", "  e", "- f", "+ F", "  g", "  h", "+ i"];
        assert_eq!(unified(old, new, Style::PLAIN), expected);
        assert_eq!(unified(old, old, Style::PLAIN).len(), 1, "one gap");
        assert_eq!(unified("", "x", Style::PLAIN), ["+ x"]);
        assert_eq!(unified("x\ny", "", Style::PLAIN), ["- x", "- y"]);
        assert_eq!(unified("a\nx\nb\ny", "x\na\ny\nb", Style::PLAIN), ["- a", "  x", "- b", "+ a", "  y", "+ b"]);
    }

    #[test]
    fn large_texts_are_shown_in_part() {
        let (old, new): (String, String) = ("a\n".repeat(5000), "b\n".repeat(5000));
        assert_eq!(unified(&old, &new, Style::PLAIN).len(), MOST + 1);
    }
}
