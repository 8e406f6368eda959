use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hookr::units;

use super::{PluginArgs, Ways};

/// Measure how long a method of a plugin takes
///
/// The method is called once first, and has to answer as in `hookr call`; then it is called over and over with the same
/// request. Measured is the call alone: JSON is read before, and responses are not written. Callbacks are answered from the
/// host fixture. The first call that fails ends it.
///
/// Calls that are too short for the clock are timed several at a time. Allocations and instructions are counted in calls of
/// their own; instructions only with --fuel, which makes every call slower.
///
/// With --compare, another version of the plugin is measured in turns with this one, and the verdict says which is faster, or
/// that the difference is noise. What trusts one of them trusts the other: --hash may be given twice. Ctrl-C ends the
/// measuring early, and what was measured is printed.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr bench --plugin textfilter.wasm --allow-unsigned --method Filter --input request.json
  hookr bench --plugin new.wasm --compare old.wasm --allow-unsigned --method Filter \\
      --input request.json --way both --fail-if-slower=5")]
pub(crate) struct BenchArgs {
    /// The method: `Balance`, or `Plugin.Balance`
    #[arg(long, value_name = "NAME")]
    pub(crate) method: String,

    /// The request as JSON, `-` for standard input [default: an empty object]
    #[arg(long, value_name = "FILE.json")]
    pub(crate) input: Option<PathBuf>,

    /// What callbacks answer, as JSON
    #[arg(long, value_name = "FILE.json")]
    pub(crate) host_fixture: Option<PathBuf>,

    /// The way that calls take: typed, with values of the Component Model that are made at run time, lane, or both
    #[arg(long, value_enum, value_name = "WAY", default_value_t, hide_possible_values = true)]
    pub(crate) way: Ways,

    /// How long each way of each plugin is called before anything counts
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = time)]
    pub(crate) warm_up: Duration,

    /// How long each way of each plugin is measured
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = some_time)]
    pub(crate) time: Duration,

    /// How many calls of each way of each plugin are measured, instead of --time
    #[arg(long, value_name = "NUMBER", conflicts_with = "time")]
    pub(crate) iterations: Option<NonZeroU64>,

    /// Another version of the plugin, to compare with
    #[arg(long, value_name = "OLD.wasm")]
    pub(crate) compare: Option<PathBuf>,

    /// A difference of less than so many percent does not matter
    #[arg(long, value_name = "PERCENT", default_value = "2", value_parser = percent, requires = "compare")]
    pub(crate) tolerance: f64,

    /// End with exit code 7 if the plugin is slower than the other one, by more than so many percent [default: --tolerance]
    #[arg(long, value_name = "PERCENT", value_parser = percent, num_args = 0..=1, require_equals = true,
          requires = "compare")]
    pub(crate) fail_if_slower: Option<Option<f64>>,

    #[command(flatten)]
    pub(crate) plugin: PluginArgs,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn time(text: &str) -> Result<Duration, String> {
    units::time(text).ok_or_else(|| "a time is a number with `ms`, `s`, `m`, `h` or `d`".to_owned())
}

fn some_time(text: &str) -> Result<Duration, String> {
    let time = time(text)?;
    if time.is_zero() { Err("in no time nothing is measured".to_owned()) } else { Ok(time) }
}

fn percent(text: &str) -> Result<f64, String> {
    let percent = text.trim_end_matches('%').parse().ok();
    let percent = percent.filter(|percent: &f64| (0.0..=1000.0).contains(percent));
    percent.ok_or_else(|| "a percentage is a number from 0 to 1000".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_finite() {
        assert_eq!([percent("2"), percent("0.5%"), percent("0")], [Ok(2.0), Ok(0.5), Ok(0.0)]);
        for wrong in ["", "-1", "NaN", "inf", "two", "1001"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }
}
