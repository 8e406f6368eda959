use ed25519_dalek::{Signer as _, SigningKey};

use super::layout::{Hashes, Layout};
use super::{ED25519, FormatError, HEAD, MAX_HASHES, MAX_SIGNATURES, MAX_SIZE, SECTION, Signatures, message};
use crate::trust::KeyId;

/// Where the sections of a component begin.
const PREAMBLE: usize = 8;

/// A component with a signature of this key, beside those that it has. A component that the key has signed already stays
/// as it is.
pub(in crate::trust) fn sign(component: &[u8], key: &SigningKey, id: KeyId) -> Result<Vec<u8>, FormatError> {
    let layout = Layout::of(component)?;
    let existing = layout.signature.map(|(offset, data)| Signatures::read(data, offset)).transpose()?;
    let data = signed(existing.as_ref(), &layout.hashes(), key, id)?;
    Ok(with_section(component, layout.content, &data))
}

/// A detached signature of this key, beside those that are there.
pub(in crate::trust) fn sign_detached(
    component: &[u8],
    existing: Option<&[u8]>,
    key: &SigningKey,
    id: KeyId,
) -> Result<Vec<u8>, FormatError> {
    let layout = Layout::of(component)?;
    let existing = existing.map(Signatures::detached).transpose()?;
    signed(existing.as_ref(), &layout.hashes(), key, id).map_err(|error| FormatError { detached: true, ..error })
}

/// A component without its signature section, and that section's content, which is a detached signature.
///
/// # Errors
///
/// [`FormatError`] where the sections of the component cannot be read.
pub fn detach(component: &[u8]) -> Result<(Vec<u8>, Option<Vec<u8>>), FormatError> {
    let layout = Layout::of(component)?;
    let preamble = component.get(..PREAMBLE).unwrap_or_default();
    Ok(([preamble, layout.content].concat(), layout.signature.map(|(_, data)| data.to_vec())))
}

/// A component with a detached signature in it; a signature section that it has is replaced.
///
/// # Errors
///
/// [`FormatError`] where the sections of the component, or the detached signature, cannot be read.
pub fn attach(component: &[u8], signature: &[u8]) -> Result<Vec<u8>, FormatError> {
    Signatures::detached(signature)?;
    Ok(with_section(component, Layout::of(component)?.content, signature))
}

fn with_section(component: &[u8], content: &[u8], data: &[u8]) -> Vec<u8> {
    let mut payload = Vec::new();
    put_slice(&mut payload, SECTION.as_bytes());
    payload.extend_from_slice(data);
    let mut out = component.get(..PREAMBLE).unwrap_or_default().to_vec();
    out.push(0);
    put_slice(&mut out, &payload);
    out.extend_from_slice(content);
    out
}

/// Hashes, and the records of their signatures.
struct Set {
    hashes: Vec<[u8; 32]>,
    records: Vec<Vec<u8>>,
}

/// Signature data with a signature of this key. Sets of hashes that say nothing of this content are left out.
fn signed(
    existing: Option<&Signatures<'_>>,
    hashes: &Hashes,
    key: &SigningKey,
    id: KeyId,
) -> Result<Vec<u8>, FormatError> {
    let sets = existing.map(Signatures::sets).unwrap_or_default().iter();
    let sets = sets.filter(|set| hashes.are(set.hashes) || hashes.start_with(set.hashes)).map(|set| Set {
        hashes: set.hashes.to_vec(),
        records: set.records.iter().map(|record| record.bytes.to_vec()).collect(),
    });
    let mut sets: Vec<Set> = sets.collect();
    // Another signature over the same hashes goes into their set.
    match sets.iter_mut().find(|set| hashes.are(&set.hashes)) {
        Some(set) => {
            let record = record(key, id, &set.hashes);
            if !set.records.contains(&record) {
                set.records.push(record);
            }
        }
        None => {
            let hashes = hashes.to_sign();
            sets.push(Set { hashes: hashes.to_vec(), records: vec![record(key, id, hashes)] });
        }
    }
    let count: usize = sets.iter().map(|set| set.records.len()).sum();
    let data = encode(&sets);
    if sets.len() > MAX_HASHES || count > MAX_SIGNATURES || data.len() > MAX_SIZE {
        return Err(FormatError::new(0, "there is no room for one more signature"));
    }
    Ok(data)
}

fn record(key: &SigningKey, id: KeyId, hashes: &[[u8; 32]]) -> Vec<u8> {
    let mut record = Vec::new();
    put_slice(&mut record, id.as_bytes());
    record.push(ED25519);
    put_slice(&mut record, &key.sign(&message(hashes)).to_bytes());
    record
}

fn encode(sets: &[Set]) -> Vec<u8> {
    let mut out = HEAD.to_vec();
    put(&mut out, sets.len());
    for Set { hashes, records } in sets {
        let mut set = Vec::new();
        put(&mut set, hashes.len());
        set.extend(hashes.iter().flatten());
        put(&mut set, records.len());
        records.iter().for_each(|record| put_slice(&mut set, record));
        put_slice(&mut out, &set);
    }
    out
}

fn put_slice(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// A number in 7 bits a byte, the lowest first.
fn put(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push(number.to_le_bytes().first().copied().unwrap_or_default() | 0x80);
        number >>= 7;
    }
    out.extend(u8::try_from(number));
}
