use std::io::{self, IsTerminal};

use clap::ValueEnum;

/// When text gets colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless the environment variable NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// The style of what is written to stderr.
    pub(crate) fn stderr(self) -> Style {
        self.style(&io::stderr())
    }

    /// The style of what is written to stdout.
    pub(crate) fn stdout(self) -> Style {
        self.style(&io::stdout())
    }

    /// What other programs call it: the value of CARGO_TERM_COLOR.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ColorChoice::Auto => "auto",
            ColorChoice::Always => "always",
            ColorChoice::Never => "never",
        }
    }

    fn style(self, stream: &impl IsTerminal) -> Style {
        let colored = match self {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                stream.is_terminal() && !refused && !is_dumb()
            }
        };
        Style { colored }
    }
}

/// Whether the terminal knows no escape sequences.
pub(super) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|value| value == "dumb")
}

/// What a colour means. Each has one colour, and is for nothing else. The excerpts of diagnostics are painted by what renders
/// them, with blue line numbers beside these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Text like any other.
    #[default]
    Plain,
    /// What went wrong: red, bold.
    Error,
    /// What to look at: yellow, bold.
    Warning,
    /// What to do: cyan, bold.
    Hint,
    /// What is right, or is there that was not: green.
    Good,
    /// What is gone, or is not as it should be: red.
    Gone,
    /// The name of what it is about, and the heads of columns and sections: bold.
    Name,
}

impl Meaning {
    /// The parameters of the escape sequence.
    fn code(self) -> Option<&'static str> {
        match self {
            Meaning::Plain => None,
            Meaning::Error => Some("1;31"),
            Meaning::Warning => Some("1;33"),
            Meaning::Hint => Some("1;36"),
            Meaning::Good => Some("32"),
            Meaning::Gone => Some("31"),
            Meaning::Name => Some("1"),
        }
    }
}

/// How words are marked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    colored: bool,
}

impl Style {
    /// Without colours.
    pub(crate) const PLAIN: Style = Style { colored: false };

    /// With colours.
    pub(crate) const COLORED: Style = Style { colored: true };

    /// Whether there are colours at all.
    pub(crate) fn is_colored(self) -> bool {
        self.colored
    }

    /// [`Meaning::Error`].
    pub(crate) fn error(self, text: &str) -> String {
        self.paint(Meaning::Error, text)
    }

    /// [`Meaning::Hint`].
    pub(crate) fn hint(self, text: &str) -> String {
        self.paint(Meaning::Hint, text)
    }

    /// [`Meaning::Name`].
    pub(crate) fn strong(self, text: &str) -> String {
        self.paint(Meaning::Name, text)
    }

    /// [`Meaning::Warning`].
    pub(crate) fn warning(self, text: &str) -> String {
        self.paint(Meaning::Warning, text)
    }

    /// [`Meaning::Good`].
    pub(crate) fn added(self, text: &str) -> String {
        self.paint(Meaning::Good, text)
    }

    /// [`Meaning::Gone`].
    pub(crate) fn removed(self, text: &str) -> String {
        self.paint(Meaning::Gone, text)
    }

    /// The text as its meaning wants it.
    pub(crate) fn paint(self, meaning: Meaning, text: &str) -> String {
        match meaning.code() {
            Some(code) if self.colored && !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }
}
