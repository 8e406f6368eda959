//! `hookr-bench`: measures what calls cost. `cargo xtask bench` builds it, with the plugins that it calls, and runs it.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use hookr_benches::machine::Machine;
use hookr_benches::measure::Group;
use hookr_benches::plugins::{Folder, Plugins};
use hookr_benches::progress::Progress;
use hookr_benches::report::{GroupResult, Results, VERSION, targets_table};
use hookr_benches::requests::Requests;
use hookr_benches::targets::TARGETS;
use hookr_benches::{groups, idle, reload, report, scaling};
use wasmtime::{Error, Result, bail};

/// Measures what calls cost, by every way, in turns within one process.
#[derive(Debug, Parser)]
#[command(
    name = "hookr-bench",
    max_term_width = 100,
    after_help = "\
Examples:
  hookr-bench --plugins target/hookr/benches --filter textfilter --json results.json
  hookr-bench --plugins target/hookr/benches reload

The exit code is 0 also where targets are missed, because machines differ; with --check it is 1 then."
)]
struct Arguments {
    /// What is measured
    #[arg(value_enum, default_value_t = Topic::Calls)]
    topic: Topic,

    /// The folder with the plugins: calm.wasm, echo.wasm, large.wasm, textfilter.wasm, tickloop.wasm and urlbalancer.wasm
    #[arg(long, value_name = "FOLDER")]
    plugins: PathBuf,

    /// Write the results to this file as well
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Only the ways with this word in `group: way`, beside those that they are compared with
    #[arg(long, value_name = "WORD")]
    filter: Option<String>,

    /// A few calls of each way, to see that all of them work; the times mean nothing
    #[arg(long)]
    quick: bool,

    /// How many turns each way gets, instead of as many as suit it
    #[arg(long, value_name = "NUMBER", conflicts_with = "quick", value_parser = clap::value_parser!(u32).range(1..))]
    turns: Option<u32>,

    /// Print the names of the ways and measure nothing
    #[arg(long)]
    list: bool,

    /// Fail where a target is missed
    #[arg(long, conflicts_with = "list")]
    check: bool,
}

/// What is measured. All but calls is measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Topic {
    /// What a call costs, by every way
    Calls,
    /// How long calls take while new versions of their plugin come into service
    Reload,
    /// What 10,000 plugins take that do nothing
    Idle,
    /// How many more calls two threads make than one
    Scaling,
}

fn main() -> ExitCode {
    match run(&Arguments::parse(), &mut io::stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever reads the output has seen enough of it: `hookr-bench … | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Whether the targets are as they were asked to be.
fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<bool> {
    if arguments.topic == Topic::Calls {
        return calls(arguments, out);
    }
    let Arguments { filter, turns, list, check, .. } = arguments;
    if filter.is_some() || turns.is_some() || *list || *check {
        bail!("--filter, --turns, --list and --check are for the topic `calls`");
    }
    writeln!(out, "{}\n", Machine::this().line())?;
    alone(arguments, out)?;
    Ok(true)
}

/// What is measured by itself.
fn alone(arguments: &Arguments, out: &mut dyn Write) -> Result<()> {
    let Arguments { topic, plugins, quick, json, .. } = arguments;
    let folder = Folder::new(plugins);
    let request = Requests::new()?.filter.value;
    let json = |results: &dyn Fn(&Path) -> Result<()>| json.as_deref().map_or(Ok(()), results);
    match topic {
        Topic::Calls => Ok(()),
        Topic::Reload => {
            let pace = if *quick { reload::Pace::QUICK } else { reload::Pace::FULL };
            let results = reload::run(&folder, pace, out)?;
            json(&|file| report::write(&results, file))
        }
        Topic::Idle => {
            let results = idle::run(&folder, if *quick { idle::QUICK } else { idle::PLUGINS }, &request, out)?;
            json(&|file| report::write(&results, file))
        }
        Topic::Scaling => {
            let results = scaling::run(&folder, if *quick { scaling::QUICK } else { scaling::ROUNDS }, &request, out)?;
            json(&|file| report::write(&results, file))
        }
    }
}

fn calls(arguments: &Arguments, out: &mut dyn Write) -> Result<bool> {
    let plugins = Plugins::open(&arguments.plugins)?;
    let requests = Requests::new()?;
    let groups = chosen(groups::all(&plugins, &requests)?, arguments);
    if let (Some(word), true) = (&arguments.filter, groups.is_empty()) {
        bail!("no way has `{word}` in its name; --list prints the names");
    }
    if arguments.list {
        for group in &groups {
            for way in &group.ways {
                writeln!(out, "{}: {}", group.name, way.name)?;
            }
        }
        return Ok(true);
    }
    let results = measure(groups, &plugins, arguments.quick, out)?;
    if let Some(file) = &arguments.json {
        report::write(&results, file)?;
    }
    Ok(!arguments.check || results.targets.iter().all(|target| target.met))
}

fn chosen<'a>(mut groups: Vec<Group<'a>>, arguments: &Arguments) -> Vec<Group<'a>> {
    for group in &mut groups {
        if let Some(word) = &arguments.filter {
            group.filter(word);
        }
        if arguments.quick {
            group.pace = group.pace.quick();
        }
        if let Some(turns) = arguments.turns {
            group.pace.turns = turns;
        }
    }
    groups.retain(|group| !group.ways.is_empty());
    groups
}

/// Prints every group as soon as it is measured.
fn measure(groups: Vec<Group<'_>>, plugins: &Plugins, quick: bool, out: &mut dyn Write) -> Result<Results> {
    let machine = Machine::this();
    let lane = plugins.echo.hookr.metadata().lane().to_string();
    writeln!(out, "{}\nlane: {lane}\n", machine.line())?;
    let mut progress = Progress::new();
    let (mut measured, mut results) = (Vec::new(), Vec::new());
    for mut group in groups {
        group.check()?;
        let rows = group.measure(&mut progress)?;
        progress.clear();
        let result = GroupResult::new(&group.name, group.base, &rows);
        writeln!(out, "{}", result.table())?;
        results.push(result);
        measured.push((group.name, rows));
    }
    let targets: Vec<_> = TARGETS.iter().filter_map(|target| target.outcome(&measured)).collect();
    write!(out, "{}", targets_table(TARGETS, &targets))?;
    Ok(Results { version: VERSION, quick, machine, lane, groups: results, targets })
}
