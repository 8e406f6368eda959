//! The report: the same for the same corpus, whatever the machine.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde_json::{Value, json};

use crate::origin::Origin;
use crate::schemas;
use crate::texts::{self, Difference, Outcome};

/// Everything that was found.
pub(crate) struct Report {
    origins: BTreeMap<String, Origin>,
    /// The tables of small texts; nothing where the corpus lacks one.
    tables: Vec<(&'static str, Option<Outcome>)>,
    skipped: Vec<String>,
}

impl Report {
    /// Checks a corpus; values and binary schemas are compared where there is flatc.
    pub(crate) fn of(corpus: &Path, flatc: Option<&Path>) -> Result<Self, String> {
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut skipped = Vec::new();
        if flatc.is_none() {
            skipped.push("binary schemas and values were not compared: there is no flatc".to_owned());
        }
        let mut origins: BTreeMap<String, Origin> = BTreeMap::new();
        for item in schemas::listed(corpus)? {
            origins.entry(item.origin.clone()).or_default().check(&item, flatc, scratch.path());
        }
        let unjudged: usize = origins.values().map(|origin| origin.outcome.total - origin.judged).sum();
        if unjudged > 0 {
            skipped.push(format!("{unjudged} verdicts were not compared: there is neither flatc nor a manifest.tsv"));
        }
        type Check = fn(&Path) -> Result<Outcome, String>;
        let checks: [(&str, Check); 3] = [
            ("bad_schemas.tsv", texts::bad_schemas),
            ("bad_json.tsv", texts::bad_json),
            ("flatc_probes.tsv", texts::probes),
        ];
        let mut tables = Vec::new();
        for (name, check) in checks {
            if corpus.join(name).is_file() {
                tables.push((name, Some(check(corpus)?)));
            } else {
                skipped.push(format!("the corpus has no {name}"));
                tables.push((name, None));
            }
        }
        Ok(Report { origins, tables, skipped })
    }

    /// Whether every difference has an explanation.
    pub(crate) fn is_clean(&self) -> bool {
        self.outcomes().all(|outcome| outcome.differences.is_empty())
    }

    fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        let tables = self.tables.iter().filter_map(|(_, outcome)| outcome.as_ref());
        self.origins.values().map(|origin| &origin.outcome).chain(tables)
    }

    fn differences(&self) -> Vec<&Difference> {
        self.outcomes().flat_map(|outcome| &outcome.differences).collect()
    }

    fn documented(&self) -> Vec<&Difference> {
        self.outcomes().flat_map(|outcome| &outcome.documented).collect()
    }

    fn refused(&self) -> BTreeMap<&'static str, usize> {
        let mut all = BTreeMap::new();
        for (code, count) in self.origins.values().flat_map(|origin| &origin.refused) {
            *all.entry(*code).or_default() += count;
        }
        all
    }

    /// The report for programs.
    pub(crate) fn to_json(&self) -> Value {
        let list = |differences: Vec<&Difference>| -> Vec<Value> {
            differences.iter().map(|d| json!({"subject": d.subject, "what": d.what})).collect()
        };
        let origin = |(name, origin): (&String, &Origin)| {
            json!({
                "origin": name,
                "schemas": origin.outcome.total,
                "flatc_accepts": origin.flatc_accepts,
                "flatc_refuses": origin.judged - origin.flatc_accepts,
                "accepted": origin.we_accept,
                "refused": origin.outcome.total - origin.we_accept,
                "translated": origin.translated,
                "not_translated": origin.refused,
                "bfbs_compared": origin.bfbs_compared,
                "bfbs_equal": origin.bfbs_equal,
                "values": origin.values,
            })
        };
        let table = |(name, outcome): &(&str, Option<Outcome>)| {
            json!({
                "table": name,
                "total": outcome.as_ref().map(|outcome| outcome.total),
                "agree": outcome.as_ref().map(agreed),
            })
        };
        json!({
            "origins": self.origins.iter().map(origin).collect::<Vec<_>>(),
            "tables": self.tables.iter().map(table).collect::<Vec<_>>(),
            "skipped": self.skipped,
            "documented": list(self.documented()),
            "differences": list(self.differences()),
        })
    }
}

/// How many are as flatc has them, or differ on purpose.
fn agreed(outcome: &Outcome) -> usize {
    outcome.total - outcome.differences.len()
}

const COLUMNS: [&str; 9] =
    ["origin", "schemas", "flatc +", "flatc -", "ours +", "ours -", "translated", "bfbs equal", "values"];

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sums = [0; 9];
        let mut rows: Vec<(String, [usize; 9])> = Vec::new();
        for (name, origin) in &self.origins {
            let counts = [
                origin.outcome.total,
                origin.flatc_accepts,
                origin.judged - origin.flatc_accepts,
                origin.we_accept,
                origin.outcome.total - origin.we_accept,
                origin.translated,
                origin.bfbs_equal,
                origin.bfbs_compared,
                origin.values,
            ];
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            rows.push((name.clone(), counts));
        }
        rows.push(("all".to_owned(), sums));
        let [origin, rest @ ..] = COLUMNS;
        write!(f, "{origin:<32}")?;
        for column in rest {
            write!(f, " {column:>10}")?;
        }
        writeln!(f)?;
        for (name, [total, accepts, refuses, ours, not_ours, translated, equal, compared, values]) in rows {
            write!(f, "{name:<32}")?;
            for count in [total, accepts, refuses, ours, not_ours, translated] {
                write!(f, " {count:>10}")?;
            }
            writeln!(f, " {:>10} {values:>10}", format!("{equal}/{compared}"))?;
        }
        writeln!(f, "\naccepted, but not translated into WIT and Rust (a schema may have several reasons):")?;
        for (code, count) in self.refused() {
            writeln!(f, "  {code} {count}")?;
        }
        writeln!(f)?;
        for (name, outcome) in &self.tables {
            if let Some(outcome) = outcome {
                writeln!(f, "{name}: {} of {} agree", agreed(outcome), outcome.total)?;
            }
        }
        for line in &self.skipped {
            writeln!(f, "skipped: {line}")?;
        }
        for (title, list) in [("documented differences", self.documented()), ("differences", self.differences())] {
            writeln!(f, "\n{title}: {}", list.len())?;
            for difference in list {
                writeln!(f, "  {}\n    {}", difference.subject, difference.what.replace('\n', "\n    "))?;
            }
        }
        Ok(())
    }
}
