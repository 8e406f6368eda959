//! What each byte of a FlatBuffer is, for people who look at one.
//!
//! The bytes may be anybody's: nothing is read beyond them, and what is wrong with them is an annotation of its own. What it
//! costs is bounded, too: of a buffer whose parts are shared, each part is told once for each type that it is read as, and a
//! buffer whose parts overlap is given up after a while. [`crate::codec::decode`] says whether a buffer is right.

mod walk;

use std::fmt;
use std::ops::Range;

use hookr_abi::Printable;

use crate::model::{ObjectId, Schema};

/// What some bytes of a FlatBuffer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// Which bytes: within the buffer, and none of them only where something is [damaged](Kind::Damage).
    pub range: Range<usize>,
    /// The value that they belong to, as in JSON: `$.nodes[2].name`. Empty for what belongs to none.
    pub path: String,
    /// What they are.
    pub kind: Kind,
    /// The declaration behind it: `BalanceRequest.url` for a field, `BalanceRequest` for a table. May be empty.
    pub name: String,
    /// What they say, for people: a number, a text, where an offset leads. May be empty.
    pub value: String,
}

/// What bytes of a FlatBuffer can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The offset of the root table, with which a buffer starts.
    RootOffset,
    /// The file identifier.
    Identifier,
    /// Where a table starts: how far its vtable is before it.
    Table,
    /// The length of a vtable.
    VtableLength,
    /// The size of the tables that have this vtable.
    TableSize,
    /// Where in its table a field is.
    Slot,
    /// An offset to a string, a vector, a table or a member of a union.
    Offset,
    /// A scalar or an enum.
    Scalar,
    /// The tag of a union.
    Tag,
    /// How many elements a vector has.
    VectorLength,
    /// The elements of a vector or array of scalars.
    Elements,
    /// How many bytes a string has.
    StringLength,
    /// The text of a string.
    Text,
    /// The zero byte behind a string.
    Terminator,
    /// Zeros between values, for their alignment.
    Padding,
    /// Nothing leads here.
    Unread,
    /// What should be here is not.
    Damage,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::RootOffset => "root offset",
            Kind::Identifier => "file identifier",
            Kind::Table => "table",
            Kind::VtableLength => "vtable, its length",
            Kind::TableSize => "vtable, the table's size",
            Kind::Slot => "vtable, slot",
            Kind::Offset => "offset",
            Kind::Scalar => "scalar",
            Kind::Tag => "union tag",
            Kind::VectorLength => "vector length",
            Kind::Elements => "elements",
            Kind::StringLength => "string length",
            Kind::Text => "string",
            Kind::Terminator => "end of string",
            Kind::Padding => "padding",
            Kind::Unread => "unread",
            Kind::Damage => "damaged",
        })
    }
}

/// On one line: the path, what it is, of what, and what it says.
impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{} ", Printable(&self.path))?;
        }
        write!(f, "{}", self.kind)?;
        if !self.name.is_empty() {
            write!(f, " {}", Printable(&self.name))?;
        }
        if !self.value.is_empty() {
            write!(f, ": {}", Printable(&self.value))?;
        }
        Ok(())
    }
}

/// Says what each byte of a buffer is whose root is a table of this type, in the order of the bytes. Every byte is in at least
/// one range, unless the annotation was given up, which the last ones say.
pub fn annotate(schema: &Schema, object: ObjectId, bytes: &[u8]) -> Vec<Annotation> {
    let mut walk = walk::Walk::new(schema, bytes);
    walk.run(object);
    with_gaps(walk.found, bytes)
}

/// Adds what nothing leads to.
fn with_gaps(mut found: Vec<Annotation>, bytes: &[u8]) -> Vec<Annotation> {
    // The outer one first, where one is inside of another.
    found.sort_by(|a, b| (a.range.start, b.range.end).cmp(&(b.range.start, a.range.end)));
    let mut all = Vec::with_capacity(found.len());
    let mut end = 0;
    for annotation in found {
        if annotation.range.start > end {
            all.push(gap(end..annotation.range.start, bytes));
        }
        end = end.max(annotation.range.end);
        all.push(annotation);
    }
    if end < bytes.len() {
        all.push(gap(end..bytes.len(), bytes));
    }
    all
}

/// No alignment takes more.
const MOST_PADDING: usize = 31;

fn gap(range: Range<usize>, bytes: &[u8]) -> Annotation {
    let zeros = bytes.get(range.clone()).is_some_and(|gap| gap.iter().all(|byte| *byte == 0));
    let kind = if zeros && range.len() <= MOST_PADDING { Kind::Padding } else { Kind::Unread };
    Annotation { range, path: String::new(), kind, name: String::new(), value: String::new() }
}

#[cfg(test)]
mod tests;
