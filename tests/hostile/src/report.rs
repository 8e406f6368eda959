//! What is said of a case: whether it came to what it has to come to, and a line of a table.

use std::fmt;
use std::time::Duration;

use hookr_abi::Printable;
use serde::Serialize;

use crate::case::Case;
use crate::memory;
use crate::worker::Finding;

/// How a worker ended that should have gone on.
#[derive(Debug)]
pub enum Death {
    /// It was killed because it said nothing for so long.
    Time(Duration),
    /// It was killed because it had so much memory.
    Memory(u64),
    /// It ended by itself.
    Exit(String),
    /// It said what nobody understands.
    Nonsense(String),
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Death::Time(patience) => write!(f, "the host hung for {} s", patience.as_secs()),
            Death::Memory(bytes) => write!(f, "the host had {} MiB", bytes >> 20),
            Death::Exit(status) => write!(f, "the host ended with {status}"),
            Death::Nonsense(text) => write!(f, "the host says {text}"),
        }
    }
}

/// A case and what became of it.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The case's.
    pub name: String,
    /// The case's.
    pub about: &'static str,
    /// What it has to come to.
    pub expected: &'static str,
    /// What it came to.
    pub outcome: String,
    /// The error and its causes.
    pub text: String,
    /// Milliseconds from the first byte of the file to the opened plugin, or to the error.
    pub open_ms: Option<u64>,
    /// Milliseconds of the calls.
    pub calls_ms: Option<u64>,
    /// Milliseconds behind the end of its time, if it is a case that goes on until then. It is no less than that: where an
    /// instance cannot be made in time, compilation counts as well, and where the plugin is called several times, all calls do.
    pub late_ms: Option<u64>,
    /// How many there may be, in a run that has the machine for itself.
    pub latest_ms: u64,
    /// How much more memory the host had, at the most, in KiB.
    pub memory_kib: Option<u64>,
    /// What is not as it should be. Nothing, if all is well.
    pub problems: Vec<String>,
}

impl Report {
    pub(crate) fn new(case: &Case, finding: Result<Finding, Death>) -> Self {
        let mut report = Report {
            name: case.name.clone(),
            about: case.about,
            expected: case.expected,
            outcome: String::new(),
            text: String::new(),
            open_ms: None,
            calls_ms: None,
            late_ms: None,
            latest_ms: milliseconds(case.latest),
            memory_kib: None,
            problems: Vec::new(),
        };
        match finding {
            Ok(finding) => {
                report.problems = problems(case, &finding);
                report.open_ms = Some(milliseconds(finding.open));
                report.calls_ms = Some(milliseconds(finding.calls));
                report.late_ms = late(case, &finding).map(milliseconds);
                report.memory_kib = finding.memory.map(|bytes| bytes >> 10);
                (report.outcome, report.text) = (finding.outcome, finding.text);
            }
            Err(death) => {
                report.outcome = death.to_string();
                report.problems.push(format!("expected {}", case.expected));
            }
        }
        report
    }

    /// Whether all is as it should be.
    pub fn is_fine(&self) -> bool {
        self.problems.is_empty()
    }

    /// What is to be said of a case that ended later than it may on a machine that has nothing else to do. That is no
    /// problem of a test, which may share the machine with others.
    pub fn lateness(&self) -> Option<String> {
        let late = self.late_ms.filter(|late| *late > self.latest_ms)?;
        Some(format!("it ended {late} ms behind its time, {} at the most", self.latest_ms))
    }

    /// The head of the table.
    pub fn head() -> String {
        let (case, outcome) = ("case", "outcome");
        format!("{case:<48} {outcome:<44} {:>8} {:>8} {:>8} {:>9}", "open ms", "call ms", "late ms", "peak MiB")
    }
}

/// A line of the table, and one more for each problem.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |number: Option<u64>| number.map_or("?".to_owned(), |number| number.to_string());
        let memory = self.memory_kib.map_or("?".to_owned(), |kib| format!("{:.1}", kib as f64 / 1024.0));
        let (open, calls) = (number(self.open_ms), number(self.calls_ms));
        let late = self.late_ms.map(|late| late.to_string()).unwrap_or_default();
        write!(f, "{:<48} {:<44} {open:>8} {calls:>8} {late:>8} {memory:>9}", self.name, self.outcome)?;
        for problem in &self.problems {
            write!(f, "\n    {problem}")?;
        }
        if !self.is_fine() && !self.text.is_empty() {
            let end = self.text.floor_char_boundary(1000);
            write!(f, "\n    {}", Printable(self.text.get(..end).unwrap_or_default()))?;
        }
        Ok(())
    }
}

/// How long behind the end of its time it ended.
fn late(case: &Case, finding: &Finding) -> Option<Duration> {
    let (time, is_opening) = case.time().filter(|_| finding.outcome == case.expected)?;
    Some(if is_opening { finding.open } else { finding.calls }.saturating_sub(time))
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn problems(case: &Case, finding: &Finding) -> Vec<String> {
    let mut problems = Vec::new();
    if finding.outcome != case.expected {
        problems.push(format!("expected {}", case.expected));
    } else if !finding.text.contains(case.says) {
        problems.push(format!("the error does not say {:?}: {}", case.says, finding.text));
    }
    if let Some(text) = case.without
        && finding.text.contains(text)
    {
        problems.push(format!("the error says {text:?}: {:?}", finding.text));
    }
    for (what, time, longest) in
        [("opening", finding.open, case.longest_open()), ("calling", finding.calls, case.longest_call())]
    {
        if time > longest {
            problems.push(format!("{what} took {} ms, {} at the most", time.as_millis(), longest.as_millis()));
        }
    }
    match (finding.memory, case.memory) {
        (Some(memory), Some(allowed)) if memory > allowed => {
            problems.push(format!("the host took {} MiB, {} at the most", memory >> 20, allowed >> 20));
        }
        (None, Some(_)) if memory::IS_MEASURED => problems.push("the memory was not measured".to_owned()),
        _ => {}
    }
    problems.extend(finding.unhealthy.clone());
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;

    fn finding(case: &Case) -> Finding {
        Finding {
            outcome: case.expected.into(),
            text: case.says.into(),
            open: Duration::ZERO,
            calls: Duration::ZERO,
            memory: case.memory,
            unhealthy: None,
        }
    }

    #[test]
    fn each_of_the_promises_can_be_broken() {
        let case = cases::all().into_iter().find(|case| !case.says.is_empty()).expect("some case has a text");
        let report = |change: fn(&mut Finding)| {
            let mut finding = finding(&case);
            change(&mut finding);
            Report::new(&case, Ok(finding))
        };
        assert!(report(|_| ()).is_fine());
        assert!(!report(|finding| finding.outcome = "answered".into()).is_fine());
        assert!(!report(|finding| finding.text.clear()).is_fine());
        assert!(!report(|finding| finding.open = Duration::from_secs(1000)).is_fine());
        assert!(!report(|finding| finding.calls = Duration::from_secs(1000)).is_fine());
        assert!(!report(|finding| finding.memory = Some(1 << 40)).is_fine());
        assert_eq!(report(|finding| finding.memory = None).is_fine(), !memory::IS_MEASURED);
        assert!(!report(|finding| finding.unhealthy = Some("it failed".into())).is_fine());
        assert!(!Report::new(&case, Err(Death::Memory(1 << 40))).is_fine());
    }
    #[test]
    fn memory_is_not_compared_in_a_sanitized_run() {
        let case = cases::all().swap_remove(0).sanitized();
        for memory in [None, Some(1 << 40)] {
            assert!(Report::new(&case, Ok(Finding { memory, ..finding(&case) })).is_fine());
        }
    }

    #[test]
    fn who_ends_late_is_seen_by_a_run_and_not_by_a_test() {
        let named = |name: &str| cases::all().into_iter().find(|case| case.name == name).expect("there is such a case");
        let called = named("call/loops");
        let report = |case: &Case, open, calls| Report::new(case, Ok(Finding { open, calls, ..finding(case) }));
        let milliseconds = Duration::from_millis;
        let good = report(&called, milliseconds(2000), milliseconds(1200));
        assert_eq!((good.late_ms, good.lateness()), (Some(1000), None));
        let bad = report(&called, Duration::ZERO, milliseconds(1201));
        assert!(bad.is_fine() && bad.lateness().is_some());
        assert_eq!(report(&named("start/loops"), milliseconds(250), Duration::ZERO).late_ms, Some(50));
        assert_eq!(report(&named("code/slow"), milliseconds(90), Duration::ZERO).late_ms, Some(40));
        assert_eq!(report(&named("call/unreachable"), Duration::ZERO, milliseconds(9000)).late_ms, None);
        let sanitized = called.sanitized();
        assert_eq!(report(&sanitized, Duration::ZERO, milliseconds(1201)).lateness(), None);
        assert!(report(&sanitized, Duration::ZERO, milliseconds(4201)).lateness().is_some());
    }
}
