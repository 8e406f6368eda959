use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a program printed and how it ended.
#[derive(Debug)]
pub struct Output {
    /// The command, for messages.
    pub command: String,
    /// The exit code; `None` if a signal ended it.
    pub status: Option<i32>,
    /// The standard output.
    pub stdout: String,
    /// The standard error.
    pub stderr: String,
}

/// Runs a program to its end.
///
/// # Panics
///
/// If it cannot be started, or prints what is not UTF-8.
#[track_caller]
pub fn run(command: &mut Command) -> Output {
    run_with(command, "")
}

/// Runs a program with this text on its standard input.
///
/// # Panics
///
/// As [`run`].
#[track_caller]
pub fn run_with(command: &mut Command, stdin: &str) -> Output {
    let shown = shown(command);
    let input = if stdin.is_empty() { Stdio::null() } else { Stdio::piped() };
    let child = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{shown} cannot be started: {error}"));
    if let Some(mut pipe) = child.stdin.take() {
        // A program that does not read its input closes it; what it printed says more than the broken pipe.
        let _ = pipe.write_all(stdin.as_bytes());
    }
    let output = child.wait_with_output().unwrap_or_else(|error| panic!("{shown}: {error}"));
    let text = |bytes, name| String::from_utf8(bytes).unwrap_or_else(|_| panic!("the {name} of {shown} is not UTF-8"));
    Output {
        status: output.status.code(),
        stdout: text(output.stdout, "output"),
        stderr: text(output.stderr, "error output"),
        command: shown,
    }
}

/// The command without its environment, which is long and the same for all of them.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

impl Output {
    /// The output, if the program succeeded.
    ///
    /// # Panics
    ///
    /// If it did not.
    #[track_caller]
    pub fn success(self) -> Self {
        self.exits(0)
    }

    /// The output, if the program ended with this code.
    ///
    /// # Panics
    ///
    /// If it ended otherwise.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert!(self.status == Some(code), "expected exit code {code}\n{}", self.report());
        self
    }

    /// Everything that is known, for a message.
    pub fn report(&self) -> String {
        let status = self.status.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        format!("{}\nended with {status}\n--- stdout\n{}\n--- stderr\n{}", self.command, self.stdout, self.stderr)
    }

    /// Both outputs, if each of these texts is in the error output.
    ///
    /// # Panics
    ///
    /// If one is missing.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "{text:?} is not on stderr\n{}", self.report());
        }
        self
    }
}
