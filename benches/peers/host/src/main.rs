//! Measures the same work through Hookr, through Extism and through gRPC to a subprocess, in turns, in one process.
#![forbid(unsafe_code)]

mod answer;
mod arguments;
mod extism_ways;
mod grpc;
mod hookr_ways;
mod interrupt;
mod measure;
mod native_ways;
mod report;
mod requests;
mod targets;
mod versions;

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use crate::arguments::Arguments;
use crate::grpc::Threads;
use crate::requests::Requests;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A closed standard error is no reason for another failure.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    interrupt::watch().context("signals cannot be watched")?;
    let requests = Requests::read()?;
    let hookr = hookr_ways::Plugins::open(&arguments.plugins)?;
    let mut extism = extism_ways::Plugins::open(&arguments.plugins)?;
    // However this function is left, the subprocesses end, and their sockets go.
    let server = arguments.server()?;
    let grpc = [grpc::Host::start(&server, Threads::One)?, grpc::Host::start(&server, Threads::Default)?];

    let mut ways = hookr.ways(&requests)?;
    ways.extend(extism.ways(&requests));
    for host in &grpc {
        ways.extend(host.ways(&requests)?);
    }
    ways.extend(native_ways::ways(&requests));
    ways.retain(|way| arguments.measures(way.workload));

    let workloads = measure::in_turns(ways, &arguments.settings())?;
    let report = report::Report { settings: arguments.settings(), versions: versions::measured()?, workloads };
    if let Some(file) = &arguments.json {
        std::fs::write(file, report.json()?).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    let mut out = std::io::stdout().lock();
    write!(out, "{report}")?;
    out.flush()?;
    Ok(())
}
