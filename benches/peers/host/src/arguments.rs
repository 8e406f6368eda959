use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;

use crate::measure::{Settings, Workload};

/// Measure Hookr, Extism and gRPC to a subprocess, side by side.
///
/// The ways to call are measured in turns, in one process, and give the same answers before they are measured. The tables
/// are on stdout; ratios hold, absolute times drift with the machine.
#[derive(Parser)]
#[command(
    name = "peers-host",
    max_term_width = 100,
    after_help = "Example:\n  peers-host --plugins target/peers --json target/peers/peers.json\n\n`cargo xtask bench-peers` builds \
                  what is needed and then runs this."
)]
pub(crate) struct Arguments {
    /// The folder with the plugins: echo.wasm, textfilter.wasm and tickloop.wasm, as `hookr build` makes them, and
    /// peers_extism_echo.wasm, peers_extism_filter.wasm and peers_extism_tick.wasm.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) plugins: PathBuf,

    /// The program of the subprocess [default: peers-server, beside this program].
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,

    /// Write the figures to this file too, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Measure this workload alone; may be repeated.
    #[arg(long, value_name = "WORKLOAD", value_enum)]
    only: Vec<Workload>,

    /// How many turns every way gets.
    #[arg(long, value_name = "NUMBER", default_value_t = 501, value_parser = clap::value_parser!(u32).range(1..))]
    turns: u32,

    /// How long a turn is, about.
    #[arg(long, value_name = "MICROSECONDS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    turn: u64,
}

impl Arguments {
    /// How long to measure.
    pub(crate) fn settings(&self) -> Settings {
        Settings { turns: self.turns, turn: Duration::from_micros(self.turn) }
    }

    /// Whether a workload is asked for.
    pub(crate) fn measures(&self, workload: Workload) -> bool {
        self.only.is_empty() || self.only.contains(&workload)
    }

    /// The program of the subprocess.
    pub(crate) fn server(&self) -> Result<PathBuf> {
        if let Some(server) = &self.server {
            return Ok(server.clone());
        }
        let this = std::env::current_exe().context("where this program is cannot be found out: say --server")?;
        Ok(this.with_file_name(format!("peers-server{}", std::env::consts::EXE_SUFFIX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_workload_is_measured_unless_some_are_chosen() {
        let parse = |line: &str| Arguments::try_parse_from(line.split_whitespace()).unwrap();
        let all = parse("peers-host --plugins p");
        assert!(all.measures(Workload::Echo) && all.measures(Workload::Tick));
        let one = parse("peers-host --plugins p --only textfilter");
        assert!(one.measures(Workload::Filter) && !one.measures(Workload::Tick));
        assert_eq!(one.settings().turns, 501);
    }
}
