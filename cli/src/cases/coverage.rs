//! Which methods and callbacks of a contract the cases have called.

use std::collections::BTreeMap;

use hookr::Metadata;
use serde_json::json;

use super::judge::failure_name;
use super::run::Report;
use crate::call::{MethodRef, Outcome};
use crate::contract::LoadedContract;
use crate::terminal::{Cell, Meaning, Table};

/// What was called, and what came of it.
#[derive(Debug)]
pub(crate) struct Coverage {
    pub(crate) methods: Vec<Row>,
    pub(crate) callbacks: Vec<Row>,
}

/// A method of the plugin, or a callback of its host.
#[derive(Debug)]
pub(crate) struct Row {
    /// `Service.Method`.
    pub(crate) name: String,
    /// Whether a plugin may leave it out.
    pub(crate) optional: bool,
    /// Whether this plugin has it.
    pub(crate) implemented: bool,
    pub(crate) calls: u64,
    pub(crate) responses: u64,
    /// How often there was which error, or failure, instead of a response.
    pub(crate) errors: BTreeMap<String, u64>,
}

impl Row {
    fn new(method: &MethodRef, implemented: bool) -> Self {
        let (name, optional) = (method.full_name(), method.optional);
        Row { name, optional, implemented, calls: 0, responses: 0, errors: BTreeMap::new() }
    }

    fn count(&mut self, error: Option<String>) {
        self.calls += 1;
        match error {
            None => self.responses += 1,
            Some(name) => *self.errors.entry(name).or_default() += 1,
        }
    }

    fn is_open(&self) -> bool {
        self.calls == 0 && self.implemented
    }
}

impl Coverage {
    /// Of these runs. A case that went both ways counts once.
    pub(crate) fn of(
        contract: &LoadedContract,
        plugin: &Metadata,
        cases: &[super::case::Case],
        reports: &[Report],
    ) -> Self {
        let mut methods: Vec<Row> =
            contract.methods().iter().map(|method| Row::new(method, plugin.implements(method.id))).collect();
        let mut callbacks: Vec<Row> = contract.callbacks().iter().map(|callback| Row::new(callback, true)).collect();
        let count = |rows: &mut [Row], name: String, error| {
            if let Some(row) = rows.iter_mut().find(|row| row.name == name) {
                row.count(error);
            }
        };
        for (case, report) in cases.iter().zip(reports) {
            let Some(run) = report.runs.first() else { continue };
            for (step, run) in case.steps.iter().zip(&run.steps) {
                count(&mut methods, step.method.full_name(), ended(&run.outcome));
                for made in run.outcome.trace() {
                    let error = made.answer.as_ref().err().map(|error| error.code.name().to_owned());
                    count(&mut callbacks, made.callback.full_name(), error);
                }
            }
        }
        Coverage { methods, callbacks }
    }

    /// The methods that the plugin has and that no case has called.
    pub(crate) fn uncalled(&self) -> Vec<&str> {
        self.methods.iter().filter(|row| row.is_open()).map(|row| row.name.as_str()).collect()
    }

    /// In a line: `3 of 4 methods and 1 of 2 callbacks called`.
    pub(crate) fn sentence(&self) -> String {
        let part = |rows: &[Row], what: &str| {
            let all = rows.iter().filter(|row| row.implemented).count();
            let called = rows.iter().filter(|row| row.calls > 0).count();
            format!("{called} of {all} {what}{}", if all == 1 { "" } else { "s" })
        };
        match self.callbacks.is_empty() {
            true => format!("{} called", part(&self.methods, "method")),
            false => format!("{} and {} called", part(&self.methods, "method"), part(&self.callbacks, "callback")),
        }
    }

    /// As a table.
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::with_head(&["", "CALLS", "RESPONSES", "ERRORS"]).right(1).right(2).elastic(3);
        for (what, rows) in [("method", &self.methods), ("callback", &self.callbacks)] {
            for row in rows {
                let errors: Vec<String> = row.errors.iter().map(|(name, count)| format!("{name} {count}")).collect();
                let errors = match row {
                    Row { implemented: false, .. } => Cell::from("not implemented"),
                    Row { calls: 0, .. } => Cell::new(Meaning::Warning, "not called"),
                    _ => Cell::from(errors.join(", ")),
                };
                let name = format!("{what} {}", hookr_abi::Printable(&row.name));
                table.row([name.into(), row.calls.to_string().into(), row.responses.to_string().into(), errors]);
            }
        }
        table
    }

    /// For programs.
    pub(crate) fn json(&self) -> serde_json::Value {
        let rows = |rows: &[Row]| -> Vec<serde_json::Value> {
            let row = |row: &Row| {
                json!({
                    "name": row.name, "optional": row.optional, "implemented": row.implemented, "calls": row.calls,
                    "responses": row.responses, "errors": row.errors,
                })
            };
            rows.iter().map(row).collect()
        };
        json!({ "methods": rows(&self.methods), "callbacks": rows(&self.callbacks) })
    }
}

fn ended(outcome: &Outcome) -> Option<String> {
    let error = outcome.result.as_ref().err()?;
    Some(error.answered().map_or_else(|| failure_name(error), |error| error.code.name().to_owned()))
}
