//! What somebody might do to a signed file. None of it makes a plugin run that was not approved.

use hookr::Digest;
use hookr::trust::signature::{MAX_HASHES, MAX_SIGNATURES, MAX_SIZE, attach, detach};
use hookr::trust::{RevokedBy, SecretKey, SignatureError, Verdict};

use crate::support::{check, check_detached, component, custom, data, delimiter, key, put, slice, trusting, with_data};

fn verdicts(error: &SignatureError) -> Vec<&'static str> {
    error.findings().iter().map(|finding| finding.verdict.as_str()).collect()
}

#[test]
fn every_byte_counts() {
    let key = key("release");
    let store = trusting(&[&key]);
    let signed = key.sign(&component()).unwrap();
    let approved = check(&store, &signed).unwrap();
    // What a signature says of its key is a hint, and covered by nothing.
    let id = key.public_key().key_id();
    let hint = signed.windows(12).position(|window| window == id.as_bytes()).unwrap();
    for index in 0..signed.len() {
        for bit in 0..8 {
            let mut bytes = signed.clone();
            bytes[index] ^= 1 << bit;
            let result = check(&store, &bytes);
            if (hint..hint + 12).contains(&index) {
                assert_eq!(result.unwrap().signers(), approved.signers());
            } else {
                assert!(result.is_err(), "byte {index}, bit {bit}");
            }
        }
    }
    for end in 1..signed.len() {
        assert!(check(&store, &signed[..end]).is_err(), "cut at {end}");
    }
    for more in [&b"\0"[..], b"\0\0", &custom("more", b""), &delimiter()] {
        assert!(check(&store, &[&signed, more].concat()).is_err(), "{more:?}");
    }
}

#[test]
fn the_section_stands_first_and_alone() {
    let key = key("release");
    let store = trusting(&[&key]);
    let plain = component();
    let section = custom("signature", &data(&key.sign(&plain).unwrap()));
    let of = |parts: &[&[u8]]| check(&store, &parts.concat());
    of(&[&plain[..8], &section, &plain[8..]]).unwrap();
    for (bytes, part) in [
        (vec![&plain[..], &section], "not its first section"),
        (vec![&plain[..8], &custom("a", b""), &section, &plain[8..]], "not its first section"),
        (vec![&plain[..8], &section, &section, &plain[8..]], "a second signature section"),
        (vec![&plain[..8], &section, &plain[8..], &section], "a second signature section"),
    ] {
        let error = of(&bytes).unwrap_err();
        let SignatureError::Malformed(error) = error else { panic!("{error}") };
        assert!(error.message.contains(part), "{error}");
    }
    // A section inside of a module of the component is none of the component.
    let inside = wat::parse_str(r#"(component (core module (@custom "signature" "x")))"#).unwrap();
    assert!(matches!(check(&store, &inside), Err(SignatureError::NotSigned { .. })));
    check(&store, &key.sign(&inside).unwrap()).unwrap();
}

#[test]
fn a_signature_that_is_taken_away_is_missed() {
    let key = key("release");
    let store = trusting(&[&key]);
    let signed = key.sign(&component()).unwrap();
    let (plain, detached) = detach(&signed).unwrap();
    assert_eq!(plain, component());
    let error = check(&store, &plain).unwrap_err();
    assert!(
        error.to_string().contains(&format!("it is not signed; trusted are {}", key.public_key().key_id())),
        "{error}"
    );
    check_detached(&store, &plain, &detached.unwrap()).unwrap();
    // An empty set of signatures is none.
    let none = with_data(&plain, &[1, 1, 1, 0]);
    assert!(matches!(check(&store, &none), Err(SignatureError::NotSigned { .. })));
}

#[test]
fn a_signature_of_another_plugin_is_none_of_this() {
    let key = key("release");
    let store = trusting(&[&key]);
    let other = [component(), custom("more", b"")].concat();
    let transplanted = attach(&component(), &data(&key.sign(&other).unwrap())).unwrap();
    let error = check(&store, &transplanted).unwrap_err();
    assert_eq!(verdicts(&error), ["other-content"]);
    let text = error.to_string();
    assert!(text.contains(&Digest::of(&other[8..]).to_string()), "{text}");
    assert!(text.contains("(release)"), "{text}");
    // With the hash of this one, and the signature of that one.
    let mut forged = data(&key.sign(&other).unwrap());
    let at = forged.windows(32).position(|window| window == Digest::of(&other[8..]).as_bytes()).unwrap();
    forged[at..at + 32].copy_from_slice(Digest::of(&component()[8..]).as_bytes());
    let error = check(&store, &with_data(&component(), &forged)).unwrap_err();
    assert_eq!(verdicts(&error), ["bad"]);
    // A signature over the hash alone, or over a hash as a text would have it, is none.
    let error = check_detached(&store, &component(), &forged).unwrap_err();
    assert_eq!(verdicts(&error), ["bad"]);
}

#[test]
fn a_claimed_key_is_a_hint() {
    let (trusted, other, stranger) = (key("trusted"), key("other"), key("stranger"));
    let store = trusting(&[&trusted, &other]);
    let forge = |signed: &[u8], from: &SecretKey, to: &SecretKey| {
        let mut signed = signed.to_vec();
        let (from, to) = (from.public_key().key_id(), to.public_key().key_id());
        let at = signed.windows(12).position(|window| window == from.as_bytes()).unwrap();
        signed[at..at + 12].copy_from_slice(to.as_bytes());
        signed
    };
    // A stranger claims to be a trusted key.
    let signed = stranger.sign(&component()).unwrap();
    assert_eq!(verdicts(&check(&store, &signed).unwrap_err()), ["unknown-key"]);
    let error = check(&store, &forge(&signed, &stranger, &trusted)).unwrap_err();
    assert_eq!(verdicts(&error), ["bad"]);
    assert!(error.to_string().contains("(trusted)"), "{error}");
    // Of two trusted keys, one claims to be the other: it is the one that made it.
    let signed = trusted.sign(&component()).unwrap();
    let approval = check(&store, &forge(&signed, &trusted, &other)).unwrap();
    assert_eq!(approval.signers().len(), 1);
    assert_eq!(approval.signers()[0].name, "trusted");
    assert!(check(&store.clone().threshold(2), &forge(&signed, &trusted, &other)).is_err());
    // A revoked key stays revoked, whatever it claims.
    let revoked = store.revoke_key(trusted.public_key().key_id());
    let error = check(&revoked, &forge(&signed, &trusted, &other)).unwrap_err();
    assert_eq!(verdicts(&error), ["revoked"]);
}

#[test]
fn one_key_counts_once() {
    let (one, two) = (key("one"), key("two"));
    let signed = one.sign(&component()).unwrap();
    assert_eq!(one.sign(&signed).unwrap(), signed);
    // The same signature, and the same without its hint: three signatures of one key.
    let hash = Digest::of(&component()[8..]);
    let record = signature_of(&signed);
    let nameless = [&[0][..], &record[13..]].concat();
    let records = [slice(&record), slice(&record), slice(&nameless)].concat();
    let set = [&[1][..], hash.as_bytes(), &[3], &records].concat();
    let three = with_data(&component(), &[&[1, 1, 1, 1][..], &slice(&set)].concat());
    let store = trusting(&[&one, &two, &one]);
    assert_eq!(check(&store, &three).unwrap().findings().len(), 3);
    let error = check(&store.clone().threshold(2), &three).unwrap_err();
    assert!(matches!(&error, SignatureError::TooFew { threshold: 2, signers, .. } if signers.len() == 1), "{error}");
    let text = error.to_string();
    assert!(text.contains("1 of 2") && text.contains("(one)") && text.contains("(two)"), "{text}");
    // Beside the file, too.
    assert!(check_detached(&store.clone().threshold(2), &signed, &data(&signed)).is_err());
    let both = two.sign(&signed).unwrap();
    assert_eq!(check(&store.clone().threshold(2), &both).unwrap().signers().len(), 2);
    check_detached(&store.threshold(2), &signed, &two.sign_detached(&component(), None).unwrap()).unwrap();
}

/// The one signature record of a file.
fn signature_of(signed: &[u8]) -> Vec<u8> {
    let data = data(signed);
    data[data.len() - (1 + 12 + 1 + 1 + 64)..].to_vec()
}

#[test]
fn a_revoked_plugin_stays_revoked_however_its_signatures_stand() {
    let (one, two) = (key("one"), key("two"));
    let store = trusting(&[&one, &two]);
    let first = two.sign(&one.sign(&component()).unwrap()).unwrap();
    let second = one.sign(&two.sign(&component()).unwrap()).unwrap();
    assert_ne!(first, second);
    let by_file = store.clone().revoke_plugin(Digest::of(&first));
    let revoked = |result: Result<_, SignatureError>| match result {
        Err(SignatureError::Revoked { by, .. }) => Some(by),
        _ => None,
    };
    assert_eq!(revoked(check(&by_file, &first)), Some(RevokedBy::File));
    assert_eq!(revoked(check(&by_file, &second)), None, "that is why there is the signed hash");
    let hash = check(&store, &first).unwrap().signed_hash();
    let by_content = store.revoke_plugin(hash);
    for bytes in [first, second, one.sign(&component()).unwrap(), component()] {
        assert_eq!(revoked(check(&by_content, &bytes)), Some(RevokedBy::SignedHash));
    }
}

#[test]
fn only_a_component_has_signatures() {
    let key = key("release");
    let store = trusting(&[&key]);
    let signed = key.sign(&component()).unwrap();
    // The eight bytes before it are in no hash.
    for preamble in [b"\0asm\x01\0\0\0", b"\0asm\x0c\0\x01\0", b"\0asm\x0d\0\x00\0", b"\0asm\x0d\0\x02\0"] {
        let bytes = [&preamble[..], &signed[8..]].concat();
        assert!(matches!(check(&store, &bytes), Err(SignatureError::Malformed(_))));
        assert!(key.sign(&bytes).is_err());
    }
}

#[test]
fn what_a_file_claims_to_have_is_not_taken_for_granted() {
    let key = key("release");
    let store = trusting(&[&key]);
    let number = |number: usize| {
        let mut out = Vec::new();
        put(&mut out, number);
        out
    };
    let set = |bytes: &[u8]| [&[1, 1, 1, 1][..], &slice(bytes)].concat();
    let huge = number(u32::MAX as usize);
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (vec![], "end too early"),
        (vec![1, 1, 1], "end too early"),
        (vec![2, 1, 1, 0], "start like this"),
        (vec![1, 2, 1, 0], "start like this"),
        (vec![1, 1, 2, 0], "start like this"),
        (vec![1, 1, 1, 0, 0], "left over"),
        ([&[1, 1, 1][..], &huge].concat(), "sets of hashes are claimed"),
        ([&[1, 1, 1][..], &number(MAX_HASHES + 1)].concat(), "sets of hashes are claimed"),
        ([&[1, 1, 1, 1][..], &huge].concat(), "end too early"),
        (set(&huge), "hashes are claimed"),
        (set(&[&[1][..], &[0; 32], &huge].concat()), "signatures are claimed"),
        (set(&[&[1][..], &[0; 32], &number(MAX_SIGNATURES + 1)].concat()), "signatures are claimed"),
        (set(&[&[1][..], &[0; 32], &[1], &huge].concat()), "end too early"),
        (set(&[&[1][..], &[0; 32], &[0, 0]].concat()), "left over"),
        (set(&[2, 0]), "end too early"),
        // Numbers that are longer than they need be, and that do not end.
        (vec![1, 1, 1, 0x80, 0], "longer than it needs"),
        (vec![1, 1, 1, 0x80, 0x80, 0x80, 0x80, 0], "longer than it needs"),
        (vec![1, 1, 1, 0xff, 0xff, 0xff, 0xff, 0x7f], "longer than it needs"),
        (vec![1, 1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0], "does not end"),
        (vec![0; MAX_SIZE + 1], "more than"),
    ];
    for (data, part) in cases {
        for result in [check(&store, &long(&component(), &data)), check_detached(&store, &component(), &data)] {
            let error = result.unwrap_err();
            let SignatureError::Malformed(error) = error else { panic!("{error}") };
            assert!(error.message.contains(part), "{part}: {error}");
        }
        assert!(key.sign(&long(&component(), &data)).is_err());
        assert!(key.sign_detached(&component(), Some(&data)).is_err());
        assert!(attach(&component(), &data).is_err());
    }
}

/// As `with_data`, for data of any length.
fn long(component: &[u8], data: &[u8]) -> Vec<u8> {
    let section = slice(&[&slice(b"signature"), data].concat());
    [&component[..8], &[0], &section, &component[8..]].concat()
}

#[test]
fn the_header_of_the_section_has_one_form() {
    let key = key("release");
    let store = trusting(&[&key]);
    let plain = component();
    let data = data(&key.sign(&plain).unwrap());
    let section = [slice(b"signature"), data.clone()].concat();
    check(&store, &long(&plain, &data)).unwrap();
    let longer = |length: usize| vec![length as u8 & 0x7f | 0x80, (length >> 7) as u8 | 0x80, 0];
    let outer = [&plain[..8], &[0], &longer(section.len()), &section, &plain[8..]].concat();
    let name = [&longer(9), &b"signature"[..], &data].concat();
    let inner = [&plain[..8], &[0], &slice(&name), &plain[8..]].concat();
    for bytes in [outer, inner] {
        let error = check(&store, &bytes).unwrap_err();
        assert!(
            matches!(&error, SignatureError::Malformed(error) if error.message.contains("longer than")),
            "{error:?}"
        );
    }
    // Lengths of sections that are more than there is, or do not end.
    for tail in
        [&[0, 0x05, b'a'][..], &[1, 0xff, 0xff, 0xff, 0xff, 0x0f], &[1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], &[0]]
    {
        let bytes = [&key.sign(&plain).unwrap(), tail].concat();
        assert!(matches!(check(&store, &bytes), Err(SignatureError::Malformed(_))));
    }
    // What is signed may have them: then they are signed, as they are.
    let odd = [&plain[..], &[0], &longer(3), b"\x01ab"].concat();
    check(&store, &key.sign(&odd).unwrap()).unwrap();
}

#[test]
fn parts_count_together() {
    let key = key("release");
    let store = trusting(&[&key]);
    let part = [component(), delimiter()].concat();
    let whole = [part.clone(), custom("more", b"x"), delimiter()].concat();
    check(&store, &key.sign(&part).unwrap()).unwrap();
    let signed = key.sign(&whole).unwrap();
    check(&store, &signed).unwrap();
    // The signature of the whole on its first part, and that of the first part on the whole.
    let cut = &signed[..signed.len() - custom("more", b"x").len() - delimiter().len()];
    assert_eq!(verdicts(&check(&store, cut).unwrap_err()), ["other-content"]);
    let extended = [key.sign(&part).unwrap(), custom("more", b"x"), delimiter()].concat();
    assert_eq!(verdicts(&check(&store, &extended).unwrap_err()), ["other-content"]);
    // Signing it then keeps the signature of the part, which is still one.
    let both = key.sign(&extended).unwrap();
    let approval = check(&store, &both).unwrap();
    let found: Vec<_> = approval.findings().iter().map(|finding| finding.verdict.as_str()).collect();
    assert_eq!(found, ["other-content", "valid"]);
    // What says nothing of the content is left out.
    let other = attach(&component(), &data(&both)).unwrap();
    assert_eq!(check(&store, &key.sign(&other).unwrap()).unwrap().findings().len(), 1);
    // More parts than hashes are allowed for: the hash of the whole is enough.
    let many = [component(), delimiter().repeat(MAX_HASHES + 2)].concat();
    let signed = key.sign(&many).unwrap();
    check(&store, &signed).unwrap();
    assert!(check(&store, &signed[..signed.len() - delimiter().len()]).is_err());
}

#[test]
fn records_that_are_not_known_are_passed_over_and_seen() {
    let key = key("release");
    let store = trusting(&[&key]);
    let hash = Digest::of(&component()[8..]);
    let record = signature_of(&key.sign(&component()).unwrap());
    let mut other_algorithm = record.clone();
    other_algorithm[13] = 2;
    let short = [&record[..14], &[63], &record[15..78]].concat();
    let foreign = [other_algorithm, short, vec![], vec![0xff], [&record[..], b"more"].concat()];
    let records = foreign.iter().map(|record| slice(record)).collect::<Vec<_>>().concat();
    let set = |count: u8, records: &[u8]| {
        let set = [&[1][..], hash.as_bytes(), &[count], records].concat();
        with_data(&component(), &[&[1, 1, 1, 1][..], &slice(&set)].concat())
    };
    let error = check(&store, &set(5, &records)).unwrap_err();
    assert_eq!(verdicts(&error), ["foreign"; 5]);
    let beside = set(6, &[records, slice(&record)].concat());
    assert_eq!(check(&store, &beside).unwrap().findings().len(), 6);
    // Whoever signs leaves them alone.
    assert_eq!(key.sign(&beside).unwrap(), beside);
}

#[test]
fn many_signatures_do_not_keep_a_host_busy() {
    let key = key("release");
    let keys: Vec<SecretKey> = (0..17).map(|_| crate::support::key("x")).collect();
    let store = keys.iter().fold(trusting(&[&key]), |store, key| store.key(key.public_key()));
    let record = slice(&signature_of(&key.sign(&component()).unwrap()));
    let many = |count: usize| {
        let mut set = [&[1][..], Digest::of(&component()[8..]).as_bytes()].concat();
        put(&mut set, count);
        set.extend(record.repeat(count));
        long(&component(), &[&[1, 1, 1, 1][..], &slice(&set)].concat())
    };
    check(&store, &many(200)).unwrap();
    let error = check(&store, &many(256)).unwrap_err();
    assert!(matches!(error, SignatureError::TooMany { signatures: 256, keys: 18 }), "{error}");
    // There is no room for more than are read.
    assert!(key.sign(&many(256)).is_ok(), "it is there already");
    assert!(keys[0].sign(&many(256)).is_err());
}

#[test]
fn both_sides_are_in_the_error() {
    let (trusted, stranger) = (key("release"), key("stranger"));
    let error = check(&trusting(&[&trusted]), &stranger.sign(&component()).unwrap()).unwrap_err();
    let (here, there) = (trusted.public_key().key_id(), stranger.public_key().key_id());
    assert_eq!(
        error.to_string(),
        format!(
            "it has no valid signature of a trusted key: a signature that claims key {there}: of no trusted key; trusted \
             are {here} (release)"
        )
    );
    let SignatureError::NoValidSignature { findings, trusted } = error else { panic!() };
    assert_eq!(findings[0].verdict, Verdict::UnknownKey);
    assert_eq!(trusted.len(), 1);
}
