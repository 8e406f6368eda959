//! What the exit code says. Scripts and CI rely on these numbers; `hookr --help` lists them.

use std::process::ExitCode;

/// Why a run ended without success.
///
/// The numbers are stable. [`Exit::Usage`] is clap's own number for a command line that it cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// A file, a schema, a JSON text, a fixture or a key is not right.
    Input = 1,
    /// The command line is not right.
    Usage = 2,
    /// Nobody said that the plugin may run, its hash is another, the lock file says something else, no key that is trusted
    /// has signed it, or it is revoked.
    Untrusted = 3,
    /// The plugin does not fit: not a component, no contract, another contract, imports without grant.
    Unfit = 4,
    /// The call gave no response: the plugin answered with an error, trapped, returned what cannot be read, or wanted more
    /// time or memory than it may have.
    Call = 5,
    /// The plugin could not be built, or `hookr doctor` misses what that takes.
    Build = 6,
    /// `--check` found files that differ, sources give another plugin, a case of `test` has failed, or a plugin is slower than
    /// another one.
    Different = 7,
    /// Ctrl-C ended `hookr test`; its report is there. `hookr watch` ends with this number, too.
    Interrupted = 130,
}

impl Exit {
    /// The list for `hookr --help`, in lines that fit; docs/src/reference/exit-codes.md has it, too.
    pub(crate) const HELP: &'static str = "\
Exit codes:
  0  success
  1  a file, a schema, a JSON text, a fixture or a key is not right
  2  the command line is not right
  3  the plugin is not trusted: no decision, another hash, not what the lock file says, no
     signature of a trusted key, or revoked
  4  the plugin does not fit: not a component, no contract, another contract, imports without grant
  5  the call failed: the plugin answered with an error, trapped, returned what cannot be read, or
     wanted more than it may have
  6  the plugin could not be built, or doctor found something missing
  7  --check found files that differ, --rebuild gave another plugin, a case of test failed, or
     --fail-if-slower found a plugin that is slower
  130  Ctrl-C ended test, which reports what was run, or watch

Standard output is for results alone: with --json, one JSON document. What was done, what goes on,
warnings and errors go to standard error, errors as text with --json, too; --quiet leaves warnings
and errors. In scripts, look at the exit code.";
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_lists_every_number() {
        use Exit::{Build, Call, Different, Input, Interrupted, Unfit, Untrusted, Usage};
        for exit in [Input, Usage, Untrusted, Unfit, Call, Build, Different, Interrupted] {
            assert!(Exit::HELP.contains(&format!("\n  {}  ", exit as u8)), "{exit:?}");
        }
    }

    #[test]
    fn the_lines_of_the_help_fit() {
        assert!(Exit::HELP.lines().all(|line| line.chars().count() <= 100), "{}", Exit::HELP);
    }
}
