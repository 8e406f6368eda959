//! `hookr-hostile`: runs hostile plugins; `cargo xtask hostile` and `cargo xtask soak` start it.
#![forbid(unsafe_code)]

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
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
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run { plugins, filter, json, list } => run(&plugins, filter.as_deref(), json.as_deref(), list),
        Command::Soak { plugins, seconds, seed } => soak(&plugins, Duration::from_secs(seconds), seed),
        Command::Worker { healthy } => {
            worker::work(&cases::all(), &healthy, io::stdin().lock(), io::stdout().lock()).map(|()| true)
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
    writeln!(io::stdout().lock(), "{summary}").map_err(|error| error.to_string())?;
    Ok(summary.problems.is_empty())
}

/// Says whether all is as it should be.
fn run(plugins: &Path, filter: Option<&str>, json: Option<&Path>, list: bool) -> Result<bool, String> {
    let mut cases = cases::all();
    cases.retain(|case| filter.is_none_or(|word| case.name.contains(word)));
    if cases.is_empty() {
        return Err("no case has that word in its name".to_owned());
    }
    let mut out = io::stdout().lock();
    let mut print = |line: String| writeln!(out, "{line}").map_err(|error| error.to_string());
    if list {
        for case in &cases {
            print(format!("{:<42} {:<50} {}", case.name, case.expected, case.about))?;
        }
        return Ok(true);
    }
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut runner = Runner::new(program, plugins.join("textfilter.wasm"))?;
    let mut reports = Vec::new();
    print(Report::head())?;
    for case in &cases {
        let report = runner.run(case)?;
        print(report.to_string())?;
        if let Some(lateness) = report.lateness() {
            print(format!("    {lateness}"))?;
        }
        reports.push(report);
    }
    let wrong = reports.iter().filter(|report| !report.is_fine()).count();
    let late = reports.iter().filter(|report| report.lateness().is_some()).count();
    print(format!("\n{} cases, {wrong} not as expected, {late} too late", reports.len()))?;
    if let Some(latest) = reports.iter().filter_map(|report| report.late_ms).max() {
        print(format!("{latest} ms behind its time at the most"))?;
    }
    if !memory::IS_MEASURED {
        print("memory was not measured".to_owned())?;
    }
    if let Some(path) = json {
        let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
        serde_json::to_writer_pretty(BufWriter::new(file), &reports).map_err(|error| error.to_string())?;
    }
    Ok(wrong == 0 && late == 0)
}
