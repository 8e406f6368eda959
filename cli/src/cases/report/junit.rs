//! The report in the XML that JUnit began with and that build servers show.

use std::fmt::Write as _;
use std::time::Duration;

use hookr_abi::Printable;

use super::text::failure;
use super::{Ran, Summary, findings};
use crate::cases::case::Case;
use crate::cases::run::{Report, Status};
use crate::files::shown;
use crate::terminal::Style;

impl Ran<'_> {
    /// All of it.
    pub(crate) fn junit(&self) -> String {
        let summary = Summary::of(self.reports);
        let counts = format!(
            "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\"",
            summary.total(),
            summary.failed,
            summary.skipped + summary.not_run,
            seconds(self.elapsed)
        );
        let name = escaped(&shown(&self.plugin.plugin));
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "<testsuites {counts}>\n  <testsuite name=\"{name}\" {counts}>");
        for (case, report) in self.cases.iter().zip(self.reports) {
            test_case(&mut out, case, report, self.interrupted);
        }
        out.push_str("  </testsuite>\n</testsuites>\n");
        out
    }
}

fn test_case(out: &mut String, case: &Case, report: &Report, interrupted: bool) {
    let (class, name) = case.name.rsplit_once('/').unwrap_or(("cases", &case.name));
    let _ = write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" time=\"{}\"",
        escaped(&class.replace('/', ".")),
        escaped(name),
        escaped(&case.path.display().to_string()),
        seconds(report.elapsed)
    );
    let _ = match report.status {
        Status::Passed | Status::Updated => writeln!(out, "/>"),
        Status::Skipped => {
            let reason = escaped(case.skip.as_deref().unwrap_or_default());
            writeln!(out, ">\n      <skipped message=\"{reason}\"/>\n    </testcase>")
        }
        Status::NotRun => {
            let reason = if interrupted { "Ctrl-C" } else { "another case has failed" };
            writeln!(out, ">\n      <skipped message=\"{reason}\"/>\n    </testcase>")
        }
        Status::Failed => {
            let found = findings(case, report);
            let message = match found.first() {
                Some(first) => format!("{}: {}", first.problem.subject, first.problem.difference()),
                None => "there is no instance".to_owned(),
            };
            let text = escaped(&failure(case, report, Style::PLAIN));
            writeln!(out, ">\n      <failure message=\"{}\">{text}</failure>\n    </testcase>", escaped(&message))
        }
    };
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.6}", elapsed.as_secs_f64())
}

/// Text and attributes of XML. It has no way to write most control characters; they become what they are on a terminal.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in format!("{:#}", Printable(text)).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
