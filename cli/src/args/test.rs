//! `hookr test`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::{PluginArgs, Ways};

/// Run cases: calls in files, with what is expected of the plugin
///
/// A case is a JSON file with a method, a request, what callbacks answer, and the response or error that is expected; or with
/// several such calls. Each case gets a fresh instance. docs/src/reference/cases.md in Hookr's repository describes the files
/// and the reports.
///
/// The report goes to standard output. The exit code is 7 if a case has failed, and 1 if a file is not right.
/// After Ctrl-C, no more cases begin, the report is written, and the exit code is 130.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr test --plugin urlbalancer.wasm --allow-unsigned
  hookr test --plugin urlbalancer.wasm --allow-unsigned --way both --junit report.xml
  hookr test --plugin urlbalancer.wasm --allow-unsigned --update
  hookr test --plugin urlbalancer.wasm --allow-unsigned --record cases/first.json \\
      --method Balance --input request.json --host-fixture fixture.json

CASE
  {
    \"method\": \"Balance\",
    \"request\": {\"url\": \"https://example.com\", \"nodes\": [\"a\", \"b\"]},
    \"callbacks\": {
      \"Rng.Int\": {\"when\": {\"max\": 1}, \"response\": {\"value\": 1}, \"times\": 1},
      \"Rng.Float\": {\"response\": {\"value\": 0.5}, \"delay\": \"5ms\"}
    },
    \"expect\": {
      \"match\": \"subset\",
      \"response\": {\"selected_node\": \"b\", \"rng_float\": {\"$near\": 0.5, \"tolerance\": 0.01}}
    }
  }")]
pub(crate) struct TestArgs {
    /// Files, or folders of cases
    #[arg(value_name = "CASES", default_value = "cases")]
    pub(crate) cases: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) plugin: PluginArgs,

    /// The way that calls take: typed, lane, or both, which have to agree
    #[arg(long, value_enum, value_name = "WAY", default_value_t, hide_possible_values = true)]
    pub(crate) way: Ways,

    /// Only cases with this in their name, or, with `*` or `?` in it, of this name; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(crate) filter: Vec<String>,

    /// How many cases run at a time [default: one for each processor]
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// Run no more cases once one has failed
    #[arg(long, conflicts_with = "update")]
    pub(crate) fail_fast: bool,

    /// Print the names of the cases, and run none
    #[arg(long, conflicts_with_all = ["update", "json", "junit", "coverage", "require_coverage"])]
    pub(crate) list: bool,

    /// Make what was found what cases expect, where they fail or expect nothing
    #[arg(long)]
    pub(crate) update: bool,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Write a report in JUnit's XML
    #[arg(long, value_name = "FILE.xml")]
    pub(crate) junit: Option<PathBuf>,

    /// Print which methods and callbacks were called, as a table
    #[arg(long)]
    pub(crate) coverage: bool,

    /// Fail if a method that the plugin has is called by no case; prints the table
    #[arg(long)]
    pub(crate) require_coverage: bool,

    #[command(flatten)]
    pub(crate) record: RecordArgs,
}

/// A call that becomes a case.
#[derive(Args, Debug)]
#[command(next_help_heading = "Recording")]
pub(crate) struct RecordArgs {
    /// Make one call, and write it as a case that expects what came of it; a file that exists is kept
    #[arg(
        long,
        value_name = "FILE.json",
        requires = "method",
        conflicts_with_all = ["cases", "filter", "jobs", "fail_fast", "list", "update", "json", "junit"]
    )]
    pub(crate) record: Option<PathBuf>,

    /// The method to call: `Balance`, or `Plugin.Balance`
    #[arg(long, value_name = "NAME", requires = "record")]
    pub(crate) method: Option<String>,

    /// The request as JSON, `-` for standard input [default: an empty object]
    #[arg(long, value_name = "FILE.json", requires = "record")]
    pub(crate) input: Option<PathBuf>,

    /// What callbacks answer, as JSON
    #[arg(long, value_name = "FILE.json", requires = "record")]
    pub(crate) host_fixture: Option<PathBuf>,
}
