//! Runs a folder of schemas through flatc and through this crate, and reports every difference.
//!
//! `cargo xtask corpus` is the way to run it: it brings flatc along.
#![forbid(unsafe_code)]

#[path = "../../tests/json/agree.rs"]
mod agree;
#[path = "../../tests/bfbs/content.rs"]
mod content;
#[path = "../../tests/bfbs/flatc.rs"]
mod flatc;
#[path = "../../tests/json/generate.rs"]
mod generate;
#[path = "../../tests/corpus/known.rs"]
mod known;
#[path = "../../tests/corpus/meanings.rs"]
mod meanings;
#[path = "../../tests/json/not_in_flatc.rs"]
mod not_in_flatc;
mod origin;
mod report;
#[path = "../../tests/corpus/schemas.rs"]
mod schemas;
#[path = "../../tests/corpus/table.rs"]
mod table;
#[path = "../../tests/corpus/texts.rs"]
mod texts;

use std::path::PathBuf;
use std::process::ExitCode;

use report::Report;

const USAGE: &str = "usage: corpus [--corpus DIR] [--json]";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Prints the report; whether there is no difference without an explanation.
fn run() -> Result<bool, String> {
    let mut corpus = None;
    let mut json = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--corpus" => corpus = Some(PathBuf::from(arguments.next().ok_or(USAGE)?)),
            "--json" => json = true,
            _ => return Err(USAGE.to_owned()),
        }
    }
    let corpus =
        corpus.or_else(generate::corpus).ok_or("no corpus: name its folder with --corpus DIR or in HOOKR_CORPUS")?;
    let report = Report::of(&corpus, flatc::flatc().as_deref())?;
    if json {
        println!("{:#}", report.to_json());
    } else {
        print!("{report}");
    }
    Ok(report.is_clean())
}
