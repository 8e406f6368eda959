//! The process that runs cases: a host with an honest plugin, which opens one hostile plugin after another.

use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::case::{ANSWERED, Case};
use crate::healthy::Healthy;
use crate::memory;
use crate::target::Target;

/// What a worker says of a case: a line of JSON.
#[derive(Debug, Deserialize, Serialize)]
pub struct Finding {
    /// What became of the plugin, as [`Failure::outcome`](crate::outcome::Failure::outcome) writes it.
    pub outcome: String,
    /// The error and its causes; empty if there was none.
    pub text: String,
    /// How long it took to open the plugin.
    pub open: Duration,
    /// How long the calls took.
    pub calls: Duration,
    /// How much more memory the process had meanwhile, at the most. `None` where the system does not say.
    pub memory: Option<u64>,
    /// What the honest plugins did wrong right after; `None` if they answered as they should.
    pub unhealthy: Option<String>,
}

/// What a worker says when it is ready.
pub(crate) const READY: &str = "ready";

/// Runs the cases whose names, and the files of whose plugins, come in lines: `name`, a tab, `path`.
///
/// # Errors
///
/// The honest plugin cannot be opened, or whoever started this has gone.
pub fn work(cases: &[Case], healthy: &Path, input: impl BufRead, mut output: impl Write) -> Result<(), String> {
    let healthy = Healthy::open(healthy)?;
    let mut say =
        |line: &str| writeln!(output, "{line}").and_then(|()| output.flush()).map_err(|error| error.to_string());
    say(READY)?;
    for line in input.lines() {
        let line = line.map_err(|error| error.to_string())?;
        let (name, path) = line.split_once('\t').ok_or_else(|| format!("{line:?} is no name and path"))?;
        let case = cases.iter().find(|case| case.name == name).ok_or_else(|| format!("there is no case {name:?}"))?;
        let finding = run(case, Path::new(path), &healthy);
        say(&serde_json::to_string(&finding).map_err(|error| error.to_string())?)?;
    }
    Ok(())
}

fn run(case: &Case, path: &Path, healthy: &Healthy) -> Finding {
    let before = memory::forget_peak().then(memory::resident).flatten();
    let target = Target::new(path, &case.limits);
    // A panic is what no plugin may lead to. It is a finding, and no reason not to look at the others.
    let result = catch_unwind(AssertUnwindSafe(|| case.drive(&target)));
    let (open, calls) = target.times();
    let memory = before.and_then(|before| Some(memory::peak()?.saturating_sub(before)));
    let (outcome, text) = match result {
        Ok(Ok(())) => (ANSWERED.to_owned(), String::new()),
        Ok(Err(failure)) => (failure.outcome(), failure.text()),
        Err(panic) => ("panic".to_owned(), message(panic.as_ref())),
    };
    let unhealthy = catch_unwind(AssertUnwindSafe(|| healthy.check()));
    let unhealthy =
        unhealthy.unwrap_or_else(|panic| Err(format!("the host panicked: {}", message(panic.as_ref())))).err();
    Finding { outcome, text, open, calls, memory, unhealthy }
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("something that is no text").to_owned()
}
