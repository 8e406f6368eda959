//! What became of the cases.

use std::collections::BTreeMap;
use std::fmt;

/// What became of one case: how it was opened, and how its calls ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) opened: &'static str,
    pub(crate) calls: Vec<&'static str>,
}

/// How often each of them occurred.
#[derive(Default)]
pub(crate) struct Outcomes {
    cases: u64,
    opened: BTreeMap<&'static str, u64>,
    calls: BTreeMap<&'static str, u64>,
}

impl Outcomes {
    pub(crate) fn add(&mut self, case: &Case) {
        self.cases += 1;
        *self.opened.entry(case.opened).or_default() += 1;
        for call in &case.calls {
            *self.calls.entry(call).or_default() += 1;
        }
    }
}

impl fmt::Display for Outcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cases", self.cases)?;
        for (what, counts) in [("open", &self.opened), ("call", &self.calls)] {
            for (outcome, count) in counts {
                write!(f, "\n{what}  {count:>8}  {outcome}")?;
            }
        }
        Ok(())
    }
}

/// The most memory that the process has had, in bytes, where the system says so.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes << 10)
}
