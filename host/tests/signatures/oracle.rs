//! What wasmsign2 signs is verified here, and what is signed here wasmsign2 verifies.

use hookr::trust::signature::{Signatures, attach, detach};
use hookr::trust::{PublicKey, SecretKey, TrustStore};
use wasmsign2::{KeyPair, Module};

use crate::support::{check, check_detached, component, data, delimiter, key, trusting};

struct Pair {
    theirs: KeyPair,
    id: Vec<u8>,
    store: TrustStore,
}

fn pair() -> Pair {
    let theirs = KeyPair::generate();
    let bytes: [u8; 32] = theirs.pk.to_bytes()[1..].try_into().unwrap();
    let ours = PublicKey::from_bytes(&bytes).unwrap();
    Pair { theirs, id: ours.key_id().as_bytes().to_vec(), store: TrustStore::new().key(ours) }
}

fn module(bytes: &[u8]) -> Module {
    Module::deserialize(&mut &bytes[..]).unwrap()
}

fn bytes(module: &Module) -> Vec<u8> {
    let mut out = Vec::new();
    module.serialize(&mut out).unwrap();
    out
}

fn their_key(key: &SecretKey) -> wasmsign2::PublicKey {
    wasmsign2::PublicKey::from_bytes(&[&[1], &key.public_key().as_bytes()[..]].concat()).unwrap()
}

#[test]
fn what_wasmsign2_signs_is_verified() {
    let pair = pair();
    for id in [None, Some(&pair.id), Some(&b"first".to_vec())] {
        let simple = bytes(&pair.theirs.sk.sign(module(&component()), id).unwrap());
        let approval = check(&pair.store, &simple).unwrap();
        assert_eq!(approval.findings()[0].claimed, id.cloned().unwrap_or_default());
        for extensions in [false, true] {
            let (signed, _) = pair.theirs.sk.sign_multi(module(&component()), id, false, extensions).unwrap();
            let signed = bytes(&signed);
            check(&pair.store, &signed).unwrap();
            let set = Signatures::of(&signed).unwrap().unwrap();
            assert_eq!(set.sets().len(), 1);
            // In a file of its own.
            let (plain, detached) = pair.theirs.sk.sign_multi(module(&component()), id, true, extensions).unwrap();
            assert_eq!(bytes(&plain), component());
            check_detached(&pair.store, &component(), &detached).unwrap();
        }
    }
}

#[test]
fn parts_that_wasmsign2_signs_are_verified_together_only() {
    let pair = pair();
    let mut number = 0;
    let split = module(&component()).split(|_| {
        number += 1;
        number % 2 == 0
    });
    let (signed, _) = pair.theirs.sk.sign_multi(split.unwrap(), Some(&pair.id), false, true).unwrap();
    let signed = bytes(&signed);
    let hashes = Signatures::of(&signed).unwrap().unwrap().sets()[0].hashes().len();
    assert!(hashes > 2, "{hashes}");
    check(&pair.store, &signed).unwrap();
    // Cut off at each delimiter but the last, which wasmsign2 lets pass.
    let ends: Vec<usize> =
        (0..signed.len()).filter(|end| signed[..*end].ends_with(&signed_delimiter(&signed, *end))).collect();
    let mut accepted = 0;
    for end in ends.into_iter().filter(|end| *end < signed.len()) {
        assert!(check(&pair.store, &signed[..end]).is_err(), "{end}");
        accepted += usize::from(pair.theirs.pk.verify(&mut &signed[..end], None).is_ok());
    }
    assert!(accepted > 0, "this is what a prefix would pass by");
}

/// The delimiter section that would end here.
fn signed_delimiter(bytes: &[u8], end: usize) -> Vec<u8> {
    let head = &delimiter()[..delimiter().len() - 16];
    match end.checked_sub(16) {
        Some(start) if bytes[..start].ends_with(head) => [head, &bytes[start..end]].concat(),
        _ => vec![0xff; end + 1],
    }
}

#[test]
fn what_is_signed_here_wasmsign2_verifies() {
    let (one, two) = (key("one"), key("two"));
    for plain in [
        component(),
        [component(), delimiter()].concat(),
        [component(), delimiter(), component()[8..].to_vec()].concat(),
    ] {
        let signed = two.sign(&one.sign(&plain).unwrap()).unwrap();
        for key in [&one, &two] {
            their_key(key).verify(&mut &signed[..], None).unwrap();
            let all = |_: &wasmsign2::Section| true;
            their_key(key).verify_multi(&mut &signed[..], None, all).unwrap();
        }
        assert_eq!(check(&trusting(&[&one, &two]).threshold(2), &signed).unwrap().signers().len(), 2);
        // The same in a file of its own.
        let first = one.sign_detached(&plain, None).unwrap();
        let both = two.sign_detached(&plain, Some(&first)).unwrap();
        their_key(&one).verify(&mut &plain[..], Some(&both)).unwrap();
        their_key(&two).verify(&mut &plain[..], Some(&both)).unwrap();
        check_detached(&trusting(&[&one, &two]).threshold(2), &plain, &both).unwrap();
        assert_eq!(attach(&plain, &both).unwrap(), signed);
        assert_eq!(detach(&signed).unwrap(), (plain, Some(both)));
        // Their bytes of it are these.
        assert_eq!(bytes(&module(&signed)), signed);
        let info = wasmsign2::signature_info_from_detached(&data(&signed)).unwrap();
        assert_eq!(info.signature_count(), 2);
        assert_eq!(info.key_ids()[0], one.public_key().key_id().as_bytes());
    }
}

#[test]
fn signatures_of_both_stand_beside_each_other() {
    let (pair, ours) = (pair(), key("ours"));
    let store = pair.store.clone().key(ours.public_key()).threshold(2);
    for extensions in [false, true] {
        let (theirs, _) = pair.theirs.sk.sign_multi(module(&component()), Some(&pair.id), false, extensions).unwrap();
        let both = ours.sign(&bytes(&theirs)).unwrap();
        assert_eq!(Signatures::of(&both).unwrap().unwrap().sets().len(), 1);
        check(&store, &both).unwrap();
        pair.theirs.pk.verify(&mut &both[..], None).unwrap();
        let other = ours.sign(&component()).unwrap();
        let (both, _) = pair.theirs.sk.sign_multi(module(&other), Some(&pair.id), false, false).unwrap();
        check(&store, &bytes(&both)).unwrap();
    }
}
