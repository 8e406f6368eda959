//! `hookr test`.

use std::path::Path;
use std::thread::available_parallelism;
use std::time::Instant;

use hookr_abi::Printable;

use super::call::{is_stdin_twice, missing};
use crate::args::{TestArgs, Ways};
use crate::call::{Candidate, Fixture, Host, Notices, Session, Text, Way};
use crate::cases::{Coverage, Filter, Plan, Ran, Status, Summary, find, read_all, recorded, run as run_cases, update};
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{self, shown};
use crate::hint::Hint;
use crate::interrupt::Interrupt;
use crate::terminal::{self, Style};

pub(crate) fn run(args: &TestArgs, style: Style) -> Result<()> {
    if let Some(file) = &args.record.record {
        return record(args, file);
    }
    let filter = Filter::new(&args.filter);
    let mut files = find(&args.cases, |text| terminal::warn(text, None))?;
    let all = files.len();
    files.retain(|file| filter.accepts(&file.name));
    if files.is_empty() {
        let text = match all {
            1 => "the only case has another name".to_owned(),
            _ => format!("none of the {all} cases has such a name"),
        };
        return Err(Failure::message(Exit::Input, text));
    }
    if args.list {
        let names: Vec<String> = files.iter().map(|file| format!("{}\n", Printable(&file.name))).collect();
        return terminal::print(&names.concat());
    }

    let candidate = Candidate::read(&args.plugin, &Host::new(Notices::Say))?;
    let contract = candidate.contract().clone();
    let cases = read_all(&files, &contract)?;
    let opened = open(args, &candidate)?;

    let jobs = args.jobs.or(available_parallelism().ok()).map_or(1, usize::from);
    let interrupt = Interrupt::on_ctrl_c().or_fail(Exit::Call, || "Ctrl-C cannot be listened to".to_owned())?;
    let plan = Plan {
        args: &args.plugin,
        candidate: &candidate,
        ways: args.way.all(),
        jobs,
        fail_fast: args.fail_fast,
        interrupt: &interrupt,
    };
    let start = Instant::now();
    let mut printed = Ok(());
    let reports = run_cases(&plan, &cases, |case, report| {
        if args.update && report.status == Status::Failed {
            let updated = update(case, report, &contract);
            if updated.is_ok() {
                report.status = Status::Updated;
            }
            report.update = Some(updated);
        }
        if !args.json && printed.is_ok() {
            printed = terminal::print(&Ran::line(case, report, style));
        }
    });
    printed?;

    let coverage = Coverage::of(&contract, &opened.plugin().metadata(), &cases, &reports);
    let interrupted = interrupt.has_come();
    let ran = Ran {
        plugin: &args.plugin,
        sha256: candidate.sha256(),
        way: args.way.name(),
        cases: &cases,
        reports: &reports,
        coverage: &coverage,
        elapsed: start.elapsed(),
        interrupted,
    };
    if let Some(file) = &args.junit {
        let report = ran.junit();
        files::write(file, report.as_bytes())?;
        terminal::say(&format!("wrote {} ({})", shown(file), terminal::size(report.len() as u64)));
    }
    if args.json {
        terminal::print_json(&ran.json())?;
    } else {
        terminal::print(&ran.text(args.coverage || args.require_coverage, style))?;
    }
    let summary = Summary::of(&reports);
    if interrupted {
        let text = format!("Ctrl-C: {} of {} not run", summary.not_run, cases_of(summary.total()));
        let failed = (summary.failed > 0).then(|| format!("{} failed", cases_of(summary.failed)));
        let failure = Failure::message(Exit::Interrupted, text);
        return Err(failed.into_iter().fold(failure, Failure::note));
    }
    verdict(args, &summary, &coverage)
}

/// Opens the plugin once: its code is there then for every case, and what keeps it from being opened is told once.
fn open(args: &TestArgs, candidate: &Candidate) -> Result<Session> {
    let session = candidate.again(&args.plugin, &Host::new(Notices::Say))?.open()?;
    let metadata = session.plugin().metadata();
    if args.way != Ways::Typed && !metadata.lane().is_open() {
        let text = format!("the plugin cannot be called over the lane: {}", metadata.lane());
        return Err(Failure::message(Exit::Unfit, text).hint(Hint::OtherWay));
    }
    Ok(session)
}

fn verdict(args: &TestArgs, summary: &Summary, coverage: &Coverage) -> Result<()> {
    let uncalled = if args.require_coverage { coverage.uncalled() } else { Vec::new() };
    let names: Vec<String> = uncalled.iter().map(|name| format!("`{}`", Printable(name))).collect();
    let uncalled = (!names.is_empty()).then(|| format!("no case calls {}", names.join(", ")));
    let failed = (summary.failed > 0).then(|| format!("{} of {} failed", summary.failed, cases_of(summary.total())));
    match (failed, uncalled) {
        (None, None) => Ok(()),
        (Some(failed), None) => Err(Failure::message(Exit::Different, failed)),
        (Some(failed), Some(uncalled)) => Err(Failure::message(Exit::Different, failed).note(uncalled)),
        (None, Some(uncalled)) => Err(Failure::message(Exit::Different, uncalled)),
    }
}

fn cases_of(count: usize) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}

/// Makes one call, and writes it as a case.
fn record(args: &TestArgs, file: &Path) -> Result<()> {
    let asked = &args.record;
    is_stdin_twice(asked.input.as_deref(), asked.host_fixture.as_deref())?;
    let way = match args.way {
        Ways::Typed => Way::Typed,
        Ways::Lane => Way::Lane,
        Ways::Both => {
            return Err(Failure::message(Exit::Usage, "`--record` makes one call: `--way` is `typed` or `lane`"));
        }
    };
    refuse_existing(file)?;
    let host = Host::new(Notices::Say);
    let candidate = Candidate::read(&args.plugin, &host)?;
    let contract = candidate.contract().clone();
    let method = contract.find(asked.method.as_deref().unwrap_or_default())?;
    let input = asked.input.as_deref();
    let text = input.map_or_else(|| Ok(Text::new(Path::new("<no --input>"), "{}")), Text::read)?;
    let request = text.payload(&contract, method.request)?;
    request.check().or_exit(Exit::Input)?;
    if let Some(path) = &asked.host_fixture {
        let text = Text::read(path)?;
        host.respond(Fixture::read(&text, &contract).map_err(|errors| text.failure(&errors))?);
    }
    let outcome = candidate.open()?.call(&method, &request, way);
    if !outcome.seen.missing.is_empty() {
        return Err(missing(
            &outcome.seen.missing,
            &contract,
            &outcome.seen.trace,
            outcome.result.err().map(|error| error.to_string()),
        ));
    }
    let case = recorded(&method, &request, &outcome);
    refuse_existing(file)?;
    files::write(file, case.as_bytes())?;
    terminal::say(&format!("recorded {} ({})", shown(file), terminal::size(case.len() as u64)));
    Ok(())
}

fn refuse_existing(file: &Path) -> Result<()> {
    match file.symlink_metadata() {
        Ok(_) => Err(Failure::message(Exit::Input, format!("{} exists already, and is kept", shown(file)))),
        Err(_) => Ok(()),
    }
}
