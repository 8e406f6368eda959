//! `hookr-hostile`: runs hostile plugins; `cargo xtask hostile` and `cargo xtask soak` start it.
#![forbid(unsafe_code)]

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use hookr_hostile::case::Case;
use hookr_hostile::report::Report;
use hookr_hostile::runner::Runner;
use hookr_hostile::{cases, memory, soak, worker};

/// Runs hostile plugins against a host, and compares what becomes of them with what has to.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the cases, and print a table.
    Run {
        /// The folder with the plugins of the examples.
        #[arg(long, value_name = "FOLDER")]
        plugins: PathBuf,
        /// Only the cases with this word in their names.
        #[arg(long, value_name = "WORD")]
        filter: Option<String>,
        /// Write the results to this file as well.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// Print the names of the cases and run nothing.
        #[arg(long)]
        list: bool,
        /// For a program that was built with AddressSanitizer: memory is not compared, since the sanitizer keeps what is
        /// freed, and compilation and whatever else takes time may take four times as long. What a case has to come to
        /// stays as it is.
        #[arg(long)]
        sanitized: bool,
    },
    /// Call honest plugins beside hostile ones, for a while.
    Soak {
        /// The folder with the plugins of the examples.
        #[arg(long, value_name = "FOLDER")]
        plugins: PathBuf,
        /// How long.
        #[arg(long, value_name = "NUMBER")]
        seconds: u64,
        /// What is random is made of this.
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        seed: u64,
    },
    /// Run the cases that are named on standard input: what `run` starts.
    #[command(hide = true)]
    Worker {
        /// The plugin of the example that filters text.
        #[arg(long, value_name = "FILE")]
        healthy: PathBuf,
        /// As for `run`.
        #[arg(long)]
        sanitized: bool,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run { plugins, filter, json, list: only_names, sanitized } => chosen(filter.as_deref(), sanitized)
            .and_then(|cases| match only_names {
                true => list(&cases),
                false => run(&plugins, &cases, json.as_deref(), sanitized),
            }),
        Command::Soak { plugins, seconds, seed } => soak(&plugins, Duration::from_secs(seconds), seed),
        Command::Worker { healthy, sanitized } => {
            worker::work(&cases::of(sanitized), &healthy, io::stdin().lock(), io::stdout().lock()).map(|()| true)
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Says whether all is as it should be.
fn soak(plugins: &Path, time: Duration, seed: u64) -> Result<bool, String> {
    let summary = soak::run(plugins, time, seed)?;
    print(&summary)?;
    Ok(summary.problems.is_empty())
}

/// The cases with this word in their names. An error is that there are none.
fn chosen(filter: Option<&str>, sanitized: bool) -> Result<Vec<Case>, String> {
    let mut cases = cases::of(sanitized);
    cases.retain(|case| filter.is_none_or(|word| case.name.contains(word)));
    if cases.is_empty() { Err("no case has that word in its name".to_owned()) } else { Ok(cases) }
}

/// An error is that nobody reads it.
fn print(line: impl Display) -> Result<(), String> {
    writeln!(io::stdout().lock(), "{line}").map_err(|error| error.to_string())
}

fn list(cases: &[Case]) -> Result<bool, String> {
    for case in cases {
        print(format_args!("{:<48} {:<44} {}", case.name, case.expected, case.about))?;
    }
    Ok(true)
}

/// Says whether all is as it should be.
fn run(plugins: &Path, cases: &[Case], json: Option<&Path>, sanitized: bool) -> Result<bool, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut runner = Runner::new(program, plugins.join("textfilter.wasm"))?.sanitized(sanitized);
    let mut reports = Vec::new();
    print(Report::head())?;
    for case in cases {
        let report = runner.run(case)?;
        print(&report)?;
        if let Some(lateness) = report.lateness() {
            print(format_args!("    {lateness}"))?;
        }
        reports.push(report);
    }
    let wrong = reports.iter().filter(|report| !report.is_fine()).count();
    let late = reports.iter().filter(|report| report.lateness().is_some()).count();
    print(format_args!("\n{} cases, {wrong} not as expected, {late} too late", reports.len()))?;
    if let Some(latest) = reports.iter().filter_map(|report| report.late_ms).max() {
        print(format_args!("{latest} ms behind its time at the most"))?;
    }
    match (sanitized, memory::IS_MEASURED) {
        (true, _) => print("memory was not compared")?,
        (false, true) => {}
        (false, false) => print("memory was not measured")?,
    }
    if let Some(path) = json {
        let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
        serde_json::to_writer_pretty(BufWriter::new(file), &reports).map_err(|error| error.to_string())?;
    }
    Ok(wrong == 0 && late == 0)
}
