//! The results, as a table and as JSON.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use wasmtime::Result;
use wasmtime::error::Context as _;

use crate::machine::Machine;
use crate::measure::Row;
use crate::targets::{Outcome, Target, Unit};

/// Everything that a run found out.
#[derive(Debug, Serialize)]
pub struct Results {
    /// What the numbers mean: it changes when their meaning does.
    pub version: u32,
    /// Whether the run was one that shows that everything works, and nothing else.
    pub quick: bool,
    /// Where it ran.
    pub machine: Machine,
    /// Which way the lane took.
    pub lane: String,
    /// What was measured.
    pub groups: Vec<GroupResult>,
    /// What became of the targets; those whose ways were left out are not among them.
    pub targets: Vec<Outcome>,
}

/// What was measured of a group.
#[derive(Debug, Serialize)]
pub struct GroupResult {
    /// Its name.
    pub name: String,
    /// The way that the others are compared with.
    pub base: &'static str,
    /// Its ways.
    pub ways: Vec<WayResult>,
}

/// What was measured of a way.
#[derive(Debug, Serialize)]
pub struct WayResult {
    /// Its name.
    pub name: &'static str,
    /// Nanoseconds a call.
    pub median_ns: f64,
    /// A tenth of the turns took less.
    pub p10_ns: f64,
    /// A tenth of the turns took more.
    pub p90_ns: f64,
    /// How often the time of the base it takes.
    pub ratio: f64,
    /// How many turns were measured.
    pub turns: usize,
    /// How many calls each of them had.
    pub calls: u32,
}

/// The present [`Results::version`].
pub const VERSION: u32 = 1;

impl GroupResult {
    /// What the rows of a group come down to.
    pub fn new(name: &str, base: &'static str, rows: &[Row]) -> Self {
        let base_row = rows.iter().find(|row| row.way == base);
        let ways = rows.iter().map(|row| {
            let spread = row.spread();
            WayResult {
                name: row.way,
                median_ns: spread.median,
                p10_ns: spread.p10,
                p90_ns: spread.p90,
                ratio: base_row.map_or(f64::NAN, |base| row.ratio_to(base)),
                turns: row.times.len(),
                calls: row.calls,
            }
        });
        GroupResult { name: name.to_owned(), base, ways: ways.collect() }
    }

    /// The group as a table for people.
    pub fn table(&self) -> String {
        let mut text = format!("{:<46} {:>10} {:>10} {:>10} {:>9}\n", self.name, "median", "p10", "p90", "x base");
        for way in &self.ways {
            let [median, p10, p90] = [way.median_ns, way.p10_ns, way.p90_ns].map(shown);
            let mark = if way.name == self.base { "*" } else { " " };
            let _ = writeln!(text, " {mark} {:<43} {median:>10} {p10:>10} {p90:>10} {:>9.2}", way.name, way.ratio);
        }
        text
    }
}

/// The targets as a table for people, those that were not measured among them.
pub fn targets_table(targets: &[Target], outcomes: &[Outcome]) -> String {
    let mut text = String::from("targets\n");
    for target in targets {
        let outcome = outcomes.iter().find(|outcome| outcome.target == target.what);
        let word = match outcome {
            None => "not measured".to_owned(),
            Some(outcome) => {
                let met = if outcome.met { "met" } else { "MISSED" };
                let number = |value| match outcome.unit {
                    Unit::Ratio => format!("{value:.2}"),
                    Unit::Nanoseconds => shown(value),
                };
                format!("{met}: {} of {}", number(outcome.measured), number(outcome.bound))
            }
        };
        let _ = writeln!(text, "   {:<90} {word}", target.what);
    }
    text
}

/// A time with its unit.
pub(crate) fn shown(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 1e4 => format!("{ns:.1} ns"),
        ns if ns < 1e7 => format!("{:.1} µs", ns / 1e3),
        ns => format!("{:.1} ms", ns / 1e6),
    }
}

/// Writes results as JSON. The file appears whole or not at all.
///
/// # Errors
///
/// It cannot be written.
pub fn write(results: &impl Serialize, file: &Path) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = || -> Result<()> {
        let mut partial = tempfile::Builder::new().prefix(".hookr-bench-").tempfile_in(folder)?;
        serde_json::to_writer_pretty(&mut partial, results)?;
        partial.write_all(b"\n")?;
        partial.as_file().sync_all()?;
        partial.persist(file)?;
        Ok(())
    };
    written().with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::TARGETS;

    fn group() -> GroupResult {
        let row = |way, times: &[f64]| Row { way, times: times.to_vec(), calls: 400 };
        GroupResult::new("echo", "core", &[row("core", &[20.0, 20.0, 22.0]), row("open", &[4e7, 2e7, 2.2e7])])
    }

    #[test]
    fn the_table_is_aligned_and_marks_the_base() {
        let expected = "\
echo                                               median        p10        p90    x base
 * core                                           20.0 ns    20.0 ns    22.0 ns      1.00
   open                                           22.0 ms    20.0 ms    40.0 ms 1000000.00
";
        assert_eq!(group().table(), expected);
    }

    #[test]
    fn each_target_has_a_line() {
        let outcome =
            |target: &Target, met| Outcome { target: target.what, bound: 1.5, measured: 1.25, unit: Unit::Ratio, met };
        let outcomes = [outcome(&TARGETS[0], true), outcome(&TARGETS[1], false)];
        let text = targets_table(TARGETS, &outcomes);
        let lines: Vec<_> = text.lines().skip(1).collect();
        assert_eq!(lines.len(), TARGETS.len());
        assert!(lines[0].ends_with("  met: 1.25 of 1.50"), "{text}");
        assert!(lines[1].ends_with("  MISSED: 1.25 of 1.50"), "{text}");
        assert!(lines[2].ends_with("  not measured"), "{text}");
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named_and_none_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results {
            version: VERSION,
            quick: true,
            machine: Machine::this(),
            lane: "direct".to_owned(),
            groups: vec![group()],
            targets: Vec::new(),
        };
        let error = write(&results, &folder.path().join("none/results.json")).unwrap_err();
        assert!(error.to_string().contains("none/results.json cannot be written"), "{error}");
        let file = folder.path().join("results.json");
        write(&results, &file).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!(json["groups"][0]["ways"][0]["median_ns"], 20.0);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
