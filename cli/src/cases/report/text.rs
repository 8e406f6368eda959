//! The report for people.

use hookr_abi::Printable;

use super::{Finding, Ran, Summary, findings, sentence};
use crate::call::Exchange;
use crate::cases::case::Case;
use crate::cases::diff::unified;
use crate::cases::run::{Report, Status, StepRun};
use crate::pattern::{Found, Json};
use crate::terminal::{Style, time, width};

/// So many callbacks, and lines of the plugin's log, are shown of a call.
const MOST: usize = 50;

impl Ran<'_> {
    /// The line of a case.
    pub(crate) fn line(case: &Case, report: &Report, style: Style) -> String {
        let name = Printable(&case.name);
        match report.status {
            Status::Passed => format!("{}      {name}  {}\n", style.added("ok"), time(report.elapsed)),
            Status::Failed => format!("{}  {name}  {}\n", style.error("FAILED"), time(report.elapsed)),
            Status::Updated => {
                let changed = report.update.as_ref().and_then(|update| update.as_ref().ok()).map(|c| c.join(", "));
                let changed = changed.unwrap_or_default();
                format!("{} {name}  {}\n", style.warning("updated"), Printable(&changed))
            }
            Status::Skipped => {
                let reason = case.skip.as_deref().filter(|reason| !reason.is_empty());
                let reason = reason.map(|reason| format!("  {}", Printable(reason))).unwrap_or_default();
                format!("{} {name}{reason}\n", style.warning("skipped"))
            }
            Status::NotRun => format!("{} {name}\n", style.warning("not run")),
        }
    }

    /// What stands behind the lines: the failures, and how many there are.
    pub(crate) fn text(&self, table: bool, style: Style) -> String {
        let mut out = String::new();
        let failed = self.cases.iter().zip(self.reports).filter(|(_, report)| report.status == Status::Failed);
        for (case, report) in failed {
            out.push('\n');
            out.push_str(&failure(case, report, style));
        }
        let summary = Summary::of(self.reports);
        if table {
            out.push('\n');
            out.push_str(&self.coverage.table().render(style, width()));
        }
        let verdict =
            if summary.failed > 0 { style.error(&summary.sentence()) } else { style.added(&summary.sentence()) };
        out.push_str(&format!("\n{verdict} in {}; {}\n", time(self.elapsed), self.coverage.sentence()));
        out
    }
}

/// Everything about a case that failed.
pub(super) fn failure(case: &Case, report: &Report, style: Style) -> String {
    let mut lines = vec![format!("{} {}", style.error("FAILED"), style.strong(&Printable(&case.name).to_string()))];
    if let Some(description) = &case.description {
        lines.push(format!("  {}", Printable(description)));
    }
    lines.extend(findings(case, report).iter().map(|finding: &Finding<'_>| format!("  {}", sentence(case, finding))));
    for run in &report.runs {
        if let Some(reason) = &run.unopened {
            lines.push(format!("  there is no instance ({}): {}", run.way.name(), Printable(reason)));
        }
    }
    if let Some(Err(reason)) = &report.update {
        lines.push(format!("  not updated: {}", Printable(reason)));
    }
    // Where both ways fail alike, one of them says enough.
    let run = report.runs.iter().find(|run| run.steps.iter().any(|step| !step.verdict.problems.is_empty()));
    let Some(run) = run.or(report.runs.first()) else { return joined(lines) };
    for (index, (step, ran)) in case.steps.iter().zip(&run.steps).enumerate() {
        if case.has_steps && ran.verdict.problems.is_empty() {
            continue;
        }
        if case.has_steps {
            let description = step.description.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
            let head = format!("step {}, {}{description}", index + 1, step.method.name);
            lines.push(format!("\n  {}", Printable(&head)));
        }
        lines.extend(details(ran, style));
    }
    joined(lines)
}

fn joined(lines: Vec<String>) -> String {
    lines.join("\n") + "\n"
}

fn details(ran: &StepRun, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some((expected, found)) = &ran.verdict.values {
        lines.push(format!("\n  {} {}", style.removed("- expected"), style.added("+ found")));
        lines.extend(unified(&expected.pretty(0), &found.pretty(0), style).into_iter().map(|line| format!("  {line}")));
    }
    if let Some(error) = ran.outcome.result.as_ref().err().filter(|error| error.answered().is_none()) {
        lines.push("\n  the call failed".to_owned());
        lines.extend(error.failure().render(style).lines().map(|line| format!("    {line}")));
    }
    let trace = ran.outcome.trace();
    if !trace.is_empty() {
        lines.push("\n  callbacks".to_owned());
        lines.extend(
            trace.iter().take(MOST).enumerate().map(|(index, made)| format!("  {:>3}  {}", index + 1, exchange(made))),
        );
        if trace.len() > MOST {
            lines.push(format!("       and {} more", trace.len() - MOST));
        }
    }
    let notices = &ran.outcome.seen.notices;
    if !notices.is_empty() {
        lines.push("\n  the plugin said".to_owned());
        lines.extend(notices.iter().take(MOST).map(|line| format!("       {line}")));
        if notices.len() > MOST {
            lines.push(format!("       and {} lines more", notices.len() - MOST));
        }
    }
    lines
}

/// A callback with its answer, on a line.
fn exchange(made: &Exchange) -> String {
    let shown = |found: Result<Found, _>| {
        found.map_or_else(|error: crate::call::PayloadError| error.to_string(), |f| f.shown.brief())
    };
    let answer = match &made.answer {
        Ok(response) => shown(Found::of(response)),
        Err(error) => format!("error {}: {}", error.code.name(), Json::text(&error.message).brief()),
    };
    let text = format!("{} {} → {answer}", made.callback.full_name(), shown(Found::of(&made.request)));
    Printable(&text).to_string()
}
