//! What a plugin may use while a command runs it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hookr::{Limit, Limits, units};

// Of each of these, and not as `next_help_heading`: what a command has behind them is none of its limits.
const HEADING: &str = "Limits";

/// What the plugin may use
#[derive(Args, Clone, Debug)]
pub(crate) struct LimitArgs {
    /// How long the call may take: `500ms`, `10s`, `2m`, or `none`
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time, help_heading = HEADING)]
    pub(crate) deadline: Time,

    /// How much memory the plugin may have: `64MiB`, `1GiB`, or a number of bytes
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = size, help_heading = HEADING)]
    pub(crate) memory: usize,

    /// How many instructions the call may take, about; they are not counted if it is not given
    #[arg(long, value_name = "NUMBER", help_heading = HEADING)]
    pub(crate) fuel: Option<u64>,

    /// Write the plugin's memory to a file in this folder if it traps
    #[arg(long, value_name = "FOLDER", help_heading = HEADING)]
    pub(crate) core_dump: Option<PathBuf>,
}

impl LimitArgs {
    pub(crate) fn limits(&self) -> Limits {
        Limits::default().deadline(self.deadline.0).memory(self.memory).fuel(self.fuel)
    }
}

/// The flag that changes a limit, if there is one.
pub(crate) fn flag(limit: Limit) -> Option<&'static str> {
    match limit {
        Limit::Memory => Some("--memory"),
        Limit::Fuel => Some("--fuel"),
        _ => None,
    }
}

/// A time; `None` for as long as it likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time(Option<Duration>);

fn time(text: &str) -> Result<Time, String> {
    if text == "none" {
        return Ok(Time(None));
    }
    let time = units::time(text).ok_or("a time is a number with `ms`, `s`, `m`, `h` or `d`, or `none`")?;
    Ok(Time(Some(time)))
}

/// A number of bytes.
pub(crate) fn size(text: &str) -> Result<usize, String> {
    let bytes = units::size(text).ok_or("a size is a number of bytes, or one with `KiB`, `MiB` or `GiB`")?;
    usize::try_from(bytes).map_err(|_| "there is no so large memory on this machine".to_owned())
}

/// A time in minutes, hours or days.
pub(crate) fn age(text: &str) -> Result<Duration, String> {
    let has_unit = text.ends_with(['m', 'h', 'd']);
    let age = units::time(text).filter(|_| has_unit);
    age.ok_or_else(|| "an age is a number with `m`, `h` or `d`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        assert_eq!(time("500ms"), Ok(Time(Some(Duration::from_millis(500)))));
        assert_eq!(time("2m"), Ok(Time(Some(Duration::from_secs(120)))));
        assert_eq!(time("none"), Ok(Time(None)));
        for wrong in ["", "5", "s", "-1s", "1.5s", "5 parsecs", "99999999999999999999h", "18446744073709551615h"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ages_are_longer_than_times() {
        assert_eq!([age("90m"), age("12h"), age("30d")], [5400, 43_200, 2_592_000].map(Duration::from_secs).map(Ok));
        for wrong in ["", "30", "30s", "-1d", "999999999999999999d"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_may_have_one() {
        assert_eq!([size("5"), size("64MiB"), size("1 GiB")], [Ok(5), Ok(64 << 20), Ok(1 << 30)]);
        for wrong in ["", "MiB", "5MB", "1e9", "-1"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
