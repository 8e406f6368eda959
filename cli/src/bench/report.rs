//! What was measured, for people.

use hookr_abi::Printable;

use super::clock::Clock;
use super::histogram;
use super::measure::Measured;
use super::subject::Counted;
use super::units;
use super::verdict::{CONFIDENCE, Comparison, Verdict};
use crate::args::BenchArgs;
use crate::call::{Session, Way};
use crate::files::shown;
use crate::terminal::{self, Cell, Meaning, Style, Table, size};

/// Which plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// That of `--plugin`.
    New,
    /// That of `--compare`.
    Old,
}

impl Role {
    /// The word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::New => "new",
            Role::Old => "old",
        }
    }
}

/// A plugin that was measured.
pub(crate) struct About<'a> {
    pub(crate) role: Role,
    pub(crate) session: &'a Session,
}

/// What was found of one way of one plugin.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) role: Role,
    pub(crate) way: Way,
    pub(crate) measured: Measured,
    /// `None` if it was interrupted before.
    pub(crate) counted: Option<Counted>,
    /// How many lines the plugin has logged.
    pub(crate) logged: u64,
}

/// The two plugins in one of the ways.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Versus {
    pub(crate) way: Way,
    pub(crate) comparison: Comparison,
}

/// All of it.
pub(crate) struct Report<'a> {
    pub(crate) args: &'a BenchArgs,
    /// `Service.Method`.
    pub(crate) method: String,
    pub(crate) about: Vec<About<'a>>,
    pub(crate) rows: Vec<Row>,
    pub(crate) versus: Vec<Versus>,
    pub(crate) clock: Clock,
    pub(crate) was_interrupted: bool,
    pub(crate) answers_differ: bool,
}

impl Report<'_> {
    /// As text, as wide as the terminal.
    pub(crate) fn text(&self, style: Style) -> String {
        let mut out = format!("{}\n", style.strong(&Printable(&self.method).to_string()));
        for about in &self.about {
            let metadata = about.session.plugin().metadata();
            let path = metadata.path().map(shown).unwrap_or_default();
            let role = if self.about.len() > 1 { format!("{}: ", about.role.name()) } else { String::new() };
            out += &format!("{role}{path} (sha256 {})\n", metadata.sha256());
        }
        out += "\n";
        out += &self.table().render(style, terminal::width());
        for row in &self.rows {
            out += &format!("\n{}\n", style.strong(&self.title(row)));
            let compared = self.rows.iter().filter(|other| other.way == row.way).map(|other| &other.measured.sample);
            let buckets = histogram::buckets_beside(&row.measured.sample, compared);
            out += &histogram::draw(&buckets, units::terminal_width(), units::has_unicode());
        }
        if !self.versus.is_empty() {
            out += "\n";
        }
        for versus in &self.versus {
            let sentence = style.paint(meaning(versus.comparison.verdict), &sentence(&versus.comparison));
            out += &format!("{}: {sentence}\n", versus.way.name());
        }
        out += "\n";
        for note in self.notes() {
            out += &format!("{} {note}\n", style.strong("note:"));
        }
        out
    }

    fn title(&self, row: &Row) -> String {
        match self.about.len() {
            0 | 1 => row.way.name().to_owned(),
            _ => format!("{} {}", row.role.name(), row.way.name()),
        }
    }

    /// A column for each row of the report.
    fn table(&self) -> Table {
        let column = |row: &Row| {
            let Measured { sample, memory: (before, after), .. } = &row.measured;
            let mut cells = vec![self.title(row), units::grouped(sample.calls())];
            cells.push(format!("{}/s", units::many(sample.throughput())));
            let Some(found) = sample.statistics() else { return cells };
            cells.extend([found.mean, found.stddev, found.min].map(units::time));
            cells.extend([found.p50, found.p90, found.p99, found.p999].map(units::time));
            cells.push(units::time(found.max));
            let Some(counted) = &row.counted else { return cells };
            let each = |sum: u64| sum as f64 / counted.calls.max(1) as f64;
            cells.push(units::many(each(counted.allocated.count)));
            cells.push(size(each(counted.allocated.bytes).round() as u64));
            let grown = after.saturating_sub(*before);
            cells.push(format!("{} (+{})", size(*after), size(grown)));
            cells.extend(counted.instructions.map(|found| match (found.min, found.max) {
                (min, max) if min == max => units::grouped(min),
                (min, max) => format!("{}–{}", units::grouped(min), units::grouped(max)),
            }));
            cells
        };
        let columns: Vec<Vec<String>> = self.rows.iter().map(column).collect();
        let mut table = (1..=columns.len()).fold(Table::new(), Table::right);
        for (at, name) in NAMES.into_iter().enumerate() {
            if columns.iter().all(|cells| cells.get(at).is_none()) {
                continue;
            }
            let meaning = if at == 0 { Meaning::Name } else { Meaning::Plain };
            let cells = columns.iter().map(|cells| Cell::new(meaning, cells.get(at).cloned().unwrap_or_default()));
            table.row([Cell::new(Meaning::Name, name)].into_iter().chain(cells));
        }
        table
    }

    fn notes(&self) -> Vec<String> {
        let Report { rows, clock, .. } = self;
        let mut notes = Vec::new();
        if self.was_interrupted {
            notes.push("it was interrupted: this is what was measured until then".to_owned());
        }
        if cfg!(debug_assertions) {
            notes.push(
                "this `hookr` is not optimised: what the host takes is much more than it is in a release".to_owned(),
            );
        }
        if self.answers_differ {
            notes.push("the two plugins answer this request with different responses".to_owned());
        }
        if rows.iter().any(|row| row.way == Way::Typed) {
            notes.push(
                "typed calls are made here with values whose types are known at run time only; the typed handle of \
                 generated code is faster"
                    .to_owned(),
            );
        }
        if rows.iter().any(|row| row.way == Way::Lane) {
            notes.push(
                "calls over the lane are those of generated code, but for reading: responses are neither verified nor read"
                    .to_owned(),
            );
        }
        let overhead = units::time(clock.overhead.as_nanos() as f64);
        notes.push(format!("reading the clock takes {overhead}, which is taken off each time that was measured"));
        for row in rows.iter().filter(|row| row.measured.batch > 1) {
            notes.push(format!(
                "{}: {} calls at a time were timed together, as one is too short for the clock; the times are those of their \
                 means, so that the slowest calls are slower than it says",
                self.title(row),
                row.measured.batch
            ));
        }
        for row in rows.iter().filter(|row| row.logged > 0) {
            let lines = units::grouped(row.logged);
            notes.push(format!("{}: the plugin has logged {lines} lines, which took time", self.title(row)));
        }
        notes
    }
}

/// What the rows of the table are.
const NAMES: [&str; 15] = [
    "",
    "calls",
    "throughput",
    "mean",
    "deviation",
    "min",
    "p50",
    "p90",
    "p99",
    "p99.9",
    "max",
    "allocations of the host a call",
    "allocated by the host a call",
    "memory of the plugin (grown)",
    "instructions a call",
];

/// What a verdict is for whoever has made the new plugin.
fn meaning(verdict: Verdict) -> Meaning {
    match verdict {
        Verdict::Faster => Meaning::Good,
        Verdict::Slower => Meaning::Gone,
        Verdict::Same => Meaning::Plain,
        Verdict::Unclear => Meaning::Warning,
    }
}

/// A comparison in a sentence.
fn sentence(comparison: &Comparison) -> String {
    let Comparison { verdict, change, interval, noise, tolerance, blocks } = comparison;
    let interval = interval.map_or_else(String::new, |(low, high)| {
        format!(" ({:.0} % sure: {} to {})", CONFIDENCE * 100.0, percent(low), percent(high))
    });
    let noise = noise
        .map_or_else(String::new, |noise| format!("; a plugin differs from itself by up to {:.1} %", noise * 100.0));
    match verdict {
        Verdict::Faster => format!("the new plugin is faster: {}{interval}{noise}", percent(*change)),
        Verdict::Slower => format!("the new plugin is slower: {}{interval}{noise}", percent(*change)),
        Verdict::Same => {
            format!("no difference of {:.1} % or more: {}{interval}{noise}", tolerance * 100.0, percent(*change))
        }
        Verdict::Unclear if interval.is_empty() => {
            format!("too few turns to tell ({blocks}): {}; measure longer", percent(*change))
        }
        Verdict::Unclear => format!(
            "no difference beyond noise can be told: {}{interval}{noise}; to tell {:.1} % apart, measure longer or have \
             less run beside it",
            percent(*change),
            tolerance * 100.0
        ),
    }
}

/// A part as percent, with its sign.
fn percent(part: f64) -> String {
    format!("{:+.1} %", part * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_a_sentence_with_its_numbers() {
        let comparison = Comparison {
            verdict: Verdict::Slower,
            change: 0.104,
            interval: Some((0.09, 0.12)),
            noise: Some(0.004),
            tolerance: 0.02,
            blocks: 250,
        };
        assert_eq!(
            sentence(&comparison),
            "the new plugin is slower: +10.4 % (99 % sure: +9.0 % to +12.0 %); a plugin differs from itself by up to 0.4 %"
        );
        let unclear = Comparison { verdict: Verdict::Unclear, ..comparison };
        assert!(sentence(&unclear).starts_with("no difference beyond noise can be told: +10.4 % (99 % sure"));
        let few = Comparison { interval: None, noise: None, blocks: 3, ..unclear };
        assert_eq!(sentence(&few), "too few turns to tell (3): +10.4 %; measure longer");
        let same = Comparison { verdict: Verdict::Same, change: -0.001, interval: Some((-0.004, 0.003)), ..comparison };
        assert!(sentence(&same).starts_with("no difference of 2.0 % or more: -0.1 % (99 % sure: -0.4 % to +0.3 %)"));
    }
}
