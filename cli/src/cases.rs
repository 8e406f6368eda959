//! Cases: calls of a plugin as files, with what callbacks answer and what is expected of the plugin.
//!
//! `find` finds the files, `read` reads them against the contract, `run` makes the calls, each case on a fresh instance, and
//! `judge` compares. `report` tells what came of it, `update` writes what was found into the files, and `record` makes a file
//! of a call. docs/src/reference/cases.md describes the format.

mod case;
mod coverage;
mod diff;
mod find;
mod judge;
mod read;
mod record;
mod report;
mod run;
mod update;

pub(crate) use coverage::Coverage;
pub(crate) use find::{Filter, find};
pub(crate) use read::read_all;
pub(crate) use record::recorded;
pub(crate) use report::{Ran, Summary};
pub(crate) use run::{Plan, Status, run};
pub(crate) use update::update;
