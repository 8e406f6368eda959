//! What is counted for the schemas of one origin, and how one schema is checked.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;

use fbs2wit::Compiled;
use fbs2wit::bfbs::{self, WriteOptions};
use fbs2wit::contract::lower;
use fbs2wit::emit::{GenerateOptions, generate};
use wit_parser::Resolve;

use crate::agree::agree;
use crate::content::content;
use crate::not_in_flatc::not_in_flatc;
use crate::schemas::Item;
use crate::texts::Outcome;

/// The counts of an origin, and where its schemas differ.
#[derive(Default)]
pub(crate) struct Origin {
    /// Verdicts, differences of every kind, and how many schemas there are.
    pub(crate) outcome: Outcome,
    /// Schemas on which flatc's verdict is known.
    pub(crate) judged: usize,
    /// Schemas that flatc accepts.
    pub(crate) flatc_accepts: usize,
    /// Schemas that we accept.
    pub(crate) we_accept: usize,
    /// Of these, the ones that became WIT and Rust.
    pub(crate) translated: usize,
    /// Of these, the ones that were refused, by each code that says why.
    pub(crate) refused: BTreeMap<&'static str, usize>,
    /// Binary schemas that were compared with flatc's.
    pub(crate) bfbs_compared: usize,
    /// Of these, the equal ones.
    pub(crate) bfbs_equal: usize,
    /// Values that went through both, as JSON and as FlatBuffers.
    pub(crate) values: usize,
}

impl Origin {
    /// Checks a schema. A panic is a difference like any other, and the worst.
    pub(crate) fn check(&mut self, item: &Item, flatc: Option<&Path>, scratch: &Path) {
        self.outcome.total += 1;
        let checked = catch_unwind(AssertUnwindSafe(|| self.check_unguarded(item, flatc, scratch)));
        if checked.is_err() {
            self.outcome.differ(&item.path, "panicked");
        }
    }

    fn check_unguarded(&mut self, item: &Item, flatc: Option<&Path>, scratch: &Path) {
        let ours = item.compile();
        self.we_accept += usize::from(ours.is_ok());
        // flatc runs where it accepts, and where nobody has written down whether it does.
        let asks = item.flatc_accepts != Some(false);
        let live = flatc.filter(|_| asks).map(|flatc| binary_schema(flatc, item, scratch));
        let live_verdict = live.as_ref().map(Result::is_ok);
        if let (Some(true), Some(Err(error))) = (item.flatc_accepts, &live) {
            self.outcome.differ(&item.path, format!("the corpus says that flatc accepts it, but it does not: {error}"));
        }
        if let Some(accepts) = item.flatc_accepts.or(live_verdict) {
            self.judged += 1;
            self.flatc_accepts += usize::from(accepts);
            let message = match &live {
                Some(Err(error)) => error,
                _ => &item.flatc_error,
            };
            self.outcome.verdict(&item.path, accepts, message, ours.as_ref().err());
        }
        let Ok(compiled) = ours else { return };
        self.translate(item, &compiled);
        let (Some(Ok(theirs)), Some(flatc)) = (live, flatc) else { return };
        self.compare_bfbs(item, &compiled, &theirs);
        if let Some(why) = not_in_flatc(&compiled.schema) {
            return self.outcome.document(&item.path, why);
        }
        match agree(flatc, "", &item.file, &item.include, &compiled.schema, 1) {
            Ok(values) => self.values += values,
            Err(difference) => self.outcome.differ(&item.path, format!("values differ:{difference}")),
        }
    }

    fn translate(&mut self, item: &Item, compiled: &Compiled) {
        let mut options = GenerateOptions::new("corpus");
        options.contract.plugin_required = false;
        let contract = match lower(&compiled.schema, &options.contract) {
            Ok(contract) => contract,
            Err(errors) => {
                let mut codes: Vec<&str> = errors.iter().map(|error| error.code.as_str()).collect();
                codes.sort_unstable();
                codes.dedup();
                for code in codes {
                    *self.refused.entry(code).or_default() += 1;
                }
                return;
            }
        };
        self.translated += 1;
        if let Err(errors) = generate(&compiled.schema, &options) {
            let errors = errors.render(&compiled.sources, false);
            self.outcome.differ(&item.path, format!("a contract without its files\n{errors}"));
        }
        let text = fbs2wit::wit::emit(&contract);
        let mut resolve = Resolve::default();
        let parsed = resolve.push_source("types.wit", hookr_abi::TYPES_WIT);
        if let Err(error) = parsed.and_then(|_| resolve.push_source("world.wit", &text)) {
            self.outcome.differ(&item.path, format!("its WIT is not valid: {error:#}"));
        }
    }

    fn compare_bfbs(&mut self, item: &Item, compiled: &Compiled, theirs: &[u8]) {
        let ours = bfbs::write(&compiled.schema, &WriteOptions::default());
        self.bfbs_compared += 1;
        match (content(&ours), content(theirs)) {
            (Some(ours), Some(theirs)) if ours == theirs => self.bfbs_equal += 1,
            (Some(ours), Some(theirs)) => self.outcome.differ(&item.path, first_difference(&ours, &theirs)),
            _ => self.outcome.differ(&item.path, "the binary schema cannot be read"),
        }
    }
}

/// The first lines that differ, with the name that stands before them.
fn first_difference(ours: &str, theirs: &str) -> String {
    let mut name = "";
    for (ours, theirs) in ours.lines().zip(theirs.lines()) {
        if ours != theirs {
            let (name, ours, theirs) = (name.trim(), ours.trim(), theirs.trim());
            return format!("the binary schema differs behind `{name}`: `{ours}`, flatc's: `{theirs}`");
        }
        if ours.trim_start().starts_with("name: ") {
            name = ours;
        }
    }
    "the binary schema differs: one ends before the other".to_owned()
}

/// flatc's binary schema; its message where it refuses.
fn binary_schema(flatc: &Path, item: &Item, scratch: &Path) -> Result<Vec<u8>, String> {
    let mut command = Command::new(flatc);
    command.current_dir(scratch).args(["--schema", "--binary", "--bfbs-builtins", "--bfbs-comments"]);
    for folder in &item.include {
        command.arg("-I").arg(folder);
    }
    let output = command.args(["-o", "."]).arg(&item.file).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        let text = [output.stderr, output.stdout].concat();
        return Err(String::from_utf8_lossy(&text).trim().lines().last().unwrap_or("no message").to_owned());
    }
    let made = scratch.join(item.file.with_extension("bfbs").file_name().ok_or("no file name")?);
    let bytes = std::fs::read(&made).map_err(|error| error.to_string())?;
    std::fs::remove_file(made).map_err(|error| error.to_string())?;
    Ok(bytes)
}
