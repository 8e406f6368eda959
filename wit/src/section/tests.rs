use super::*;
use alloc::string::ToString;
use alloc::vec;

fn sample() -> Section {
    let method = |service: &str, name: &str, kind| Method {
        id: MethodId::of(service, name),
        kind,
        service: service.into(),
        name: name.into(),
        interface: service.to_lowercase(),
        function: name.to_lowercase(),
    };
    Section {
        contract_id: ContractId([7; 32]),
        package: "hookr-test:tick-loop".into(),
        world: "tick-loop".into(),
        generator: "hookr 0.1.0".into(),
        plugin_name: "loop".into(),
        plugin_version: "1.2.3".into(),
        methods: vec![
            method("Plugin", "Tick", MethodKind::Required),
            method("Plugin", "Warmup", MethodKind::Optional { implemented: false }),
            method("Rng", "Int", MethodKind::Callback),
        ],
        schema: vec![1, 2, 3],
    }
}

#[test]
fn round_trips() {
    assert_eq!(Section::decode(&sample().encode()), Ok(sample()));
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = sample().encode();
    for len in 0..bytes.len() {
        let error = Section::decode(&bytes[..len]).unwrap_err();
        assert!(matches!(error, DecodeError::Truncated { .. }), "{len}: {error}");
    }
}

#[test]
fn what_follows_the_end_is_an_error() {
    let mut bytes = sample().encode();
    bytes.push(0);
    assert_eq!(Section::decode(&bytes), Err(DecodeError::Trailing { bytes: 1 }));
}

#[test]
fn every_flipped_byte_is_an_error_or_another_section() {
    let bytes = sample().encode();
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0xff;
        if let Ok(section) = Section::decode(&bytes) {
            assert_ne!(section, sample());
            assert_eq!(section.encode(), bytes);
        }
    }
}

#[test]
fn there_are_only_so_many_methods_and_bytes() {
    let mut section = sample();
    section.methods.clear();
    section.schema.clear();
    let mut bytes = section.encode();
    let at = bytes.len() - 8;
    for (count, is_allowed) in [(MAX_METHODS, true), (MAX_METHODS + 1, false), (u32::MAX, false)] {
        bytes[at..at + 4].copy_from_slice(&count.to_le_bytes());
        let error = match is_allowed {
            true => DecodeError::Truncated { field: "method's kind" },
            false => DecodeError::TooManyMethods { found: count },
        };
        assert_eq!(Section::decode(&bytes), Err(error));
    }
    bytes.resize(MAX_SIZE + 1, 0);
    assert_eq!(Section::decode(&bytes), Err(DecodeError::TooLarge { bytes: MAX_SIZE + 1 }));
}

#[test]
fn method_ids_must_be_those_of_the_names_and_unique() {
    let mut section = sample();
    section.methods[0].id.0 ^= 1;
    let error = Section::decode(&section.encode()).unwrap_err();
    assert!(error.to_string().starts_with("the method Plugin:Tick has the ID"), "{error}");

    let mut section = sample();
    section.methods.push(section.methods[0].clone());
    let id = section.methods[0].id;
    assert_eq!(Section::decode(&section.encode()), Err(DecodeError::DuplicateMethod { id }));
}

#[test]
fn implemented_methods_are_marked_in_place() {
    let (bytes, kinds) = sample().encode_with_kinds();
    let mut expected = sample();
    expected.methods[1].kind = MethodKind::Optional { implemented: true };
    let len = bytes.len();
    assert_eq!(len, 236, "the array's length below");
    let marked: [u8; 236] = with_implemented(&bytes, &[(kinds[1], true)]);
    assert_eq!(Section::decode(&marked), Ok(expected));
    let unmarked: [u8; 236] = with_implemented(&bytes, &[(kinds[1], false)]);
    assert_eq!(unmarked.as_slice(), bytes);
}
