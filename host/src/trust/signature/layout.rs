use sha2::{Digest as _, Sha256};
use wasmparser::BinaryReader;

use super::{DELIMITER, FormatError, MAX_HASHES, MAX_SIZE, SECTION};
use crate::Digest;

/// How a component of this format starts. No signature covers these bytes, so that they are compared.
const PREAMBLE: &[u8; 8] = b"\0asm\x0d\0\x01\0";

/// The number of a custom section.
const CUSTOM: u8 = 0;

/// Where signatures and what they sign are in a component. Nothing but the headers of its sections is looked at.
pub(in crate::trust) struct Layout<'a> {
    /// The signature data, and where they are.
    pub(in crate::trust) signature: Option<(usize, &'a [u8])>,
    /// What is signed: everything behind the preamble and the signature section.
    pub(in crate::trust) content: &'a [u8],
    /// Where parts of the content end; one more than there may be, if there are more.
    ends: Vec<usize>,
}

impl<'a> Layout<'a> {
    /// Looks at the sections of the top level.
    pub(in crate::trust) fn of(bytes: &'a [u8]) -> Result<Self, FormatError> {
        if !bytes.starts_with(PREAMBLE) {
            return Err(FormatError::new(0, "it does not start as a component does"));
        }
        let mut layout =
            Layout { signature: None, content: bytes.get(PREAMBLE.len()..).unwrap_or_default(), ends: Vec::new() };
        let mut start = PREAMBLE.len();
        let mut reader = BinaryReader::new(layout.content, start as u64);
        while !reader.eof() {
            let at = position(&reader);
            let section = Section::read(&mut reader).map_err(|error| broken(&error))?;
            let end = position(&reader);
            match section.name {
                Some(SECTION) if at == PREAMBLE.len() => {
                    if !section.is_shortest {
                        return Err(FormatError::new(
                            at,
                            "the header of its signature section is longer than it needs be",
                        ));
                    }
                    if section.payload.len() > MAX_SIZE {
                        let message = format!("its signature section has more than {MAX_SIZE} bytes");
                        return Err(FormatError::new(at, message));
                    }
                    layout.signature = Some((end - section.payload.len(), section.payload));
                    layout.content = bytes.get(end..).unwrap_or_default();
                    start = end;
                }
                Some(SECTION) => {
                    let message = match layout.signature {
                        Some(_) => "it has a second signature section",
                        None => "its signature section is not its first section",
                    };
                    return Err(FormatError::new(at, message));
                }
                Some(DELIMITER) if layout.ends.len() <= MAX_HASHES => layout.ends.push(end - start),
                _ => {}
            }
        }
        Ok(layout)
    }

    /// Hashes the content, once.
    pub(in crate::trust) fn hashes(&self) -> Hashes {
        let mut hash = Sha256::new();
        let mut parts = Vec::new();
        let mut done = 0;
        for &end in &self.ends {
            hash.update(self.content.get(done..end).unwrap_or_default());
            parts.push(hash.clone().finalize().into());
            done = end;
        }
        if done < self.content.len() || parts.is_empty() {
            hash.update(self.content.get(done..).unwrap_or_default());
            parts.push(hash.clone().finalize().into());
        }
        Hashes { whole: hash.finalize().into(), parts }
    }
}

/// The hashes of a content.
pub(in crate::trust) struct Hashes {
    /// Of all of it.
    whole: [u8; 32],
    /// Of it up to the end of each part; the last is that of all of it, unless there are too many.
    parts: Vec<[u8; 32]>,
}

impl Hashes {
    /// Of all of the content.
    pub(in crate::trust) fn whole(&self) -> Digest {
        self.whole.into()
    }

    /// Whether these are all of its hashes, or the one of the whole. A part alone is none of it.
    pub(in crate::trust) fn are(&self, found: &[[u8; 32]]) -> bool {
        found == [self.whole] || (self.parts.len() <= MAX_HASHES && found == self.parts)
    }

    /// Whether these are hashes of the first parts.
    #[cfg(feature = "sign")]
    pub(super) fn start_with(&self, found: &[[u8; 32]]) -> bool {
        !found.is_empty() && self.parts.starts_with(found)
    }

    /// What a new signature signs.
    #[cfg(feature = "sign")]
    pub(super) fn to_sign(&self) -> &[[u8; 32]] {
        if self.parts.len() <= MAX_HASHES { &self.parts } else { std::slice::from_ref(&self.whole) }
    }
}

struct Section<'a> {
    /// Of a custom section.
    name: Option<&'a str>,
    /// Behind the name.
    payload: &'a [u8],
    /// Whether its lengths are written in as few bytes as they can be.
    is_shortest: bool,
}

impl<'a> Section<'a> {
    fn read(reader: &mut BinaryReader<'a>) -> wasmparser::Result<Self> {
        let id = reader.read_u8()?;
        let start = reader.original_position();
        let mut inner = reader.read_reader()?;
        if id != CUSTOM {
            return Ok(Section { name: None, payload: &[], is_shortest: true });
        }
        let (payload, name_start) = (inner.bytes_remaining(), inner.original_position());
        let name = inner.read_string()?;
        let lengths = (name_start - start) + (inner.original_position() - name_start - name.len() as u64);
        let is_shortest = lengths == (shortest(payload) + shortest(name.len())) as u64;
        let payload = inner.read_bytes(inner.bytes_remaining())?;
        Ok(Section { name: Some(name), payload, is_shortest })
    }
}

/// How many bytes a length needs.
pub(super) fn shortest(length: usize) -> usize {
    let bits = usize::BITS - length.leading_zeros();
    bits.div_ceil(7).max(1) as usize
}

fn position(reader: &BinaryReader<'_>) -> usize {
    // It is at most the length of a slice.
    usize::try_from(reader.original_position()).unwrap_or(usize::MAX)
}

fn broken(error: &wasmparser::Error) -> FormatError {
    FormatError::new(usize::try_from(error.offset()).unwrap_or(usize::MAX), error.message())
}
