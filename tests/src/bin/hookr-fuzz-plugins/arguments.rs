//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What the program is told.
pub(crate) struct Arguments {
    pub(crate) time: Duration,
    pub(crate) seed: u64,
    /// Where cases are kept that something was found with.
    pub(crate) out: PathBuf,
    pub(crate) files: Vec<PathBuf>,
}

const USAGE: &str = "hookr-fuzz-plugins --minutes NUMBER --out FOLDER [--seed NUMBER] PLUGIN...";

impl Arguments {
    pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut arguments = arguments;
        let (mut minutes, mut seed, mut out, mut files) = (None, None, None, Vec::new());
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("a value is missing; usage: {USAGE}"));
            match argument.to_str() {
                Some("--minutes") => minutes = Some(number(&value()?)?),
                Some("--seed") => seed = Some(number(&value()?)?),
                Some("--out") => out = Some(PathBuf::from(value()?)),
                Some(option) if option.starts_with("--") => return Err(format!("usage: {USAGE}")),
                _ => files.push(PathBuf::from(argument)),
            }
        }
        let (Some(minutes), Some(out), false) = (minutes, out, files.is_empty()) else {
            return Err(format!("usage: {USAGE}"));
        };
        // Another seed each time, unless one is given; it is printed.
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() << 20);
        let time = Duration::from_secs(minutes.saturating_mul(60));
        Ok(Arguments { time, seed: seed.unwrap_or_else(now), out, files })
    }
}

fn number(value: &OsString) -> Result<u64, String> {
    let parsed = value.to_str().and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| format!("{} is not a number; usage: {USAGE}", value.display()))
}
