//! An error with the reasons for it.

use std::error::Error;
use std::fmt;

use hookr_abi::Printable;

/// An error with all of its causes, on one line: `what failed: why: why that`.
///
/// `Display` of an error is its own line alone, as is usual in Rust: of a version that is refused, it says that it cannot be opened, and
/// its [`source`](Error::source) that nobody has signed it. Text of others in it is escaped, as [`Printable`] does.
///
/// ```
/// use hookr::{Artifact, Causes};
///
/// let error = Artifact::read("nowhere.wasm").unwrap_err();
/// assert!(Causes(&error).to_string().len() > error.to_string().len());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Causes<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Printable(&super::with_causes(self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Nested(&'static str, Option<Box<Nested>>);

    impl fmt::Display for Nested {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Nested {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|error| error as _)
        }
    }

    #[test]
    fn every_cause_is_said_once() {
        let inner = Nested("no\u{1b} key", None);
        let outer = Nested("outer", Some(Box::new(Nested("middle", Some(Box::new(inner))))));
        let text = Causes(&outer).to_string();
        assert_eq!(text, format!("outer: middle: no{} key", Printable("\u{1b}")));
        assert_eq!(Causes(&Nested("alone", None)).to_string(), "alone");
    }
}
