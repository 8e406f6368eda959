//! The report: how far the schemas of each origin came.

use std::collections::BTreeMap;
use std::fmt;

use crate::check::Side;
use crate::schemas::Item;

/// The counts of an origin.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    /// Its schemas.
    pub(crate) schemas: usize,
    /// Of these, the ones that are accepted.
    pub(crate) accepted: usize,
    /// Of these, the ones that became crates.
    pub(crate) translated: usize,
    /// Of these, the ones that compile for hosts.
    pub(crate) host: usize,
    /// And for plugins.
    pub(crate) guest: usize,
    /// Schemas with a failure.
    pub(crate) failed: usize,
}

/// Everything that was found.
#[derive(Default)]
pub(crate) struct Report {
    /// By origin.
    pub(crate) origins: BTreeMap<String, Counts>,
    /// How many crates the translated schemas are: some schemas are copies of others.
    pub(crate) crates: usize,
    /// Accepted, but not translated, by each code that says why.
    pub(crate) not_translated: BTreeMap<&'static str, usize>,
    /// What went wrong, by schema.
    pub(crate) failures: BTreeMap<String, Vec<String>>,
}

impl Report {
    /// Takes what came of compiling a schema's crate for a side.
    pub(crate) fn record(&mut self, item: &Item, side: Side, verdict: Result<(), String>) {
        let counts = self.origins.entry(item.origin.clone()).or_default();
        match verdict {
            Ok(()) if side == Side::Host => counts.host += 1,
            Ok(()) => counts.guest += 1,
            Err(why) => {
                let failures = self.failures.entry(item.path.clone()).or_default();
                counts.failed += usize::from(failures.is_empty());
                failures.push(format!("{}: {why}", side.name()));
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<32}", "origin")?;
        for column in ["schemas", "accepted", "translated", "host", "guest", "failed"] {
            write!(f, " {column:>10}")?;
        }
        writeln!(f)?;
        let mut all = [0; 6];
        let row = |f: &mut fmt::Formatter<'_>, name: &str, counts: [usize; 6]| {
            write!(f, "{name:<32}")?;
            counts.iter().try_for_each(|count| write!(f, " {count:>10}"))?;
            writeln!(f)
        };
        for (name, counts) in &self.origins {
            let Counts { schemas, accepted, translated, host, guest, failed } = *counts;
            let counts = [schemas, accepted, translated, host, guest, failed];
            all.iter_mut().zip(counts).for_each(|(all, count)| *all += count);
            row(f, name, counts)?;
        }
        row(f, "all", all)?;
        writeln!(f, "\nthe translated ones are {} different crates", self.crates)?;
        writeln!(f, "accepted, but not translated into WIT and Rust (a schema may have several reasons):")?;
        for (code, count) in &self.not_translated {
            writeln!(f, "  {code} {count}")?;
        }
        writeln!(f, "\nfailures: {}", self.failures.values().map(Vec::len).sum::<usize>())?;
        for (schema, failures) in &self.failures {
            writeln!(f, "  {schema}")?;
            for failure in failures {
                writeln!(f, "    {}", failure.replace('\n', "\n    "))?;
            }
        }
        Ok(())
    }
}
