//! `hookr bench`.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use fbs2wit::json::WriteOptions;
use hookr_abi::Printable;

use super::call::is_stdin_twice;
use crate::args::{BenchArgs, PluginArgs};
use crate::bench::{About, Budget, Clock, Report, Role, Row, Subject, Versus, compare, measure};
use crate::call::{Candidate, Fixture, Host, MethodRef, Notices, Payload, Session, Text, Way};
use crate::contract::LoadedContract;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::shown;
use crate::inspect::same_contract;
use crate::interrupt::Interrupt;
use crate::terminal::{self, Progress, Style};

/// How many calls tell what a call allocates.
const COUNTED: u64 = 100;

pub(crate) fn run(args: &BenchArgs, style: Style) -> Result<()> {
    is_stdin_twice(args.input.as_deref(), args.host_fixture.as_deref())?;
    let candidates = candidates(args)?;
    let input = args.input.as_deref();
    let request = input.map_or_else(|| Ok(Text::new(Path::new("<no --input>"), "{}")), Text::read)?;
    let fixture = args.host_fixture.as_deref().map(Text::read).transpose()?;
    let opened =
        candidates.into_iter().map(|(role, candidate)| Opened::new(role, candidate, args, &request, fixture.as_ref()));
    let opened = opened.collect::<Result<Vec<Opened>>>()?;

    let interrupt = Interrupt::on_ctrl_c().or_fail(Exit::Call, || "Ctrl-C cannot be listened to".to_owned())?;
    let clock = Clock::measure();
    let subjects: Vec<(&Opened, Way, Subject<'_>)> = args
        .way
        .all()
        .iter()
        .flat_map(|way| opened.iter().map(|plugin| (plugin, *way, plugin.subject(*way, opened.len() > 1))))
        .collect();
    let budget = args.iterations.map_or(Budget::Time(args.time), |calls| Budget::Calls(calls.get()));
    let calling: Vec<&Subject<'_>> = subjects.iter().map(|(_, _, subject)| subject).collect();
    let measured = measure(&calling, args.warm_up, budget, &clock, &interrupt)?;
    if measured.iter().any(|measured| measured.sample.calls() == 0) {
        return Err(Failure::message(Exit::Call, "it was interrupted before anything was measured"));
    }
    let was_interrupted = interrupt.has_come();
    let mut rows = Vec::new();
    for ((plugin, way, subject), measured) in subjects.iter().zip(measured) {
        // Whoever has had enough of it does not wait for this either.
        let counted = if was_interrupted { None } else { Some(subject.count(COUNTED, &interrupt)?) };
        rows.push(Row { role: plugin.role, way: *way, measured, counted, logged: subject.logged() });
    }
    let tolerance = args.tolerance / 100.0;
    let versus = args.way.all().iter().filter_map(|way| {
        let of = |role| rows.iter().find(|row| row.role == role && row.way == *way);
        let comparison = compare(&of(Role::Old)?.measured.sample, &of(Role::New)?.measured.sample, tolerance);
        Some(Versus { way: *way, comparison: comparison? })
    });
    let versus: Vec<Versus> = versus.collect();
    let answers_differ = matches!(opened.as_slice(), [old, new] if old.answer != new.answer);
    let about = opened.iter().map(|plugin| About { role: plugin.role, session: &plugin.session }).collect();
    let method = opened.first().map(|plugin| plugin.method.full_name()).unwrap_or_default();
    let report = Report { args, method, about, rows, versus, clock, was_interrupted, answers_differ };
    if args.json {
        terminal::print_json(&report.json())?;
    } else {
        terminal::print(&report.text(style))?;
    }
    verdict(args, &report)
}

/// Fails if it has to by `--fail-if-slower`.
fn verdict(args: &BenchArgs, report: &Report<'_>) -> Result<()> {
    let Some(percent) = args.fail_if_slower.map(|percent| percent.unwrap_or(args.tolerance)) else { return Ok(()) };
    let is_slower = |versus: &&Versus| versus.comparison.is_slower_by(percent / 100.0);
    let Some(slower) = report.versus.iter().find(is_slower) else { return Ok(()) };
    let text = format!(
        "{} is slower by {:.1} % ({}), more than {percent} %",
        shown(&args.plugin.plugin),
        slower.comparison.change * 100.0,
        slower.way.name()
    );
    Err(Failure::message(Exit::Different, text))
}

/// The plugin, and the one that it is compared with: both may run, and are of one contract.
fn candidates(args: &BenchArgs) -> Result<Vec<(Role, Candidate)>> {
    let new = Candidate::read(&args.plugin, &Host::new(Notices::Keep))?;
    let Some(path) = &args.compare else { return Ok(vec![(Role::New, new)]) };
    let mut plugin = PluginArgs { plugin: path.clone(), ..args.plugin.clone() };
    // That is the signature of one file.
    plugin.trust.keys.signature = None;
    let old = Candidate::read(&plugin, &Host::new(Notices::Keep))?;
    same_contract(new.contract(), &old.contract().section()).map_err(|failure| {
        failure.note(format!("only plugins of one contract are compared, and {} is of another one", shown(path)))
    })?;
    // The old one first, as a table of both reads from left to right.
    Ok(vec![(Role::Old, old), (Role::New, new)])
}

/// A plugin that can be called, with what it is called with.
struct Opened {
    role: Role,
    session: Session,
    method: MethodRef,
    request: Payload,
    /// What it answers, as JSON: a plugin that answers otherwise may be faster for that.
    answer: String,
}

impl Opened {
    /// Opens a plugin, and calls it once in each way, to see that it answers.
    fn new(role: Role, candidate: Candidate, args: &BenchArgs, text: &Text, fixture: Option<&Text>) -> Result<Self> {
        let contract = candidate.contract().clone();
        let method = contract.find(&args.method)?;
        let request = text.payload(&contract, method.request)?;
        request.check().or_exit(Exit::Input)?;
        let fixture = fixture.map(|text| Fixture::read(text, &contract).map_err(|errors| text.failure(&errors)));
        let fixture = fixture.transpose()?;
        let session = candidate.open()?;
        if let Some(fixture) = fixture {
            session.host().respond(fixture);
        }
        let mut answer = String::new();
        for way in args.way.all() {
            let calling =
                Progress::start(format!("calling {}:{}", Printable(&method.service), Printable(&method.name)));
            let outcome = session.call(&method, &request, *way);
            drop(calling);
            outcome.seen.notices.iter().for_each(|notice| terminal::say(notice));
            if !outcome.seen.missing.is_empty() {
                let error = outcome.result.err().map(|error| error.to_string());
                return Err(super::call::missing(&outcome.seen.missing, &contract, &outcome.seen.trace, error));
            }
            let unreadable = || "the response of the plugin cannot be read".to_owned();
            answer = outcome.result?.json(&WriteOptions::default()).or_fail(Exit::Call, unreadable)?;
        }
        // From here on nobody reads what callbacks are asked.
        session.host().trace(false);
        Ok(Opened { role, session, method, request, answer })
    }

    /// The plugin in one of the ways.
    fn subject(&self, way: Way, is_one_of_two: bool) -> Subject<'_> {
        let name = match is_one_of_two {
            true => format!("{} {}", self.role.name(), way.name()),
            false => way.name().to_owned(),
        };
        Subject::new(&self.session, (&self.method, &self.request, way), name, missing)
    }
}

/// A callback that the fixture lacks in a later call.
fn missing(missing: &BTreeSet<(String, String)>, contract: &Arc<LoadedContract>) -> Failure {
    super::call::missing(missing, contract, &[], None)
}
