//! The catalogue of errors. Codes are stable: a code that is no longer used is not given to another error.
//!
//! E00xx reading files and tokens, E01xx grammar, E02xx names, E03xx types, fields and values, E04xx services,
//! E05xx what cannot be translated yet or at all, E06xx WIT and Rust names, E07xx JSON, E08xx binary schemas.

use std::fmt;

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $title:literal, $explanation:literal;)*) => {
        /// Which error it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every code, in the order of the catalogue.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The code as people write it, `E0201` for instance.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// What the error is, on one line.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// Why it is an error and what to do about it, for `hookr explain`.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$name => $explanation,)* }
            }
        }
    };
}

catalogue! {
    FileUnreadable = "E0001", "a file cannot be read",
        "The schema, or a file that it includes, does not exist, is not a file or may not be read. Includes are looked \
         for beside the file that includes them, then in each folder given with -I.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
