//! What stands behind the code in an entry:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `HOOKRAOT` |
//! | 8 | the number of this format |
//! | 32 | SHA-256 of the plugin |
//! | 32 | the fingerprint of the engine |
//! | 8 | the size of the plugin |
//! | 15 x 8 | its [`Shape`] |
//! | 64 | the name of the plugin, cut off there |
//! | 32, 32 | the releases of Hookr and of wasmtime |
//! | 32 | the tag, computed from all that is before it, the code included |
//!
//! Numbers are little-endian; texts are UTF-8, and end at the first zero. The code stands first, because wasmtime maps
//! the file, and finds it at its beginning.

use super::Key;
use crate::{Digest, Shape};

/// What is kept beside code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Footer {
    pub(super) key: Key,
    pub(super) name: String,
    pub(super) plugin_size: u64,
    pub(super) hookr: String,
    pub(super) wasmtime: String,
    pub(super) shape: Shape,
}

const MAGIC: &[u8; 8] = b"HOOKRAOT";
const FORMAT: u64 = 1;
const NAME: usize = 64;
const RELEASE: usize = 32;
const NUMBERS: usize = 15;

/// The size of a tag.
pub(super) const TAG: usize = 32;

impl Footer {
    /// Its size, without the tag.
    pub(super) const SIZE: usize = MAGIC.len() + 8 + 2 * 32 + 8 + NUMBERS * 8 + NAME + 2 * RELEASE;

    /// As it stands in the file, without the tag.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::SIZE);
        out.extend(MAGIC);
        out.extend(FORMAT.to_le_bytes());
        out.extend(self.key.plugin.as_bytes());
        out.extend(self.key.engine.as_bytes());
        out.extend(self.plugin_size.to_le_bytes());
        out.extend(numbers(&self.shape).into_iter().flat_map(u64::to_le_bytes));
        for (text, size) in [(&self.name, NAME), (&self.hookr, RELEASE), (&self.wasmtime, RELEASE)] {
            let text = text.get(..text.floor_char_boundary(size)).unwrap_or_default();
            out.extend(text.as_bytes());
            out.extend(std::iter::repeat_n(0, size - text.len()));
        }
        out
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` if it did not.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        if take::<8>(&mut rest)? != *MAGIC || number(&mut rest)? != FORMAT {
            return None;
        }
        let plugin = Digest::from(take(&mut rest)?);
        let engine = Digest::from(take(&mut rest)?);
        let plugin_size = number(&mut rest)?;
        let mut shape = [0; NUMBERS];
        for field in &mut shape {
            *field = number(&mut rest)?;
        }
        let footer = Footer {
            key: Key { plugin, engine },
            plugin_size,
            shape: of_numbers(shape),
            name: text(take::<NAME>(&mut rest)?)?,
            hookr: text(take::<RELEASE>(&mut rest)?)?,
            wasmtime: text(take::<RELEASE>(&mut rest)?)?,
        };
        rest.is_empty().then_some(footer)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, others) = rest.split_first_chunk()?;
    *rest = others;
    Some(*first)
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    take(rest).map(u64::from_le_bytes)
}

fn text<const N: usize>(bytes: [u8; N]) -> Option<String> {
    let text = bytes.split(|byte| *byte == 0).next()?;
    String::from_utf8(text.to_vec()).ok()
}

/// All of it: a field that is new has to be named here, and makes for another [`FORMAT`].
fn numbers(shape: &Shape) -> [u64; NUMBERS] {
    let Shape {
        modules,
        components,
        functions,
        code_bytes,
        code,
        function,
        blocks,
        flow,
        entries,
        nesting,
        instances,
        memories,
        memory,
        tables,
        table_elements,
    } = *shape;
    [
        modules,
        components,
        functions,
        code_bytes,
        code,
        function,
        blocks,
        flow,
        entries,
        nesting,
        instances,
        memories,
        memory,
        tables,
        table_elements,
    ]
}

fn of_numbers(numbers: [u64; NUMBERS]) -> Shape {
    let [
        modules,
        components,
        functions,
        code_bytes,
        code,
        function,
        blocks,
        flow,
        entries,
        nesting,
        instances,
        memories,
        memory,
        tables,
        table_elements,
    ] = numbers;
    Shape {
        modules,
        components,
        functions,
        code_bytes,
        code,
        function,
        blocks,
        flow,
        entries,
        nesting,
        instances,
        memories,
        memory,
        tables,
        table_elements,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn footer(name: &str) -> Footer {
        Footer {
            key: Key { plugin: Digest::of(b"plugin"), engine: Digest::of(b"engine") },
            name: name.to_owned(),
            plugin_size: 7,
            hookr: "0.1.0".to_owned(),
            wasmtime: "48.0.8".to_owned(),
            shape: of_numbers(std::array::from_fn(|at| at as u64 + 1)),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let footer = footer("textfilter");
        let bytes = footer.encode();
        assert_eq!(bytes.len(), Footer::SIZE);
        assert_eq!(Footer::decode(&bytes), Some(footer));
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let long = "é".repeat(40) + "x";
        let read = Footer::decode(&footer(&("y".to_owned() + &long)).encode()).unwrap();
        assert_eq!(read.name, "y".to_owned() + &"é".repeat(31));
    }

    #[test]
    fn other_sizes_and_formats_are_not_read() {
        let bytes = footer("a").encode();
        for end in 0..bytes.len() {
            assert_eq!(Footer::decode(&bytes[..end]), None, "{end}");
        }
        assert_eq!(Footer::decode(&[bytes.as_slice(), b"x"].concat()), None);
        for changed in [0, 8] {
            let mut bytes = bytes.clone();
            bytes[changed] ^= 0x80;
            assert_eq!(Footer::decode(&bytes), None);
        }
    }
}
