use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Usage: HOST PLUGIN.wasm [--sha256 HEX]

  PLUGIN.wasm    the plugin, as `hookr build` made it
  --sha256 HEX   the hash that the plugin must have; without it, any plugin may run";

/// The command line of a host application.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    /// The plugin's file.
    pub plugin: PathBuf,
    /// The hash that the file must have. It is checked where the plugin is opened.
    pub sha256: Option<String>,
}

/// What is wrong with a command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UsageError {
    NoPlugin,
    NoHash,
    SecondHash,
    Unexpected(OsString),
}

impl Arguments {
    /// Reads a command line, which starts with the name of the program. `None` asks for help.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Option<Self>, UsageError> {
        let mut arguments = arguments.into_iter().skip(1);
        let (mut plugin, mut sha256) = (None, None);
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("-h" | "--help") => return Ok(None),
                Some("--sha256") if sha256.is_some() => return Err(UsageError::SecondHash),
                // A hash that is not even text is none; how it reads is told when the plugin is opened.
                Some("--sha256") => {
                    let hash = arguments.next().ok_or(UsageError::NoHash)?;
                    sha256 = Some(hash.to_string_lossy().into_owned());
                }
                Some(option) if option.starts_with('-') => return Err(UsageError::Unexpected(argument)),
                _ if plugin.is_some() => return Err(UsageError::Unexpected(argument)),
                _ => plugin = Some(PathBuf::from(argument)),
            }
        }
        let plugin = plugin.ok_or(UsageError::NoPlugin)?;
        Ok(Some(Arguments { plugin, sha256 }))
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UsageError::NoPlugin => f.write_str("which plugin?")?,
            UsageError::NoHash => f.write_str("--sha256 wants a hash after it")?,
            UsageError::SecondHash => f.write_str("--sha256 may be there once")?,
            UsageError::Unexpected(argument) => write!(f, "unexpected argument {argument:?}")?,
        }
        write!(f, "\n\n{HELP}")
    }
}

impl std::error::Error for UsageError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Arguments>, UsageError> {
        Arguments::parse(std::iter::once("host").chain(line.split_whitespace()).map(OsString::from))
    }

    #[test]
    fn the_hash_may_be_left_out() {
        let plugin = PathBuf::from("a.wasm");
        assert_eq!(parse("a.wasm"), Ok(Some(Arguments { plugin, sha256: None })));
    }

    #[test]
    fn the_hash_may_stand_on_either_side() {
        let expected = Arguments { plugin: "a.wasm".into(), sha256: Some("c0de".to_owned()) };
        assert_eq!(parse("a.wasm --sha256 c0de"), Ok(Some(expected)));
        assert_eq!(parse("--sha256 c0de a.wasm"), parse("a.wasm --sha256 c0de"));
    }

    #[test]
    fn a_command_line_without_sense_says_how_it_should_be() {
        assert_eq!(parse(""), Err(UsageError::NoPlugin));
        assert_eq!(parse("--sha256 c0de"), Err(UsageError::NoPlugin));
        assert_eq!(parse("a.wasm --sha256"), Err(UsageError::NoHash));
        assert_eq!(parse("a.wasm --sha256 a --sha256 b"), Err(UsageError::SecondHash));
        assert_eq!(parse("a.wasm b.wasm"), Err(UsageError::Unexpected("b.wasm".into())));
        assert_eq!(parse("a.wasm --unsafe"), Err(UsageError::Unexpected("--unsafe".into())));
        assert!(UsageError::NoPlugin.to_string().contains("Usage: "));
    }

    #[test]
    fn help_is_no_error() {
        assert_eq!(parse("--help"), Ok(None));
    }
}
