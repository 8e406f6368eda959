//! What was found, for people and for programs.

use std::fmt::Write as _;

use hookr_abi::Printable;
use serde_json::{Value, json};

use crate::terminal::{Cell, Meaning, Style, Table};

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// As it should be.
    Ok,
    /// Not needed, or nothing to say yes or no to.
    Info,
    /// It works, and not as well as it could.
    Warning,
    /// Needed, and not there.
    Missing,
}

impl Status {
    /// The word for it; scripts know it by this.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Info => "info",
            Status::Warning => "warning",
            Status::Missing => "missing",
        }
    }

    fn meaning(self) -> Meaning {
        match self {
            Status::Ok => Meaning::Good,
            Status::Info => Meaning::Plain,
            Status::Warning => Meaning::Warning,
            Status::Missing => Meaning::Error,
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) status: Status,
    /// What is there, in a line.
    pub(crate) found: String,
    /// What mends it.
    pub(crate) fix: Option<String>,
}

impl Check {
    pub(super) fn new(name: &str, status: Status, found: impl Into<String>) -> Self {
        Check { name: name.to_owned(), status, found: found.into(), fix: None }
    }

    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// All of it, in groups.
#[derive(Debug, Default)]
pub(crate) struct Report {
    checks: Vec<(&'static str, Check)>,
}

impl Report {
    pub(super) fn extend(&mut self, group: &'static str, checks: impl IntoIterator<Item = Check>) {
        self.checks.extend(checks.into_iter().map(|check| (group, check)));
    }

    /// What is missing, by name.
    pub(crate) fn missing(&self) -> Vec<&str> {
        let missing = self.checks.iter().filter(|(_, check)| check.status == Status::Missing);
        missing.map(|(_, check)| check.name.as_str()).collect()
    }

    /// The lines for a terminal.
    pub(crate) fn text(&self, style: Style) -> String {
        let mut table = Table::new();
        // What each line of the table is of, and whether it is a hint.
        let mut lines = Vec::new();
        for (group, check) in &self.checks {
            let cell = |text: &str| Cell::from(Printable(text).to_string());
            let status = Cell::new(check.status.meaning(), check.status.name());
            table.row([status, cell(&check.name), cell(&check.found)]);
            lines.push((*group, false));
            if let Some(fix) = &check.fix {
                let hint = format!("hint: {}", Printable(fix));
                table.row(["".into(), "".into(), Cell::from(hint)]);
                lines.push((*group, true));
            }
        }
        let mut out = String::new();
        let mut last = None;
        for (line, (group, is_hint)) in table.render(style, None).lines().zip(lines) {
            if last != Some(group) {
                let _ = writeln!(out, "{}{}", if last.is_some() { "\n" } else { "" }, style.strong(group));
                last = Some(group);
            }
            let line = if is_hint { line.replacen("hint:", &style.hint("hint:"), 1) } else { line.to_owned() };
            let _ = writeln!(out, "  {line}");
        }
        out
    }

    /// For scripts. Names of checks and words for their status are stable.
    pub(crate) fn json(&self) -> Value {
        let checks = self.checks.iter().map(|(group, check)| {
            json!({
                "group": group,
                "name": check.name,
                "status": check.status.name(),
                "found": check.found,
                "fix": check.fix,
            })
        });
        json!({ "ok": self.missing().is_empty(), "checks": checks.collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_aligned_and_escaped() {
        let mut report = Report::default();
        report
            .extend("one", [Check::new("a", Status::Ok, "here"), Check::new("long", Status::Missing, "\x1b").fix("x")]);
        report.extend("two", [Check::new("b", Status::Info, "there")]);
        let expected = "one\n  ok       a     here\n  missing  long  \\u{1b}\n                 hint: x\n\ntwo\n  \
                        info     b     there\n";
        assert_eq!(report.text(Style::PLAIN), expected);
        assert_eq!(report.missing(), ["long"]);
        assert_eq!(report.json()["ok"], false);
        assert_eq!(report.json()["checks"][1]["fix"], "x");
    }
}
