//! `cargo xtask bench-gen`: how fast the generator is, and how that grows.

use anyhow::Result;
use std::process::Command;

use crate::{process, workspace};

/// Time the generator, stage by stage, for contracts of 10 to 10,000 tables.
///
/// Prints milliseconds, and behind each the growth: the time per table in relation to that of the line above, so that 1.0
/// is linear. Compiles in release mode first.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  cargo xtask bench-gen")]
pub(crate) struct Arguments {}

/// Runs `cargo xtask bench-gen`.
pub(crate) fn run(_: &Arguments) -> Result<()> {
    process::run(&mut bench()?)
}

fn bench() -> Result<Command> {
    let mut command = workspace::cargo("bench")?;
    command.args(["--package", "fbs2wit", "--bench", "generate"]);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bench_is_the_generators() {
        let shown = process::show(&bench().unwrap());
        assert!(shown.ends_with("bench --package fbs2wit --bench generate"), "{shown}");
    }
}
