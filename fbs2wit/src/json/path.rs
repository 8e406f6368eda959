use std::fmt::{self, Write as _};

use hookr_abi::Printable;

/// Where a value is in a JSON text: `$.nodes[2]["odd name"]`. It grows on the stack as the reader descends.
#[derive(Clone, Copy, Debug)]
pub enum Path<'p> {
    /// The whole text, `$`.
    Root,
    /// A member of an object.
    Key(&'p Path<'p>, &'p str),
    /// An element of an array.
    Index(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    /// The path of a member of this object.
    pub fn key(&'p self, name: &'p str) -> Path<'p> {
        Path::Key(self, name)
    }

    /// The path of an element of this array.
    pub fn index(&'p self, index: usize) -> Path<'p> {
        Path::Index(self, index)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => f.write_char('$'),
            Path::Key(parent, name) if crate::model::is_identifier(name) => write!(f, "{parent}.{name}"),
            Path::Key(parent, name) => {
                let mut quoted = String::new();
                super::write::quote(&mut quoted, name);
                write!(f, "{parent}[{}]", Printable(&quoted))
            }
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_identifiers_are_quoted() {
        let nodes = Path::Root.key("nodes");
        assert_eq!(nodes.index(2).key("weird key").key("x1").to_string(), r#"$.nodes[2]["weird key"].x1"#);
        assert_eq!(Path::Root.key("a\"\u{1b}\n").key("").to_string(), r#"$["a\"\u001b\n"][""]"#);
    }
}
