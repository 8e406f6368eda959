//! Running other programs: each is printed before it runs and named when it fails.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What `cargo` to call: the one that runs this program, so that a `+toolchain` choice carries over.
///
/// It does not see what that cargo has told this program of its own package: build scripts that look at such variables, ring's for
/// instance, would run again whenever cargo is called from elsewhere, by a test for instance, and what depends on them be compiled anew.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_of_this_package) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Whether a variable says something of the package whose program this is.
fn is_of_this_package(name: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|prefix| name.starts_with(prefix))
}

/// Prints a line about what is being done, on stderr: stdout belongs to the result.
pub(crate) fn say(line: &str) {
    eprintln!("xtask: {line}");
}

/// Runs a command that shows its own output; anything but success is an error.
///
/// Standard input is closed, so nothing can wait for an answer in CI.
///
/// # Errors
///
/// When the program cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    say(&format!("$ {}", show(command)));
    let status = command.stdin(Stdio::null()).status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", show(command));
    }
    Ok(())
}

/// Runs a command silently and returns its stdout; its stderr becomes part of the error.
///
/// # Errors
///
/// When the program cannot be started, does not succeed, or prints something other than UTF-8.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = explain(command).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!(failure(command, output.status, &output.stderr));
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed something other than UTF-8", show(command)))
}

/// Like [`capture`], without the stdout, for programs that may hang on a network: they are killed after `limit`.
///
/// # Errors
///
/// When the program cannot be started, does not succeed, or takes longer than `limit`.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    say(&format!("$ {}", show(command)));
    let started = Instant::now();
    let mut child =
        explain(command).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().with_context(|| cannot_start(command))?;
    let mut pipe = child.stderr.take().context("the child has no stderr although one was asked for")?;
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        // What could be read before an error is still the best explanation there is.
        let _ = pipe.read_to_end(&mut text);
        text
    });
    loop {
        if let Some(status) = child.try_wait()? {
            if status.success() {
                return Ok(());
            }
            let stderr = reader.join().unwrap_or_default();
            bail!(failure(command, status, &stderr));
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("`{}` gave no result within {} s", show(command), limit.as_secs());
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// The command as a person would type it, without the environment.
pub(crate) fn show(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    std::iter::once(name).chain(command.get_args()).map(quoted).collect::<Vec<_>>().join(" ")
}

fn quoted(argument: &OsStr) -> String {
    let text = argument.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./:,@%~".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Prepares a command whose last words are shown when it fails: they should be its reason, not its backtrace.
fn explain(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).env("RUST_BACKTRACE", "0")
}

fn cannot_start(command: &Command) -> String {
    format!("`{}` cannot be started", show(command))
}

fn failure(command: &Command, status: ExitStatus, stderr: &[u8]) -> String {
    let stderr = String::from_utf8_lossy(stderr);
    // The last lines hold the reason; download progress and hints come before them.
    let lines: Vec<&str> = stderr.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let tail = lines.get(lines.len().saturating_sub(12)..).unwrap_or_default();
    let mut message = format!("`{}` failed ({status})", show(command));
    for line in tail {
        message.push_str("\n  ");
        message.push_str(line);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failure_names_the_command_its_status_and_its_last_words() {
        let error = capture(&mut shell("echo early >&2; echo reason >&2; exit 3")).unwrap_err().to_string();
        assert_eq!(
            error,
            "`sh -c 'echo early >&2; echo reason >&2; exit 3'` failed (exit status: 3)\n  early\n  reason"
        );
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = capture(&mut Command::new("no-such-program-of-hookr")).unwrap_err();
        assert_eq!(error.to_string(), "`no-such-program-of-hookr` cannot be started");
    }

    #[test]
    fn cargo_is_not_told_of_this_package() {
        // Cargo tells tests, too.
        assert!(std::env::var_os("CARGO_PKG_NAME").is_some() && std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        let cargo = cargo();
        let removed: Vec<_> = cargo.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        assert!(removed.contains(&OsStr::new("CARGO_PKG_NAME")), "{removed:?}");
        assert!(removed.contains(&OsStr::new("CARGO_MANIFEST_DIR")), "{removed:?}");
        assert!(!removed.contains(&OsStr::new("CARGO_HOME")), "{removed:?}");
    }

    #[test]
    fn a_hanging_program_is_ended() {
        let started = Instant::now();
        let error = run_within(Command::new("sleep").arg("60"), Duration::from_millis(100)).unwrap_err();
        assert!(error.to_string().contains("gave no result"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn arguments_are_shown_as_a_shell_takes_them() {
        assert_eq!(
            show(Command::new("/usr/bin/echo").args(["a b", "", "it's", "x=1"])),
            r"echo 'a b' '' 'it'\''s' x=1"
        );
    }
}
