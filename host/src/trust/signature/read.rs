use std::fmt;

use super::layout::{Layout, shortest};
use super::{ED25519, FormatError, HEAD, MAX_HASHES, MAX_SIGNATURES, MAX_SIZE};
use crate::trust::KeyId;

/// Signature data, as they claim to be: nothing is compared with a key or a content here.
///
/// ```
/// use hookr::trust::signature::Signatures;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let component = b"\0asm\x0d\0\x01\0";
/// match Signatures::of(component)? {
///     Some(signatures) => println!("{} signatures", signatures.claims().count()),
///     None => println!("not signed"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatures<'a> {
    sets: Vec<SignedHashes<'a>>,
}

/// Hashes, and the signatures over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHashes<'a> {
    pub(super) hashes: &'a [[u8; 32]],
    pub(super) records: Vec<Record<'a>>,
}

/// A signature record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// As it is in the file.
    pub(super) bytes: &'a [u8],
    /// `None` where it is of another algorithm, or of a form that is not known.
    pub(super) claim: Option<Claim<'a>>,
}

/// A signature, and whose it claims to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    id: &'a [u8],
    signature: &'a [u8; 64],
}

impl<'a> Signatures<'a> {
    /// Reads the signature section of a component; `None` where its first section is another.
    ///
    /// # Errors
    ///
    /// [`FormatError`] where its sections or the data cannot be read, or another section than the first is one for signatures.
    pub fn of(component: &'a [u8]) -> Result<Option<Self>, FormatError> {
        Layout::of(component)?.signature.map(|(offset, data)| Signatures::read(data, offset)).transpose()
    }

    /// Reads a detached signature.
    ///
    /// # Errors
    ///
    /// [`FormatError`].
    pub fn detached(data: &'a [u8]) -> Result<Self, FormatError> {
        Signatures::read(data, 0).map_err(|error| FormatError { detached: true, ..error })
    }

    /// Reads data that start at an offset of the file.
    pub(in crate::trust) fn read(data: &'a [u8], offset: usize) -> Result<Self, FormatError> {
        if data.len() > MAX_SIZE {
            return Err(FormatError::new(offset, format!("signature data have more than {MAX_SIZE} bytes")));
        }
        let mut reader = Reader { data, offset };
        let head = reader.bytes(HEAD.len())?;
        if head != HEAD {
            let message =
                format!("no signatures of this version start like this: expected {HEAD:02x?}, found {head:02x?}");
            return Err(FormatError::new(offset, message));
        }
        let mut signatures = 0;
        let count = reader.count(MAX_HASHES, "sets of hashes")?;
        let mut sets = Vec::new();
        for _ in 0..count {
            let mut reader = reader.slice()?;
            sets.push(SignedHashes::read(&mut reader, &mut signatures)?);
        }
        reader.end()?;
        Ok(Signatures { sets })
    }

    /// The sets of hashes, in the order of the file.
    pub fn sets(&self) -> &[SignedHashes<'a>] {
        &self.sets
    }

    /// Every Ed25519 signature, in the order of the file.
    pub fn claims(&self) -> impl Iterator<Item = Claim<'a>> {
        self.sets.iter().flat_map(SignedHashes::claims)
    }

    /// How many records are there that are no Ed25519 signatures. They are passed over.
    pub fn foreign(&self) -> usize {
        self.sets.iter().map(SignedHashes::foreign).sum()
    }
}

impl<'a> SignedHashes<'a> {
    fn read(reader: &mut Reader<'a>, signatures: &mut usize) -> Result<Self, FormatError> {
        let count = reader.count(MAX_HASHES, "hashes")?;
        let (hashes, _) = reader.bytes(count * 32)?.as_chunks::<32>();
        let count = reader.count(MAX_SIGNATURES - *signatures, "signatures")?;
        *signatures += count;
        let mut records = Vec::new();
        for _ in 0..count {
            let record = reader.slice()?;
            records.push(Record { bytes: record.data, claim: Claim::read(record) });
        }
        reader.end()?;
        Ok(SignedHashes { hashes, records })
    }

    /// The hashes that are signed.
    pub fn hashes(&self) -> &'a [[u8; 32]] {
        self.hashes
    }

    /// Its Ed25519 signatures.
    pub fn claims(&self) -> impl Iterator<Item = Claim<'a>> {
        self.records.iter().filter_map(|record| record.claim)
    }

    /// How many of its records are no Ed25519 signatures.
    pub fn foreign(&self) -> usize {
        self.records.iter().filter(|record| record.claim.is_none()).count()
    }

    /// What its signatures sign.
    pub(in crate::trust) fn message(&self) -> Vec<u8> {
        super::message(self.hashes)
    }
}

impl<'a> Claim<'a> {
    /// A record of another form is none that is damaged: the format allows other algorithms, and says nothing of theirs.
    fn read(mut reader: Reader<'a>) -> Option<Self> {
        let id = reader.slice().ok()?.data;
        let algorithm = reader.bytes(1).ok()?;
        let signature = reader.slice().ok()?.data.try_into().ok()?;
        (algorithm == [ED25519] && reader.data.is_empty()).then_some(Claim { id, signature })
    }

    /// What it says of its key; it may be empty, and anything else.
    pub fn id(&self) -> &'a [u8] {
        self.id
    }

    /// The key ID that it claims, where it claims one of this kind.
    pub fn key_id(&self) -> Option<KeyId> {
        <[u8; KeyId::LEN]>::try_from(self.id).ok().map(KeyId::from)
    }

    /// The signature.
    pub fn signature(&self) -> &'a [u8; 64] {
        self.signature
    }
}

impl fmt::Debug for Claim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Reads from the front of some bytes, of which it takes nothing that is not there.
#[derive(Clone, Copy)]
struct Reader<'a> {
    data: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], FormatError> {
        let (bytes, rest) = self.data.split_at_checked(count).ok_or_else(|| {
            let message = format!("signature data end too early: {count} bytes expected, {} there", self.data.len());
            FormatError::new(self.offset, message)
        })?;
        (self.data, self.offset) = (rest, self.offset + count);
        Ok(bytes)
    }

    /// A number of at most 32 bits in 7 bits a byte, in as few bytes as it can be.
    fn number(&mut self) -> Result<usize, FormatError> {
        let start = *self;
        let mut value = 0_u64;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.bytes(1)?.iter().copied().map(u64::from).sum::<u64>();
            value |= (byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let number = u32::try_from(value).ok().and_then(|value| usize::try_from(value).ok());
                let number = number.filter(|number| shortest(*number) == self.offset - start.offset);
                return number.ok_or_else(|| {
                    FormatError::new(start.offset, "a number in signature data is longer than it needs be")
                });
            }
        }
        Err(FormatError::new(start.offset, "a number in signature data does not end"))
    }

    fn count(&mut self, most: usize, what: &str) -> Result<usize, FormatError> {
        let offset = self.offset;
        let count = self.number()?;
        if count > most {
            return Err(FormatError::new(offset, format!("{count} {what} are claimed, more than are read")));
        }
        Ok(count)
    }

    fn slice(&mut self) -> Result<Reader<'a>, FormatError> {
        let length = self.number()?;
        let offset = self.offset;
        Ok(Reader { data: self.bytes(length)?, offset })
    }

    fn end(&self) -> Result<(), FormatError> {
        if self.data.is_empty() {
            return Ok(());
        }
        let message = format!("{} bytes of signature data are left over", self.data.len());
        Err(FormatError::new(self.offset, message))
    }
}
