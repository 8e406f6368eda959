//! How a run fails: an exit code, an error with its causes, and hints.

use std::fmt::Write as _;
use std::io::ErrorKind;

use hookr::trust::SignatureError;
use hookr::{CallError, LockError, Need, OpenError};
use hookr_abi::Printable;

use crate::exit::Exit;
use crate::files::shown;
use crate::hint::Hint;
use crate::limits::flag;
use crate::terminal::Style;

/// The result of everything that ends a run when it fails.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a run ends without success.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: Message,
    /// What belongs to the error, as lines of their own behind it.
    notes: Vec<String>,
    hints: Vec<Hint>,
}

#[derive(Debug)]
enum Message {
    /// An error with its chain of causes.
    Error(anyhow::Error),
    /// Diagnostics with excerpts, rendered without and with colours.
    Rendered { plain: String, colored: String },
}

impl Failure {
    /// A failure from an error, whose sources are shown as causes.
    pub(crate) fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Failure { exit, message: Message::Error(error.into()), notes: Vec::new(), hints: Vec::new() }
    }

    /// A failure from one line of text.
    pub(crate) fn message(exit: Exit, text: impl Into<String>) -> Self {
        Failure::new(exit, anyhow::Error::msg(text.into()))
    }

    /// A failure from diagnostics; `render` is asked once without and once with colours.
    pub(crate) fn rendered(exit: Exit, render: impl Fn(bool) -> String) -> Self {
        let message = Message::Rendered { plain: render(false), colored: render(true) };
        Failure { exit, message, notes: Vec::new(), hints: Vec::new() }
    }

    /// Adds something to do.
    pub(crate) fn hint(mut self, hint: Hint) -> Self {
        self.hints.push(hint);
        self
    }

    /// Adds something to do, if there is anything.
    pub(crate) fn maybe_hint(mut self, hint: Option<Hint>) -> Self {
        self.hints.extend(hint);
        self
    }

    /// Adds a fact.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// The error and its causes, for programs: nothing is escaped.
    pub(crate) fn causes(&self) -> Vec<String> {
        match &self.message {
            Message::Error(error) => chain(error),
            Message::Rendered { plain, .. } => vec![plain.clone()],
        }
    }

    /// The text for stderr. What comes from files and plugins is escaped.
    pub(crate) fn render(&self, style: Style) -> String {
        let mut out = String::new();
        match &self.message {
            Message::Error(error) => {
                for (index, text) in chain(error).iter().enumerate() {
                    let _ = match index {
                        0 => writeln!(out, "{} {}", style.error("error:"), indented(text)),
                        _ => writeln!(out, "  {} {}", style.strong("caused by:"), indented(text)),
                    };
                }
            }
            Message::Rendered { plain, colored } => out += if style.is_colored() { colored } else { plain },
        }
        for note in &self.notes {
            let _ = writeln!(out, "  {} {}", style.strong("note:"), indented(note));
        }
        for hint in &self.hints {
            let _ = writeln!(out, "  {} {hint}", style.hint("hint:"));
        }
        out
    }
}

/// The texts of an error and its causes. Some libraries repeat the cause in the message: it is there once.
fn chain(error: &anyhow::Error) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut last = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !last.ends_with(&cause) {
            texts.push(cause.clone());
        }
        last = cause;
    }
    texts
}

/// An error with its causes, in a line.
pub(crate) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut out = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // Some errors repeat the cause in the message.
        if !out.ends_with(&text) {
            out.push_str(": ");
            out.push_str(&text);
        }
        cause = error.source();
    }
    Printable(&out).to_string()
}

/// Escaped, with further lines under the first.
fn indented(text: &str) -> String {
    format!("{:#}", Printable(text.trim_end())).replace('\n', "\n    ")
}

/// Gives an error its exit code.
pub(crate) trait Context<T> {
    /// Fails with this code and nothing more to say.
    fn or_exit(self, exit: Exit) -> Result<T>;

    /// Fails with this code and a line that says what was tried.
    fn or_fail(self, exit: Exit, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<anyhow::Error>> Context<T> for Result<T, E> {
    fn or_exit(self, exit: Exit) -> Result<T> {
        self.map_err(|error| Failure::new(exit, error))
    }

    fn or_fail(self, exit: Exit, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Failure::new(exit, error.into().context(what())))
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        // The library's own words name methods of its builder; people at a shell have flags.
        if let OpenError::NoTrustDecision { found } = error {
            let message = format!("nothing says that this plugin may run; its sha256 is {found}");
            return Failure::new(Exit::Untrusted, anyhow::Error::msg(message)).hint(Hint::Trust(found));
        }
        if let OpenError::Imports { found, .. } = &error
            && found.iter().any(|import| Need::of(import).is_some())
        {
            let imports: Vec<String> = found.iter().map(|import| format!("`{}`", Printable(import))).collect();
            let text = format!("the plugin imports what nobody grants: {}", imports.join(", "));
            return Failure::message(Exit::Unfit, text).hint(Hint::Grants);
        }
        let (exit, hint) = match &error {
            OpenError::Grant { .. } => (Exit::Input, None),
            OpenError::Read { .. } | OpenError::Directory { .. } | OpenError::NotAFile { .. } => (Exit::Input, None),
            OpenError::InvalidPin(_) => (Exit::Usage, None),
            OpenError::Untrusted { found, .. } => (Exit::Untrusted, Some(Hint::OtherHash(*found))),
            OpenError::LockFile { source, .. } => (Exit::Input, is_missing(source).then_some(Hint::LockFirst)),
            OpenError::LockedHash { .. } => (Exit::Untrusted, Some(Hint::OtherLocked)),
            OpenError::NotLocked { .. } => (Exit::Untrusted, Some(Hint::LockAdd)),
            OpenError::LockEdited { .. } | OpenError::LockedSigners { .. } => (Exit::Untrusted, None),
            OpenError::TrustStore { .. } | OpenError::DetachedSignature { .. } => (Exit::Input, None),
            OpenError::Revoked { .. } => (Exit::Untrusted, None),
            OpenError::Signature { source, .. } => match **source {
                SignatureError::NoKeys | SignatureError::Threshold { .. } => (Exit::Input, None),
                SignatureError::NotSigned { .. } => (Exit::Untrusted, Some(Hint::Sign)),
                _ => (Exit::Untrusted, None),
            },
            OpenError::Rejected { .. } => (Exit::Untrusted, None),
            OpenError::Engine { .. } => (Exit::Call, None),
            OpenError::DeadlineExceeded { .. } => (Exit::Call, Some(Hint::Limit("--deadline"))),
            OpenError::LimitExceeded(exceeded) => (Exit::Call, flag(exceeded.limit).map(Hint::Limit)),
            OpenError::CoreModule | OpenError::NoContract { .. } => (Exit::Unfit, Some(Hint::BuildComponent)),
            OpenError::ContractMismatch { .. } => (Exit::Unfit, Some(Hint::OtherContract)),
            _ => (Exit::Unfit, None),
        };
        Failure::new(exit, error).maybe_hint(hint)
    }
}

fn is_missing(error: &LockError) -> bool {
    matches!(error, LockError::Read { source, .. } if source.kind() == ErrorKind::NotFound)
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let about = About::of(&error);
        about.failure(error)
    }
}

/// An error that is kept elsewhere, too: its texts are copied.
impl From<&CallError> for Failure {
    fn from(error: &CallError) -> Self {
        About::of(error).failure(told(error))
    }
}

/// An error with the texts of another one and its causes.
pub(crate) fn told(error: &(dyn std::error::Error + 'static)) -> anyhow::Error {
    match error.source() {
        Some(source) => told(source).context(error.to_string()),
        None => anyhow::Error::msg(error.to_string()),
    }
}

/// What there is to say of a failed call beside its error.
struct About {
    exit: Exit,
    hint: Option<Hint>,
    notes: Vec<String>,
}

impl About {
    fn of(error: &CallError) -> Self {
        let exit = match error {
            CallError::NoSuchMethod { .. } | CallError::InvalidRequest { .. } => Exit::Input,
            _ => Exit::Call,
        };
        let hint = match error {
            CallError::DeadlineExceeded { .. } => Some(Hint::Limit("--deadline")),
            CallError::LimitExceeded { exceeded, .. } => flag(exceeded.limit).map(Hint::Limit),
            CallError::NoLane { .. } => Some(Hint::OtherWay),
            _ => None,
        };
        let trace = error.backtrace().map(ToString::to_string).filter(|trace| !trace.is_empty());
        let dump = error.core_dump().map(|path| format!("the plugin's memory is in {}", shown(path)));
        let notes = trace.map(|trace| format!("the plugin was in\n{trace}")).into_iter().chain(dump).collect();
        About { exit, hint, notes }
    }

    fn failure(self, error: impl Into<anyhow::Error>) -> Failure {
        let failure = Failure::new(self.exit, error).maybe_hint(self.hint);
        self.notes.into_iter().fold(failure, Failure::note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_notes_and_hints_are_lines_of_their_own() {
        let cause = std::io::Error::other("\x1b[31mred\nmore");
        let result: Result<(), _> = Err(cause).or_fail(Exit::Input, || "cannot read x".to_owned());
        let failure = result.unwrap_err().note("fact").hint(Hint::DidYouMean("y".to_owned()));
        assert_eq!(
            failure.render(Style::PLAIN),
            "error: cannot read x\n  caused by: \\u{1b}[31mred\n    more\n  note: fact\n  hint: did you mean `y`?\n"
        );
        assert_eq!(failure.exit(), Exit::Input);
    }

    #[test]
    fn a_repeated_cause_is_shown_once() {
        let failure = Failure::new(Exit::Input, anyhow::Error::msg("b").context("a: b"));
        assert_eq!(failure.render(Style::PLAIN), "error: a: b\n");
    }
}
