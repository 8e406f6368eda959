//! A component, and keys.

use hookr::Artifact;
use hookr::trust::{Approval, SecretKey, SignatureError, TrustStore};

/// A component with sections of several kinds.
pub(crate) fn component() -> Vec<u8> {
    wat::parse_str(
        r#"(component
            (@custom "first" "something")
            (core module $m (func (export "f") (result i32) i32.const 42) (memory 1))
            (core instance $i (instantiate $m))
            (@custom "last" "something else"))"#,
    )
    .unwrap()
}

/// A custom section with a short name and content.
pub(crate) fn custom(name: &str, content: &[u8]) -> Vec<u8> {
    let name = [&[u8::try_from(name.len()).unwrap()], name.as_bytes()].concat();
    let mut out = vec![0];
    put(&mut out, name.len() + content.len());
    [out, name, content.to_vec()].concat()
}

pub(crate) fn put(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Some content behind its length.
pub(crate) fn slice(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, content.len());
    [out, content.to_vec()].concat()
}

pub(crate) fn delimiter() -> Vec<u8> {
    custom("signature_delimiter", b"sixteen bytes...")
}

pub(crate) fn key(name: &str) -> SecretKey {
    SecretKey::generate().unwrap().named(name)
}

pub(crate) fn trusting(keys: &[&SecretKey]) -> TrustStore {
    keys.iter().fold(TrustStore::new(), |store, key| store.key(key.public_key()))
}

pub(crate) fn check(store: &TrustStore, bytes: &[u8]) -> Result<Approval, SignatureError> {
    store.check(&Artifact::from_bytes("plugin", bytes).unwrap(), None)
}

pub(crate) fn check_detached(store: &TrustStore, bytes: &[u8], signature: &[u8]) -> Result<Approval, SignatureError> {
    store.check(&Artifact::from_bytes("plugin", bytes).unwrap(), Some(signature))
}

/// The data of the signature section.
pub(crate) fn data(signed: &[u8]) -> Vec<u8> {
    hookr::trust::signature::detach(signed).unwrap().1.unwrap()
}

/// The component with other signature data.
pub(crate) fn with_data(component: &[u8], data: &[u8]) -> Vec<u8> {
    [&component[..8], &custom("signature", data), &component[8..]].concat()
}
