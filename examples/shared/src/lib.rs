//! What the host applications of the examples have in common, so that each of them shows its plugin and little else: a
//! command line, an end with an exit code, and random numbers that are the same in every run.
#![forbid(unsafe_code)]

mod arguments;
mod random;

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

pub use arguments::Arguments;
pub use random::Random;

/// Why a host application failed, whatever it was.
pub type Failure = Box<dyn Error>;

/// Runs a host application: reads the command line, hands over the standard output, and reports what fails.
///
/// The exit code is 0 for success, 1 for a failure and 2 for a command line that makes no sense.
pub fn run(application: impl FnOnce(&Arguments, &mut dyn Write) -> Result<(), Failure>) -> ExitCode {
    let mut out = io::stdout().lock();
    let parsed = Arguments::parse(std::env::args_os());
    let (result, failure) = match parsed {
        Ok(Some(arguments)) => (application(&arguments, &mut out), ExitCode::FAILURE),
        Ok(None) => (writeln!(out, "{}", arguments::HELP).map_err(Into::into), ExitCode::FAILURE),
        Err(usage) => (Err(usage.into()), ExitCode::from(2)),
    };
    match result.and_then(|()| Ok(out.flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the output has seen enough of it: `host plugin.wasm | head -1`.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            report(&*error);
            failure
        }
    }
}

/// Writes a remark to the standard error, beside the output.
pub fn remark(text: &str) {
    // A closed standard error is no reason to stop.
    let _ = writeln!(io::stderr(), "{text}");
}

/// An error with all of its causes, a line each.
fn report(error: &dyn Error) {
    remark(&format!("error: {error}"));
    let mut cause = error.source();
    while let Some(error) = cause {
        remark(&format!("  caused by: {error}"));
        cause = error.source();
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
