//! What plugins are compiled for.

use clap::ValueEnum;
use std::fmt;

/// A target of the Rust compiler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// For plugins that import what their contract names, and nothing else.
    #[default]
    #[value(name = "wasm32-unknown-unknown")]
    Bare,
    /// For plugins that use files, clocks or the network through std.
    #[value(name = "wasm32-wasip2")]
    Wasi,
}

impl Target {
    /// What the compiler calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bare => "wasm32-unknown-unknown",
            Self::Wasi => "wasm32-wasip2",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_asked_for_by_the_compilers_names() {
        for target in Target::value_variants() {
            assert_eq!(Target::from_str(target.name(), false), Ok(*target));
        }
    }
}
