//! Changes as text, in the form of a diff: `-` is what was locked, `+` is what is there now.

use std::fmt::Write as _;

use hookr::Need;
use hookr_abi::Printable;

use super::change::{Change, GRANTS, Kind, Row};
use crate::terminal::Style;

/// The plugins that changed, or nothing. What plugins say is escaped.
pub(crate) fn text(changes: &[Change<'_>], style: Style) -> String {
    let changed = changes.iter().filter(|change| change.kind() != Kind::Unchanged);
    let texts: Vec<String> = changed.map(|change| plugin(change, style)).collect();
    texts.join("\n")
}

fn plugin(change: &Change<'_>, style: Style) -> String {
    let name = style.strong(&Printable(change.name()).to_string());
    let mut out = format!("{name}: {}\n", super::json::kind(change.kind()));
    for row in change.rows() {
        if row.key == GRANTS {
            let title = grants(change, &row);
            let title = if row.added.is_empty() { title.to_owned() } else { style.warning(title) };
            let _ = writeln!(out, "  {title}");
        } else {
            let _ = writeln!(out, "  {}", row.key);
        }
        let shown = |value: &String| match Need::from_key(value).filter(|_| row.key == GRANTS) {
            Some(need) => format!("{value} ({need})"),
            None => Printable(value).to_string(),
        };
        for value in &row.removed {
            let _ = writeln!(out, "    {}", style.removed(&format!("- {}", shown(value))));
        }
        for value in &row.added {
            let _ = writeln!(out, "    {}", style.added(&format!("+ {}", shown(value))));
        }
    }
    out
}

/// What becomes of the grants is said in words: nobody should have to read a list to see it.
fn grants(change: &Change<'_>, row: &Row) -> &'static str {
    match (change.kind(), row.added.is_empty(), row.removed.is_empty()) {
        (Kind::Added, ..) => "grants: IT ASKS FOR PARTS OF WASI",
        (Kind::Removed, ..) => "grants",
        (_, true, _) => "grants: it asks for less than before",
        (_, false, true) => "grants: IT ASKS FOR MORE THAN BEFORE",
        (_, false, false) => "grants: IT ASKS FOR OTHERS THAN BEFORE",
    }
}
